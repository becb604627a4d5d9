"""What people say about solutions beyond yes and no: another one, or a better wording; and whether it is one
already."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.domain.knowledge.context import Context
from bot.domain.knowledge.similar import overlap
from bot.domain.knowledge.solution import Ranked, Solution

SHORTEST, LONGEST = 4, 300
"""Characters of a solution."""
EVERYWHERE = "everywhere"
"""What a person chooses who says that a solution holds everywhere."""
_ALIKE = 0.6
_CONDITIONS = ("registry", "framework", "project", "repository")


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a suggestion is for: a cause and, if it is known, one failure."""

    failure_type: str
    signature: str | None = None
    failure_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestForm:
    """The form *Something else fixed it…*."""

    about: About
    job: str | None
    conditions: tuple[str, ...]
    """Where it may hold only: "registry=ghcr.io"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NearDuplicates:
    """Solutions that say nearly the same as what somebody typed."""

    text: str
    condition: str | None
    known: tuple[Ranked, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EditForm:
    """The form to reword a solution."""

    solution: Solution


@dataclass(frozen=True, slots=True)
class Thanks:
    """It is recorded."""

    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Solutions:
    """The solutions that are offered, by what the graph knows of them."""

    failure_type: str | None
    ranked: tuple[Ranked, ...]
    """The best record first."""
    without_verdict: int
    """Rules of the catalogue that nobody has judged yet; they are not listed."""


def conditions_of(context: Context) -> tuple[str, ...]:
    """The conditions somebody may choose, from where a failure happened."""
    found = (context.condition(dimension) for dimension in _CONDITIONS)
    return tuple(each for each in found if each is not None)


def near_duplicates(text: str, known: Iterable[Ranked], most: int = 3) -> tuple[Ranked, ...]:
    """The solutions that nearly say this, the likest first."""
    scored = [(overlap(text, one.solution.description), one) for one in known]
    alike = sorted((each for each in scored if each[0] >= _ALIKE), key=lambda each: -each[0])
    return tuple(one for _, one in alike[:most])
