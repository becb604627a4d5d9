"""When what was bad counts as mended."""

from __future__ import annotations

import math

_CHANCE = 0.01
_FEWEST = 3
LOWEST_RATE = 0.2


def has_gone_well(jobs: int, rate: float, *, lowest: float = LOWEST_RATE) -> bool:
    """Whether so many jobs in a row went well that it would hardly be luck at the rate of failing there was before:
    (1 - rate)^n < 1 %, three jobs at least. A rate below `lowest` is taken for that."""
    rate = min(max(rate, lowest), 1 - 1e-9)
    return jobs >= max(_FEWEST, math.ceil(math.log(_CHANCE) / math.log(1 - rate)))
