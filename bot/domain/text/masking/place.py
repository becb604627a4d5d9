"""A place where a secret stands by the grammar around it, and the pieces of which such grammars are made."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SecretPlace:
    """One place. `pattern` is matched where one of the lower-case words `at` begins; its group `hidden` is the secret,
    if `is_secret` says so too: it is asked where the grammar alone would take too much."""

    kind: str
    at: tuple[str, ...]
    pattern: re.Pattern[str]
    is_secret: Callable[[str], bool] = bool


Places = Mapping[str, tuple[SecretPlace, ...]]
"""Places by a part that a text must have for any of them to be tried."""


def place(kind: str, at: str, *pattern: str, is_secret: Callable[[str], bool] = bool) -> SecretPlace:
    """A place; the words where it may begin are written with bars, the pattern in parts."""
    return SecretPlace(kind, tuple(at.split("|")), re.compile("".join(pattern)), is_secret)


def hide(characters: str, least: int, most: int) -> str:
    """The pattern of a secret of so many of these characters, neither masked already nor a placeholder."""
    return rf"(?P<hidden>(?!\[masked |\*{{3}}|<|\$[({{A-Za-z]|\{{){characters}{{{least},{most}}})"


BARE = r"[^\s'\"]"
"""What a word without quotes is made of."""
HIDDEN_WORD = r"[\"']?" + hide(BARE, 1, 512)


def has_digit(value: str) -> bool:
    """Whether there is a digit in it."""
    return any(map(str.isdigit, value))
