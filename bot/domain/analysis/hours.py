"""Whether jobs that start at certain hours of the day fail more often: their share, not their number, since more starts
mean more failures."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import numpy as np
from scipy.special import fdtrc, ndtr

from bot.domain.analysis.attempt_table import DAY_MS, HOUR_MS, Flags, Floats, PeriodEvidence, Places64, moment
from bot.domain.analysis.grouping import grouped, sampled
from bot.domain.analysis.jobs import Jobs
from bot.domain.analysis.report import Hours
from bot.domain.analysis.statistics import benjamini_hochberg

_OVERALL = 0.01
"""p-value below which the hours differ at all."""
_SINGLE = 0.05
"""q-value below which one hour is a peak."""
_RAISED = 1.25
"""A peak has at least so many times the failed jobs that the day's share makes expect."""
_FEWEST_DAYS = 3
_FEWEST_FAILED = 12


def hours(evidence: PeriodEvidence, jobs: Jobs, time_zone: str) -> Hours:
    """The share of jobs that failed, by the hour of their start in this time zone, and the hours that stand out.

    Each day has its own share, so that a bad day is no bad hour. The squared deviations of the hours are compared with
    how much the same hour differs from day to day (an F test of the quasi-binomial model: McCullagh and Nelder,
    "Generalized Linear Models", 1989, 4.5), so that one array of jobs at 14:00 once is no habit.
    """
    started, bad = _starts(evidence, jobs)
    day, hour = _local(started, time_zone)
    cells = (int(day.max(initial=0)) + 1, 24)
    place = day * 24 + hour
    count = np.bincount(place, minlength=cells[0] * 24).reshape(cells).astype(np.float64)
    failed = np.bincount(place[bad], minlength=cells[0] * 24).reshape(cells).astype(np.float64)
    share = tuple(float(f / n) if n else None for f, n in zip(failed.sum(0), count.sum(0), strict=True))
    flat = Hours(time_zone=time_zone, job_failure_share=share)
    active = count.sum(1) > 0
    if active.sum() < _FEWEST_DAYS or failed.sum() < _FEWEST_FAILED:
        return flat
    p_value, raised, surprise = _test(count[active], failed[active])
    peaks: tuple[int, ...] = ()
    if p_value < _OVERALL:
        unlikely = benjamini_hochberg(surprise) < _SINGLE
        peaks = tuple(int(at) for at in np.flatnonzero(unlikely & (raised >= _RAISED)))
    return Hours(peaks=peaks, p_value=p_value, time_zone=time_zone, job_failure_share=share)


def _starts(evidence: PeriodEvidence, jobs: Jobs) -> tuple[Places64, Flags]:
    """For each job (a sample, of very many): its first start known in milliseconds, and whether it failed for good."""
    runs, events = evidence.runs, evidence.events
    some_runs = np.flatnonzero(sampled(runs.job, len(runs)))
    some_events = np.flatnonzero(sampled(events.job, len(runs)))
    number, of = grouped(np.concatenate((runs.job[some_runs], events.job[some_events])))
    of_run, of_event = of[: len(some_runs)], of[len(some_runs) :]
    length = np.nan_to_num(runs.seconds[some_runs].astype(np.float64)) * 1000
    started = np.full(len(number), np.iinfo(np.int64).max)
    np.minimum.at(started, of_run, runs.ended[some_runs] - length.astype(np.int64))
    np.minimum.at(started, of_event, events.at[some_events])
    failed = np.zeros(len(number), dtype=bool)
    failed[of_event] = jobs.failed[jobs.of_event[some_events]]
    return started, failed


def _test(count: Floats, failed: Floats) -> tuple[float, Floats, Floats]:
    """The p-value that all hours are alike; by hour, the ratio to its expectation and the p-value of a greater one."""
    days = count.shape[0]
    rate = failed.sum(1, keepdims=True) / count.sum(1, keepdims=True)
    expected, variance = count * rate, count * rate * (1 - rate)
    sums, spread = expected.sum(0), np.maximum(variance.sum(0), 1e-9)
    raised = failed.sum(0) / np.maximum(sums, 1e-9)
    used = variance > 0
    residual = (failed - expected * raised) ** 2 / np.maximum(variance * np.maximum(raised, 1e-9), 1e-9)
    free = max(1, int(used.sum()) - days - 23)
    burst = max(1.0, float(residual[used].sum()) / free)
    hours_used = int((sums > 0).sum()) - 1
    if hours_used < 1:
        return 1.0, raised, np.ones(24)
    statistic = float(((failed.sum(0) - sums) ** 2 / spread)[sums > 0].sum()) / hours_used / burst
    return float(fdtrc(hours_used, free, statistic)), raised, ndtr(-(failed.sum(0) - sums) / np.sqrt(burst * spread))


def _local(started: Places64, time_zone: str) -> tuple[Places64, Places64]:
    """Days since the first one and hours of the day, in local time."""
    zone = ZoneInfo(time_zone)
    utc_hours, place = grouped(started // HOUR_MS)
    offsets = [moment(int(at) * HOUR_MS).astimezone(zone).utcoffset() for at in utc_hours]
    shift = np.array([0 if offset is None else offset.total_seconds() * 1000 for offset in offsets], dtype=np.int64)
    local = started + shift[place] if len(started) else started
    day = local // DAY_MS
    return day - day.min(initial=day[0]) if len(day) else day, local % DAY_MS // HOUR_MS
