"""Hours with far more failures than usual. Where one or two jobs carry them it is a retry storm of those jobs.

Hours are clock hours (UTC), so that what is told of one does not depend on the minute at which somebody asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from bot.domain.analysis.attempt_table import (
    FAILED,
    HOUR_MS,
    Codes,
    Flags,
    Floats,
    Numbers,
    PeriodEvidence,
    Places64,
    milliseconds,
    moment,
)
from bot.domain.analysis.grouping import distinct, grouped
from bot.domain.analysis.statistics import poisson_tail
from bot.domain.period import Period

_FEWEST = 8
"""Failures in an hour below which nothing is a spike."""
_TIMES = 3.0
"""A spike has at least so many times the failures that are usual."""
_UNLIKELY = 0.01
"""Chance that any hour of the whole period looks like a spike though nothing happened."""
_FEW_JOBS = 2
_SOME_JOBS = 5
"""More than two jobs, and up to these, are a retry storm too where nearly all of the spike is their retries."""
_NEARLY_ALL = 0.8
_RETRIES = 5
"""Failures of one job in an hour that make it a retrying one."""
_ALIKE = 0.3
"""A further job that fails so many times as often as one that carries a storm is part of it."""
_MOST_JOBS = 0.9
_HOUR_BITS = np.uint64(0xFFFF)
"""The longest period has fewer hours than this."""
_WINDOW = 169
"""Hours around each hour, a week, in which its usual rate is measured."""
_OUTAGE_SHARE = 0.3
_OUTAGE_NODES = 3
_LONG = 86_400.0
"""Seconds that an attempt of unknown length is taken to have run."""


@dataclass(frozen=True, slots=True)
class Surge:
    """A spike before the names of its jobs are looked up."""

    period: Period
    failures: int
    expected: float
    storm_jobs: tuple[int, ...]
    """Numbers of the jobs that carry it (`identity.job_number`), heaviest first; empty for a real spike."""
    outage: bool
    """Whether so many nodes failed in it that it says nothing about any of them."""


def surges(evidence: PeriodEvidence) -> list[Surge]:
    """The spikes of the period, most failures first. Victims of a gang do not count."""
    start = _first_hour(evidence)
    hours = max(1, -(-(milliseconds(evidence.period.until) - start) // HOUR_MS))
    own = evidence.events.first_fault != 0
    hour = ((evidence.events.at - start) // HOUR_MS)[own]
    job = evidence.events.job[own]
    count = np.bincount(hour, minlength=hours).astype(np.float64)
    calm = _calm(evidence, hour, job, hours)
    usual, burst = _usual(calm.failures, calm.load)
    retried = (count - calm.failures >= _FEWEST) & (2 * calm.failures <= count)
    # However busy the hour is, retries that make most of its failures are no part of its load.
    least = np.where(retried, np.minimum(usual, np.median(calm.failures)), usual)
    raised = (count >= _FEWEST) & (count >= _TIMES * least)
    high = np.flatnonzero(raised & (retried | _unlikely(count, usual, burst, hours)))
    order = np.argsort(hour, kind="stable")
    bounds = np.searchsorted(hour[order], np.column_stack((high, high + 1)))
    carried = [
        _carriers(job[order[low:end]], usual[at], burst, hours) for at, (low, end) in zip(high, bounds, strict=True)
    ]
    begins = start + high * HOUR_MS
    real = np.array([not by for by in carried], dtype=bool)
    outage = np.zeros(len(high), dtype=bool)
    outage[real] = _outages(evidence, begins[real])
    found = []
    for place, since in enumerate(begins.tolist()):
        at = high[place]
        period = Period(moment(since), min(moment(since + HOUR_MS), evidence.period.until))
        found.append(Surge(period, int(count[at]), float(usual[at]), carried[place], bool(outage[place])))
    return sorted(_merged(found), key=lambda surge: -surge.failures)


def during(surges: Sequence[Surge], at: Places64) -> Flags:
    """Which of these times lie in an outage."""
    inside = np.zeros(len(at), dtype=bool)
    for surge in surges:
        if surge.outage:
            inside |= (at >= milliseconds(surge.period.since)) & (at < milliseconds(surge.period.until))
    return inside


def _first_hour(evidence: PeriodEvidence) -> int:
    """When the clock hour began in which the period begins, in milliseconds."""
    return milliseconds(evidence.period.since) // HOUR_MS * HOUR_MS


class _Calm(NamedTuple):
    """By hour: the failures, of each job no more than most jobs have in an hour, so that no storm becomes usual however
    long it lasts; and what could have failed, which is attempts that did not and jobs that did."""

    failures: Floats
    load: Floats


def _calm(evidence: PeriodEvidence, hour: Places64, job: Numbers, hours: int) -> _Calm:
    """The hours without their storms."""
    runs = evidence.runs
    start = _first_hour(evidence)
    fine = np.bincount((runs.ended[runs.outcome != FAILED] - start) // HOUR_MS, minlength=hours)
    job_hours, place = grouped((job & ~_HOUR_BITS) | hour.astype(np.uint64))
    times = np.bincount(place)
    most = max(_RETRIES, float(np.quantile(times, _MOST_JOBS))) if len(times) else 0.0
    of = (job_hours & _HOUR_BITS).astype(np.int64)
    failures = np.asarray(np.bincount(of, np.minimum(times, most), minlength=hours), dtype=np.float64)
    return _Calm(failures, np.asarray(fine + np.bincount(of, minlength=hours), dtype=np.float64))


def _usual(count: Floats, load: Floats) -> tuple[Floats, float]:
    """The failures that are usual for each hour's load, and how much more than Poisson they vary.

    Counts are cut at three standard deviations and the rate is measured again, until the spikes no longer raise it
    (winsorising: J. W. Tukey, "The future of data analysis", 1962).
    """
    nearby = _nearby(load)
    usual, burst, cut = np.zeros(len(count)), 1.0, count
    for _ in range(8):
        failures = _nearby(cut)
        usual = load * failures / np.maximum(nearby, 1)
        deviation = (cut - usual)[usual > 0] ** 2 / usual[usual > 0]
        burst = max(1.0, float(deviation.mean())) if len(deviation) else 1.0
        cut = np.minimum(count, usual + 3 * np.sqrt(np.maximum(usual * burst, 1)))
    return usual, burst


def _nearby(hourly: Floats) -> Floats:
    """The sum of the week around each hour."""
    if len(hourly) <= _WINDOW:
        return np.full(len(hourly), hourly.sum())
    return np.convolve(hourly, np.ones(_WINDOW), mode="same")


def _unlikely(count: Floats, usual: Floats, burst: float, hours: int) -> Flags:
    return np.asarray(poisson_tail(count / burst, usual / burst) < _UNLIKELY / hours)


def _carriers(job: Numbers, usual: float, burst: float, hours: int) -> tuple[int, ...]:
    """The fewest jobs without which the hour is no spike, if they are few, and those that retry about as often; else
    none."""
    numbers, counts = np.unique(job, return_counts=True)
    order = np.argsort(-counts, kind="stable")[:_SOME_JOBS]
    rest = (len(job) - np.cumsum(counts[order])).astype(np.float64)
    spike = (rest >= max(_FEWEST, _TIMES * usual)) & _unlikely(rest, np.full(len(rest), usual), burst, hours)
    enough = np.flatnonzero(~spike & (2 * rest <= len(job)))
    if not len(enough):
        return ()
    last = int(enough[0])
    few = last < _FEW_JOBS
    retrying = counts[order[last]] >= _RETRIES and rest[last] <= (1 - _NEARLY_ALL) * len(job)
    alike = counts[order] >= max(_RETRIES, _ALIKE * counts[order[last]])
    alike[: last + 1] = True
    return tuple(int(each) for each in numbers[order[alike]]) if few or retrying else ()


def _outages(evidence: PeriodEvidence, hours: Places64) -> Flags:
    """Of these hours, given by their beginnings: in which a large share of the nodes in use failed what ran on them.

    What fails had been running before the hour, or the hour before was one too: an array of broken jobs that is sent
    everywhere fails on as many nodes, but fails when it begins.
    """
    if not len(hours):
        return np.zeros(0, dtype=bool)
    events, ended = evidence.events, evidence.runs.ended
    begun = ended - (np.nan_to_num(evidence.runs.seconds, nan=_LONG) * 1000).astype(np.int64)
    near = np.flatnonzero((ended >= hours[0]) & (begun < hours[-1] + HOUR_MS))
    in_any = np.searchsorted(hours + HOUR_MS, begun[near], "right") < np.searchsorted(hours, ended[near], "right")
    runs, begun = evidence.runs.where(near[in_any]), begun[near[in_any]]
    outages = np.zeros(len(hours), dtype=bool)
    for at, since in enumerate(hours.tolist()):
        running = (runs.ended >= since) & (begun < since + HOUR_MS)
        before = running & (begun < since)
        struck = before & (runs.outcome == FAILED) & (runs.ended < since + HOUR_MS)
        failing = events.place[(events.at >= since) & (events.at < since + HOUR_MS)]
        goes_on = at > 0 and bool(outages[at - 1]) and hours[at] - hours[at - 1] == HOUR_MS
        outages[at] = _most(failing, runs.place[running]) and (goes_on or _most(runs.place[struck], runs.place[before]))
    return outages


def _most(failing: Codes, in_use: Codes) -> bool:
    """Whether these are a large share of the places in use."""
    hit = distinct(failing)
    return len(hit) >= max(_OUTAGE_NODES, _OUTAGE_SHARE * len(np.union1d(in_use, hit)))


def _merged(surges: list[Surge]) -> list[Surge]:
    """Neighbouring hours of one nature as one."""
    merged: list[Surge] = []
    for surge in surges:
        last = merged[-1] if merged else None
        shared = last is not None and (
            set(last.storm_jobs) & set(surge.storm_jobs)
            if surge.storm_jobs
            else not last.storm_jobs and last.outage == surge.outage
        )
        if last is not None and shared and last.period.until == surge.period.since:
            merged[-1] = Surge(
                Period(last.period.since, surge.period.until),
                last.failures + surge.failures,
                last.expected + surge.expected,
                tuple(dict.fromkeys((*last.storm_jobs, *surge.storm_jobs))),
                last.outage,
            )
        else:
            merged.append(surge)
    return merged
