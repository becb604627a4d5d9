"""Predicts by rolling origin: again and again the models learn from what had ended, and say what comes of the attempts
that begin until the next time (R. Hyndman and G. Athanasopoulos, Forecasting, 2021, §5.10). The base rate, the last
time, the plain record and the models speak together, each weighted by how right it has been so far (exponentially
weighted forecasts, V. Vovk 1990): what does not help soon has no say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from bot.domain.foresight.features import Features, logit
from bot.domain.foresight.history import Attempts, Floats, Indices
from bot.domain.foresight.model import Model, fit

LEAST_TO_LEARN = 100
"""Attempts that succeeded or failed before a model is made; until then the plain record speaks for it."""
RIDGES = (10.0, 100.0)
"""A model is made with each: the larger, the nearer it stays to the record."""
_LEARNING_RATE = 0.5
"""Of the weights; any up to 2 is safe for squared errors (D. Haussler, J. Kivinen, M. Warmuth 1998)."""
_MOST_TO_LEARN = 60_000
"""The newest ones are learnt from: older ones say little more, and cost time."""
_MOST_REFITS = 40
_LAST_TIME = (0.05, 0.95)
"""How sure "as the last time" may be."""
_DAY_MS = 86_400_000


@dataclass(slots=True)
class Forecast:
    """What has been said so far. `rows` are the attempts that something was said of, in the order they began."""

    rows: Indices
    said: Floats
    """What the base rate, the last time, the record and each model said, shape (models + 3, n)."""
    chance: Floats
    """What they said together, shape (n,)."""

    @classmethod
    def of_nothing(cls, attempts: int) -> Forecast:
        """Nothing said yet of so many attempts."""
        return cls(np.zeros(0, np.int64), np.zeros((len(RIDGES) + 3, attempts)), np.zeros(attempts))

    def ended(self, attempts: Attempts, origin: int) -> Indices:
        """Those of which one knew by then what came of them."""
        return self.rows[attempts.end[self.rows] < origin]

    def weights(self, attempts: Attempts, origin: int) -> Floats:
        """How much each was to be believed then, by its squared errors; they sum to 1."""
        rows = self.ended(attempts, origin)
        losses = ((self.said[:, rows] - attempts.failed[rows]) ** 2).sum(axis=1)
        weight = np.exp(-_LEARNING_RATE * (losses - losses.min()))
        shares: Floats = weight / weight.sum()
        return shares

    def _say(self, rows: Indices, said: Floats, weights: Floats) -> None:
        self.said[:, rows] = said
        self.chance[rows] = weights @ said
        self.rows = np.concatenate((self.rows, rows))


def rolling_origin(attempts: Attempts, known: Features) -> Iterator[tuple[int, Indices, Forecast]]:
    """Say what comes of every attempt that succeeded or failed, a step of at least a day at a time. After each step:
    when it was (milliseconds), what was predicted, and all that has been said so far, in one growing value."""
    forecast = Forecast.of_nothing(len(attempts))
    for origin, learnt, ahead in _origins(attempts):
        models = learn(attempts, known, learnt)
        forecast._say(ahead, opinions(models, known, ahead), forecast.weights(attempts, origin))  # noqa: SLF001 its maker
        yield origin, ahead, forecast


def learn(attempts: Attempts, known: Features, rows: Indices) -> list[Model]:
    """A model for each ridge, of the newest of these attempts, in the order of their ends; none of too few."""
    if len(rows) < LEAST_TO_LEARN:
        return []
    newest = rows[-_MOST_TO_LEARN:]
    offset = logit(known.record[newest])
    return [fit(known.matrix[newest], offset, attempts.failed[newest], ridge=ridge) for ridge in RIDGES]


def opinions(models: Sequence[Model], known: Features, rows: Indices) -> Floats:
    """What the base rate, the job's last attempt, its plain record and each model say of some attempts, shape
    (models + 3, rows); without models the record speaks for them."""
    base, record = known.base[rows], known.record[rows]
    last = np.where(np.isnan(known.last[rows]), base, np.clip(known.last[rows], *_LAST_TIME))
    if not models:
        return np.array([base, last, *[record] * (len(RIDGES) + 1)])
    offset = logit(record)
    return np.array([base, last, record, *(model.chances(known.matrix[rows], offset) for model in models)])


def _origins(attempts: Attempts) -> Iterator[tuple[int, Indices, Indices]]:
    """(when, what to learn from, what to predict)."""
    decided = np.flatnonzero(attempts.counts > 0)
    if not len(decided):
        return
    by_end = decided[np.argsort(attempts.end[decided], kind="stable")]
    by_begin = decided[np.argsort(attempts.begin[decided], kind="stable")]
    ends, begins = attempts.end[by_end], attempts.begin[by_begin]
    step = max(_DAY_MS, (int(begins[-1]) - int(begins[0])) // _MOST_REFITS + 1)
    origin = int(begins[0])
    while (first := int(np.searchsorted(begins, origin))) < len(begins):
        origin = max(origin, int(begins[first]))
        until = int(np.searchsorted(begins, origin + step))
        yield origin, by_end[: np.searchsorted(ends, origin)], by_begin[first:until]
        origin += step
