"""Periods: spans of time, and the words people use for them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

LONGEST = timedelta(days=366)
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1), "m": timedelta(days=30)}
_WORDS = re.compile(
    r"(?:(?:the\s+)?(?:last|past)\s+)?(?:(\d{1,6})\s*)?(h|hours?|d|days?|w|weeks?|m|months?)", re.IGNORECASE
)
_NAMED = {"today": timedelta(days=1), "yesterday": timedelta(days=2)}


class BadPeriod(ValueError):
    """A period that makes no sense, or that is out of bounds: then `longest_days` is the bound, else 0."""

    def __init__(self, written: str, *, longest_days: int = 0) -> None:
        super().__init__(written)
        self.written = written
        self.longest_days = longest_days


@dataclass(frozen=True, slots=True)
class Period:
    """From `since` (included) to `until` (not included); both aware, in UTC."""

    since: datetime
    until: datetime

    @classmethod
    def last(cls, length: timedelta, *, until: datetime) -> Period:
        """The span of this length that ends at `until`."""
        return cls(until - length, until)

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return self.until - self.since

    @property
    def before(self) -> Period:
        """The period of the same length just before it: what trends compare with."""
        return Period(self.since - self.length, self.since)

    @property
    def words(self) -> str:
        """Its length as a person would say it: "last 7 days"."""
        hours = round(self.length.total_seconds() / 3600)
        if hours % 24 or hours == 24:
            return f"last {hours} hours" if hours != 1 else "last hour"
        return f"last {hours // 24} days"


def parse_length(text: str) -> timedelta:
    """How long a period is that is written `7d`, `24h`, `4w` or `last 30 days`. Raises BadPeriod."""
    words = " ".join(text.split())
    if words.lower() in _NAMED:
        return _NAMED[words.lower()]
    match = _WORDS.fullmatch(words)
    if match is None or (match[1] is None and " " not in words):
        raise BadPeriod(_shortened(words))
    length = int(match[1] or 1) * _UNITS[match[2][0].lower()]
    if not timedelta(0) < length <= LONGEST:
        raise BadPeriod(_shortened(words), longest_days=LONGEST.days)
    return length


def _shortened(text: str, most: int = 40) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
