"""Which member of a gang failed of the cause, and which ones only followed."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.diagnosis.catalogue import Catalogue, Rank
from bot.domain.evidence import Diagnosis


def root_of(diagnoses: Sequence[Diagnosis], catalogue: Catalogue) -> int | None:
    """The place of the root among the diagnoses of one gang, given in the order of time; None where there are none.

    The signature nearest to the root wins, the earliest of these: a rank that ran out of memory explains the ranks
    whose watchdog spoke before it was reaped. An unknown cause is weaker than a cause and stronger than a symptom.
    """
    if not diagnoses:
        return None
    return min(range(len(diagnoses)), key=lambda place: (_rank(diagnoses[place], catalogue), place))


def _rank(diagnosis: Diagnosis, catalogue: Catalogue) -> float:
    signature = catalogue.signature(diagnosis.signature) if diagnosis.signature else None
    if signature is None:
        return Rank.PEER - 0.5
    return float(signature.rank)
