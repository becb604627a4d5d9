"""Raw counts of a period, for people who want to see for themselves: no test, no judgement."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bot.domain.analysis.attempt_table import Codes, Counts, PeriodEvidence
from bot.domain.analysis.exposure import UNKNOWN, Subjects, images, nodes
from bot.domain.analysis.jobs import Jobs, jobs
from bot.domain.analysis.report import Count, Stats
from bot.domain.scope import Scope

_UNKNOWN = "unknown"
"""Stands for a project that is not known."""


def stats(evidence: PeriodEvidence, scope: Scope) -> Stats:
    """Failures, failed jobs and attempts by type, project, node and image, most failures first.

    `attempts` is how many ran there at all, however they ended; for a type it is all attempts of the period.
    """
    all_jobs, names, runs, events = jobs(evidence), evidence.names, evidence.runs, evidence.events
    everywhere = np.full(len(names.types), len(runs))
    by_project = np.bincount(runs.project, minlength=len(names.projects))
    return Stats(
        period=evidence.period,
        project=scope.project,
        cluster=scope.cluster,
        types=_counts(names.types, events.type, all_jobs, everywhere),
        projects=_counts([name or _UNKNOWN for name in names.projects], events.project, all_jobs, by_project),
        nodes=_of_subjects(nodes(evidence), all_jobs),
        images=_of_subjects(images(evidence), all_jobs),
    )


def _of_subjects(subjects: Subjects, all_jobs: Jobs) -> tuple[Count, ...]:
    known = subjects.runs[subjects.runs != UNKNOWN]
    attempts = np.bincount(known, minlength=len(subjects.names))
    return _counts([name for _, name in subjects.names], subjects.events, all_jobs, attempts)


def _counts(names: Sequence[str], codes: Codes, all_jobs: Jobs, attempts: Counts) -> tuple[Count, ...]:
    """One row for each name that has a failure."""
    size = len(names)
    known = codes != UNKNOWN
    failures = np.bincount(codes[known], minlength=size)
    job = all_jobs.of_event
    for_good = known & all_jobs.failed[job]
    pairs = np.unique(job[for_good] * size + codes[for_good])
    failed = np.bincount(pairs % size, minlength=size) if size else failures
    rows = [
        Count(name=name, failures=int(failures[at]), jobs_failed=int(failed[at]), attempts=int(attempts[at]))
        for at, name in enumerate(names)
        if failures[at]
    ]
    return tuple(sorted(rows, key=lambda row: (-row.failures, row.name)))
