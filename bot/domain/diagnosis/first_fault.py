"""Which member of a gang failed of the cause, and which ones only followed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bot.domain.diagnosis.catalogue import Catalogue, Rank


class Diagnosed(Protocol):
    """A diagnosis, or a failure that has had one."""

    @property
    def signature(self) -> str | None:
        """The cause, None where it is not known."""


def root_of(members: Sequence[Diagnosed], catalogue: Catalogue) -> int | None:
    """The place of the root among the members of one gang, given in the order of time; None where there are none.

    The signature nearest to the root wins, the earliest of these: a rank that ran out of memory explains the ranks
    whose watchdog spoke before it was reaped. An unknown cause is weaker than a cause and stronger than a symptom.
    """
    if not members:
        return None
    return min(range(len(members)), key=lambda place: (depth_of(members[place].signature, catalogue), place))


def depth_of(signature: str | None, catalogue: Catalogue) -> float:
    """How far a signature is from the root, 0 for broken hardware; comparable only with other depths."""
    known = catalogue.signature(signature) if signature else None
    return Rank.PEER - 0.5 if known is None else float(known.rank)
