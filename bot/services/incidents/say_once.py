"""Says something once, whatever happens in between: that it is about to be said is noted before, so only what a crash
or a lost answer left in doubt is looked for in Slack. Where Slack does not let the bot look, it is said again: twice is
better than never."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

from bot.services.errors import Undelivered
from bot.services.incidents.notices import Outbox
from bot.services.incidents.ports import Messenger

log = logging.getLogger(__name__)


class Said(NamedTuple):
    """A message that stands in Slack."""

    ts: str
    found: bool
    """Whether it was said before, and found again."""


@contextmanager
def said_once(
    outbox: Outbox,
    messenger: Messenger,
    channel: str,
    value: object,
    *,
    key: str,
    since: datetime,
    now: datetime,
    thread: str | None = None,
    reply_broadcast: bool = False,
) -> Iterator[Said]:
    """Say it, unless it was said since then; the body notes that it was. Arguments as of `Messenger.post`.

    Raises Undelivered.
    """
    fresh = outbox.begin(key, channel, now)
    before = None if fresh else _looked_for(messenger, channel, key, since, thread)
    ts = before or messenger.post(channel, value, key=key, thread=thread, reply_broadcast=reply_broadcast)
    yield Said(ts, before is not None)
    outbox.done(key, channel)


def _looked_for(messenger: Messenger, channel: str, key: str, since: datetime, thread: str | None) -> str | None:
    try:
        return messenger.find(channel, key, since, thread=thread)
    except Undelivered as error:
        if not error.permanent:
            raise
        log.warning("whether %s stands in %s already cannot be seen: %s", key, channel, error)
        return None
