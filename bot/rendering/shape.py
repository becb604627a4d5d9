"""What all JSON shapes write alike: times and periods."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from bot.domain.period import Period

Shape = dict[str, Any]


def period(value: Period) -> Shape:
    """From when to when."""
    return {"from": time(value.since), "until": time(value.until)}


def time(at: datetime | None) -> str | None:
    """ISO 8601 in UTC, ending in Z."""
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")
