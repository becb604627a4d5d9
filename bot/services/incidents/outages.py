"""Spells in which a cluster could not be watched, or Slack took no messages. They are recorded first, for the digest
and the Home tab; the sweep then tells the bot's owner what it has not told: one message for each spell, posted while
it lasts where that is long, and edited once it is over."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.domain.incidents.outage import BlindNow, Outage, SlackAway
from bot.services.errors import Gone, Unavailable, Undelivered
from bot.services.incidents.ports import Messenger, Notice, Notices
from bot.services.incidents.say_once import said_once

log = logging.getLogger(__name__)
TELL_AFTER = timedelta(minutes=5)
"""A spell that lasts longer is told while it lasts; API servers are away for less whenever they are updated."""
_TELL_WITHIN = timedelta(days=1)
"""What ended so long ago is not told any more."""
_WORTH_TELLING = timedelta(minutes=1)
_BLIND, _AWAY = "blind/", "slack-away/"
_KEPT = "blind"
"""Stands for the channel of what is only remembered."""
_AWAY_NOW = "slack-away"
_LASTS, _OVER = "lasts", "over"
_SLACK_WAS_SLOW = timedelta(minutes=10)
"""Slack's clock and ours may differ by less than this."""


def remember(spell: Outage, notices: Notices) -> None:
    """Remember a spell that is over. Never raises: the watch that tells it has to go on."""
    said = json.dumps({"cluster": spell.cluster, "since": spell.since.isoformat(), "recovered": spell.recovered})
    try:
        notices.note(Notice(_blind_key(spell), _KEPT, "", said, spell.until))
    except Unavailable as error:
        log.warning("a blind spell of %s is not remembered: %s", spell.cluster, error)


def follow_slack(notices: Notices, *, away: bool, posted: int, now: datetime) -> None:
    """Remember since when Slack takes no messages, and how many were posted late once it does. `posted` are those of
    the sweep that has just ended, `away` says whether it could not post all it had to."""
    known = notices.notice(_AWAY_NOW, _KEPT)
    since, late = json.loads(known.said) if known is not None else (None, 0)
    if away:
        notices.note(_away_now(since or now.isoformat(), late + posted if since else 0, now))
    elif since is not None:
        began, late = datetime.fromisoformat(since), late + posted
        if late and now - began >= _WORTH_TELLING:
            said = json.dumps({"since": since, "late": late})
            notices.note(Notice(_away_key(began), _KEPT, "", said, now))
        notices.note(_away_now(None, 0, now))


def spells(notices: Notices) -> list[Outage]:
    """The blind spells that are remembered, by cluster, the oldest first."""
    found = []
    for notice in notices.told(_BLIND, _KEPT):
        fields = json.loads(notice.said)
        since = datetime.fromisoformat(fields["since"])
        found.append(Outage(fields["cluster"], since, notice.at, fields["recovered"]))
    return found


def blind_since(notices: Notices, since: datetime) -> datetime:
    """The beginning of the earliest blind spell that ended since then; then itself, where there was none. What failed
    in such a spell is news although it is old."""
    return min((spell.since for spell in spells(notices) if spell.until >= since), default=since)


def slack_spells(notices: Notices) -> list[SlackAway]:
    """When Slack took no messages, the oldest first."""
    found = []
    for notice in notices.told(_AWAY, _KEPT):
        fields = json.loads(notice.said)
        found.append(SlackAway(datetime.fromisoformat(fields["since"]), notice.at, fields["late"]))
    return found


def tell(
    current: Iterable[BlindNow], notices: Notices, messenger: Messenger, *, channel: str | None, now: datetime
) -> int:
    """Tell the channel of each spell that lasts for long or is over, once; how many words that took. Raises
    Undelivered; the next sweep goes on there."""
    if channel is None:
        return 0
    said = 0
    told = {notice.key: notice for notice in [*notices.told(_BLIND, channel), *notices.told(_AWAY, channel)]}
    lasting = {_cluster(notice.key): notice for notice in told.values() if notice.said == _LASTS}
    for spell in current:
        if now - spell.since >= TELL_AFTER and spell.cluster not in lasting:
            _post(spell, _blind_key(spell), _LASTS, notices, messenger, channel=channel)
            said += 1
    for key, over in _over(notices, now - _TELL_WITHIN):
        if key in told and told[key].said != _LASTS:
            continue
        begun = told.get(key) or (lasting.get(over.cluster) if isinstance(over, Outage) else None)
        _tell_end(over, key, begun, notices, messenger, channel=channel)
        said += 1
    return said


def _over(notices: Notices, since: datetime) -> list[tuple[str, Outage | SlackAway]]:
    found: list[tuple[str, Outage | SlackAway]] = [(_blind_key(spell), spell) for spell in spells(notices)]
    found += [(_away_key(spell.since), spell) for spell in slack_spells(notices)]
    return [(key, spell) for key, spell in found if spell.until >= since]


def _tell_end(
    spell: Outage | SlackAway, key: str, begun: Notice | None, notices: Notices, messenger: Messenger, *, channel: str
) -> None:
    """In place of the message that told its beginning, if there is one."""
    if begun is None or not _edited(begun, spell, messenger):
        _post(spell, key, _OVER, notices, messenger, channel=channel)
        return
    for each in {begun.key, key}:
        notices.note(Notice(each, channel, begun.ts, _OVER, spell.until))


def _edited(begun: Notice, spell: Outage | SlackAway, messenger: Messenger) -> bool:
    if not begun.ts:
        return False
    try:
        messenger.update(begun.channel, begun.ts, spell)
    except Gone:
        return False
    return True


def _post(
    spell: Outage | BlindNow | SlackAway,
    key: str,
    state: str,
    notices: Notices,
    messenger: Messenger,
    *,
    channel: str,
) -> None:
    """Say it and note that it was said. A channel that refuses the bot is not asked again for this spell."""
    at = spell.since if isinstance(spell, BlindNow) else spell.until
    since = spell.since - _SLACK_WAS_SLOW
    try:
        with said_once(notices, messenger, channel, spell, key=key, since=since, now=at) as said:
            if said.found:
                messenger.update(channel, said.ts, spell)
            notices.note(Notice(key, channel, said.ts, state, at))
    except Undelivered as error:
        if not error.permanent:
            raise
        log.warning("the owner cannot be told of %s: %s", key, error)
        notices.note(Notice(key, channel, "", state, at))


def _blind_key(spell: Outage | BlindNow) -> str:
    return f"{_BLIND}{spell.cluster}/{spell.since:%Y%m%dT%H%M%S}"


def _away_key(since: datetime) -> str:
    return f"{_AWAY}{since:%Y%m%dT%H%M%S}"


def _cluster(key: str) -> str:
    return key.rpartition("/")[0].removeprefix(_BLIND)


def _away_now(since: str | None, late: int, now: datetime) -> Notice:
    return Notice(_AWAY_NOW, _KEPT, "", json.dumps([since, late]), now)
