"""Pub/sub of what happens in the workspace: tests wait on it, a page that shows the workspace listens to it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that happened. `kind` is one of person, channel, message, edit, delete, reaction, view, home, file,
    ack, link; the ids say where."""

    kind: str
    channel: str | None = None
    ts: str | None = None
    person: str | None = None


class Changes:
    """Tells everyone who listens, and wakes everyone who waits. `lock` guards the whole state of the workspace."""

    def __init__(self) -> None:
        self.lock = threading.Condition()
        self._listeners: list[Callable[[Change], None]] = []

    def tell(self, change: Change) -> None:
        """Say that something happened. The listeners run in this thread, so they must be quick and not call back."""
        with self.lock:
            self.lock.notify_all()
            listeners = list(self._listeners)
        for listener in listeners:
            listener(change)

    @contextmanager
    def listen(self, listener: Callable[[Change], None]) -> Iterator[None]:
        """Call the listener with each change, as long as the block runs."""
        with self.lock:
            self._listeners.append(listener)
        try:
            yield
        finally:
            with self.lock:
                self._listeners.remove(listener)

    def wait_for(self, predicate: Callable[[], T], timeout: float) -> T:
        """What the predicate says once that is truthy, asked anew after each change. `timeout` is in seconds;
        after it the last answer is given, whatever it is."""
        until = time.monotonic() + timeout
        with self.lock:
            while not (answer := predicate()):
                left = until - time.monotonic()
                if left <= 0:
                    return answer
                self.lock.wait(min(left, 0.25))
            return answer
