"""Bad images: images whose jobs fail more often than jobs of the same families and days do with others."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from bot.domain.analysis.attempt_table import Flags, PeriodEvidence, moment
from bot.domain.analysis.excess import excess
from bot.domain.analysis.exposure import Kin, exact, images, pairs
from bot.domain.analysis.grouping import distinct
from bot.domain.analysis.report import ImageFinding
from bot.domain.analysis.severity import severity, weight

Q_VALUE = 0.01
"""As for nodes."""
_ERRORS = 3


@dataclass(frozen=True, slots=True)
class Bad:
    """The images found, and how many were looked at."""

    findings: tuple[ImageFinding, ...]
    tested: int
    explained: Flags
    """The failure events of the images found."""


def bad_images(evidence: PeriodEvidence, kin: Kin, charged: Flags, *, threshold: int) -> Bad:
    """The bad images, worst first, with at least `threshold` failed jobs each; `charged` as for nodes."""
    subjects = images(evidence)
    everything = pairs(evidence, subjects, kin, charged)
    test = excess(everything, len(subjects.names))
    likely = test.stands_out(Q_VALUE) & (test.failed >= threshold)
    findings = []
    for image in np.flatnonzero(likely):
        events = np.flatnonzero(charged & (subjects.events == image))
        jobs, failed = exact(evidence, subjects, int(image), charged)
        errors = Counter(_error(evidence, int(event)) for event in events)
        findings.append(
            ImageFinding(
                image=subjects.names[image][1],
                failures=len(events),
                jobs_failed=failed,
                jobs=jobs,
                rate=failed / jobs,
                expected_rate=float(test.expected[image] / test.jobs[image]),
                q_value=float(test.q_value[image]),
                severity=severity(len(events), failed),
                common_errors=tuple(errors.most_common(_ERRORS)),
                since=moment(int(evidence.events.at[events].min())) if len(events) else None,
                last_at=moment(int(evidence.events.at[events].max())) if len(events) else None,
            )
        )
    findings.sort(key=lambda one: (-weight(one.failures, one.jobs_failed), one.image))
    bad = np.append(likely, False)
    return Bad(tuple(findings), len(distinct(everything.subject)), bad[subjects.events])


def _error(evidence: PeriodEvidence, event: int) -> str:
    """The event's signature, or its type where no signature is known."""
    events, names = evidence.events, evidence.names
    signature: str | None = names.signatures[events.signature[event]]
    return signature or str(names.types[events.type[event]])
