"""The one clock. Only the edges ask it; everything else is told `now`, or given a clock of its own."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The machine's time, aware, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 the one place
