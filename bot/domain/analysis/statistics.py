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


def tied_binomial(trials: int, chance: float, correlation: float) -> Floats:
    """The distribution of the failed among `trials` jobs which fail independently or, with the chance `correlation`,
    all alike: any two of them have this correlation. Its tail is as heavy as arrays of broken jobs need; a
    beta-binomial one with the same mean and correlation takes each array for evidence.

    J. Diniz, M. Tutia, J. Leite, "Bayesian analysis of a correlated binomial model", BJPS 24 (2010).
    """
    parts = (1 - correlation) * binomial(trials, chance)
    parts[0] += correlation * (1 - chance)
    parts[-1] += correlation * chance
    return parts


def exact_tail(failed: int, jobs: int, all_failed: int, all_jobs: int) -> float:
    """The chance that, of all the failed ones, at least so many are among these jobs by luck alone: the hypergeometric
    distribution. It knows nothing of any job, but allows for how little was seen elsewhere.

    R. A. Fisher, "The logic of inductive inference", JRSS 98 (1935).
    """
    k = np.arange(failed, min(jobs, all_failed) + 1)
    ways = _choose(jobs, k) + _choose(all_jobs - jobs, all_failed - k) - _choose(all_jobs, np.array(all_failed))
    return float(min(1.0, np.exp(ways).sum()))


def _choose(n: int, k: NDArray[np.integer[Any]]) -> Floats:
    """The logarithm of the number of ways to choose k of n; minus infinity where there is none."""
    possible = (k >= 0) & (k <= n)
    k = np.where(possible, k, 0)
    return np.where(possible, gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1), -np.inf)


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


def precision_of(concordance: float, rate: float, least: float, most: float) -> float:
    """How tightly the chances of a group lie around the common rate: as if so many pairs at that rate had been seen
    of each group before (the α + β of their Beta distribution).

    `concordance` is the chance that another member of the group failed, given that one did. It exceeds the rate by
    ρ (1 − rate), and the precision is (1 − ρ) / ρ: the intraclass correlation of the beta-binomial model, by moments
    (M. S. Ridout et al., "Estimating intraclass correlation for binary data", Biometrics 55 (1999)).
    """
    if rate >= 1:
        return most
    correlation = (concordance - rate) / (1 - rate)
    if correlation <= 0:
        return most
    return float(min(most, max(least, (1 - correlation) / correlation)))
