"""Blind spells: remembered for the digest and the Home tab, and told to the bot's owner once they are over."""

from __future__ import annotations

import json
import logging
from datetime import datetime

from bot.domain.blind import Blind
from bot.services.ports import Messenger, Notice, Notices, Unavailable

log = logging.getLogger(__name__)
KEY = "blind/"
_KEPT = "blind"
"""Stands for the channel of what is only remembered."""


def remember(spell: Blind, notices: Notices, messenger: Messenger, *, channel: str | None) -> None:
    """Remember a spell that is over, and tell the channel. Never raises: the watch that tells it has to go on."""
    key = f"{KEY}{spell.cluster}/{spell.since:%Y%m%dT%H%M%S}"
    said = json.dumps({"cluster": spell.cluster, "since": spell.since.isoformat(), "recovered": spell.recovered})
    try:
        notices.note(Notice(key, _KEPT, "", said, spell.until))
        if channel is not None:
            messenger.post(channel, spell, key=key)
    except Unavailable as error:
        log.warning("nobody was told of a blind spell of %s: %s", spell.cluster, error)


def spells(notices: Notices) -> list[Blind]:
    """The spells that are remembered, by cluster, the oldest first."""
    found = []
    for notice in notices.told(KEY, _KEPT):
        fields = json.loads(notice.said)
        since = datetime.fromisoformat(fields["since"])
        found.append(Blind(fields["cluster"], since, notice.at, fields["recovered"]))
    return found
