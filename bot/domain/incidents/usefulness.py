"""What people made of the findings they were told of: how many they called wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.incidents.incident import Because, Did, Incident, IncidentKind, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Findings that were opened in a time, and those of them that people dismissed. Failures that a channel asked for
    one by one are no findings."""

    opened: int = 0
    wrong: int = 0
    other: int = 0
    """Dismissed as expected, or as maintenance."""


def judged(incidents: Iterable[Incident], steps: Mapping[int, Sequence[Step]], *, since: datetime) -> Judged:
    """How the findings since then were judged. The last word of people on each of them counts."""
    opened = wrong = other = 0
    for incident in incidents:
        taken = [step for step in steps.get(incident.id or 0, ()) if step.at >= since]
        if incident.finding.kind is IncidentKind.FAILURES or not taken:
            continue
        opened += 1
        words = [step for step in taken if step.did is Did.DISMISSED or (step.did is Did.REOPENED and step.by)]
        if words and words[-1].did is Did.DISMISSED:
            wrong += words[-1].said == Because.WRONG
            other += words[-1].said != Because.WRONG
    return Judged(opened=opened, wrong=wrong, other=other)
