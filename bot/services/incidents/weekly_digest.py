"""The weekly digest: posted once for each ISO week and channel, whatever restarts; caught up after downtime."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.answers.digest import Digest, DigestDetail, Due, due
from bot.domain.incidents.subscription import Subscription
from bot.services.incidents.notices import DigestNotice, DigestNotices, Outbox
from bot.services.incidents.ports import Mailer, Messenger
from bot.services.incidents.say_once import said_once


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
    make: Callable[[Due], Digest],
    notices: DigestNotices,
    outbox: Outbox,
    messenger: Messenger,
    *,
    wanted: Subscription,
    now: datetime,
) -> Digested:
    """Post the digest that is due, unless it was posted: its message, then the rest in its thread. Speak, then note: a
    crash between them is found again.

    Raises Undelivered; then nothing is noted of what was not said, and the next run tries again.
    """
    week = due(now, weekday=wanted.weekday, hour=wanted.hour, time_zone=wanted.time_zone, daily=wanted.daily)
    if wanted.created_at is not None and week.posted_at < wanted.created_at:
        return Digested.EARLY
    root = notices.notice(wanted.channel, wanted.project, week.week)
    if root is not None and root.detail_ts is not None:
        return Digested.KNOWN
    value = make(week)
    total = value.report.summary
    if root is None and wanted.skip_empty and not total.attempts and not total.failures:
        return Digested.EMPTY
    outcome = Digested.FOUND
    if root is None:
        since = week.period.until - timedelta(days=1)
        with said_once(outbox, messenger, wanted.channel, value, key=_key(wanted, week), since=since, now=now) as said:
            outcome = Digested.FOUND if said.found else Digested.POSTED
            root = DigestNotice(wanted.channel, wanted.project, week.week, said.ts, now)
            notices.note(root)
    key, since = f"{_key(wanted, week)}/rest", root.at - timedelta(days=8)
    rest = DigestDetail(value)
    with said_once(outbox, messenger, root.place, rest, key=key, since=since, now=now, thread=root.ts) as said:
        notices.note(replace(root, detail_ts=said.ts))
    return outcome


def mail(
    make: Callable[[Due], Digest], notices: DigestNotices, mailer: Mailer, *, wanted: Subscription, now: datetime
) -> Digested:
    """Mail the digest that is due to one address, the channel of `wanted`, unless it was mailed. Raises Undelivered."""
    week = due(now, weekday=wanted.weekday, hour=wanted.hour, time_zone=wanted.time_zone, daily=wanted.daily)
    if notices.notice(wanted.channel, wanted.project, week.week) is not None:
        return Digested.KNOWN
    value = make(week)
    if wanted.skip_empty and not value.report.summary.attempts and not value.report.summary.failures:
        return Digested.EMPTY
    mailer.send(wanted.channel, value, key=_key(wanted, week), at=now)
    notices.note(DigestNotice(wanted.channel, wanted.project, week.week, None, now))
    return Digested.POSTED


def _key(wanted: Subscription, week: Due) -> str:
    return f"digest/{wanted.project or '*'}/{week.week}"
