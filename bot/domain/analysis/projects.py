"""The period by project. Every project with a failure has a line; marked is one whose jobs fail more often than those
of the other projects, or than its own did before, beyond chance and by an amount that is worth a look. Nothing else is
red: on even traffic somebody is always first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from bot.domain.analysis.attempt_table import Before, Counts, Floats, PeriodEvidence, milliseconds
from bot.domain.analysis.jobs import Jobs
from bot.domain.analysis.report import ProjectFinding, Severity
from bot.domain.analysis.severity import severity, weight
from bot.domain.analysis.statistics import benjamini_hochberg, wilson

_Q_VALUE = 0.01
_MATTERS = 1.25
"""The odds to fail that can be vouched for are at least so many times those compared with."""
_BLOCKS = 24
"""Stretches of the period; how much the failures of each differ says how bursty they are."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Jobs, those of them that failed, and how many times more than a binomial variable that number varies: the
    quasi-binomial dispersion (P. McCullagh, J. A. Nelder, "Generalized Linear Models", 1989, 4.5). Arrays of shape
    (projects,)."""

    jobs: Counts
    failed: Counts
    dispersion: Floats

    @property
    def rate(self) -> Floats:
        """The share that failed; 0 of none."""
        return np.asarray(self.failed / np.maximum(self.jobs, 1))


def projects(evidence: PeriodEvidence, jobs: Jobs, before: Before) -> tuple[ProjectFinding, ...]:
    """Each project that had a failure, heaviest first, with the interval of the share of its jobs that failed."""
    events, names = evidence.events, evidence.names
    size, kinds = len(names.projects), len(names.types)
    own, others = _samples(evidence, jobs)
    counts = [before.projects.get(name, (0, 0)) for name in names.projects]
    past = np.array(counts or [(0, 0)], dtype=np.int64)
    earlier = Sample(past[:, 0], past[:, 1], own.dispersion)
    raised = _raised(own, others) | _raised(own, earlier)
    by_type = np.bincount(events.project * kinds + events.type, minlength=size * kinds).reshape(size, kinds)
    found = []
    for code in np.flatnonzero(by_type.sum(axis=1)):
        failures, failed = int(by_type[code].sum()), int(own.failed[code])
        low, high = _interval(own, int(code))
        types = {kind: int(n) for kind, n in zip(names.types, by_type[code], strict=True) if n}
        found.append(
            ProjectFinding(
                project=names.projects[code],
                failures=failures,
                jobs_failed=failed,
                jobs=int(own.jobs[code]),
                types=dict(sorted(types.items(), key=lambda item: (-item[1], item[0]))),
                severity=severity(failures, failed) if raised[code] else Severity.INFO,
                rate_low=low,
                rate_high=high,
                others_rate=float(others.rate[code]) if others.jobs[code] else None,
                previous_rate=float(earlier.rate[code]) if earlier.jobs[code] else None,
            )
        )
    return tuple(sorted(found, key=lambda one: (-weight(one.failures, one.jobs_failed), one.project or "")))


def counted(evidence: PeriodEvidence, jobs: Jobs) -> Mapping[str | None, tuple[int, int]]:
    """How many jobs each project had, and how many of them failed."""
    names = evidence.names.projects
    failed = np.bincount(jobs.project[jobs.failed], minlength=len(names))
    return {name: (int(jobs.by_project[code]), int(failed[code])) for code, name in enumerate(names)}


def _samples(evidence: PeriodEvidence, jobs: Jobs) -> tuple[Sample, Sample]:
    """Of each project, and of all the others."""
    size = len(evidence.names.projects)
    failed = np.bincount(jobs.project[jobs.failed], minlength=size)
    ran = _by_block(evidence, evidence.runs.project, evidence.runs.ended)
    first = np.full(len(jobs.project), np.iinfo(np.int64).max)
    np.minimum.at(first, jobs.of_event, evidence.events.at)
    lost = _by_block(evidence, jobs.project[jobs.failed], first[jobs.failed])
    ran = ran + lost  # what cannot start has no attempt
    elsewhere = (jobs.by_project.sum() - jobs.by_project, failed.sum() - failed)
    return (
        Sample(jobs.by_project, failed, _dispersion(ran, lost)),
        Sample(*elsewhere, _dispersion(ran.sum(axis=0) - ran, lost.sum(axis=0) - lost)),
    )


def _by_block(evidence: PeriodEvidence, project: Counts, at: Counts) -> Counts:
    """How many fall into each stretch of the period, shape (projects, blocks)."""
    since, until = milliseconds(evidence.period.since), milliseconds(evidence.period.until)
    block = (at - since) * _BLOCKS // max(1, until - since)
    size = len(evidence.names.projects)
    return np.bincount(project * _BLOCKS + block, minlength=size * _BLOCKS).reshape(size, _BLOCKS)


def _dispersion(ran: Counts, lost: Counts) -> Floats:
    """Pearson's statistic of the stretches over their number, at least 1."""
    total = np.maximum(ran.sum(axis=1, keepdims=True), 1)
    share = np.clip(lost.sum(axis=1, keepdims=True) / total, 1e-9, 1 - 1e-9)
    expected = ran * share
    residual = (lost - expected) ** 2 / np.maximum(expected * (1 - share), 1e-9)
    free = np.maximum((ran > 0).sum(axis=1) - 1, 1)
    return np.asarray(np.maximum(1.0, np.where(ran > 0, residual, 0.0).sum(axis=1) / free))


def _raised(own: Sample, other: Sample) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which projects fail more of their jobs than the others do: by a z-test of two shares, corrected for the number of
    projects, and by an amount that matters."""
    jobs, against = np.maximum(own.jobs, 1), np.maximum(other.jobs, 1)
    share = (own.failed + other.failed) / (jobs + against)
    spread = share * (1 - share) * (own.dispersion / jobs + other.dispersion / against)
    z = (own.rate - other.rate) / np.sqrt(np.maximum(spread, 1e-12))
    q_value = benjamini_hochberg(np.where(other.jobs > 0, ndtr(-z), 1.0))
    low = np.array([_interval(own, code)[0] for code in range(len(own.jobs))] or [0.0])
    return np.asarray((q_value < _Q_VALUE) & (low * (1 - other.rate) >= _MATTERS * other.rate * (1 - low)))


def _interval(of: Sample, code: int) -> tuple[float, float]:
    """The 95 % interval of one project's share: Wilson's, of as many independent jobs as say the same."""
    return wilson(of.failed[code] / of.dispersion[code], of.jobs[code] / of.dispersion[code])
