"""The weekly digest: which week is due, and what it says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.analysis.report import Report
from bot.domain.knowledge.solution import Ranked
from bot.domain.period import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A digest that should have been posted by now."""

    week: str
    """The ISO week it tells about: "2026-W47"."""
    period: Period
    """The seven days up to the midnight before it is posted, local time, as UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What a channel reads once a week."""

    week: str
    report: Report
    time_zone: str
    best_fixes: tuple[Ranked, ...] = ()


def due(now: datetime, *, weekday: int, hour: int, time_zone: str) -> Due:
    """The newest digest whose time has come: posted on `weekday` (1 is Monday) at `hour`, in `time_zone`."""
    zone = ZoneInfo(time_zone)
    local = now.astimezone(zone)
    day = local.date() - timedelta(days=(local.isoweekday() - weekday) % 7)
    if datetime.combine(day, time(hour), zone) > local:
        day -= timedelta(days=7)
    year, week, _ = (day - timedelta(days=1)).isocalendar()
    return Due(
        week=f"{year}-W{week:02}",
        period=Period(_midnight(day - timedelta(days=7), zone), _midnight(day, zone)),
    )


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(0), zone).astimezone(UTC)
