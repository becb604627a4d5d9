"""Names that a controller made out of another one: a minute, a second, or five random letters behind it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

RANDOM = "[bcdfghjklmnpqrstvwxz2456789]{5}"
"""What Kubernetes' `rand.String` and `generateName` append: no vowels, and no digits that look like letters."""
_RANDOM = re.compile(rf"(.+?)-{RANDOM}")
_MINUTE = re.compile(r"(.+)-(\d{8,9})")
_SECOND = re.compile(r"(.+)-(\d{10})")
_NANOSECOND = re.compile(r"(.+)-(\d{19})")
_DRIFT = timedelta(days=7)
"""How far a pod's start may be from the time in its job's name: it may queue, it may not be older."""
_UNITS: tuple[tuple[re.Pattern[str], float], ...] = ((_MINUTE, 60.0), (_SECOND, 1.0), (_NANOSECOND, 1e-9))


def without_minute(name: str, at: datetime | None) -> str | None:
    """The name without the minute since 1970 that CronJob controllers append; None where it ends in none."""
    return _without(name, at, _UNITS[:1])


def without_time(name: str, at: datetime | None) -> str | None:
    """The name without its time since 1970, in minutes, seconds or nanoseconds; None where it ends in none."""
    return _without(name, at, _UNITS)


def without_random(name: str) -> str | None:
    """The name without five random letters; None where it ends in none."""
    match = _RANDOM.fullmatch(name)
    return match[1] if match else None


def _without(name: str, at: datetime | None, units: tuple[tuple[re.Pattern[str], float], ...]) -> str | None:
    if at is None:
        return None
    for pattern, seconds in units:
        match = pattern.fullmatch(name)
        if match and abs(at.timestamp() - int(match[2]) * seconds) <= _DRIFT.total_seconds():
            return match[1]
    return None
