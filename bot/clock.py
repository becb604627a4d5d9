"""The one clock. Only the edges ask it; everything else is told `now`."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The time, aware, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 the one place
