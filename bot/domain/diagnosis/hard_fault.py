"""What a line about a node proves: a fault of hardware that explains failures, not one that may be ignored."""

from __future__ import annotations

from bot.domain.diagnosis.catalogue import Catalogue, Rank
from bot.domain.diagnosis.log_lines import shown
from bot.domain.diagnosis.matching import hits
from bot.domain.diagnosis.ordering import nearest_first
from bot.domain.diagnosis.reading import read
from bot.domain.text.masking import mask
from bot.domain.workload.pod_evidence import CauseOwner, Evidence, Match


def hard_fault(line: str, catalogue: Catalogue) -> Match | None:
    """The broken hardware that a condition, label, taint or event of a node speaks of; None where it speaks of none."""
    facts = read(Evidence(events=line))
    cause = next(iter(nearest_first(hits(facts, catalogue), facts)), None)
    if cause is None or cause.signature.owner is not CauseOwner.HARDWARE or cause.rank > Rank.HOST:
        return None
    return Match(cause.signature.id, shown(mask(cause.line)))
