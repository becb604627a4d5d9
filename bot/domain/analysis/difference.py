"""Whether a group fails more after a change than before it, beyond what became of all others meanwhile: a difference in
differences of log odds, tested exactly.

Each unit's chance is estimated from the others of its family and day, shrunk to the others of that day: a broken array
of jobs, or an outage of the whole cluster, raises what is expected as much as what is seen. Given all margins, the
failed units after the change have Fisher's noncentral hypergeometric distribution, whose parameter is the odds ratio of
the others (R. A. Fisher, "The logic of inductive inference", JRSS 98 (1935)). Its z-score is then lowered by what the
noise of the others adds to the variance of the log odds ratio (B. Woolf, "On estimating the relation between blood
group and disease", Ann. Hum. Genet. 19 (1955)). Units that are tied, by their job or by a family and day of which
little was seen elsewhere, count as so many independent ones as have the same variance (the effective sample size of
L. Kish, "Survey Sampling" (1965))."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from bot.domain.analysis.attempt_table import Flags, Floats, Places64
from bot.domain.analysis.statistics import tail_of, wilson, z_score

_USUAL = 0.5
"""Variance of the log odds of failing from one time to another, where nothing changed that is known: a factor of two
either way is nothing unusual. It is all there is to go by where a change concerned everybody."""
_MATTERS = 1.25
"""The odds that can be vouched for are at least so many times the expected ones."""
_OF_FAMILY, _OF_DAY = 4.0, 5.0
"""As if so many units had been seen at the wider group's chance."""
_TIED = 0.5
"""Correlation of the units of one job, and of those of one family and day of which nothing was seen elsewhere."""


@dataclass(frozen=True, slots=True)
class Ground:
    """All units that there are: whether each failed, and what ties it to others."""

    failed: Flags
    day: Places64
    """Numbers from 0 on, as are the next two."""
    kin: Places64
    """The family on a day."""
    job: Places64


@dataclass(frozen=True, slots=True)
class Cell:
    """Units of one side of a change: how many jobs they are, and how many independent units say as much."""

    jobs: int = 0
    jobs_failed: int = 0
    independent: int = 0
    independent_failed: int = 0
    chance: float = 0.0
    """Mean chance of failing by what the others did."""

    @property
    def rate(self) -> float | None:
        """Share of the jobs that failed; None of nothing."""
        return self.jobs_failed / self.jobs if self.jobs else None


@dataclass(frozen=True, slots=True)
class Table:
    """A group before and after a change, and the others, whom it did not concern, over the same time."""

    before: Cell
    after: Cell
    others_before: Cell
    others_after: Cell


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the test says."""

    p_value: float
    expected_rate: float
    """Of the group after the change, if only that had happened to it which happened to the others."""
    raised: bool
    """Whether the odds are so far above the expected ones that it matters."""


def counted(ground: Ground, units: Flags) -> tuple[int, int]:
    """How many jobs these units are of, and how many of those failed."""
    return _distinct(ground.job[units]), _distinct(ground.job[units & ground.failed])


def cells(ground: Ground, units: Flags, others: Flags) -> tuple[Cell, Cell]:
    """The cells of a group and of the others at the same time."""
    places = np.flatnonzero(others)
    lost = places[ground.failed[places]]
    days, families = (int(numbers.max(initial=-1)) + 1 for numbers in (ground.day, ground.kin))
    overall = len(lost) / max(1, len(places))
    of_day = (np.bincount(ground.day[lost], minlength=days) + _OF_DAY * overall) / (
        np.bincount(ground.day[places], minlength=days) + _OF_DAY
    )
    seen = np.bincount(ground.kin[places], minlength=families)
    bad = np.bincount(ground.kin[lost], minlength=families)

    def of(some: NDArray[np.intp]) -> Cell:
        if not len(some):
            return Cell()
        kin, job, failed = ground.kin[some], ground.job[some], ground.failed[some]
        chance = (bad[kin] + _OF_FAMILY * of_day[ground.day[some]]) / (seen[kin] + _OF_FAMILY)
        ties = (np.bincount(kin)[kin] - 1) * _OF_FAMILY / (seen[kin] + _OF_FAMILY) + np.bincount(job)[job] - 1
        weight = 1 / (1 + _TIED * ties)
        return Cell(
            jobs=_distinct(job),
            jobs_failed=_distinct(job[failed]),
            independent=max(1, round(weight.sum())),
            independent_failed=round(weight[failed].sum()),
            chance=float(np.average(chance, weights=weight)),
        )

    return of(np.flatnonzero(units)), of(places)


def judged(table: Table) -> Verdict:
    """Whether the group's rise is more than the others'. It has units on both sides."""
    before, after = table.before, table.after
    log_ratio, noise = _became(table)
    ratio = float(np.exp(log_ratio))
    own = _variance(before) + _variance(after)
    p_value = tail_of(z_score(_tail(before, after, ratio)) * float(np.sqrt(own / (own + noise))))
    odds = ratio * _odds((before.independent_failed + before.chance) / (before.independent + 1))
    low, _ = wilson(after.independent_failed, after.independent)
    return Verdict(p_value, odds / (1 + odds), _odds(low) >= _MATTERS * odds)


def _became(table: Table) -> tuple[float, float]:
    """The log of the odds ratio that the others say is due to the time alone, and its variance. A fall is believed the
    less the fewer they are, as the mean of a normal variable is by what was known of it before."""
    if not (table.others_before.jobs and table.others_after.jobs):
        return 0.0, _USUAL
    noise = _variance(table.others_before) + _variance(table.others_after)
    ratio = float(np.log(_odds(table.after.chance) / _odds(table.before.chance)))
    weight = 1.0 if ratio > 0 else _USUAL / (_USUAL + noise)
    return weight * ratio, weight * noise


def _variance(of: Cell) -> float:
    """Of the log odds; half a unit is added to each count."""
    return 1 / (of.independent_failed + 0.5) + 1 / (of.independent - of.independent_failed + 0.5)


def _tail(before: Cell, after: Cell, ratio: float) -> float:
    """The chance of at least as many failed units after the change, given all margins."""
    failed = before.independent_failed + after.independent_failed
    k = np.arange(max(0, failed - before.independent), min(after.independent, failed) + 1)
    logs = _log_choices(after.independent, k) + _log_choices(before.independent, failed - k) + k * np.log(ratio)
    weights = np.exp(logs - logs.max())
    return float(min(1.0, weights[k >= after.independent_failed].sum() / weights.sum()))


def _log_choices(of: int, k: Places64) -> Floats:
    return np.asarray(gammaln(of + 1) - gammaln(k + 1) - gammaln(of - k + 1))


def _odds(share: float) -> float:
    return max(share, 1e-9) / max(1 - share, 1e-9)


def _distinct(numbers: Places64) -> int:
    return int(np.count_nonzero(np.bincount(numbers)))
