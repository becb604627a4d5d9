"""How surprising a count of failed pairs is: its distribution under an Expectation, how much wider than expected such
counts lie, and whether what can be vouched for matters."""

from __future__ import annotations

import numpy as np

from bot.domain.analysis.attempt_table import Floats
from bot.domain.analysis.expectation import Expectation
from bot.domain.analysis.statistics import binomial, count_distribution, tied_binomial, wilson

_LEVELS = 24
"""Chances are rounded up to so many levels for each power of ten: at most 10 % too high, never too low."""
_MATTERS = 1.5
"""The odds to fail that can be vouched for (the lower end of the 95 % interval) are at least so many times the expected
odds. With enough jobs every small difference is beyond chance; people can only act on one that matters."""
_ENOUGH = 20
"""Scores that it takes to measure their spread by its upper quantile too."""


def raised(failed: float, jobs: float, expected: float) -> bool:
    """Whether so many failed pairs are so far above the expected ones that it matters."""
    low, _ = wilson(failed, jobs)
    return _odds(low) >= _MATTERS * _odds(expected / jobs)


def _odds(share: float) -> float:
    return share / max(1 - share, 1e-9)


def spread(scores: Floats) -> float:
    """The standard deviation of the middle of the scores and, of many, of their upper shoulder; at least 1."""
    if len(scores) < 4:
        return 1.0
    low, middle, high = np.quantile(scores, (0.25, 0.5, 0.75))
    spread = max(1.0, (high - low) / 1.349)
    if len(scores) >= _ENOUGH:
        spread = max(spread, (np.quantile(scores, 0.9) - max(0.0, middle)) / 1.2816)
    return float(spread)


def distribution(expected: Expectation, subject: int, scale: float) -> Floats:
    """How one subject's failed pairs are distributed if nothing is wrong with it."""
    singles, blocks = expected.singles, expected.blocks
    alone, of = singles.subject == subject, np.flatnonzero(blocks.subject == subject)
    single, shared = of[blocks.count[of] == 1], of[blocks.count[of] > 1]
    chance = np.minimum(scale * np.concatenate((singles.chance[alone], blocks.chance[single])), 0.999)
    count = np.concatenate((singles.count[alone], np.ones(len(single))))
    level = np.ceil(np.log10(np.maximum(chance, 1e-9)) * _LEVELS).astype(int)
    levels, place = np.unique(level, return_inverse=True)
    counts = np.bincount(place, count).astype(int)
    parts = [binomial(int(n), min(0.999, 10 ** (at / _LEVELS))) for n, at in zip(counts, levels, strict=True)]
    for block in shared:
        mean = min(0.999, scale * float(blocks.chance[block]))
        parts.append(tied_binomial(int(blocks.count[block]), mean, float(blocks.correlation[block])))
    return count_distribution(parts)
