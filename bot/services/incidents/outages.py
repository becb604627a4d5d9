"""Spells in which a cluster could not be watched, or Slack took no messages. They are recorded first, for the digest
and the Home tab; the sweep then tells the bot's owner what it has not told: one message for each spell, posted while
it lasts where that is long, and edited once it is over."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bot.domain.incidents.outage import BlindNow, Outage, SlackAway
from bot.services.errors import Gone, Unavailable, Undelivered
from bot.services.incidents.notices import OutageNotice, Outages, Outbox
from bot.services.incidents.ports import Messenger
from bot.services.incidents.say_once import said_once

log = logging.getLogger(__name__)
TELL_AFTER = timedelta(minutes=5)
"""A spell that lasts longer is told while it lasts; API servers are away for less whenever they are updated."""
_TELL_WITHIN = timedelta(days=1)
"""What ended so long ago is not told any more."""
_WORTH_TELLING = timedelta(minutes=1)
_SLACK_WAS_SLOW = timedelta(minutes=10)
"""Slack's clock and ours may differ by less than this."""

Spell = Outage | BlindNow | SlackAway


def remember(spell: Outage, outages: Outages) -> None:
    """Remember a spell that is over. Never raises: the watch that tells it has to go on."""
    try:
        outages.remember(spell)
    except Unavailable as error:
        log.warning("a blind spell of %s is not remembered: %s", spell.cluster, error)


def follow_slack(outages: Outages, *, away: bool, posted: int, now: datetime) -> None:
    """Remember since when Slack takes no messages, and how many were posted late once it does. `posted` are those of
    the sweep that has just ended, `away` says whether it could not post all it had to."""
    known = outages.slack_away()
    if away:
        lasts = SlackAway(now, now) if known is None else replace(known, until=now, late=known.late + posted)
        outages.note_slack_away(lasts)
    elif known is not None:
        over = replace(known, until=now, late=known.late + posted)
        if over.late and now - over.since >= _WORTH_TELLING:
            outages.remember_slack(over)
        else:
            outages.note_slack_away(None)


def blind_since(outages: Outages, since: datetime) -> datetime:
    """The beginning of the earliest blind spell that ended since then; then itself, where there was none. What failed
    in such a spell is news although it is old."""
    return min((spell.since for spell in outages.outages(since)), default=since)


@dataclass(frozen=True, slots=True)
class BotOwner:
    """Where the bot's owner is told of outages, and how."""

    channel: str
    outages: Outages
    outbox: Outbox
    messenger: Messenger


def tell(current: Iterable[BlindNow], owner: BotOwner, *, now: datetime) -> int:
    """Tell the owner of each spell that lasts for long or is over, once; how many words that took. Raises
    Undelivered; the next sweep goes on there."""
    said = 0
    told = {_key(notice): notice for notice in owner.outages.told(owner.channel)}
    lasting = {notice.cluster: notice for notice in told.values() if not notice.over}
    for spell in current:
        if now - spell.since >= TELL_AFTER and spell.cluster not in lasting:
            _post(spell, owner)
            said += 1
    for over in _over(owner.outages, now - _TELL_WITHIN):
        known = told.get(_key(over))
        if known is not None and known.over:
            continue
        begun = known or (lasting.get(over.cluster) if isinstance(over, Outage) else None)
        _tell_end(over, begun, owner)
        said += 1
    return said


def _over(outages: Outages, since: datetime) -> list[Outage | SlackAway]:
    return [*outages.outages(since), *outages.slack_outages(since)]


def _tell_end(spell: Outage | SlackAway, begun: OutageNotice | None, owner: BotOwner) -> None:
    """In place of the message that told its beginning, if there is one."""
    if begun is None or not _edited(begun, spell, owner.messenger):
        _post(spell, owner)
        return
    here = _notice(spell, owner.channel, begun.ts)
    for each in {begun.since, here.since}:
        owner.outages.note(replace(here, since=each))


def _edited(begun: OutageNotice, spell: Outage | SlackAway, messenger: Messenger) -> bool:
    if begun.ts is None:
        return False
    try:
        messenger.update(begun.channel, begun.ts, spell)
    except Gone:
        return False
    return True


def _post(spell: Spell, owner: BotOwner) -> None:
    """Say it and note that it was said. A channel that refuses the bot is not asked again for this spell."""
    notice = _notice(spell, owner.channel, None)
    key, since = _key(spell), spell.since - _SLACK_WAS_SLOW
    try:
        with said_once(
            owner.outbox, owner.messenger, owner.channel, spell, key=key, since=since, now=notice.at
        ) as said:
            if said.found:
                owner.messenger.update(owner.channel, said.ts, spell)
            owner.outages.note(replace(notice, ts=said.ts))
    except Undelivered as error:
        if not error.permanent:
            raise
        log.warning("the owner cannot be told of %s: %s", key, error)
        owner.outages.note(notice)


def _notice(spell: Spell, channel: str, ts: str | None) -> OutageNotice:
    lasts = isinstance(spell, BlindNow)
    at = spell.since if isinstance(spell, BlindNow) else spell.until
    return OutageNotice(_cluster(spell), spell.since, channel, ts, over=not lasts, at=at)


def _cluster(spell: Spell) -> str | None:
    return None if isinstance(spell, SlackAway) else spell.cluster


def _key(of: Spell | OutageNotice) -> str:
    cluster = of.cluster if isinstance(of, OutageNotice) else _cluster(of)
    since = f"{of.since.astimezone(UTC):%Y%m%dT%H%M%S}"
    return f"slack-away/{since}" if cluster is None else f"blind/{cluster}/{since}"
