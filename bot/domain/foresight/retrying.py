"""Will an unchanged retry help? What it says rests on what unchanged retries of the same cause came to: those that a
controller made by itself, and those that people made. A retry that somebody changed teaches nothing of this."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from scipy.special import betaincinv

from bot.domain.workload.attempt import Outcome

_PRIOR = 2.0
"""How many retries the record of all causes is worth beside a cause's own (partial pooling)."""
_TAIL = 0.025
_ALIKE = 3
"""A job that fails alike so often in a row will fail again, whatever others did."""
_STEP = re.compile(r"\b(?:step|iter(?:ation)?|epoch)\b[\s:=#/\[(]*(\d{1,9})", re.IGNORECASE)
"""A counter of a training loop."""


class RetryVerdict(StrEnum):
    """What to do with a failed job as it is."""

    RETRY = "retry"
    STOP = "stop"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobTry:
    """One attempt of a job. `made_of` is what a person can change: image, memory, CPUs, GPUs."""

    cluster: str
    project: str | None
    job: str
    outcome: Outcome
    began_at: datetime
    ended_at: datetime
    cause: str | None = None
    """Of a failed one: the signature, or the failure type."""
    made_of: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class RetryCount:
    """What unchanged retries came to."""

    worked: int = 0
    of: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryAdvice:
    """Whether an unchanged retry of a job will help, with its record. Rates are 0 to 1."""

    job: str
    project: str | None
    verdict: RetryVerdict
    cause: str | None
    """Of the newest failure; None where the job has not failed, or succeeded since."""
    record: RetryCount = RetryCount()
    """Of this cause."""
    others: RetryCount = RetryCount()
    """Of all other causes."""
    chance: float | None = None
    low: float | None = None
    high: float | None = None
    """The central 95 % interval of the chance."""
    alike: int = 0
    """How often the job failed of this cause in a row."""
    step: int | None = None
    """Where its last failures stopped, if each stopped at the same step."""
    attempts: int = 0


def counts(tries: Iterable[JobTry]) -> dict[str | None, RetryCount]:
    """What unchanged retries came to, by the cause of the failure before them. A retry is the next attempt of the same
    job that began after the failed one had ended; a killed one says nothing."""
    worked: dict[str | None, int] = defaultdict(int)
    total: dict[str | None, int] = defaultdict(int)
    for of_job in _by_job(tries).values():
        for first, following in pairwise(of_job):
            if (
                first.outcome is Outcome.FAILED
                and following.outcome is not Outcome.KILLED
                and following.began_at >= first.ended_at
                and following.made_of == first.made_of
            ):
                total[first.cause] += 1
                worked[first.cause] += following.outcome is Outcome.SUCCEEDED
    return {cause: RetryCount(worked[cause], total[cause]) for cause in total}


def advise(of_job: Sequence[JobTry], known: dict[str | None, RetryCount], logs: Sequence[str]) -> RetryAdvice:
    """The advice for a job by its attempts (one at least) and the counts of all; `logs` are those of its newest
    failures, the newest last."""
    ordered = sorted(of_job, key=lambda one: (one.ended_at, one.began_at))
    last = ordered[-1]
    if last.outcome is not Outcome.FAILED:
        return RetryAdvice(
            job=last.job, project=last.project, verdict=RetryVerdict.UNSURE, cause=None, attempts=len(ordered)
        )
    alike = _in_a_row(ordered, last.cause)
    step = _same_step(logs[-alike:]) if alike > 1 else None
    record = known.get(last.cause, RetryCount()) if last.cause is not None else RetryCount()
    others = RetryCount(
        sum(one.worked for cause, one in known.items() if cause != last.cause),
        sum(one.of for cause, one in known.items() if cause != last.cause),
    )
    chance, low, high = _posterior(record, others)
    return RetryAdvice(
        job=last.job,
        project=last.project,
        verdict=_verdict(chance, low, high, alike),
        cause=last.cause,
        record=record,
        others=others,
        chance=chance,
        low=low,
        high=high,
        alike=alike,
        step=step,
        attempts=len(ordered),
    )


def last_step(log: str) -> int | None:
    """The last counter of a training loop that a log shows; None where it shows none."""
    found = _STEP.findall(log)
    return int(found[-1]) if found else None


def _by_job(tries: Iterable[JobTry]) -> dict[tuple[str, str | None, str], list[JobTry]]:
    jobs: dict[tuple[str, str | None, str], list[JobTry]] = defaultdict(list)
    for one in sorted(tries, key=lambda each: (each.ended_at, each.began_at)):
        jobs[one.cluster, one.project, one.job].append(one)
    return jobs


def _in_a_row(ordered: Sequence[JobTry], cause: str | None) -> int:
    number = 0
    for one in reversed(ordered):
        if one.outcome is not Outcome.FAILED or one.cause != cause:
            break
        number += 1
    return number


def _same_step(logs: Sequence[str]) -> int | None:
    steps = {last_step(log) for log in logs}
    return steps.pop() if len(logs) > 1 and len(steps) == 1 else None


def _posterior(record: RetryCount, others: RetryCount) -> tuple[float, float, float]:
    """Mean and central 95 % interval of the chance: a Beta posterior whose prior is the record of the other causes,
    worth _PRIOR retries (Gelman et al., Bayesian Data Analysis, 3rd ed., sections 2.4 and 5.1)."""
    rate = (others.worked + 1) / (others.of + 2)
    worked = _PRIOR * rate + record.worked
    failed = _PRIOR * (1 - rate) + record.of - record.worked
    return (
        worked / (worked + failed),
        float(betaincinv(worked, failed, _TAIL)),
        float(betaincinv(worked, failed, 1 - _TAIL)),
    )


def _verdict(chance: float, low: float, high: float, alike: int) -> RetryVerdict:
    if alike >= _ALIKE or high < 1 / 2:
        return RetryVerdict.STOP
    return RetryVerdict.RETRY if chance >= 1 / 2 and low > 1 / 4 else RetryVerdict.UNSURE
