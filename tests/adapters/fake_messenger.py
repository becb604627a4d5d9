"""A messenger that keeps what it is told in memory, under the same contract as the one that speaks to Slack."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bot.services.ports import Undelivered


@dataclass(slots=True)
class Said:
    key: str
    value: object
    edits: int = 0


@dataclass(slots=True)
class FakeMessenger:
    """Channels as dictionaries of messages by ts, oldest first."""

    channels: dict[str, dict[str, Said]] = field(default_factory=dict)
    away: bool = False
    crash_after_speaking: bool = False

    def post(self, channel: str, value: object, *, key: str) -> str:
        self._reach()
        messages = self.channels.setdefault(channel, {})
        ts = f"{len(messages) + 1}.000000"
        messages[ts] = Said(key, value)
        if self.crash_after_speaking:
            raise KeyboardInterrupt
        return ts

    def update(self, channel: str, ts: str, value: object) -> None:
        self._reach()
        said = self.channels.get(channel, {}).get(ts)
        if said is None:
            raise Undelivered("message_not_found", permanent=True)
        said.value = value
        said.edits += 1

    def find(self, channel: str, key: str, since: datetime) -> str | None:  # noqa: ARG002 nothing here is that old
        self._reach()
        return next((ts for ts, said in self.channels.get(channel, {}).items() if said.key == key), None)

    def said(self, channel: str) -> list[Said]:
        """What stands in a channel, oldest first."""
        return list(self.channels.get(channel, {}).values())

    def _reach(self) -> None:
        if self.away:
            raise Undelivered("Slack is away")
