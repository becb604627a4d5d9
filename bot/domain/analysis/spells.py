"""When a subject was bad: the windows inside the period in which it failed jobs that ran well somewhere.

A scan statistic (M. Kulldorff, "A spatial scan statistic", Comm. Stat. Theory Methods 26 (1997)): a subject that was
bad for a day and good for months is found by that day. Windows of some hours to some weeks slide over the period; of
each length the worst window of a subject is tested exactly, and its p-value pays for every window that was tried."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bot.domain.analysis.attempt_table import Counts, Flags, Floats, Places64
from bot.domain.analysis.expectation import Expectation, no_singles
from bot.domain.analysis.exposure import Pairs
from bot.domain.analysis.proven import SPAN_HOURS, Timed
from bot.domain.analysis.statistics import tail_of, upper_tail, z_score
from bot.domain.analysis.surprise import distribution, raised, spread

_LENGTHS = (1, 2, 4, 12, 28, 56)
"""Windows, in spans: 6 and 12 hours, 1 and 3 days, 1 and 2 weeks."""
_HARDLY = 0.01
"""p-values above this are not worth an exact test: a likelihood ratio is about one over the p-value."""
_AS_GOOD = 1000.0
"""Of two windows whose p-values differ by less than this factor the shorter one says better when it was."""
_TINY = 1e-300
_BETTER = 7.0
"""By how much the logarithm of such a p-value may be wrong."""
_FAR = 4.0
"""Standard deviations, with the ties that the likelihood ratio knows nothing of, below which no tail is so small."""
_AGREES = 0.84
"""Standard deviations by which all pairs of the window fail more than those elsewhere at that time (p < 0.2): retries
may prefer other subjects than first attempts do."""
_FEWEST = 3
"""Failed pairs that a window has at least."""
_TIME_STRENGTH = 50.0
"""Pairs' worth of weight that the whole period's rate has in the rate of a span."""


@dataclass(frozen=True, slots=True)
class Spells:
    """By subject: how surprising its worst window is, which pays for all windows; and that window, in hours."""

    p_value: Floats
    since: Places64
    until: Places64
    best: Flags
    """Whether it says more than the period as a whole."""


def spells(pairs: Pairs, good: Timed, subjects: int, otherwise: Floats) -> Spells:
    """The worst window of each subject; `good` is what is expected of those of the pairs whose jobs are proven, and
    `otherwise` the p-values of the period as a whole."""
    none = np.zeros(subjects, np.int64)
    found = Spells(otherwise.copy(), none, none.copy(), np.zeros(subjects, bool))
    spans = int(pairs.hour.max(initial=0)) // SPAN_HOURS + 1
    lengths = [length for length in _LENGTHS if length < spans]
    if not lengths:
        return found
    tried = sum(spans - length + 1 for length in lengths)
    everything, grid = _Grid.of_all(pairs, subjects, spans), _Grid.of_good(good, subjects, spans)
    least = np.log(tried) - np.minimum(np.log(_HARDLY), np.log(np.maximum(otherwise, _TINY)) + _BETTER)
    wide = 1.0
    for length in reversed(lengths):
        windows = grid.window(length)
        wide = max(wide, windows.spread(length))
        likely = (everything.window(length).score > _AGREES) & (windows.score > _FAR * wide)
        for subject, span in windows.worst(likely, least):
            since, until = span * SPAN_HOURS, (span + length) * SPAN_HOURS
            p_value, matters = _tested(good.between(subject, since, until), subject, wide)
            best = found.p_value[subject]
            if matters and tried * p_value < best * (_AS_GOOD if found.best[subject] else 1.0):
                found.p_value[subject] = min(best, tried * p_value)
                found.since[subject], found.until[subject], found.best[subject] = since, until, True
    return found


def _tested(window: Timed, subject: int, wide: float) -> tuple[float, bool]:
    """The p-value of a window, and whether it matters."""
    failed, blocks = int(window.failed.sum()), window.blocks
    tail = upper_tail(distribution(Expectation(no_singles(), blocks), subject, 1.0), failed)
    expected = float(blocks.count @ blocks.chance)
    return tail_of(z_score(tail) / wide), raised(failed, float(blocks.count.sum()), expected)


@dataclass(frozen=True, slots=True)
class _Grid:
    """By subject and span, summed up from the first span on: failed pairs, expected ones, and the variance of those."""

    failed: Floats
    mean: Floats
    variance: Floats

    @classmethod
    def of_good(cls, good: Timed, subjects: int, spans: int) -> _Grid:
        """The pairs of proven jobs."""
        blocks = good.blocks
        cell = blocks.subject.astype(np.int64) * spans + good.hour // SPAN_HOURS
        columns = (good.failed, blocks.count * blocks.chance, blocks.variance)
        shape = (subjects, spans)
        return cls(*(_summed(np.bincount(cell, each, subjects * spans).reshape(shape)) for each in columns))

    @classmethod
    def of_all(cls, pairs: Pairs, subjects: int, spans: int) -> _Grid:
        """All pairs, expected to fail as often as those on other subjects in the same span."""
        cell = pairs.subject.astype(np.int64) * spans + pairs.hour // SPAN_HOURS
        count = np.bincount(cell, minlength=subjects * spans).reshape(subjects, spans)
        failed = np.bincount(cell[pairs.failed], minlength=subjects * spans).reshape(subjects, spans)
        doubt = _TIME_STRENGTH * pairs.failed.mean()
        rate = (failed.sum(0) - failed + doubt) / (count.sum(0) - count + _TIME_STRENGTH)
        return cls(_summed(failed), _summed(count * rate), _summed(count * rate * (1 - rate)))

    def window(self, length: int) -> _Windows:
        """All windows of this length."""
        return _Windows(
            *(column[:, length:] - column[:, :-length] for column in (self.failed, self.mean, self.variance))
        )


@dataclass(frozen=True, slots=True)
class _Windows:
    """By subject and first span of a window: failed pairs, expected ones, and the variance of those."""

    failed: Floats
    mean: Floats
    variance: Floats

    @property
    def score(self) -> Floats:
        """Standard deviations above what was expected."""
        return (self.failed - self.mean) / np.sqrt(np.maximum(self.variance, 1e-9))

    def spread(self, length: int) -> float:
        """How much wider than expected the scores lie, of windows that do not overlap."""
        return spread(self.score[:, ::length][self.mean[:, ::length] > 0.5])

    def worst(self, likely: Flags, least: Floats) -> Iterator[tuple[int, int]]:
        """Each subject that may have a bad window among the likely ones, and the first span of the likeliest: by how
        much likelier its failures are at the rate they came with (of Poisson counts; a logarithm, `least` at least)."""
        rise = self.failed * np.log(np.maximum(self.failed, 1) / np.maximum(self.mean, 1e-9)) - self.failed + self.mean
        rise = np.where(likely & (self.failed >= _FEWEST) & (self.failed > self.mean), rise, 0.0)
        best = rise.argmax(axis=1)
        for subject in np.flatnonzero(rise[np.arange(len(best)), best] > least):
            yield int(subject), int(best[subject])


def _summed(column: Floats | Counts) -> Floats:
    return np.asarray(np.pad(np.cumsum(column, axis=1), ((0, 0), (1, 0))), np.float64)
