"""A messenger that counts what it posts: that is how many messages came late, once Slack is back."""

from __future__ import annotations

from datetime import datetime
from threading import Lock

from bot.services.incidents.ports import Messenger


class CountingMessenger:
    """Says all things through another messenger. Safe to share between threads."""

    def __init__(self, messenger: Messenger) -> None:
        self._messenger = messenger
        self._lock = Lock()
        self.posted = 0
        """New messages since `reset`."""

    def reset(self) -> None:
        """Count from zero."""
        with self._lock:
            self.posted = 0

    def post(
        self, channel: str, value: object, *, key: str, thread: str | None = None, reply_broadcast: bool = False
    ) -> str:
        """See `ports.Messenger`."""
        ts = self._messenger.post(channel, value, key=key, thread=thread, reply_broadcast=reply_broadcast)
        with self._lock:
            self.posted += 1
        return ts

    def update(self, channel: str, ts: str, value: object) -> None:
        """See `ports.Messenger`."""
        self._messenger.update(channel, ts, value)

    def find(self, channel: str, key: str, since: datetime, *, thread: str | None = None) -> str | None:
        """See `ports.Messenger`."""
        return self._messenger.find(channel, key, since, thread=thread)
