"""The period job by job: when each first started, whether it failed for good, and how long it took to run again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.domain.analysis.evidence import SUCCEEDED, Codes, Events, Flags, Numbers, PeriodEvidence, Places64, Runs
from bot.domain.analysis.grouping import distinct, grouped

_NEVER, _LATE = np.iinfo(np.int64).min, np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Jobs:
    """One element for each job that had an attempt end, or a failure event begin, in the period."""

    number: Numbers
    """Sorted."""
    project: Codes
    started: Places64
    """The first start known, in milliseconds since 1970."""
    failed: Flags
    """Whether a failure event of it was not rescued by a later success of the same submission."""
    minutes_to_recover: NDArray[np.float64]
    """From its first failure to its next success; NaN where either is missing."""
    of_event: Places64
    """For each failure event of the period, the place of its job here."""

    def __len__(self) -> int:
        return len(self.number)


def jobs(evidence: PeriodEvidence) -> Jobs:
    """The jobs of the period. Where a submission is unknown, any later success of the job rescues it."""
    runs, events = evidence.runs, evidence.events
    number, of = grouped(np.concatenate((runs.job, events.job)))
    of_run, of_event = of[: len(runs)], of[len(runs) :]
    length = np.nan_to_num(runs.seconds.astype(np.float64)) * 1000
    started = np.full(len(number), _LATE)
    np.minimum.at(started, of_run, runs.ended - length.astype(np.int64))
    np.minimum.at(started, of_event, events.at)
    project = np.empty(len(number), dtype=np.int32)
    project[of_run], project[of_event] = runs.project, events.project
    failed, minutes = _fates(len(number), runs, of_run, events, of_event)
    return Jobs(number, project, started, failed, minutes, of_event)


def _fates(
    size: int, runs: Runs, of_run: Places64, events: Events, of_event: Places64
) -> tuple[Flags, NDArray[np.float64]]:
    """For each job: whether it failed for good, and its minutes from the first failure to the next success."""
    failed, failing = np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)
    minutes = np.full(size, np.nan)
    failing[of_event] = True
    fine = np.flatnonzero((runs.outcome == SUCCEEDED) & failing[of_run])
    of_fine = of_run[fine]
    failed[of_event[~_rescued(of_event, events, of_fine, runs.where(fine))]] = True

    first_failure, recovered = np.full(size, _LATE), np.full(size, _LATE)
    np.minimum.at(first_failure, of_event, events.at)
    after = runs.ended[fine] > first_failure[of_fine]
    np.minimum.at(recovered, of_fine[after], runs.ended[fine][after])
    again = distinct(of_fine[after])
    minutes[again] = (recovered[again] - first_failure[again]) / 60_000
    return failed, minutes


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
