"""Which of the signatures that fit is the cause, and which are its symptoms: the nearest to the root first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.diagnosis.catalogue import Rank
from bot.domain.diagnosis.matching import Hit
from bot.domain.diagnosis.reading import Facts

_NEVER_RAN = frozenset({0, 125, 126, 127, 128})
"""Exit codes of a container that succeeded, or whose first process could not be started."""


def nearest_first(found: Sequence[Hit], facts: Facts) -> list[Hit]:
    """The hits by their distance from the root; of equal ones the earliest in the evidence, in one line the first of
    the catalogue. What another hit outranks goes behind all others."""
    outranked = {each for hit in found if hit.rank is hit.signature.rank for each in hit.signature.outranks}
    distance = _Distance(ran=bool(facts.exit_codes - _NEVER_RAN), consequence=_first_consequence(found))
    return sorted(found, key=lambda hit: (hit.signature.id in outranked, distance.of(hit), hit.position, hit.order))


def _first_consequence(found: Sequence[Hit]) -> int:
    """Where the first line stands that only reports that somebody else failed; 0 where there is none."""
    return min((hit.position for hit in found if hit.rank is Rank.CONSEQUENCE), default=0)


@dataclass(frozen=True, slots=True)
class _Distance:
    """How far a hit is from the root, seen beside the others."""

    ran: bool
    """The container ran, so that what kept it from starting is over."""
    consequence: int
    """Where the first consequence stands. An exception before it is what it is a consequence of."""

    def of(self, hit: Hit) -> float:
        if self.ran and hit.rank is Rank.START:
            return Rank.WAITING
        if hit.signature.rank is Rank.GENERIC and hit.in_text and hit.position < self.consequence:
            return min(hit.rank, Rank.CONSEQUENCE - 0.5)
        return hit.rank
