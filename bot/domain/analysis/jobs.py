"""The jobs of the period: how many there were, which failed for good, and how long those took to run again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.domain.analysis.attempt_table import (
    SUCCEEDED,
    Codes,
    Counts,
    Events,
    Flags,
    Numbers,
    PeriodEvidence,
    Places64,
    Runs,
)
from bot.domain.analysis.grouping import distinct, grouped

_BUCKETS = 1 << 20
_BUCKET = np.uint64(_BUCKETS - 1)
_NEVER, _LATE = np.iinfo(np.int64).min, np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Jobs:
    """All jobs that had an attempt end, or a failure event begin, in the period; more is known of those that failed."""

    by_project: Counts
    """How many jobs each project had, by its code."""
    project: Codes
    """Of each job with a failure event, as are the next two."""
    failed: Flags
    """Whether a failure event of it was not rescued by a later success of the same submission."""
    minutes_to_recover: NDArray[np.float64]
    """From its first failure to its next success; NaN where there is none."""
    of_event: Places64
    """For each failure event of the period, the place of its job here."""

    @property
    def total(self) -> int:
        """How many jobs there were."""
        return int(self.by_project.sum())


def jobs(evidence: PeriodEvidence) -> Jobs:
    """The jobs of the period. Where a submission is unknown, any later success of the job rescues it."""
    runs, events = evidence.runs, evidence.events
    number, of_event = grouped(events.job)
    project = np.empty(len(number), dtype=np.int32)
    project[of_event] = events.project
    fine, of_fine = _successes(number, runs)
    failed = np.zeros(len(number), dtype=bool)
    failed[of_event[~_rescued(of_event, events, of_fine, runs.where(fine))]] = True
    return Jobs(_by_project(evidence), project, failed, _minutes(events, of_event, runs.ended[fine], of_fine), of_event)


def _by_project(evidence: PeriodEvidence) -> Counts:
    runs, events = evidence.runs, evidence.events
    low = (1 << len(evidence.names.projects).bit_length()) - 1
    number = np.concatenate((runs.job, events.job)) & ~np.uint64(low)
    ordered = distinct(number | np.concatenate((runs.project, events.project)).astype(np.uint64))
    return np.bincount((ordered & np.uint64(low)).astype(np.int64), minlength=len(evidence.names.projects))


def _successes(number: Numbers, runs: Runs) -> tuple[NDArray[np.intp], Places64]:
    """The attempts that succeeded of the jobs with these sorted numbers, and the place of each one's job among them."""
    if not len(number):
        return np.empty(0, np.intp), np.empty(0, np.int64)
    bucket = np.zeros(_BUCKETS, dtype=bool)
    bucket[number & _BUCKET] = True
    likely = np.flatnonzero((runs.outcome == SUCCEEDED) & bucket[runs.job & _BUCKET])
    place = np.minimum(np.searchsorted(number, runs.job[likely]), len(number) - 1)
    right = number[place] == runs.job[likely]
    return likely[right], place[right]


def _minutes(events: Events, of_event: Places64, succeeded: Places64, of_fine: Places64) -> NDArray[np.float64]:
    size = int(of_event.max(initial=-1)) + 1
    first_failure, recovered = np.full(size, _LATE), np.full(size, _LATE)
    np.minimum.at(first_failure, of_event, events.at)
    after = succeeded > first_failure[of_fine]
    np.minimum.at(recovered, of_fine[after], succeeded[after])
    return np.where(recovered < _LATE, (recovered - first_failure) / 60_000, np.nan)


def _rescued(of_event: Places64, events: Events, of_run: Places64, successes: Runs) -> Flags:
    """Which events were followed by a success of the same submission, or of one where either is unknown."""
    size = max(of_event.max(initial=-1), of_run.max(initial=-1)) + 1
    any_last, unnamed_last = np.full(size, _NEVER), np.full(size, _NEVER)
    np.maximum.at(any_last, of_run, successes.ended)
    unnamed = successes.submission == 0
    np.maximum.at(unnamed_last, of_run[unnamed], successes.ended[unnamed])
    last = np.where(events.submission == 0, any_last[of_event], unnamed_last[of_event])
    named = np.flatnonzero(~unnamed)
    if len(named):
        keys = of_run[named].astype(np.uint64) << np.uint64(32) | successes.submission[named]
        known, place = grouped(keys)
        named_last = np.full(len(known), _NEVER)
        np.maximum.at(named_last, place, successes.ended[named])
        asked = of_event.astype(np.uint64) << np.uint64(32) | events.submission
        found = np.minimum(np.searchsorted(known, asked), len(known) - 1)
        last = np.where(known[found] == asked, np.maximum(last, named_last[found]), last)
    return np.asarray(last >= events.at)
