"""The weekly digest: posted once for each ISO week and channel, whatever restarts; caught up after downtime."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.analysis.report import Report
from bot.domain.digest import Digest, due
from bot.domain.incidents.subscription import Subscription
from bot.domain.period import Period
from bot.services.ports import Messenger, Notice, Notices


class Digested(StrEnum):
    """What became of a digest."""

    POSTED = "posted"
    KNOWN = "known"
    """It had been posted before."""
    FOUND = "found"
    """It had been posted, but a crash came before the note of it."""
    EARLY = "early"
    """It was due before the channel subscribed."""
    EMPTY = "empty"
    """Nothing was recorded in that week, so there is nothing to tell."""


def digest(
    analyze: Callable[[Period], Report],
    notices: Notices,
    messenger: Messenger,
    *,
    wanted: Subscription,
    now: datetime,
) -> Digested:
    """Post the digest that is due, unless it was posted. Speak, then note: a crash between them is found again.

    Raises Undelivered; then nothing is noted and the next run tries again.
    """
    channel = wanted.channel
    week = due(now, weekday=wanted.weekday, hour=wanted.hour, time_zone=wanted.time_zone, daily=wanted.daily)
    if wanted.created_at is not None and week.posted_at < wanted.created_at:
        return Digested.EARLY
    key = f"digest/{wanted.project or '*'}/{week.week}"
    if notices.notice(key, channel) is not None:
        return Digested.KNOWN
    ts, outcome = messenger.find(channel, key, since=week.period.until - timedelta(days=1)), Digested.FOUND
    if ts is None:
        report = analyze(week.period)
        if wanted.skip_empty and not report.summary.attempts and not report.summary.failures:
            return Digested.EMPTY
        value = Digest(week=week.week, report=report, time_zone=wanted.time_zone, subscription=wanted)
        ts = messenger.post(channel, value, key=key)
        outcome = Digested.POSTED
    notices.note(Notice(key, channel, ts, week.week, now))
    return outcome
