"""Who is compared with whom, and what counts as one: the strata and the clusters of the exact conditional test.

A job is compared with jobs of its own family on the same day, where there are enough of those; else of its week, else
of the whole period. Families that are too small for that, or ran in one place only, are compared with the others of
their team, and what is left with everybody; the large families take part there as what they are, one case each. GPUs of
one type are never compared with those of another. So a team that keeps to a zone is measured by itself, and an array
that only ever ran on one node is one surprise and not many.

Jobs of one family that end on one subject at about the same time may fail for one reason: they are a cluster, and count
as so many independent ones as have the same variance (the effective sample size of L. Kish, "Survey Sampling" (1965)).
How alike they are is measured without the subject that makes them look most alike: a bad one must not vouch for
itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Self

import numpy as np

from bot.domain.analysis.attempt_table import HOUR_MS, Codes, Flags, Floats, Places64
from bot.domain.analysis.exposure import Pairs
from bot.domain.analysis.grouping import cells, runs_of, summed
from bot.domain.analysis.statistics import intraclass_correlation

ENOUGH = 20
"""Units that make a stratum; fewer are joined with the next wider one."""
_ENOUGH_IN_TIME = 60
"""Units that make one of a day or a week: where they are few, the subject's own are what it is compared with."""
_IN_ONE_PLACE = 0.8
"""Share of a family's pairs on one subject from which it cannot be compared with itself."""
_AT_ONCE, _ON_AND_ON, _PROVEN = 1.0, 0.2, 0.1
"""Correlation before any was seen to fail: of jobs of one family that end within an hour, of others, and of jobs that
ran well somewhere, with which nothing is wrong."""
_DOUBT = 2.0
"""Units' worth of weight that the rate of all has in the rate of a family or team."""
_WEEK = 7


@dataclass(frozen=True, slots=True)
class Clusters:
    """What is tested; all arrays have shape (clusters,)."""

    subject: Codes
    stratum: Places64
    count: Floats
    """Independent units that it is worth, and the failed ones of them."""
    failed: Floats
    jobs: Floats
    """Jobs that it has, and the failed ones of them."""
    jobs_failed: Floats

    def where(self, mask: Flags | Places64) -> Self:
        """Some of them."""
        return type(self)(*(getattr(self, each.name)[mask] for each in fields(self)))


