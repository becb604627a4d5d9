"""The period by failure type."""

from __future__ import annotations

import numpy as np

from bot.domain.analysis.attempt_table import PeriodEvidence, moment
from bot.domain.analysis.grouping import distinct
from bot.domain.analysis.report import TypeCount


def types(evidence: PeriodEvidence) -> tuple[TypeCount, ...]:
    """Each failure type with its failures, jobs and signatures, most failures first."""
    events, names = evidence.events, evidence.names
    found = []
    for code, name in enumerate(names.types):
        these = events.type == code
        if these.any():
            causes = np.bincount(events.signature[these], minlength=len(names.signatures))
            signatures = {cause: int(n) for cause, n in zip(names.signatures, causes, strict=True) if n and cause}
            found.append(
                TypeCount(
                    type=name,
                    failures=int(these.sum()),
                    jobs=len(distinct(events.job[these])),
                    signatures=dict(sorted(signatures.items(), key=lambda item: (-item[1], item[0]))),
                    last_at=moment(int(events.at[these].max())),
                )
            )
    return tuple(sorted(found, key=lambda one: (-one.failures, one.type)))
