"""Failures against the period before: the ratio, with an interval that knows that failures come in bursts."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from bot.domain.analysis.attempt_table import DAY_MS, Before, PeriodEvidence, milliseconds
from bot.domain.analysis.report import Trend

_FEWEST = 5
"""Failures in either period below which their ratio means nothing."""


def trend(evidence: PeriodEvidence, before: Before) -> Trend:
    """The ratio of failures to those of the period before, with its 95 % interval.

    The logarithm of a ratio of two counts has the variance φ (1/a + 1/b); φ is how much more the daily counts vary than
    a Poisson variable does (quasi-Poisson: P. McCullagh, J. A. Nelder, "Generalized Linear Models", 1989, 6.2.3).
    """
    now, then = len(evidence.events), before.failures
    whole = before.recorded_since is not None and before.recorded_since <= evidence.period.before.since
    known = Trend(previous_failures=then, previous_jobs=before.jobs, previous_jobs_failed=before.jobs_failed)
    if not whole or then == 0 or now == 0 or now + then < 2 * _FEWEST:
        return known
    burst = max(1.0, _dispersion(daily(evidence)), _dispersion(before.daily_failures))
    spread = 1.959963984540054 * math.sqrt(burst * (1 / now + 1 / then))
    ratio = now / then
    return Trend(
        previous_failures=then,
        change_ratio=ratio,
        ratio_low=ratio * math.exp(-spread),
        ratio_high=ratio * math.exp(spread),
        previous_jobs=before.jobs,
        previous_jobs_failed=before.jobs_failed,
    )


def daily(evidence: PeriodEvidence) -> tuple[int, ...]:
    """Failure events in each 24 hours of the period."""
    start = milliseconds(evidence.period.since)
    days = max(1, -(-(milliseconds(evidence.period.until) - start) // DAY_MS))
    counts = np.bincount((evidence.events.at - start) // DAY_MS, minlength=days)
    return tuple(int(count) for count in counts)


def _dispersion(counts: Sequence[int]) -> float:
    """Variance over mean: 1 for independent events."""
    if len(counts) < 2 or sum(counts) == 0:
        return 1.0
    return float(np.var(counts, ddof=1) / np.mean(counts))