def units(pairs: Pairs, subjects: int, *, proven: bool) -> Clusters:
    """Each pair in its cluster, each cluster in its stratum. Jobs of one family that end on one subject within an hour
    are a cluster, and such clusters of one day are one again, unless all these jobs are `proven`: they may fail all day
    for a reason of their user's, but not if they ran well elsewhere. The subject numbered `subjects` is nobody's: cases
    that others are compared with."""
    overall = float(pairs.failed.mean())
    rows = _Rows.of(pairs)
    comparable = _comparable(rows)
    nameless = (pairs.kin == pairs.kind)[~comparable]
    large, small = rows.where(comparable), rows.where(~comparable)
    cases = replace(large, subject=np.full(len(large.subject), subjects, np.int32)).joined(("kin",), "team", overall)
    at_once, ever = (_PROVEN, _PROVEN) if proven else (_AT_ONCE, _ON_AND_ON)
    large = large.joined(("kin", "subject", "hour"), "kin", overall, prior=at_once)
    small = replace(small, kin=np.where(nameless, -1 - np.arange(len(nameless)), small.kin))
    small = small.joined(("kin", "subject", "hour"), "team", overall, prior=at_once)
    small = small.joined(("kin", "subject"), "team", overall, prior=ever)
    if not proven:
        large = large.joined(("kin", "subject", "day"), "kin", overall, prior=_ON_AND_ON)
        small = small.joined(("team", "subject", "day"), "team", overall, prior=_ON_AND_ON)
    in_time = [(cells(large.kin, time), _ENOUGH_IN_TIME) for time in (large.day, large.day // _WEEK)]
    strata = _strata(large.count, [*in_time, (large.kin, ENOUGH)])
    small = small.and_(cases)
    wider = _strata(small.count, [(cells(small.team, small.kind), ENOUGH), (cells(small.kind), ENOUGH)])
    both = large.and_(small)
    stratum = np.concatenate((strata, wider + int(strata.max(initial=-1)) + 1))
    return Clusters(both.subject, stratum, both.count, both.failed, both.jobs, both.jobs_failed)


@dataclass(frozen=True, slots=True)
class _Rows:
    """Clusters, or pairs, ordered by family and subject; all arrays have shape (rows,)."""

    subject: Codes
    kin: Places64
    team: Places64
    kind: Codes
    hour: Places64
    """Since 1970."""
    count: Floats
    failed: Floats
    jobs: Floats
    jobs_failed: Floats

    @classmethod
    def of(cls, pairs: Pairs) -> Self:
        """Each pair by itself."""
        ones, lost, hour = np.ones(len(pairs)), pairs.failed.astype(np.float64), pairs.at // HOUR_MS
        return cls(pairs.subject, pairs.kin, pairs.team, pairs.kind, hour, ones, lost, ones, lost)

    @property
    def day(self) -> Places64:
        """Since 1970 (UTC)."""
        return self.hour // 24

    def where(self, mask: Flags | Places64) -> Self:
        """Some of them."""
        return type(self)(*(getattr(self, each.name)[mask] for each in fields(self)))

    def and_(self, others: Self) -> Self:
        """These and others."""
        both = ((getattr(self, each.name), getattr(others, each.name)) for each in fields(self))
        return type(self)(*map(np.concatenate, both))

    def joined(self, by: Sequence[str], alike: str, overall: float, *, prior: float = _AT_ONCE) -> Self:
        """Those that have all of `by` in common as one cluster, worth as many units as it has independent ones; its
        units are expected to fail as often as all that have `alike` in common."""
        if not len(self.subject):
            return self
        ordered = self if by[0] == "kin" else self.where(np.argsort(cells(*(getattr(self, name) for name in by))))
        first = runs_of(*(getattr(ordered, name) for name in by))
        sums = (ordered.count, ordered.failed, ordered.jobs, ordered.jobs_failed)
        count, failed, jobs, jobs_failed = (np.add.reduceat(each, first) for each in sums)
        some = replace(ordered.where(first), count=count, failed=failed, jobs=jobs, jobs_failed=jobs_failed)
        chance = some.chance(alike, overall)
        correlation = intraclass_correlation(count, failed, chance, some.subject, prior=prior)
        worth = np.maximum(1.0, np.round(count / (1 + (count - 1) * correlation)))
        return replace(some, count=worth, failed=np.floor(failed * worth / count + 0.5))

    def chance(self, alike: str, overall: float) -> Floats:
        """For each row the share that failed of those with `alike` in common, shrunk to the share of all. The subject
        with most failures is left out, if there are others: if it is bad, its failures do not make the health of the
        others look alike."""
        key = getattr(self, alike)
        order = np.arange(len(key)) if alike == "kin" else np.lexsort((self.subject, key))
        group, subject = key[order], self.subject[order]
        first = runs_of(group, subject)
        count, failed = np.add.reduceat(self.count[order], first), np.add.reduceat(self.failed[order], first)
        block = runs_of(group[first])
        of = np.repeat(np.arange(len(block)), np.diff(np.append(block, len(first))))
        worst = np.flatnonzero(failed == np.maximum.reduceat(failed, block)[of])
        worst = worst[runs_of(of[worst])]
        several = np.diff(np.append(block, len(first))) > 1
        ran = np.add.reduceat(count, block) - several * count[worst]
        lost = np.add.reduceat(failed, block) - several * failed[worst]
        rows = np.diff(np.append(first[block], len(key)))
        chance = np.empty(len(key))
        chance[order] = np.repeat((lost + _DOUBT * overall) / (ran + _DOUBT), rows)
        return chance


def _comparable(rows: _Rows) -> Flags:
    """The pairs of families that can be compared with themselves: large ones that ran in several places."""
    first = runs_of(rows.kin, rows.subject)
    here = np.diff(np.append(first, len(rows.kin)))
    block = runs_of(rows.kin[first])
    count, most = np.add.reduceat(here, block), np.maximum.reduceat(here, block)
    return np.repeat((count >= ENOUGH) & (most <= _IN_ONE_PLACE * count), count)


def _strata(count: Floats, levels: Sequence[tuple[Places64, int]]) -> Places64:
    """The stratum of each row: of the first level in which enough units are together, of those that no level before
    took; what is left goes by the last."""
    stratum, beyond = np.full(len(count), -1, np.int64), 0
    left = np.ones(len(count), dtype=bool)
    for number, (level, enough) in enumerate(levels, 1):
        size = int(level.max(initial=-1)) + 1
        taken = left & ((summed(level, count * left, size)[level] >= enough) | (number == len(levels)))
        stratum[taken] = level[taken] + beyond
        beyond += size
        left &= ~taken
    return stratum
