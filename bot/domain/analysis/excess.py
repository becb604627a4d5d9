"""Which subjects fail more of their jobs than those jobs fail elsewhere: the test that hot nodes and bad images share.

It is two tests in one. The first compares all of a subject's failed pairs with their expectation (expectation.py). The
second looks only at jobs that ran well somewhere (proven.py); it sees a bad node through the noise of jobs that fail
anyway, and it sees when it was bad (spells.py). It speaks only where the first one agrees at least a little, since
retries may prefer other nodes than first attempts do. The smallest p-value counts, as often as there were tests.

What no expectation can know (hardware pools, users without a name) spreads all subjects more than it says; the spread
of the middle of them is measured and allowed for (the empirical null of B. Efron, "Large-scale simultaneous hypothesis
testing", JASA 99 (2004)). At last the p-values are corrected for the number of subjects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from bot.domain.analysis.attempt_table import Flags, Floats
from bot.domain.analysis.expectation import Expectation, expectation, no_singles
from bot.domain.analysis.exposure import Pairs
from bot.domain.analysis.proven import of_proven, proven
from bot.domain.analysis.spells import Spells, spells
from bot.domain.analysis.statistics import (
    benjamini_hochberg,
    exact_tail,
    tail_of,
    upper_tail,
    z_score,
)
from bot.domain.analysis.surprise import distribution, raised, spread

_WORTH_EXACT = 2.0
_WORTH_EXACT_OF_MANY = 3.0
_MANY = 50
"""Standard deviations above which the exact tail is computed, and from how many subjects on the second holds; below,
q < 0.01 is out of reach, unless a quarter of them are bad."""
_AGREES = 0.2
"""p-value of the first test from which the second may speak."""
_FEW, _LITTLE = 6, 30
"""Failed pairs of a subject, and of all others, below which no expectation does without plain counting."""
_RETRIED, _RETRIED_SHARE = 10, 0.02
"""From so many failures of jobs that ran well elsewhere, and such a share of all, retries are the rule."""


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
    spells: Spells | None = None
    """The worst time of each, where that was looked for."""

    def stands_out(self, q_value: float) -> Flags:
        """Which subjects are beyond chance, and by an amount that matters."""
        return np.asarray((self.q_value < q_value) & self.raised)


def excess(pairs: Pairs, subjects: int, *, within: bool = False, nameless: bool = False) -> Excess:
    """The test of every subject that these pairs know; `within` looks for spells inside the period too. Where the jobs
    are `nameless` (nobody knows whose they are), a mistake that its user sends again and again looks like a bad
    subject to the first test; there the second decides alone, if enough jobs are retried elsewhere."""
    jobs, failed = _counts(pairs, subjects)
    if not pairs.failed.any():
        ones = np.ones(subjects)
        return Excess(jobs, failed, np.zeros(subjects), ones, ones, np.zeros(subjects, dtype=bool))
    every = judged(jobs, failed, expectation(pairs, subjects), plainly=True)
    some = pairs.where(proven(pairs))
    if not some.failed.any():
        return every
    good = of_proven(some)
    matched = judged(*_counts(some, subjects), Expectation(no_singles(), good.blocks))
    agreed = every.p_value < _AGREES
    alone = nameless and retried(int(some.failed.sum()), int(pairs.failed.sum()))
    first = np.ones(subjects) if alone else every.p_value
    better = np.where(agreed, np.minimum(first, matched.p_value), first)
    raises = (every.raised & (not alone)) | (matched.raised & agreed)
    if not within:
        p_value = np.minimum(1.0, 2 * better)
        return Excess(jobs, failed, every.expected, p_value, _corrected(p_value, jobs), raises)
    worst = spells(pairs, good, subjects, better)
    p_value = np.minimum(1.0, 3 * worst.p_value)
    return Excess(jobs, failed, every.expected, p_value, _corrected(p_value, jobs), raises | worst.best, worst)


def retried(well: int, failed: int) -> bool:
    """Whether retries are the rule, where of so many failures so many were of jobs that ran well elsewhere."""
    return well >= max(_RETRIED, _RETRIED_SHARE * failed)


def judged(jobs: Floats, failed: Floats, expected: Expectation, *, plainly: bool = False) -> Excess:
    """The test of subjects with so many pairs, of which so many failed, against what was expected of them; where little
    failed at all, what is counted `plainly` has to be surprising too."""
    subjects = len(jobs)
    mean, variance = expected.mean(subjects), expected.variance(subjects)
    # Estimates that leave the subject out need not add up to what was seen; what all are short of is no one's fault.
    scale = float(failed.sum() / mean.sum())
    tested = jobs > 0
    score = (failed - scale * mean) / np.sqrt(np.maximum(scale * variance, 1e-12))
    wide = spread(score[tested & (mean > 0.5)])
    worth = _WORTH_EXACT_OF_MANY if tested.sum() >= _MANY else _WORTH_EXACT
    p_value = np.where(tested, np.maximum(ndtr(-score / wide), tail_of(worth)), 1.0)
    raises = np.zeros(subjects, dtype=bool)
    for subject in np.flatnonzero(tested & (score > worth * wide)):
        tail = upper_tail(distribution(expected, int(subject), scale), int(failed[subject]))
        if plainly and failed[subject] < _FEW and failed.sum() - failed[subject] < _LITTLE:
            counts = (failed[subject], jobs[subject], failed.sum(), jobs.sum())
            tail = max(tail, exact_tail(*map(int, counts)))
        p_value[subject] = tail_of(z_score(tail) / wide)
        raises[subject] = raised(failed[subject], jobs[subject], scale * mean[subject])
    return Excess(jobs, failed, scale * mean, p_value, _corrected(p_value, jobs), raises)


def _counts(pairs: Pairs, subjects: int) -> tuple[Floats, Floats]:
    """By subject: pairs, and failed ones."""
    jobs = np.bincount(pairs.subject, minlength=subjects).astype(np.float64)
    return jobs, np.bincount(pairs.subject[pairs.failed], minlength=subjects).astype(np.float64)


def _corrected(p_value: Floats, jobs: Floats) -> Floats:
    """The q-values of the subjects that have a pair."""
    q_value = np.ones(len(p_value))
    q_value[jobs > 0] = benjamini_hochberg(p_value[jobs > 0])
    return q_value


def apart(pairs: Pairs, found: Flags) -> Pairs:
    """The pairs without those of the subjects found: they are explained, and blame no job any more."""
    return pairs.where(~found[pairs.subject])
