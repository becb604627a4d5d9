"""Rate limits: those a test asks for, and Slack's own where they are enforced: one post a second in each channel with a
few at once, and calls per minute by the tier of the method."""

from __future__ import annotations

import math
from collections import Counter, deque
from datetime import datetime, timedelta

from playground.workspace.refusal import Refused

_BURST = 5
_TIERS = {
    "chat.postEphemeral": 100,
    "chat.update": 50,
    "chat.delete": 50,
    "conversations.history": 50,
    "conversations.replies": 50,
    "conversations.list": 20,
    "users.list": 20,
    "usergroups.list": 20,
    "files.completeUploadExternal": 100,
}
"""Calls per minute, by Slack's reference for apps that are not distributed."""
_MINUTE = timedelta(minutes=1)


class Limits:
    """Says when a call comes too soon."""

    def __init__(self, *, enforced: bool) -> None:
        self.enforced = enforced
        self._asked: dict[str, tuple[int, int]] = {}
        self._calls: dict[tuple[str, str], deque[datetime]] = {}
        self.refused: Counter[str] = Counter()
        """How many calls were refused, by method."""

    def ask(self, method: str, times: int, retry_after: int) -> None:
        """Refuse the next calls of a method, so many times; `retry_after` is in seconds."""
        self._asked[method] = (times, retry_after)

    def check(self, method: str, channel: str, now: datetime) -> None:
        """Count a call. Raises Refused if it comes too soon."""
        left, retry_after = self._asked.get(method, (0, 0))
        if left > 0:
            self._asked[method] = (left - 1, retry_after)
            raise self._too_soon(method, retry_after)
        if not self.enforced:
            return
        if method == "chat.postMessage":
            self._count(method, channel, _BURST, timedelta(seconds=_BURST), now)
        elif method in _TIERS:
            self._count(method, "", _TIERS[method], _MINUTE, now)

    def _count(self, method: str, channel: str, most: int, within: timedelta, now: datetime) -> None:
        calls = self._calls.setdefault((method, channel), deque())
        while calls and now - calls[0] >= within:
            calls.popleft()
        if len(calls) >= most:
            raise self._too_soon(method, max(1, math.ceil((calls[0] + within - now).total_seconds())))
        calls.append(now)

    def _too_soon(self, method: str, retry_after: int) -> Refused:
        self.refused[method] += 1
        return Refused("ratelimited", status=429, retry_after=retry_after)
