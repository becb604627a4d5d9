"""One throttle for what Slack allows: our own pace of a message a second and channel, and how long each method is to
be left alone because Slack said so (429). Waits are short, and each method's are its own: nobody's answer waits for
another method, nor for a look-up that may be left out."""

from __future__ import annotations

from threading import Event, Lock
from time import monotonic

LONGEST_WAIT = 10.0
"""Seconds that a call waits at most; what has to wait longer fails, and is tried again by whoever asked."""
MAY_BE_LEFT_OUT = frozenset({"users.info", "usergroups.users.list", "conversations.info", "conversations.members"})
"""Look-ups without which an answer is only less fine: they never wait."""


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


class Refusals:
    """Until when Slack wants each method left alone. Safe for several threads."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}
        self._lock = Lock()

    def note(self, method: str, seconds: float) -> None:
        """Slack refused the method, and said for how long."""
        with self._lock:
            self._until[method] = max(self._until.get(method, 0.0), monotonic() + max(0.0, seconds))

    def left(self, method: str) -> float:
        """Seconds until the method may be called again; 0 where it may be now."""
        with self._lock:
            return max(0.0, self._until.get(method, 0.0) - monotonic())

    def may_wait(self, method: str) -> bool:
        """Whether a call of this method is to wait for its turn at all."""
        return method not in MAY_BE_LEFT_OUT and self.left(method) <= LONGEST_WAIT
