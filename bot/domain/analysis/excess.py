"""Which subjects fail more of their jobs than those jobs fail elsewhere: the test that hot nodes and bad images share.

Each subject's failed pairs are tested against their expectation by the exact upper tail. What the expectation cannot
know (hardware pools, users without a name) spreads all subjects more than it says; the spread of the middle of them
is measured and allowed for (the empirical null of B. Efron, "Large-scale simultaneous hypothesis testing", JASA 99
(2004)). The p-values are then corrected for the number of subjects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from bot.domain.analysis.evidence import Flags, Floats
from bot.domain.analysis.expectation import Expectation, expectation
from bot.domain.analysis.exposure import Pairs
from bot.domain.analysis.statistics import (
    benjamini_hochberg,
    beta_binomial,
    binomial,
    count_distribution,
    tail_of,
    upper_tail,
    wilson,
    z_score,
)

_WORTH_EXACT = 2.0
"""Standard deviations above which the exact tail is computed; below, q < 0.01 is out of reach."""
_LEVELS = 24
"""Chances are rounded up to so many levels for each power of ten: at most 10 % too high, never too low."""
_MATTERS = 1.5
"""The odds to fail that can be vouched for (the lower end of the 95 % interval) are at least so many times the expected
odds. With enough jobs every small difference is beyond chance; people can only act on one that matters."""
_ENOUGH = 20
"""Subjects that it takes to measure their spread by its upper quantile too."""


@dataclass(frozen=True, slots=True)
class Excess:
    """By subject: pairs, failed pairs, expected ones, and how surprising that is."""

    jobs: Floats
    failed: Floats
    expected: Floats
    p_value: Floats
    q_value: Floats
    spread: float
    """How much wider subjects differ than chance explains; 1 where chance explains it."""

    def stands_out(self, q_value: float, threshold: int) -> Flags:
        """Which subjects to report: beyond chance, with enough failed jobs, and by an amount that matters."""
        enough = (self.q_value < q_value) & (self.failed >= threshold)
        for subject in np.flatnonzero(enough):
            low, _ = wilson(self.failed[subject], self.jobs[subject])
            enough[subject] = _odds(low) >= _MATTERS * _odds(self.expected[subject] / self.jobs[subject])
        return np.asarray(enough)


def excess(pairs: Pairs, subjects: int) -> Excess:
    """The test of every subject that these pairs know."""
    jobs = np.bincount(pairs.subject, minlength=subjects).astype(np.float64)
    failed = np.bincount(pairs.subject[pairs.failed], minlength=subjects).astype(np.float64)
    if not pairs.failed.any():
        ones = np.ones(subjects)
        return Excess(jobs, failed, np.zeros(subjects), ones, ones, 1.0)
    return judged(jobs, failed, expectation(pairs, subjects))


def judged(jobs: Floats, failed: Floats, expected: Expectation) -> Excess:
    """The test of subjects with so many pairs, of which so many failed, against what was expected of them."""
    subjects = len(jobs)
    mean, variance = expected.mean(subjects), expected.variance(subjects)
    # Estimates that leave the subject out need not add up to what was seen; what all are short of is no one's fault.
    scale = float(failed.sum() / mean.sum())
    tested = jobs > 0
    score = (failed - scale * mean) / np.sqrt(np.maximum(scale * variance, 1e-12))
    spread = _spread(score[tested & (mean > 0.5)])
    p_value = np.where(tested, np.maximum(ndtr(-score / spread), tail_of(_WORTH_EXACT)), 1.0)
    for subject in np.flatnonzero(tested & (score > _WORTH_EXACT * spread)):
        tail = upper_tail(_distribution(expected, int(subject), scale), int(failed[subject]))
        p_value[subject] = tail_of(z_score(tail) / spread)
    q_value = np.ones(subjects)
    q_value[tested] = benjamini_hochberg(p_value[tested])
    return Excess(jobs, failed, scale * mean, p_value, q_value, spread)


def _odds(share: float) -> float:
    return share / max(1 - share, 1e-9)


def _spread(scores: Floats) -> float:
    """The standard deviation of the middle of the scores and, of many, of their upper shoulder; at least 1."""
    if len(scores) < 4:
        return 1.0
    low, middle, high = np.quantile(scores, (0.25, 0.5, 0.75))
    spread = max(1.0, (high - low) / 1.349)
    if len(scores) >= _ENOUGH:
        spread = max(spread, (np.quantile(scores, 0.9) - max(0.0, middle)) / 1.2816)
    return float(spread)


def _distribution(expected: Expectation, subject: int, scale: float) -> Floats:
    """How one subject's failed pairs are distributed if nothing is wrong with it."""
    singles, blocks = expected.singles, expected.blocks
    alone = singles.subject == subject
    chance = np.minimum(scale * singles.chance[alone], 0.999)
    level = np.ceil(np.log10(np.maximum(chance, 1e-9)) * _LEVELS).astype(int)
    levels, place = np.unique(level, return_inverse=True)
    counts = np.bincount(place, singles.count[alone]).astype(int)
    parts = [binomial(int(n), min(0.999, 10 ** (at / _LEVELS))) for n, at in zip(counts, levels, strict=True)]
    shared = np.flatnonzero(blocks.subject == subject)
    for block in shared:
        total = blocks.alpha[block] + blocks.beta[block]
        share = min(0.999, scale * blocks.alpha[block] / total)
        parts.append(beta_binomial(int(blocks.count[block]), share * total, (1 - share) * total))
    return count_distribution(parts)


def apart(pairs: Pairs, found: Flags) -> Pairs:
    """The pairs without those of the subjects found: they are explained, and blame no job any more."""
    return pairs.where(~found[pairs.subject])
