"""Raw counts of a period, for people who want to see for themselves: no test, no judgement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from bot.domain.analysis.attempt_table import Codes, Counts, PeriodEvidence
from bot.domain.analysis.counts import Totals, of_all_images, of_all_nodes
from bot.domain.analysis.jobs import Jobs, jobs
from bot.domain.analysis.report import Count, Stats
from bot.domain.scope import Scope

_UNKNOWN = "unknown"
"""Stands for a project that is not known."""


def stats(evidence: PeriodEvidence, scope: Scope) -> Stats:
    """Failures, failed jobs and attempts by type, project, node and image, most failures first.

    `attempts` is how many ran there at all, however they ended; for a type it is all attempts of the period. The failed
    jobs of a node or an image are those that failed there (see `counts`), all others are those that failed for good.
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
        nodes=_of_things([(node, totals) for (_, node), totals in of_all_nodes(evidence).items()]),
        images=_of_things(of_all_images(evidence).items()),
    )


def _of_things(counted: Iterable[tuple[str, Totals]]) -> tuple[Count, ...]:
    """One row for each node or image that has a failure."""
    rows = [
        Count(name=name, failures=totals.failures, jobs_failed=totals.jobs_failed, attempts=totals.attempts)
        for name, totals in counted
        if totals.failures
    ]
    return tuple(sorted(rows, key=lambda row: (-row.failures, row.name)))


def _counts(names: Sequence[str], codes: Codes, all_jobs: Jobs, attempts: Counts) -> tuple[Count, ...]:
    """One row for each name that has a failure."""
    size = len(names)
    failures = np.bincount(codes, minlength=size)
    job = all_jobs.of_event
    for_good = all_jobs.failed[job]
    pairs = np.unique(job[for_good] * size + codes[for_good])
    failed = np.bincount(pairs % size, minlength=size) if size else failures
    rows = [
        Count(name=name, failures=int(failures[at]), jobs_failed=int(failed[at]), attempts=int(attempts[at]))
        for at, name in enumerate(names)
        if failures[at]
    ]
    return tuple(sorted(rows, key=lambda row: (-row.failures, row.name)))
