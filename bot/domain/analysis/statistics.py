"""The few formulas of statistics that the findings rest on, each with its source. numpy and `scipy.special` only: the
rest of scipy takes longer to import than a whole report."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, ndtr, ndtri, pdtrc

from bot.domain.analysis.attempt_table import Floats

_TINY = 1e-300


def wilson(successes: float, trials: float, z: float = 1.959963984540054) -> tuple[float, float]:
    """The 95 % interval of a share, both ends 0 to 1.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927).
    """
    if trials <= 0:
        return 0.0, 1.0
    share = successes / trials
    centre = share + z * z / (2 * trials)
    spread = z * float(np.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials)))
    scale = 1 + z * z / trials
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def benjamini_hochberg(p_values: Floats) -> Floats:
    """q-values: calling all below q a finding leaves at most a share of q false ones among them.

    Y. Benjamini, Y. Hochberg, "Controlling the false discovery rate", JRSS B 57 (1995).
    """
    if not len(p_values):
        return p_values.astype(np.float64)
    order = np.argsort(p_values)[::-1]
    ranks = np.arange(len(p_values), 0, -1)
    q_values = np.empty(len(p_values), dtype=np.float64)
    q_values[order] = np.minimum.accumulate(np.minimum(1.0, p_values[order] * len(p_values) / ranks))
    return q_values


def count_distribution(blocks: Iterable[Floats]) -> Floats:
    """The distribution of a sum of independent counts, each given by its own distribution over 0, 1, 2 ...

    Of Bernoulli blocks it is the Poisson-binomial distribution. Convolved in pairs, so that all terms are sums of
    positive numbers and small tails keep their relative precision. W. Biscarri et al., "A simple and fast method for
    computing the Poisson binomial distribution function", CSDA 122 (2018).
    """
    parts = list(blocks) or [np.ones(1)]
    while len(parts) > 1:
        parts.sort(key=len)
        joined = [np.convolve(parts[i], parts[i + 1]) for i in range(0, len(parts) - 1, 2)]
        parts = joined + parts[len(parts) - len(parts) % 2 :]
    return parts[0]


def binomial(trials: int, chance: float) -> Floats:
    """The distribution of the failed among `trials` independent jobs with one chance."""
    k = np.arange(trials + 1)
    logs = gammaln(trials + 1) - gammaln(k + 1) - gammaln(trials - k + 1)
    return np.asarray(np.exp(logs + k * np.log(max(chance, _TINY)) + (trials - k) * np.log1p(-min(chance, 1 - 1e-15))))


def hypergeometrics(total: Floats, marked: Floats, drawn: Floats) -> list[Floats]:
    """The distributions of the marked ones among `drawn` of `total` units, `marked` of which are marked; one for each
    element of these arrays of whole numbers, all of shape (distributions,)."""
    size = np.minimum(marked, drawn).astype(np.int64) + 1
    end = np.cumsum(size)
    k = np.arange(int(size.sum())) - np.repeat(end - size, size)
    total, marked, drawn = (np.repeat(each, size) for each in (total, marked, drawn))
    possible = k >= drawn + marked - total
    k = np.where(possible, k, np.minimum(marked, drawn))
    logs = _log_choices(marked, k) + _log_choices(total - marked, drawn - k) - _log_choices(total, drawn)
    return np.split(np.where(possible, np.exp(logs), 0.0), end[:-1])


def _log_choices(of: Floats, k: NDArray[Any]) -> Floats:
    return np.asarray(gammaln(of + 1) - gammaln(k + 1) - gammaln(of - k + 1))


def intraclass_correlation(
    count: Floats, failed: Floats, chance: Floats, group: NDArray[np.integer[Any]], *, prior: float
) -> float:
    """How alike two units of one cluster are, with one group left out: the one that makes them look most alike.

    By moments: the products of the units' deviations from their chance to fail, over those of units that are wholly
    alike (M. S. Ridout et al., "Estimating intraclass correlation for binary data", Biometrics 55 (1999)).

    Args:
        count: Units of each cluster, shape (clusters,).
        failed: Those of them that failed, shape (clusters,).
        chance: The units' chance to fail, 0 to 1, shape (clusters,).
        group: The group that each cluster belongs to, from 0 on, shape (clusters,).
        prior: How alike they are taken to be before anything was seen.

    Returns:
        The correlation, inside _BOUNDS.
    """
    product = (failed - count * chance) ** 2 - failed * (1 - chance) ** 2 - (count - failed) * chance**2
    most = count * (count - 1) * chance * (1 - chance)
    seen, possible = np.bincount(group, product), np.bincount(group, most)
    seen, possible = np.append(seen, 0.0), np.append(possible, 0.0)  # at last: none is left out
    without = (seen.sum() - seen + _DOUBT * prior) / (possible.sum() - possible + _DOUBT)
    return float(np.clip(without.min(), *_BOUNDS))


_DOUBT = 0.5
"""Products of wholly alike units that the prior weighs as much as."""
_BOUNDS = (0.01, 0.95)


def odds(share: float) -> float:
    """The odds of a share from 0 to 1."""
    return share / max(1 - share, 1e-9)


def upper_tail(distribution: Floats, observed: int) -> float:
    """The chance to see at least this many."""
    return float(min(1.0, distribution[observed:].sum())) if observed > 0 else 1.0


def poisson_tail(observed: Floats, expected: Floats) -> Floats:
    """The chance of at least `observed` where `expected` are expected and events come independently."""
    return np.where(observed > 0, pdtrc(np.maximum(observed - 1, 0), np.maximum(expected, _TINY)), 1.0)


def z_score(p_value: float) -> float:
    """How many standard deviations above its expectation a normal variable has to be for this upper tail."""
    return float(-ndtri(min(max(p_value, _TINY), 1.0)))


def tail_of(z: float) -> float:
    """The upper tail of the normal distribution: what `z_score` inverts."""
    return float(ndtr(-z))
