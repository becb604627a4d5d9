"""What is expected of proven jobs: jobs that ran well somewhere, so that nothing is wrong with the job itself. What
fails them more than others do is bad, whoever sent them."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from bot.domain.analysis.attempt_table import Codes, Flags, Floats, Places64
from bot.domain.analysis.expectation import Blocks, own_records
from bot.domain.analysis.exposure import Pairs
from bot.domain.analysis.grouping import placed

SPAN_HOURS = 6
"""The unit of time in which spells are looked for."""
_TIME_STRENGTH = 5.0
"""Pairs' worth of weight that a span of hours has to outdo to count as an unusual one."""
_DOUBT = 0.5
"""Pairs' worth of variance that are taken to be wholly alike before any was seen."""
_ALIKE = (0.001, 0.8)
"""Least and most correlation of pairs that ended together."""
_MOST = 0.98
"""The highest chance to fail that is expected of anything."""


@dataclass(frozen=True, slots=True)
class Timed:
    """What is expected of pairs in blocks that each have their hour, in the order of subjects and hours."""

    blocks: Blocks
    failed: Floats
    hour: Codes
    """Of each block: its failed pairs, and when they ended, in hours as in Pairs."""

    def between(self, subject: int, since: int, until: int) -> Timed:
        """The blocks of a subject between these hours."""
        first, end = np.searchsorted(self.blocks.subject, (subject, subject + 1)).tolist()
        low, high = (first + np.searchsorted(self.hour[first:end], (since, until))).tolist()
        some = Blocks(*(getattr(self.blocks, each.name)[low:high] for each in fields(self.blocks)))
        return Timed(some, self.failed[low:high], self.hour[low:high])


def proven(pairs: Pairs) -> Flags:
    """The pairs of jobs that ran well somewhere: nothing is wrong with the job itself."""
    fine = np.zeros(int(pairs.job.max(initial=-1)) + 1, dtype=bool)
    fine[pairs.job[~pairs.failed]] = True
    return np.asarray(fine[pairs.job])


def of_proven(pairs: Pairs) -> Timed:
    """What is expected of pairs whose jobs all ran well somewhere: as many failures as such jobs have, more where the
    job failed on other subjects too, or where such jobs failed on other subjects at about that time. So nothing of the
    user matters; pairs that ended within the same hour on a subject are tied, since what passed by may have hit them
    all."""
    chance = _by_the_time(pairs, _by_the_job(pairs))
    hours = int(pairs.hour.max()) + 1
    subjects = int(pairs.subject.max()) + 1
    cell, tie = placed(pairs.subject.astype(np.int64) * hours + pairs.hour, subjects * hours)
    subject = (cell // hours).astype(np.int32)
    count = np.bincount(tie).astype(np.float64)
    blocks = Blocks(
        subject, np.bincount(tie, chance) / count, _correlation(pairs.failed - chance, chance, tie, subject), count
    )
    failed = np.bincount(tie[pairs.failed], minlength=len(cell)).astype(np.float64)
    return Timed(blocks, failed, (cell % hours).astype(np.int32))


def _by_the_job(pairs: Pairs) -> Floats:
    """For each pair the chance to fail, from the job's record on other subjects."""
    base = float(pairs.failed.mean())
    known, failed, strength = own_records(pairs, base)
    chance = (failed + strength * base) / (known + strength)
    return np.asarray(np.minimum(_MOST, chance * (pairs.failed.sum() / max(chance.sum(), 1e-9))))


def _by_the_time(pairs: Pairs, chance: Floats) -> Floats:
    """These chances, higher by the odds that such pairs failed with on other subjects in the same hours: in an outage
    all fail everywhere, and run well later."""
    spans = int(pairs.hour.max()) // SPAN_HOURS + 1
    cell = pairs.subject.astype(np.int64) * spans + pairs.hour // SPAN_HOURS
    size = (int(pairs.subject.max()) + 1) * spans

    def elsewhere(weights: Floats) -> Floats:
        here = np.bincount(cell, weights, minlength=size).reshape(-1, spans)
        return np.asarray((here.sum(0) - here).ravel()[cell])

    usual = elsewhere(chance)
    raised = np.maximum(1.0, (elsewhere(pairs.failed.astype(np.float64)) + _TIME_STRENGTH) / (usual + _TIME_STRENGTH))
    return np.minimum(_MOST, chance * raised)


def _correlation(residual: Floats, chance: Floats, tie: Places64, subject: Codes) -> Floats:
    """For each tie: how alike two pairs of one tie are, on all other subjects, so that a bad one does not vouch for
    itself. By moments, each pair compared with the mean of the others of its tie (the ANOVA-type estimator of M. S.
    Ridout et al., "Estimating intraclass correlation for binary data", Biometrics 55 (1999))."""
    count = np.bincount(tie)
    several = (count > 1)[tie]
    of, size = tie[several], len(count)

    def elsewhere(of_pair: Floats) -> Floats:
        some = of_pair[several]
        alike = np.bincount(of, some, size) ** 2 - np.bincount(of, some**2, size)
        here = np.bincount(subject, alike / np.maximum(count - 1, 1))
        return np.asarray(here.sum() - here + _DOUBT)

    return np.asarray(np.clip(elsewhere(residual) / elsewhere(np.sqrt(chance * (1 - chance))), *_ALIKE)[subject])
