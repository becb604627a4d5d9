"""The exact conditional test of stratified 2×2 tables: whether a subject's share of the failures is more than luck.

In each stratum so many units ran on the subject and so many elsewhere, and so many of them all failed. Given these
totals, and if the subject is like the others, the failed ones on it have a hypergeometric distribution; over all strata
they are summed, and so are the distributions convolved (W. G. Cochran, "Some methods for strengthening the common χ²
tests", Biometrics 10 (1954); N. Mantel, W. Haenszel, "Statistical aspects of the analysis of data from retrospective
studies of disease", JNCI 22 (1959)). How often units fail elsewhere is not estimated: where little is known of it, the
distribution is wide.

What no stratum knows of (hardware pools, users without a name) spreads the z-scores of all subjects. The spread of the
middle of them is measured and allowed for (the empirical null of B. Efron, "Large-scale simultaneous hypothesis
testing", JASA 99 (2004))."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import NamedTuple, Self

import numpy as np
from scipy.special import ndtr

from bot.domain.analysis.attempt_table import Codes, Flags, Floats, Places64
from bot.domain.analysis.exposure import Pairs
from bot.domain.analysis.grouping import grouped, summed
from bot.domain.analysis.statistics import (
    count_distribution,
    hypergeometrics,
    odds,
    tail_of,
    upper_tail,
    wilson,
    z_score,
)
from bot.domain.analysis.strata import Clusters, units

MATTERS = 1.5
"""The odds to fail that can be vouched for are at least so many times those of the same jobs elsewhere. With enough
jobs every small difference is beyond chance; people can only act on one that matters."""
_LOOK = 1.5
"""Standard deviations, roughly, from which a subject's tables are made, one for each stratum."""
_HIGH = 2.5
"""Standard deviations from which the exact tail is computed: below, no finding is in reach."""
_SEEN = 0.5
"""Expected failures from which a z-score says something of the spread."""
_ENOUGH = 20
"""Scores that it takes to measure their spread by its upper quantile too."""


@dataclass(frozen=True, slots=True)
class Tables:
    """2×2 tables; all arrays have shape (tables,)."""

    subject: Codes
    here: Floats
    """Units on the subject, and the failed ones of them."""
    failed_here: Floats
    all: Floats
    """Units of the stratum, and the failed ones of them."""
    all_failed: Floats

    def where(self, mask: Flags | Places64) -> Self:
        """Some of them."""
        return type(self)(*(getattr(self, each.name)[mask] for each in fields(self)))

    def elsewhere(self) -> Floats:
        """The rate at which each stratum fails on other subjects; what was seen here, where there are none."""
        alone = self.all == self.here
        failed = np.where(alone, self.failed_here, self.all_failed - self.failed_here)
        return np.asarray(failed / np.where(alone, self.here, self.all - self.here))


class Moments(NamedTuple):
    """Of each subject the failed units, how many there should be if it is like the others, and the variance of that."""

    failed: Floats
    expected: Floats
    variance: Floats

    @property
    def score(self) -> Floats:
        """Standard deviations above the expectation; 0 where nothing is known."""
        spread = np.sqrt(np.maximum(self.variance, 1e-12))
        return np.asarray(np.where(self.variance > 0, (self.failed - self.expected) / spread, 0.0))

    @property
    def empirical_null(self) -> float:
        """The standard deviation of the middle of the scores and, of many, of their upper shoulder; at least 1."""
        scores = self.score[(self.variance > 0) & (self.expected > _SEEN)]
        if len(scores) < 4:
            return 1.0
        low, middle, high = np.quantile(scores, (0.25, 0.5, 0.75))
        spread = max(1.0, (high - low) / 1.349)
        if len(scores) >= _ENOUGH:
            spread = max(spread, (np.quantile(scores, 0.9) - max(0.0, middle)) / 1.2816)
        return float(spread)


