"""One message a second and channel: Slack's limit for posting, kept without waiting for its refusal."""

from __future__ import annotations

from threading import Event, Lock
from time import monotonic


class Pace:
    """Gives each channel its turns. `stop` ends all waiting."""

    def __init__(self, stop: Event, *, seconds: float = 1.0) -> None:
        self._stop = stop
        self._seconds = seconds
        self._next: dict[str, float] = {}
        self._lock = Lock()

    def wait(self, channel: str) -> None:
        """Wait for the channel's turn."""
        with self._lock:
            now = monotonic()
            turn = max(now, self._next.get(channel, now))
            self._next[channel] = turn + self._seconds
            self._next = {key: at for key, at in self._next.items() if at > now}
        if turn > now:
            self._stop.wait(turn - now)
