"""Which of the known names a person means: people leave out a registry or a domain, and write half of a digest."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from difflib import get_close_matches

_MOST_COMPARED = 5_000
"""Names that are compared letter by letter: that takes some 20 µs each."""
_BEFORE_A_PART = ("/", "@sha256:", "@")
"""What a part of an image's name that people give alone comes after."""
_SHORTEST = 3
"""Letters that tell enough to look for names that hold them."""


@dataclass(frozen=True, slots=True)
class Fits:
    """What fits a name: one, several to choose from, or none but the nearest."""

    names: tuple[str, ...] = ()
    nearest: tuple[str, ...] = ()


def node_fits(asked: str, known: Collection[str]) -> Fits:
    """The node of this name, in whatever case, or the nodes whose name goes on with a domain."""
    return _same(asked, known) or _fits(
        asked, [name for name in known if _folds(name).startswith(f"{_folds(asked)}.")], known
    )


def image_fits(asked: str, known: Collection[str]) -> Fits:
    """The image of this reference, with or without its registry, else all that begin so; a digest may stand alone."""
    folded = _folds(asked)
    begins = [name for name in known if any(part.startswith(folded) for part in _parts(name))]
    whole = [name for name in begins if folded in _parts(name)]
    return _same(asked, known) or _fits(asked, whole if len(whole) == 1 else begins, known)


def _same(asked: str, known: Collection[str]) -> Fits | None:
    if asked in known:
        return Fits((asked,))
    folded = _folds(asked)
    same = sorted(name for name in known if _folds(name) == folded)
    return Fits(tuple(same)) if same else None


def _fits(asked: str, found: Collection[str], known: Collection[str]) -> Fits:
    return Fits(tuple(sorted(found))) if found else Fits(nearest=_nearest(asked, known))


def _nearest(asked: str, known: Collection[str], most: int = 3) -> tuple[str, ...]:
    folded = _folds(asked)
    holding = sorted(name for name in known if len(folded) >= _SHORTEST and folded in _folds(name))
    if len(holding) < most:
        close = get_close_matches(asked, sorted(known)[:_MOST_COMPARED], n=most, cutoff=0.6)
        holding = [*close, *holding]
    return tuple(dict.fromkeys(holding))[:most]


def _parts(name: str) -> list[str]:
    """The name, and what of it stands after each slash and before its digest's letters."""
    folded = _folds(name)
    after = [folded[place + len(mark) :] for mark in _BEFORE_A_PART for place in _places(folded, mark)]
    return [folded, *after]


def _places(text: str, mark: str) -> list[int]:
    return [place for place in range(len(text)) if text.startswith(mark, place)]


def _folds(name: str) -> str:
    return name.casefold()
