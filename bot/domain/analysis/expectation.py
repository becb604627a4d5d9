"""How often each subject's jobs should have failed: what the same jobs, their families and the day did elsewhere.

The chance of a pair (job, subject) is estimated without the subject's own pairs, from the narrowest record there is:

* the job's own pairs elsewhere, shrunk to its family: (failed + S·family) / (pairs + S). One success elsewhere is left
  out, the one that ended the retries: every job that was retried has it, so it says nothing against this subject;
* else its family's pairs elsewhere, shrunk to the day: (failed + M·day) / (pairs + M);
* else the share of that day's pairs that failed elsewhere.

Jobs of a family without a record elsewhere are tied, so that an array of jobs which only ever ran here is one surprise
and not many. So are jobs that ended on a subject at about the same time and may belong together (`Pairs.clump`), as far
as such jobs agree more than others do. The strengths of these ties are estimated from the data.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.domain.analysis.attempt_table import Codes, Counts, Flags, Floats, Places64
from bot.domain.analysis.exposure import Pairs
from bot.domain.analysis.grouping import placed
from bot.domain.analysis.statistics import precision_of

_DAY_STRENGTH = 50.0
"""Pairs' worth of weight that the whole period's rate has in a day's rate."""
_JOB_STRENGTH = (0.5, 5.0)
_FAMILY_STRENGTH = (0.3, 2.0)
"""Least and most. A low most is the cautious side: fewer jobs of one family then add up to a finding."""
CLUMP_STRENGTH = (0.3, 1000.0)


@dataclass(frozen=True, slots=True)
class Singles:
    """Pairs that fail independently, each with its own chance; `count` equal ones in one place."""

    subject: Codes
    chance: Floats
    count: Floats


@dataclass(frozen=True, slots=True)
class Blocks:
    """Pairs on one subject that are tied: each fails with this chance, any two of them agree with this correlation."""

    subject: Codes
    chance: Floats
    correlation: Floats
    count: Floats

    @property
    def variance(self) -> Floats:
        """The variance of each block's failed pairs."""
        return self.count * self.chance * (1 - self.chance) * (1 + (self.count - 1) * self.correlation)


def no_singles() -> Singles:
    """Where all pairs are in blocks."""
    return Singles(np.empty(0, np.int32), np.empty(0), np.empty(0))


@dataclass(frozen=True, slots=True)
class Expectation:
    """What each subject's failed pairs should be distributed like."""

    singles: Singles
    blocks: Blocks

    def mean(self, subjects: int) -> Floats:
        """The expected number of failed pairs, by subject."""
        blocks = self.blocks
        alone = np.bincount(self.singles.subject, self.singles.chance * self.singles.count, minlength=subjects)
        return np.asarray(
            alone + np.bincount(blocks.subject, blocks.count * blocks.chance, minlength=subjects), np.float64
        )

    def variance(self, subjects: int) -> Floats:
        """The variance of that number, by subject."""
        singles, blocks = self.singles, self.blocks
        alone = singles.count * singles.chance * (1 - singles.chance)
        return np.asarray(
            np.bincount(singles.subject, alone, minlength=subjects)
            + np.bincount(blocks.subject, blocks.variance, minlength=subjects),
            np.float64,
        )


