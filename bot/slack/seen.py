"""Remembers what was handled already: Slack delivers again what it believes lost, and Bolt does not notice."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock


class Seen:
    """The newest keys. Slack's last redelivery comes five minutes after the first; 10,000 keys last longer."""

    def __init__(self, most: int = 10_000) -> None:
        self._keys: OrderedDict[str, None] = OrderedDict()
        self._lock = Lock()
        self._most = most

    def first(self, key: str) -> bool:
        """Whether this key comes for the first time; it does so for exactly one of several threads."""
        with self._lock:
            if key in self._keys:
                return False
            self._keys[key] = None
            while len(self._keys) > self._most:
                self._keys.popitem(last=False)
            return True
