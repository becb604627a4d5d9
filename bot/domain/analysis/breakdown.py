"""The period by failure type and by project."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bot.domain.analysis.attempt_table import PeriodEvidence, moment
from bot.domain.analysis.grouping import distinct
from bot.domain.analysis.jobs import Jobs
from bot.domain.analysis.report import ProjectFinding, TypeCount
from bot.domain.analysis.severity import severity, weight


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


def projects(
    evidence: PeriodEvidence, jobs: Jobs, previous_rates: Mapping[str | None, float]
) -> tuple[ProjectFinding, ...]:
    """Each project that had a failure, heaviest first, with the share of its jobs that failed in the period before."""
    events, names = evidence.events, evidence.names
    size = len(names.projects)
    count = jobs.by_project
    failed = np.bincount(jobs.project[jobs.failed], minlength=size)
    kinds = np.bincount(events.project * len(names.types) + events.type, minlength=size * len(names.types))
    found = []
    for code, name in enumerate(names.projects):
        of_project = kinds[code * len(names.types) : (code + 1) * len(names.types)]
        failures = int(of_project.sum())
        if failures:
            by_type = {kind: int(n) for kind, n in zip(names.types, of_project, strict=True) if n}
            found.append(
                ProjectFinding(
                    project=name,
                    failures=failures,
                    jobs_failed=int(failed[code]),
                    jobs=int(count[code]),
                    types=dict(sorted(by_type.items(), key=lambda item: (-item[1], item[0]))),
                    severity=severity(failures, int(failed[code])),
                    previous_rate=previous_rates.get(name),
                )
            )
    return tuple(sorted(found, key=lambda one: (-weight(one.failures, one.jobs_failed), one.project or "")))


def rates(evidence: PeriodEvidence, jobs: Jobs) -> dict[str | None, float]:
    """The share of each project's jobs that failed, 0 to 1."""
    names = evidence.names.projects
    count = jobs.by_project
    failed = np.bincount(jobs.project[jobs.failed], minlength=len(names))
    return {name: float(failed[code] / count[code]) for code, name in enumerate(names) if count[code]}
