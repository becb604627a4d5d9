"""Bad images: images whose jobs fail more often than jobs of the same families do with others."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from bot.domain.analysis import counts
from bot.domain.analysis.attempt_table import Events, Flags, Names, PeriodEvidence, moment
from bot.domain.analysis.attribution import Attribution, Inquiry, attributed
from bot.domain.analysis.exposure import Kin, images, pairs
from bot.domain.analysis.grouping import distinct
from bot.domain.analysis.report import ImageFinding
from bot.domain.analysis.severity import severity, weight
from bot.domain.analysis.statistics import wilson

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
    found = attributed(
        everything,
        Inquiry(len(subjects.names), retries=False, windows=False),
        lambda one, among: int(among.failed[among.subject == one.subject].sum()) >= threshold,
    )
    findings = [_finding(subjects.names[image][1], one, evidence) for image, one in found.items()]
    findings.sort(key=lambda one: (-weight(one.failures, one.jobs_failed), one.image))
    explained = np.isin(subjects.events, [*found] or [-2]) & (evidence.events.first_fault != 0)
    return Bad(tuple(findings), len(distinct(everything.subject)), explained)


def _finding(image: str, one: Attribution, evidence: PeriodEvidence) -> ImageFinding:
    this = counts.of_image(evidence, image)
    totals, events = this.totals, evidence.events.where(this.events)
    low, high = wilson(totals.jobs_failed, totals.jobs)
    return ImageFinding(
        image=image,
        failures=totals.failures,
        jobs_failed=totals.jobs_failed,
        jobs=totals.jobs,
        rate=totals.jobs_failed / totals.jobs if totals.jobs else 0.0,
        rate_low=low,
        rate_high=high,
        expected_rate=one.elsewhere,
        q_value=one.q_value,
        severity=severity(totals.failures, totals.jobs_failed),
        common_errors=_errors(events, evidence.names),
        since=moment(int(events.at.min())) if len(events) else None,
        last_at=moment(int(events.at.max())) if len(events) else None,
    )


def _errors(events: Events, names: Names) -> tuple[tuple[str, int], ...]:
    """The commonest signatures, or types where no signature is known."""
    pairs = zip(events.signature.tolist(), events.type.tolist(), strict=True)
    return tuple(Counter(names.signatures[cause] or names.types[kind] for cause, kind in pairs).most_common(_ERRORS))