def expectation(pairs: Pairs, subjects: int) -> Expectation:
    """What is expected of the subjects of these pairs. There has to be a failed pair."""
    rates = _daily_rates(pairs, subjects)
    failing = _of_failing_families(pairs)
    day = pairs.hour // 24
    base = float(pairs.failed.sum() / len(pairs))
    own, own_failed, strength = own_records(pairs, base)
    known = failing & (own > 0)
    fresh = failing & (own == 0)
    families = _families(pairs.where(failing), rates, subjects, base)

    mean = families.mean[known[failing]]
    chance = (own_failed[known] + strength * mean) / (own[known] + strength)
    calm = ~failing
    cells = np.bincount(pairs.subject[calm] * rates.shape[1] + day[calm], minlength=rates.size)
    used = np.flatnonzero(cells)
    return Expectation(
        Singles(
            np.concatenate((pairs.subject[known], (used // rates.shape[1]).astype(np.int32))),
            np.concatenate((chance, rates.ravel()[used])),
            np.concatenate((np.ones(len(chance)), cells[used].astype(np.float64))),
        ),
        _blocks(pairs, fresh, families.where(fresh[failing]), base),
    )


@dataclass(frozen=True, slots=True)
class _Families:
    """For each pair of a failing family: what its family does elsewhere, and how many pairs' worth that is known."""

    mean: Floats
    weight: Floats
    cell: Places64
    """A number for the family on this subject."""

    def where(self, mask: Flags) -> _Families:
        """Some of them."""
        return _Families(self.mean[mask], self.weight[mask], self.cell[mask])


def _daily_rates(pairs: Pairs, subjects: int) -> Floats:
    """For each subject and day: the share of pairs that failed on the others that day, shrunk to the whole period."""
    day = pairs.hour // 24
    days = int(day.max()) + 1
    cells = pairs.subject.astype(np.int64) * days + day
    shape = (subjects, days)
    count = np.bincount(cells, minlength=subjects * days).reshape(shape).astype(np.float64)
    failed = np.bincount(cells[pairs.failed], minlength=subjects * days).reshape(shape).astype(np.float64)
    elsewhere, failed_elsewhere = count.sum(0) - count, failed.sum(0) - failed
    rest = elsewhere.sum(1, keepdims=True)
    # One pair's worth of doubt keeps a cluster with a single subject from expecting nothing.
    overall = (failed_elsewhere.sum(1, keepdims=True) + failed.sum() / count.sum()) / (rest + 1)
    return np.asarray((failed_elsewhere + _DAY_STRENGTH * overall) / (elsewhere + _DAY_STRENGTH))


def _of_failing_families(pairs: Pairs) -> Flags:
    """The pairs of families that have a failed pair."""
    failed = np.zeros(int(pairs.family.max()) + 1, dtype=bool)
    failed[pairs.family[pairs.failed]] = True
    return np.asarray(failed[pairs.family])


def own_records(pairs: Pairs, base: float) -> tuple[Counts, Counts, float]:
    """For each pair: its job's pairs elsewhere that say something, and how many of them failed; and the strength S."""
    count = np.bincount(pairs.job)
    failed = np.bincount(pairs.job[pairs.failed], minlength=len(count))
    elsewhere = count[pairs.job] - 1
    failed_elsewhere = failed[pairs.job] - pairs.failed
    strength = agreement(failed, count, base, _JOB_STRENGTH)
    return elsewhere - (elsewhere > failed_elsewhere), failed_elsewhere, strength


def _families(some: Pairs, rates: Floats, subjects: int, base: float) -> _Families:
    """The records elsewhere of the families of these pairs, which are all of theirs."""
    family = some.family
    pairs = np.bincount(family)
    failed = np.bincount(family[some.failed], minlength=len(pairs))
    cell = family * subjects + some.subject
    _, cell = placed(cell, len(pairs) * subjects)
    here = np.bincount(cell)
    here_failed = np.bincount(cell[some.failed], minlength=len(here))
    strength = agreement(failed, pairs, base, _FAMILY_STRENGTH)
    weight = (pairs[family] - here[cell]) + strength
    mean = (failed[family] - here_failed[cell] + strength * rates[some.subject, some.hour // 24]) / weight
    return _Families(np.asarray(mean), np.asarray(weight, np.float64), cell)


def _blocks(pairs: Pairs, fresh: Flags, families: _Families, base: float) -> Blocks:
    """The pairs without a record of their own, tied by family or by time, whichever tie is the stronger."""
    clump = pairs.clump
    count = np.bincount(clump)
    together = agreement(np.bincount(clump[pairs.failed], minlength=len(count)), count, base, CLUMP_STRENGTH)
    by_time = families.weight > together
    subject = pairs.subject[fresh]
    clumps = tied(clump[fresh][by_time], subject[by_time], families.mean[by_time], np.full(by_time.sum(), together))
    alike = ~by_time
    kin = tied(families.cell[alike], subject[alike], families.mean[alike], families.weight[alike])
    return Blocks(*(np.concatenate((one, other)) for one, other in zip(clumps, kin, strict=True)))


def tied(tie: Places64, subject: Codes, mean: Floats, precision: Floats) -> tuple[NDArray[Any], ...]:
    """The columns of Blocks, one for each tie. Within one the precisions (1 - correlation) / correlation are equal."""
    size = np.bincount(tie).astype(np.float64)
    used = np.flatnonzero(size)
    of, tight = np.zeros(len(size), dtype=np.int32), np.zeros(len(size))
    of[tie], tight[tie] = subject, precision
    share = np.bincount(tie, mean)[used] / size[used]
    return of[used], share, 1 / (tight[used] + 1), size[used]


def agreement(failed: Counts, pairs: Counts, base: float, bounds: tuple[float, float]) -> float:
    """How strongly groups are drawn to the common rate, from how often two of one group fail together."""
    several = pairs > 1
    first = failed[several].sum()
    if first == 0:
        return bounds[1]
    second = (failed[several] * (failed[several] - 1) / (pairs[several] - 1)).sum()
    return precision_of(float(second / first), base, *bounds)
