"""The weekly digest: which week is due, and what it says."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.analysis.report import NodeFinding, Report, Summary
from bot.domain.answers.causes import Cause
from bot.domain.incidents.incident import Incident, Step
from bot.domain.incidents.outage import Outage, SlackAway
from bot.domain.incidents.subscription import Subscription
from bot.domain.incidents.usefulness import Judged
from bot.domain.knowledge.solution import Ranked
from bot.domain.period import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A digest that should have been posted by now."""

    week: str
    """The ISO week it tells about, "2026-W47", or the day: "2026-11-22"."""
    period: Period
    """The seven days (or the one) up to the midnight before it is posted, local time, as UTC."""
    posted_at: datetime
    """When it is due (UTC)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeStory:
    """A hot node, and what was done about it."""

    node: NodeFinding
    incident: Incident | None = None
    done: Step | None = None
    """The last that a person did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyFinding:
    """What the failures a day of a period say."""

    total: int
    previous: int | None
    """Failures of the period before; None where it is not wholly recorded."""
    rose: bool
    """Clearly more than before."""
    fell: bool
    peaks: bool
    """Whether one day stands out."""
    worst: int
    """Failures of the day that had most."""
    worst_day: datetime
    """In the reader's time zone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What a channel reads once a week."""

    week: str
    report: Report
    time_zone: str
    before: Summary = field(default_factory=Summary)
    """The numbers of the week before."""
    causes: tuple[Cause, ...] = ()
    nodes: tuple[NodeStory, ...] = ()
    best_fixes: tuple[Ranked, ...] = ()
    new_fixes: frozenset[int] = frozenset()
    """Those of them that were first seen to work in this week."""
    subscription: Subscription | None = None
    """Why the channel reads it; None for a preview that somebody asked for."""
    judged: Judged = field(default_factory=Judged)
    """What was found in the period, and how people judged it: what the bot got wrong."""
    blind: tuple[Outage, ...] = ()
    """When the bot could not see: what it may have missed."""
    away: tuple[SlackAway, ...] = ()
    """When Slack took no messages."""

    @property
    def title(self) -> str:
        """What it is about: "week 47", or the day."""
        year, _, week = self.week.partition("-W")
        return f"week {int(week)}" if week else year

    @property
    def finding(self) -> DailyFinding:
        """What the chart of failures a day says."""
        days, before = self.report.daily_failures, self.report.previous_daily_failures
        total, previous = sum(days), sum(before)
        worst = max(range(len(days)), key=lambda day: days[day], default=0)
        changed = bool(previous) and not 0.8 <= total / previous <= 1.25
        return DailyFinding(
            total=total,
            previous=previous if before else None,
            rose=changed and total > previous,
            fell=changed and total < previous,
            peaks=len(days) > 2 and total > 0 and days[worst] >= _PEAK * total / len(days),
            worst=days[worst] if days else 0,
            worst_day=(self.report.period.since + timedelta(days=worst)).astimezone(ZoneInfo(self.time_zone)),
        )


@dataclass(frozen=True, slots=True)
class DigestDetail:
    """The rest of a digest: what stands in its thread."""

    digest: Digest


_PEAK = 2.5
"""Times the failures of a usual day that make a day worth naming."""


def due(now: datetime, *, weekday: int, hour: int, time_zone: str, daily: bool = False) -> Due:
    """The newest digest whose time has come: posted on `weekday` (1 is Monday), or each day, at `hour`, in `time_zone`.
    An hour that a clock change skips or repeats is due once."""
    zone = ZoneInfo(time_zone)
    local = now.astimezone(zone)
    day = local.date() - timedelta(days=0 if daily else (local.isoweekday() - weekday) % 7)
    length = timedelta(days=1 if daily else 7)
    if datetime.combine(day, time(hour), zone).astimezone(UTC) > now:
        day -= length
    last = day - timedelta(days=1)
    year, week, _ = last.isocalendar()
    return Due(
        week=last.isoformat() if daily else f"{year}-W{week:02}",
        period=Period(_midnight(day - length, zone), _midnight(day, zone)),
        posted_at=datetime.combine(day, time(hour), zone).astimezone(UTC),
    )


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(0), zone).astimezone(UTC)
