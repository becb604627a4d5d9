"""Which of the signatures that fit is the cause, and which are its symptoms: the nearest to the root first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.diagnosis.catalogue import Rank
from bot.domain.diagnosis.matching import Hit
from bot.domain.diagnosis.reading import ReadEvidence
from bot.domain.diagnosis.timeline import Standing

_NEVER_RAN = frozenset({0, 125, 126, 127, 128})
"""Exit codes of a container that succeeded, or whose first process could not be started."""


def nearest_first(found: Sequence[Hit], facts: ReadEvidence) -> list[Hit]:
    """The hits of the last start before those of earlier ones, and before what the program went on after; then by their
    distance from the root; of equal ones the earliest in the evidence, in one line the first of the catalogue. What
    another hit outranks goes behind all others of its kind; what it replaces is left out."""
    strong = [hit for hit in found if hit.rank is hit.signature.rank and hit.standing is not Standing.HISTORY]
    replaced = {each for hit in strong for each in hit.signature.replaces}
    left = [hit for hit in found if hit.signature.id not in replaced]
    outranked = {each for hit in strong for each in hit.signature.outranks}
    distance = _Distance(
        ran=bool(facts.exit_codes - _NEVER_RAN), consequence=_first_consequence(left), excepted=_excepted(left)
    )
    return sorted(
        left,
        key=lambda hit: (
            hit.standing if not _explains_later(hit, left) else Standing.LAST,
            hit.signature.id in outranked,
            distance.of(hit),
            hit.position,
            hit.order,
        ),
    )


def _explains_later(hit: Hit, found: Sequence[Hit]) -> bool:
    """Whether the fault of an earlier start left behind what the last one failed of: a full disk a cut checkpoint."""
    return hit.standing is Standing.EARLIER and any(
        other.signature.id in hit.signature.outranks and other.standing is Standing.LAST for other in found
    )


def _excepted(found: Sequence[Hit]) -> bool:
    """Whether the program told of an exception or the like that nothing else explains."""
    return any(
        hit.rank is Rank.GENERIC and hit.in_text and not hit.weak and not hit.died_first
        for hit in found
        if hit.standing is Standing.LAST
    )


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
    excepted: bool
    """The program raised an exception of its own: then its exit code is no more than that."""

    def of(self, hit: Hit) -> float:
        if self.ran and hit.rank is Rank.START:
            return Rank.WAITING
        if hit.died_first and not hit.weak:
            says_little = hit.signature.rank is Rank.WRAPPER and (self.excepted or hit.named.get("code") == "1")
            return Rank.GENERIC + 0.5 if says_little else Rank.PEER - 0.3
        if hit.weak:
            return hit.rank + 0.3
        if hit.signature.rank is Rank.GENERIC and hit.in_text and hit.position < self.consequence:
            return min(hit.rank, Rank.CONSEQUENCE - 0.5)
        return hit.rank
