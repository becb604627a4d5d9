"""Logistic regression around the job's plain record: the chance of failing is what the record says, moved by a weighted
sum of what else is known. The weights are drawn towards none (ridge), so that a short history says what the record
says. It is the simplest model that one can still explain, and was better out of sample than boosted trees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bot.domain.foresight.history import Floats

_STEPS, _STILL = 25, 1e-5
_FARTHEST = 30.0


@dataclass(frozen=True, slots=True)
class Model:
    """Weights of standardised features, shape (k,), and of the intercept, which stands first in `weights` (k + 1,)."""

    mean: Floats
    scale: Floats
    weights: Floats

    def chances(self, matrix: Floats, offset: Floats) -> Floats:
        """The chance of failing, 0 to 1, shape (n,), for features of the shape (n, k) around the log odds of the
        record, shape (n,)."""
        return _expit(offset + _design((matrix - self.mean) / self.scale) @ self.weights)


def fit(matrix: Floats, offset: Floats, failed: Floats, *, ridge: float) -> Model:
    """The maximum of the penalised likelihood by Newton's method (iteratively reweighted least squares, P. McCullagh
    and J. Nelder, Generalized Linear Models, 1989). Features have the shape (n, k); `offset` (n,) is the log odds of
    the record; `failed` (n,) is 0 or 1. The larger `ridge`, the nearer the weights stay to 0."""
    mean, scale = matrix.mean(axis=0), matrix.std(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    design = _design((matrix - mean) / scale)
    penalty = np.full(design.shape[1], ridge)
    weights = np.zeros(design.shape[1])
    lost = _penalised_loss(design, offset, failed, weights, ridge)
    for _ in range(_STEPS):
        chance = _expit(offset + design @ weights)
        curvature = (design * (chance * (1 - chance) + 1e-6)[:, None]).T @ design + np.diag(penalty)
        step = np.linalg.solve(curvature, design.T @ (failed - chance) - penalty * weights)
        while (now := _penalised_loss(design, offset, failed, weights + step, ridge)) > lost + _STILL:
            step = step / 2  # a whole step of Newton's may overshoot, and then runs away
        weights, gained, lost = weights + step, lost - now, now
        if gained < _STILL:
            break
    return Model(mean, scale, weights)


def _penalised_loss(design: Floats, offset: Floats, failed: Floats, weights: Floats, ridge: float) -> float:
    """The negative log likelihood, and what the weights cost."""
    odds = offset + design @ weights
    return float(np.logaddexp(0, odds).sum() - failed @ odds + ridge / 2 * weights @ weights)


def _design(standardised: Floats) -> Floats:
    return np.column_stack((np.ones(len(standardised)), standardised))


def _expit(odds: Floats) -> Floats:
    chance: Floats = 1 / (1 + np.exp(-np.clip(odds, -_FARTHEST, _FARTHEST)))
    return chance
