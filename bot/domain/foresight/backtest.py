"""Predicts the past as it would have been predicted then, and keeps the score. Only where the score beats three simpler
guesses, by more than chance, and what was called likely came true as often as it should, may the bot speak."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bot.domain.foresight.features import Features, features
from bot.domain.foresight.history import Attempts, Floats, Indices
from bot.domain.foresight.rolling import Forecast, rolling_origin
from bot.domain.period import Period

_BINS = 10
_SURE = 2.0
"""How many standard errors it must be better by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """How right the predictions of a period would have been. Brier scores are means of (chance - outcome)², lower is
    better (G. Brier 1950)."""

    period: Period
    attempts: int = 0
    """Those that were predicted."""
    told: int = 0
    """Those of which it would have been said that they will most likely fail."""
    told_right: int = 0
    """Those of them that failed."""
    brier: float = 0.0
    brier_base_rate: float = 0.0
    """Of the rate of everything that had ended before."""
    brier_last_time: float = 0.0
    """Of "it will end as the job's last attempt did", and the base rate where there is none."""
    brier_record: float = 0.0
    """Of the job's plain record: (its failures + base rate) / (its attempts + 1)."""
    calibration_error: float = 0.0
    """Mean distance between a chance and the share that came true, over ten bins (expected calibration error)."""
    speaks: bool = False

    @property
    def precision(self) -> float:
        """Of those told, the share that failed; 0 where none was told."""
        return self.told_right / self.told if self.told else 0.0


def backtest(attempts: Attempts, period: Period, *, threshold: float) -> tuple[Backtest, Forecast]:
    """The score of a period's attempts, each predicted from what had ended before it began, and all that was said. One
    with a chance of at least `threshold` (0 to 1) would have been told of, where the score by then allowed it."""
    known = features(attempts)
    told, forecast = [np.zeros(0, np.int64)], Forecast.of_nothing(len(attempts))
    for origin, ahead, forecast in rolling_origin(attempts, known):
        ended = forecast.ended(attempts, origin)
        may_speak = _may_speak(attempts, known, ended, forecast.chance[ended], threshold)
        told.append(ahead[forecast.chance[ahead] >= threshold] if may_speak else ahead[:0])
    rows, chance = forecast.rows, forecast.chance[forecast.rows]
    if not len(rows):
        return Backtest(period=period), forecast
    failed, those = attempts.failed[rows], np.concatenate(told)
    base_rate, last_time, record = (_brier(rival, failed) for rival in _rivals(known, rows))
    score = Backtest(
        period=period,
        attempts=len(rows),
        told=len(those),
        told_right=int(attempts.failed[those].sum()),
        brier=_brier(chance, failed),
        brier_base_rate=base_rate,
        brier_last_time=last_time,
        brier_record=record,
        calibration_error=_calibration_error(chance, failed),
        speaks=_may_speak(attempts, known, rows, chance, threshold),
    )
    return score, forecast


def _rivals(known: Features, rows: Indices) -> tuple[Floats, Floats, Floats]:
    """What the base rate, the job's last attempt and its plain record would have said."""
    base, last = known.base[rows], known.last[rows]
    return base, np.where(np.isnan(last), base, last), known.record[rows]


def _may_speak(attempts: Attempts, known: Features, rows: Indices, chance: Floats, threshold: float) -> bool:
    """Whether the chances beat all three rivals, and those above the threshold came true as often as it says."""
    failed, jobs = attempts.failed[rows], attempts.groups["job"][rows]
    high = chance >= threshold
    return bool(
        high.any()
        and failed[high].mean() >= threshold
        and all(_beats(chance, rival, failed, jobs) for rival in _rivals(known, rows))
    )


def _brier(chance: Floats, failed: Floats) -> float:
    return float(np.mean((chance - failed) ** 2))


def _beats(chance: Floats, rival: Floats, failed: Floats, jobs: Indices) -> bool:
    """Whether the scores differ by more than chance: their mean difference against its standard error, attempts of one
    job counting as one observation, since they fail together."""
    gain = (rival - failed) ** 2 - (chance - failed) ** 2
    together = np.bincount(np.unique(jobs, return_inverse=True)[1], weights=gain - gain.mean())
    return bool(gain.sum() > _SURE * np.sqrt((together**2).sum()))


def _calibration_error(chance: Floats, failed: Floats) -> float:
    bins = np.minimum((chance * _BINS).astype(np.int64), _BINS - 1)
    weight = np.bincount(bins, minlength=_BINS)
    gap = np.abs(np.bincount(bins, chance - failed, minlength=_BINS))
    return float(gap[weight > 0].sum() / len(chance))
