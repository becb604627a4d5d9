"""What can go wrong with an API server, on request: it refuses, is slow, falls silent, ends its watches, forbids, has
forgotten what it promised, or is not the one that answers: a proxy does, with a page of HTML."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from starlette.responses import HTMLResponse, Response

from playground.kube.status import Refused

USER = "system:serviceaccount:failures:failures-bot"
ODD_OBJECTS: Mapping[str, bytes] = {
    "lone surrogate": b'{"metadata":{"name":"odd","namespace":"x","uid":"odd-1","annotations":{"a":"\\ud800"}},'
    b'"spec":{"containers":[]},"status":{"phase":"Failed"}}',
    "bytes that are no UTF-8": b'{"metadata":{"name":"odd\xff","namespace":"x","uid":"odd-2"},"status":{}}',
    "wrong types": b'{"metadata":{"name":7,"labels":[]},"spec":"none","status":{"containerStatuses":{"a":1}}}',
    "nothing": b"null",
    "a number": b"12345678901234567890123",
    "a deep nest": b'{"metadata":{"name":"odd","uid":"odd-3","annotations":' + b'{"a":' * 600 + b"1" + b"}" * 602,
}
"""Objects that no API server should send, and some clients of some webhooks have stored: raw JSON, or nearly so."""
_PAGE = "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502</h1></center></body></html>"


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
        self._next: list[Response] = []
        self._too_large = 0
        self._denied: set[Right] = set()
        self._watchers: set[Callable[[], None]] = set()
        self.delay = 0.0
        """Seconds that every request waits before its answer."""
        self.silent = False
        """Watches stay open and say nothing, not even a bookmark."""
        self.dropped = 0
        """How often all watches were ended; a watch ends when this changes."""
        self.broken: int | None = None
        """The HTTP status that every request is answered with; None where they are served."""
        self.odd: tuple[bytes, ...] = ()
        """Raw objects that stand in every list of pods, after the first one."""
        self.said: list[bytes] = []
        """Raw lines that were said to all watches of pods, beside what they should hear."""
        self.ignores_log_limits = False
        """Logs come whole, whatever `tailLines` and `limitBytes` say."""

    def fail_next(self, times: int, code: int, *, retry_after: int | None = None) -> None:
        """Answer the next requests with this HTTP status; 429 and 503 may say when to come back, in seconds."""
        refused = Refused(code, "the simulated server refuses", retry_after=retry_after)
        with self._lock:
            self._next += [refused.response() for _ in range(times)]

    def show_page(self, times: int, code: int = 502) -> None:
        """Answer the next requests with a page of HTML, as a proxy or a login page in front of the server does, also
        with 200."""
        with self._lock:
            self._next += [HTMLResponse(_PAGE, code) for _ in range(times)]

    def next_failure(self) -> Response | None:
        """What the next request is to be answered with; None where it may be served."""
        with self._lock:
            if self._next:
                return self._next.pop(0)
        return None if self.broken is None else Refused(self.broken, "the simulated server is broken").response()

    def forget_versions(self, times: int) -> None:
        """Answer the next lists and watches that name a resourceVersion as if it were yet to come: 504, "Too large
        resource version", as servers do that lag behind or were restored from a backup."""
        with self._lock:
            self._too_large = times

    def takes_version(self, version: int | None) -> bool:
        """Whether a list or watch from this version is served."""
        with self._lock:
            if not version or not self._too_large:
                return True
            self._too_large -= 1
            return False

    def say(self, line: bytes) -> None:
        """Say a raw line to every open watch of pods, and to those that are opened later."""
        with self._lock:
            self.said = [*self.said, line]
        self._wake()

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
        self._wake()

    def clear(self) -> None:
        """Be well again."""
        with self._lock:
            self._next.clear()
            self._denied.clear()
            self._too_large = 0
            self.delay, self.broken, self.odd, self.said = 0.0, None, (), []
            self.silent = self.ignores_log_limits = False
        self._wake()

    def _wake(self) -> None:
        with self._lock:
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
