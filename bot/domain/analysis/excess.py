"""Which subjects fail more of their jobs than those jobs fail elsewhere: the test that hot nodes and bad images share.

It is two tests in one. The first compares all of a subject's failed pairs with their expectation (expectation.py). The
second looks only at jobs that failed in one place and ran well in another, where each job is its own control (the
exact form of the test of Q. McNemar, Psychometrika 12 (1947)); it sees a bad node through the noise of jobs that fail
anyway. It speaks only where the first one agrees at least a little, since retries may prefer other nodes than first
attempts do. The smaller p-value counts, twice.

What no expectation can know (hardware pools, users without a name) spreads all subjects more than it says; the spread
of the middle of them is measured and allowed for (the empirical null of B. Efron, "Large-scale simultaneous hypothesis
testing", JASA 99 (2004)). At last the p-values are corrected for the number of subjects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from bot.domain.analysis.evidence import Flags, Floats
from bot.domain.analysis.expectation import Expectation, expectation, mixed, within_jobs
from bot.domain.analysis.exposure import Pairs
from bot.domain.analysis.statistics import (
    benjamini_hochberg,
    binomial,
    count_distribution,
    tail_of,
    tied_binomial,
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
_AGREES = 0.2
"""p-value of the first test from which the second may speak."""
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

    raised: Flags
    """Whether the odds to fail that can be vouched for are so far above the expected ones that it matters."""

    def stands_out(self, q_value: float, threshold: int) -> Flags:
        """Which subjects to report: beyond chance, with enough failed jobs, and by an amount that matters."""
        return np.asarray((self.q_value < q_value) & (self.failed >= threshold) & self.raised)


def excess(pairs: Pairs, subjects: int) -> Excess:
    """The test of every subject that these pairs know."""
    jobs, failed = _counts(pairs, subjects)
    if not pairs.failed.any():
        ones = np.ones(subjects)
        return Excess(jobs, failed, np.zeros(subjects), ones, ones, np.zeros(subjects, dtype=bool))
    every = judged(jobs, failed, expectation(pairs, subjects))
    some = pairs.where(mixed(pairs))
    if not len(some):
        return every
    matched = judged(*_counts(some, subjects), within_jobs(some))
    better = np.where(every.p_value < _AGREES, np.minimum(every.p_value, matched.p_value), every.p_value)
    p_value = np.minimum(1.0, 2 * better)
    raised = every.raised | (matched.raised & (every.p_value < _AGREES))
    return Excess(jobs, failed, every.expected, p_value, _corrected(p_value, jobs), raised)


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
    raised = np.zeros(subjects, dtype=bool)
    for subject in np.flatnonzero(tested & (score > _WORTH_EXACT * spread)):
        tail = upper_tail(_distribution(expected, int(subject), scale), int(failed[subject]))
        p_value[subject] = tail_of(z_score(tail) / spread)
        low, _ = wilson(failed[subject], jobs[subject])
        raised[subject] = _odds(low) >= _MATTERS * _odds(scale * mean[subject] / jobs[subject])
    return Excess(jobs, failed, scale * mean, p_value, _corrected(p_value, jobs), raised)


def _counts(pairs: Pairs, subjects: int) -> tuple[Floats, Floats]:
    """By subject: pairs, and failed ones."""
    jobs = np.bincount(pairs.subject, minlength=subjects).astype(np.float64)
    return jobs, np.bincount(pairs.subject[pairs.failed], minlength=subjects).astype(np.float64)


def _corrected(p_value: Floats, jobs: Floats) -> Floats:
    """The q-values of the subjects that have a pair."""
    q_value = np.ones(len(p_value))
    q_value[jobs > 0] = benjamini_hochberg(p_value[jobs > 0])
    return q_value


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
    alone, of = singles.subject == subject, np.flatnonzero(blocks.subject == subject)
    single, shared = of[blocks.count[of] == 1], of[blocks.count[of] > 1]
    chance = np.minimum(scale * np.concatenate((singles.chance[alone], blocks.chance[single])), 0.999)
    count = np.concatenate((singles.count[alone], np.ones(len(single))))
    level = np.ceil(np.log10(np.maximum(chance, 1e-9)) * _LEVELS).astype(int)
    levels, place = np.unique(level, return_inverse=True)
    counts = np.bincount(place, count).astype(int)
    parts = [binomial(int(n), min(0.999, 10 ** (at / _LEVELS))) for n, at in zip(counts, levels, strict=True)]
    for block in shared:
        mean = min(0.999, scale * float(blocks.chance[block]))
        parts.append(tied_binomial(int(blocks.count[block]), mean, float(blocks.correlation[block])))
    return count_distribution(parts)


def apart(pairs: Pairs, found: Flags) -> Pairs:
    """The pairs without those of the subjects found: they are explained, and blame no job any more."""
    return pairs.where(~found[pairs.subject])
