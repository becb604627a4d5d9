"""A messenger that keeps what it is told in memory, under the same contract as the one that speaks to Slack."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bot.services.errors import Gone, Undelivered


@dataclass(slots=True)
class Said:
    key: str
    value: object
    edits: int = 0
    thread: str | None = None
    reply_broadcast: bool = False


@dataclass(slots=True)
class FakeMessenger:
    """Channels as dictionaries of messages by ts, oldest first."""

    channels: dict[str, dict[str, Said]] = field(default_factory=dict)
    away: bool = False
    crash_after_speaking: bool = False
    refused: set[str] = field(default_factory=set)

    def post(
        self, channel: str, value: object, *, key: str, thread: str | None = None, reply_broadcast: bool = False
    ) -> str:
        self._reach(channel)
        messages = self.channels.setdefault(channel, {})
        ts = f"{len(messages) + 1}.000000"
        messages[ts] = Said(key, value, thread=thread, reply_broadcast=reply_broadcast)
        if self.crash_after_speaking:
            raise KeyboardInterrupt
        return ts

    def update(self, channel: str, ts: str, value: object) -> None:
        self._reach(channel)
        said = self.channels.get(channel, {}).get(ts)
        if said is None:
            raise Gone("message_not_found")
        said.value = value
        said.edits += 1

    def find(
        self,
        channel: str,
        key: str,
        since: datetime,  # noqa: ARG002 nothing here is that old
        *,
        thread: str | None = None,
    ) -> str | None:
        self._reach(channel)
        said = self.channels.get(channel, {})
        return next((ts for ts, one in said.items() if one.key == key and one.thread == thread), None)

    def said(self, channel: str) -> list[Said]:
        """What stands in a channel, oldest first."""
        return list(self.channels.get(channel, {}).values())

    def _reach(self, channel: str) -> None:
        if channel in self.refused:
            raise Undelivered("is_archived", permanent=True)
        if self.away:
            raise Undelivered("Slack is away")
