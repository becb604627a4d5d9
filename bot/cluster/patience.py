"""How long to stay away from an API server that is in trouble: exponential back-off with full jitter, so that many bots
do not come back at once. See Marc Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015."""

from __future__ import annotations

import random

_FIRST_SECONDS = 0.5
_LONGEST_SECONDS = 30.0


class Patience:
    """Counts troubles in a row."""

    def __init__(self, *, first: float = _FIRST_SECONDS, longest: float = _LONGEST_SECONDS) -> None:
        self._first, self._longest = first, longest
        self._troubles = 0

    def succeeded(self) -> None:
        """The next trouble is the first one again."""
        self._troubles = 0

    def after(self, *, permanent: bool = False, at_least: float | None = None) -> float:
        """Seconds to wait after one more trouble; the longest time where trying again is pointless anyway, and never
        less than the server asked for."""
        self._troubles += 1
        highest = min(self._first * 2 ** min(self._troubles - 1, 16), self._longest)
        seconds = self._longest if permanent else random.uniform(0.0, highest)  # noqa: S311 no secret
        return max(seconds, at_least or 0.0)
