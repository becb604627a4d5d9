"""Remembers what was handled already: Slack delivers again what it believes lost, and Bolt does not notice."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Redeliveries(Generic[T]):
    """What was made of the newest deliveries, by key. Slack's last redelivery comes five minutes after the first;
    10,000 keys last longer."""

    def __init__(self, most: int = 10_000) -> None:
        self._made: OrderedDict[str, T] = OrderedDict()
        self._lock = Lock()
        self._most = most

    def once(self, key: str, make: Callable[[], T]) -> tuple[T, bool]:
        """What was made for a key, and whether that was now; of several threads exactly one makes it."""
        with self._lock:
            if key in self._made:
                return self._made[key], False
            made = self._made[key] = make()
            while len(self._made) > self._most:
                self._made.popitem(last=False)
            return made, True

    def first(self: Redeliveries[None], key: str) -> bool:
        """Whether this key comes for the first time."""
        return self.once(key, lambda: None)[1]
