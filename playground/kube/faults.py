"""What can go wrong with an API server, on request: it refuses, is slow, falls silent, ends its watches, forbids."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playground.kube.status import Refused

USER = "system:serviceaccount:failures:failures-bot"


@dataclass(frozen=True, slots=True)
class Right:
    """A verb on a resource, `pods` or `pods/log`, as RBAC rules have them."""

    verb: str
    resource: str
    group: str = ""


class Faults:
    """The faults that are on now. Set from any thread, read by the server's."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failing: list[Refused] = []
        self._denied: set[Right] = set()
        self._watchers: set[Callable[[], None]] = set()
        self.delay = 0.0
        """Seconds that every request waits before its answer."""
        self.silent = False
        """Watches stay open and say nothing, not even a bookmark."""
        self.dropped = 0
        """How often all watches were ended; a watch ends when this changes."""

    def fail_next(self, times: int, code: int, *, retry_after: int | None = None) -> None:
        """Answer the next requests with this HTTP status; 429 and 503 may say when to come back, in seconds."""
        with self._lock:
            self._failing += [Refused(code, "the simulated server refuses", retry_after=retry_after)] * times

    def next_failure(self) -> Refused | None:
        """What the next request is to be answered with; None where it may be served."""
        with self._lock:
            return self._failing.pop(0) if self._failing else None

    def deny(self, verb: str, resource: str, *, group: str = "") -> None:
        """Take a right away: requests get 403, access reviews say no."""
        with self._lock:
            self._denied.add(Right(verb, resource, group))

    def allows(self, right: Right) -> bool:
        """Whether the right was not taken away."""
        with self._lock:
            return right not in self._denied

    def hang(self) -> None:
        """Let the watches fall silent, as when a firewall forgets a connection."""
        self.silent = True

    def drop_watches(self) -> None:
        """End every open watch as a server does that is about to restart: the stream just ends."""
        with self._lock:
            self.dropped += 1
            watchers = list(self._watchers)
        for wake in watchers:
            wake()

    def clear(self) -> None:
        """Be well again."""
        with self._lock:
            self._failing.clear()
            self._denied.clear()
            self.delay = 0.0
            self.silent = False
            watchers = list(self._watchers)
        for wake in watchers:
            wake()

    @contextmanager
    def watched(self, wake: Callable[[], None]) -> Iterator[None]:
        """Within the block, `wake` is called when watches are dropped or may speak again."""
        with self._lock:
            self._watchers.add(wake)
        try:
            yield
        finally:
            with self._lock:
                self._watchers.discard(wake)

    @property
    def open_watches(self) -> int:
        """How many watches are open now."""
        with self._lock:
            return len(self._watchers)
