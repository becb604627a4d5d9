"""What is likely to fail next: each job that failed lately, as if it ran again now, unchanged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from bot.domain.analysis.attempt_table import milliseconds
from bot.domain.foresight.backtest import Backtest
from bot.domain.foresight.features import features
from bot.domain.foresight.history import Attempts, Floats, Indices
from bot.domain.foresight.rolling import Forecast, learn, opinions
from bot.domain.period import Period

_SHOWN_BACK = 10
"""Attempts of a job that its line counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Likely:
    """A job that will most likely fail again."""

    project: str | None
    job: str
    chance: float
    failed: int
    """Of its newest `of` attempts that were not killed."""
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What is said of the jobs that failed lately, and how right such sayings were. `likely` is empty where the score
    does not allow any."""

    name: str | None
    """The project or the job that was asked for; None is all."""
    period: Period
    score: Backtest
    threshold: float
    looked_at: int = 0
    """Jobs that failed within a week."""
    likely: tuple[Likely, ...] = ()


@dataclass(frozen=True, slots=True)
class NextAttempts:
    """The chance that the next attempt of each job fails, with its newest record; shapes (number of jobs,)."""

    chance: Floats
    failed: Floats
    of: Floats


def next_attempts(attempts: Attempts, forecast: Forecast, jobs: Indices, *, now: datetime) -> NextAttempts:
    """What comes of jobs (codes of the group `job`, each with an attempt) if they run again now, unchanged, anywhere;
    `forecast` is the whole rolling one, for whom to believe."""
    at = milliseconds(now)
    longer = _with_next(attempts, jobs, at)
    known = features(longer)
    rows = np.arange(len(attempts), len(longer))
    decided = np.flatnonzero(attempts.counts > 0)
    models = learn(attempts, known, decided[np.argsort(attempts.end[decided], kind="stable")])
    chance = forecast.weights(attempts, at + 1) @ opinions(models, known, rows)
    newest = [_newest(attempts, job) for job in jobs.tolist()]
    return NextAttempts(
        chance,
        np.array([attempts.failed[those].sum() for those in newest]),
        np.array([float(len(those)) for those in newest]),
    )


def _newest(attempts: Attempts, job: int) -> Indices:
    those = np.flatnonzero((attempts.groups["job"] == job) & (attempts.counts > 0))
    newest: Indices = those[np.argsort(attempts.end[those], kind="stable")][-_SHOWN_BACK:]
    return newest


def _with_next(attempts: Attempts, jobs: Sequence[int] | Indices, at: int) -> Attempts:
    """The attempts, and one more of each job that begins now, like its newest but on a node that nobody knows yet."""
    by_end = np.argsort(attempts.end, kind="stable")
    like = np.array([by_end[attempts.groups["job"][by_end] == job][-1] for job in jobs], dtype=np.int64)
    groups = {name: np.r_[codes, codes[like]] for name, codes in attempts.groups.items()}
    place = attempts.groups["place"]
    groups["place"] = np.r_[place, np.full(len(like), place.max() + 1 if len(place) else 0)]
    none = np.zeros(len(like))
    return replace(
        attempts,
        groups=groups,
        begin=np.r_[attempts.begin, np.full(len(like), at)],
        end=np.r_[attempts.end, np.full(len(like), at + 1)],
        failed=np.r_[attempts.failed, none],
        counts=np.r_[attempts.counts, none],
        gpus=np.r_[attempts.gpus, attempts.gpus[like]],
    )