@dataclass(frozen=True, slots=True)
class ConditionalTest:
    """What the test says of each subject; all arrays have shape (subjects,)."""

    units: Floats
    failed: Floats
    expected: Floats
    """Failed units, if the subject is like the others."""
    p_value: Floats
    elsewhere: Floats
    """The rate at which these jobs' strata fail on other subjects, 0 to 1; roughly, of those that do not stand out."""

    def effect_size(self, subject: int) -> float:
        """The lower end of the 95 % interval of the subject's odds to fail, as a multiple of the odds elsewhere."""
        low, _ = wilson(float(self.failed[subject]), float(self.units[subject]))
        return odds(low) / max(odds(float(self.elsewhere[subject])), 1e-9)

    def matters(self, subject: int) -> bool:
        """Whether the difference is one that people can act on."""
        return self.effect_size(subject) >= MATTERS


def compared(pairs: Pairs, subjects: int, *, proven: bool) -> ConditionalTest:
    """The test of every subject that these pairs have; `proven` as for `units`."""
    some = units(pairs, subjects, proven=proven)
    size = int(some.stratum.max()) + 1
    totals = (summed(some.stratum, each, size)[some.stratum] for each in (some.count, some.failed))
    rough = Tables(some.subject, some.count, some.failed, *totals)
    expected = moments(rough, subjects + 1)
    wide = expected.empirical_null
    elsewhere = _averaged(some, rough.all_failed / rough.all, subjects + 1)
    p_value = np.asarray(np.maximum(ndtr(-expected.score / wide), tail_of(_HIGH)))
    likely = expected.score > _LOOK * wide
    likely[subjects] = False
    if likely.any():
        rows = np.flatnonzero(likely[some.subject])
        tables, each = _by_stratum(some.where(rows), rough.where(rows))
        p_value = np.where(likely, p_values(tables, subjects + 1, wide), p_value)
        elsewhere = np.where(likely, _averaged(each, tables.elsewhere(), subjects + 1), elsewhere)
    ran = summed(some.subject, some.count, subjects + 1)
    return ConditionalTest(*(each[:subjects] for each in (ran, expected.failed, expected.expected, p_value, elsewhere)))


def _by_stratum(some: Clusters, tables: Tables) -> tuple[Tables, Clusters]:
    """One table for each stratum and subject, and its units as one."""
    width = int(some.subject.max()) + 1
    cell, place = grouped(some.stratum * width + some.subject)
    first = np.empty(len(cell), np.int64)
    first[place] = np.arange(len(place))
    columns = (some.count, some.failed, some.jobs, some.jobs_failed)
    count, failed, jobs, jobs_failed = (summed(place, each, len(cell)) for each in columns)
    subject = some.subject[first]
    return (
        Tables(subject, count, failed, tables.all[first], tables.all_failed[first]),
        Clusters(subject, some.stratum[first], count, failed, jobs, jobs_failed),
    )


def _averaged(some: Clusters, rate: Floats, subjects: int) -> Floats:
    """The mean of a rate over the jobs of each subject."""
    jobs = summed(some.subject, some.jobs, subjects)
    return np.asarray(summed(some.subject, some.jobs * rate, subjects) / np.maximum(jobs, 1))


def moments(tables: Tables, subjects: int) -> Moments:
    """Mean and variance of the hypergeometric distributions, summed over the tables of each subject."""
    share = tables.all_failed / tables.all
    mean = tables.here * share
    variance = mean * (1 - share) * (tables.all - tables.here) / np.maximum(tables.all - 1, 1)
    return Moments(*(summed(tables.subject, each, subjects) for each in (tables.failed_here, mean, variance)))


def p_values(tables: Tables, subjects: int, wide: float) -> Floats:
    """The p-value of each subject, shape (subjects,), where scores are so many times as wide as they should be."""
    expected = moments(tables, subjects)
    score = expected.score
    p_value = np.asarray(np.where(expected.variance > 0, np.maximum(ndtr(-score / wide), tail_of(_HIGH)), 1.0))
    for one in np.flatnonzero(score > _HIGH * wide):
        tail = hypergeometric_sf(tables.where(tables.subject == one))
        p_value[one] = tail_of(z_score(tail) / wide)
    return p_value


def hypergeometric_sf(tables: Tables) -> float:
    """The chance that at least so many units fail on one subject as did, over these tables of it: the survival function
    of a sum of independent hypergeometric variables."""
    certain = (tables.all_failed == 0) | (tables.all_failed == tables.all) | (tables.here == tables.all)
    left = tables.where(~certain)
    return upper_tail(
        count_distribution(hypergeometrics(left.all, left.all_failed, left.here)), int(left.failed_here.sum())
    )
