"""When a subject was bad: the window inside the period in which it failed most.

A scan statistic (M. Kulldorff, "A spatial scan statistic", Comm. Stat. Theory Methods 26 (1997)): a node that was bad
for a day and good for months is found by that day. Windows of some hours to some weeks slide over the period; the
likeliest ones are tested like a period of their own, and their p-values pay for every window that there is: half of
what may be spent on false alarms goes to those that end with the period, since what is bad now matters most."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from bot.domain.analysis.attempt_table import HOUR_MS, Floats, Places64
from bot.domain.analysis.exposure import Pairs
from bot.domain.analysis.grouping import runs_of, summed
from bot.domain.analysis.mantel_haenszel import compared

SPAN_MS = 6 * HOUR_MS
"""The unit of time in which windows begin and end, from midnight on (UTC)."""
_LENGTHS = (1, 2, 4, 12, 28, 56)
"""Windows, in spans: 6 and 12 hours, 1 and 3 days, 1 and 2 weeks."""
_MOST_TESTED = 10
_HARDLY = 0.01
"""p-values above this are not worth a test: a likelihood ratio is about one over the p-value."""
_AS_GOOD = 1000.0
"""Of two windows whose p-values differ by less than this factor the shorter one says better when it was."""
_FEWEST = 3
"""Failed pairs that a window has at least."""
_DOUBT = 20.0
"""Pairs' worth of weight that a span has to outdo to count as a bad one for everybody."""
_MOST = 0.98
"""The highest chance to fail that is expected of anything."""


@dataclass(frozen=True, slots=True)
class Window:
    """A subject's worst time, in milliseconds since 1970 (UTC)."""

    since: int
    until: int
    p_value: float
    """Which pays for all windows."""


class _Likely(NamedTuple):
    """A window of a subject, in spans, and by how much likelier its failures are at the rate they came with."""

    begin: int
    length: int
    subject: int
    ratio: float


def worst_windows(pairs: Pairs, otherwise: Floats, *, proven: bool) -> dict[int, Window]:
    """The worst window of each subject that has one worth a test.

    Args:
        pairs: What is looked at.
        otherwise: The p-value of each subject over the whole period, shape (subjects,): what a window has to beat.
        proven: As for `compared`.
    """
    span = pairs.at // SPAN_MS
    first = int(span.min())
    span -= first
    last = int(span.max()) + 1
    lengths = [length for length in _LENGTHS if length < last]
    tried = sum(last + 1 - length for length in lengths)
    if not tried:
        return {}
    windows: dict[tuple[int, int], list[_Likely]] = defaultdict(list)
    bar = np.maximum(np.log(tried / _HARDLY), np.log(_AS_GOOD) - np.log(np.maximum(otherwise, 1e-300)))
    for one in _likely(pairs, span, bar, lengths):
        windows[one.begin, one.length].append(one)
    chosen = sorted(windows.items(), key=lambda item: (-max(one.ratio for one in item[1]), item[0]))[:_MOST_TESTED]
    found: dict[int, list[Window]] = defaultdict(list)
    for (begin, length), who in chosen:
        inside = np.flatnonzero((span >= begin) & (span < begin + length))
        test = compared(pairs.where(inside), len(otherwise), proven=proven)
        paid = 2 * (len(lengths) if begin + length == last else tried)
        since = (first + begin) * SPAN_MS
        for one in who:
            if test.matters(one.subject):
                p_value = min(1.0, paid * float(test.p_value[one.subject]))
                found[one.subject].append(Window(since, since + length * SPAN_MS, p_value))
    return {subject: _best(each) for subject, each in found.items()}


def _best(windows: list[Window]) -> Window:
    """The shortest of those that are about as unlikely as the unlikeliest, with the p-value of that one."""
    least = min(one.p_value for one in windows)
    short = min((one for one in windows if one.p_value <= _AS_GOOD * least), key=lambda one: one.until - one.since)
    return replace(short, p_value=least)


def _likely(pairs: Pairs, span: Places64, bar: Floats, lengths: list[int]) -> Iterator[_Likely]:
    """The likeliest window of each length of each subject whose logarithm of the likelihood ratio is above its bar."""
    shape = (len(bar), int(span.max()) + 1)
    cell = pairs.subject.astype(np.int64) * shape[1] + span
    columns = (pairs.failed, _chance(pairs, span), np.ones(len(cell)))
    grids = [_cumulated(summed(cell, each, shape[0] * shape[1]).reshape(shape)) for each in columns]
    for length in lengths:
        failed, expected, count = (grid[:, length:] - grid[:, :-length] for grid in grids)
        subject, begin = np.nonzero((failed >= _FEWEST) & (failed > expected))
        ratio = _likelihood_ratio(*(each[subject, begin] for each in (failed, expected, count)))
        high = ratio > bar[subject]
        subject, begin, ratio = subject[high], begin[high], ratio[high]
        order = np.lexsort((begin, -ratio, subject))
        for at in order[runs_of(subject)]:
            yield _Likely(int(begin[at]), length, int(subject[at]), float(ratio[at]))


def _likelihood_ratio(failed: Floats, expected: Floats, count: Floats) -> Floats:
    """The logarithm of the likelihood ratio of binomial counts; all of one shape."""
    share, chance = failed / count, np.clip(expected / count, 1e-9, _MOST)
    ratio = failed * np.log(share / chance)
    return np.asarray(ratio + (count - failed) * np.log(np.maximum(1 - share, 1e-9) / (1 - chance)))


def _chance(pairs: Pairs, span: Places64) -> Floats:
    """Roughly each pair's chance to fail: its kin's, raised in spans in which more fail than that."""
    overall, kin = float(pairs.failed.mean()), pairs.kin
    size = int(kin.max()) + 1
    count, failed = np.bincount(kin, minlength=size), summed(kin, pairs.failed, size)
    chance = ((failed + 2 * overall) / (count + 2))[kin]
    size = int(span.max()) + 1
    raised = np.maximum(1.0, (summed(span, pairs.failed, size) + _DOUBT) / (summed(span, chance, size) + _DOUBT))
    return np.asarray(np.minimum(_MOST, chance * raised[span]))


def _cumulated(grid: Floats) -> Floats:
    """Summed up from the first span on."""
    return np.pad(np.cumsum(grid, axis=1), ((0, 0), (1, 0)))
