"""Which subjects fail more of their jobs than those jobs fail elsewhere: what hot nodes and bad images have in common.

The exact conditional test (mantel_haenszel.py) is asked twice: of all jobs, and of those that ran well somewhere, with
which nothing can be wrong: it sees a bad node through the noise of jobs that fail anyway. Either is asked of the whole
period and of its worst windows (windows.py). The smallest p-value counts, as often as was asked; the false discovery
rate over all subjects is held (Benjamini and Hochberg). What was found is left out, and the rest is looked at again:
its victims else make others look healthy, or the jobs that met it look broken."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from bot.domain.analysis.attempt_table import Flags
from bot.domain.analysis.exposure import Pairs
from bot.domain.analysis.mantel_haenszel import ConditionalTest, compared
from bot.domain.analysis.statistics import benjamini_hochberg
from bot.domain.analysis.windows import Window, worst_windows

Q_VALUE = 0.01
"""At most this share of the subjects found is found by chance."""
_ROUNDS = 8
_AGREES = 0.2
"""p-value over all jobs from which the jobs that ran well somewhere may speak: retries may prefer other nodes."""
_STANDS_OUT = 0.01
"""p-value from which on nothing stands out."""
_NEGLIGIBLE = 0.02
"""Share of the failed pairs whose leaving out changes nobody's verdict enough to look again."""
_BETTER = 0.001
"""How much smaller the p-value of a window has to be than that of the whole period, to say better when it was."""
_RETRIED, _RETRIED_SHARE = 10, 0.02
"""From so many failures of jobs that ran well elsewhere, and such a share of all, retries are the rule."""


@dataclass(frozen=True, slots=True)
class Attribution:
    """That failures are a subject's."""

    subject: int
    q_value: float
    elsewhere: float
    """The rate of the same jobs on other subjects over the whole period, 0 to 1."""
    window: Window | None = None
    """The time that shows it best, where that is not the whole period, and the rate elsewhere in it."""
    elsewhere_then: float = 0.0


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What is asked about subjects."""

    subjects: int
    nameless: bool = False
    """Whether nobody knows whose the jobs are: a mistake that its user sends again and again then looks like a bad
    subject. Where jobs are retried as a rule, those that ran well elsewhere decide alone."""
    retries: bool = True
    """Whether jobs that ran well elsewhere say anything: with images they do not, a retry has the same one."""
    windows: bool = True


def attributed(pairs: Pairs, inquiry: Inquiry, holds: Callable[[Attribution, Pairs], bool]) -> dict[int, Attribution]:
    """The subjects found, by number. `holds` has the last word on each, given the pairs that it was found among."""
    found: dict[int, Attribution] = {}
    left = pairs
    for _ in range(_ROUNDS):
        new = [one for one in flagged(left, inquiry) if holds(one, left)]
        found |= {one.subject: one for one in new}
        others = left.where(~np.isin(left.subject, [one.subject for one in new]))
        if left.failed.sum() - others.failed.sum() <= _NEGLIGIBLE * left.failed.sum():
            break
        left = others
    return found


def flagged(pairs: Pairs, inquiry: Inquiry) -> list[Attribution]:
    """The subjects that stand out among these pairs: beyond chance, and by an amount that matters."""
    if not pairs.failed.any():
        return []
    size, whole = inquiry.subjects, compared(pairs, inquiry.subjects, proven=False)
    smallest, window, asked = np.ones(size), dict[int, Window](), 0
    for some, test, speaks, ran_well in _populations(pairs, inquiry, whole):
        asked += 1 + inquiry.windows
        smallest = np.where(speaks, np.minimum(smallest, test.p_value), smallest)
        worst = worst_windows(some, smallest, proven=ran_well) if inquiry.windows else {}
        for one, found in worst.items():
            if found.p_value < _BETTER * smallest[one]:
                window[one] = found
            smallest[one] = min(smallest[one], found.p_value)
    ran = whole.units > 0
    q_value = np.ones(size)
    q_value[ran] = benjamini_hochberg(np.minimum(1.0, asked * smallest[ran]))
    plain = (
        Attribution(one, float(q_value[one]), float(whole.elsewhere[one]))
        for one in np.flatnonzero(q_value < Q_VALUE).tolist()
    )
    return [_in_window(one, window[one.subject], pairs, size) if one.subject in window else one for one in plain]


def _populations(
    pairs: Pairs, inquiry: Inquiry, whole: ConditionalTest
) -> Iterator[tuple[Pairs, ConditionalTest, Flags, bool]]:
    """All jobs, and those that ran well somewhere: each with its test, the subjects of which that may speak, and
    whether they are the latter."""
    proven = pairs.where(pairs.proven)
    lost = int(proven.failed.sum()) if inquiry.retries else 0
    if not (inquiry.nameless and retried(lost, int(pairs.failed.sum()))):
        yield pairs, whole, _mattering(whole), False
    if lost:
        test = compared(proven, inquiry.subjects, proven=True)
        agreeing = (whole.failed > whole.expected) & (whole.p_value < _AGREES)
        yield proven, test, _mattering(test) & agreeing, True


def _in_window(one: Attribution, window: Window, pairs: Pairs, subjects: int) -> Attribution:
    inside = np.flatnonzero((pairs.at >= window.since) & (pairs.at < window.until))
    then = compared(pairs.where(inside), subjects, proven=False)
    return replace(one, window=window, elsewhere_then=float(then.elsewhere[one.subject]))


def retried(well: int, failed: int) -> bool:
    """Whether retries are the rule, where of so many failures so many were of jobs that ran well elsewhere."""
    return well >= max(_RETRIED, _RETRIED_SHARE * failed)


def _mattering(test: ConditionalTest) -> Flags:
    """Of the subjects that may stand out, those whose difference matters."""
    speaks = test.p_value < _STANDS_OUT
    for one in np.flatnonzero(speaks):
        speaks[one] = test.matters(int(one))
    return speaks
