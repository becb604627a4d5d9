"""Watches: a stream of changes, one JSON object a line, until the client leaves or the time is over."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import ExitStack, suppress

import msgspec
from starlette.responses import StreamingResponse

from playground.kube.cluster import SimulatedCluster
from playground.kube.faults import Faults
from playground.kube.listing import too_large
from playground.kube.query import Query
from playground.kube.resources import PODS, Resource
from playground.kube.shelf import ChangeType, Expired, Stored
from playground.kube.status import Refused

_LONGEST = (1800.0, 3600.0)
"""Seconds that a watch lasts at least and at most if the client does not say, as on a real server."""


_CHUNK = 500
"""Lines that are sent at once."""


def watch_objects(
    cluster: SimulatedCluster, faults: Faults, query: Query, *, bookmark_every: float
) -> StreamingResponse:
    """The answer to a watch; `bookmark_every` is in seconds. Raises Refused where its version is not there yet."""
    if query.version is not None and query.version > cluster.resource_version:
        raise too_large(query.version, cluster.resource_version)
    stream = _Stream(cluster, faults, query, bookmark_every)
    return StreamingResponse(stream.lines(), media_type="application/json")


class _Bell:
    """Wakes a coroutine from any thread; many rings before it looks are one."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._rung = asyncio.Event()
        self._on_its_way = False

    def ring(self) -> None:
        if not self._on_its_way:
            self._on_its_way = True
            with suppress(RuntimeError):  # the server was stopped, nobody listens any more
                self._loop.call_soon_threadsafe(self._rung.set)

    async def wait(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._rung.wait(), max(seconds, 0))
        except TimeoutError:
            return
        self._rung.clear()
        self._on_its_way = False


class _Stream:
    """One watch: how far it has told, and when it ends."""

    def __init__(self, cluster: SimulatedCluster, faults: Faults, query: Query, bookmark_every: float) -> None:
        self._cluster = cluster
        self._faults = faults
        self._query = query
        self._bookmark_every = bookmark_every
        self._told = query.version or 0
        self._dropped = faults.dropped
        self._heard = 0

    async def lines(self) -> AsyncIterator[bytes]:
        """Chunks of whole lines."""
        bell = _Bell()
        clock = asyncio.get_running_loop().time
        timeout = random.uniform(*_LONGEST) if self._query.timeout is None else self._query.timeout
        end, bookmark_at = clock() + timeout, clock() + self._bookmark_every
        with ExitStack() as stack:
            stack.enter_context(self._cluster.watched(self._query.resource, bell.ring))
            stack.enter_context(self._faults.watched(bell.ring))
            for chunk in self._present() if not self._told else ():
                yield chunk
            while clock() < end and self._faults.dropped == self._dropped:
                if self._faults.silent:
                    await bell.wait(end - clock())
                    continue
                try:
                    news = self._news()
                except Expired as error:
                    yield _event("ERROR", Refused(410, str(error)).status())
                    return
                for chunk in (*news, *self._said()):
                    yield chunk
                if clock() >= bookmark_at:
                    bookmark_at = clock() + self._bookmark_every
                    if self._query.bookmarks:
                        yield self._bookmark()
                await bell.wait(min(end, bookmark_at) - clock())
            if self._query.bookmarks and not self._faults.silent and clock() >= end:
                yield self._bookmark()

    def _present(self) -> list[bytes]:
        """A watch from no version starts with the objects as they are."""
        self._told, stored = self._cluster.select(self._query.resource, self._query.selects)
        return _chunks([_line(ChangeType.ADDED, each) for each in stored])

    def _news(self) -> list[bytes]:
        self._told, changes = self._cluster.since(self._query.resource, self._told)
        selects = self._query.selects
        return _chunks([_line(kind, each.after) for each in changes if (kind := each.seen_by(selects)) is not None])

    def _said(self) -> list[bytes]:
        """Raw lines that somebody wants all watches of pods to hear."""
        if self._query.resource is not PODS:
            return []
        heard, self._heard = self._heard, len(self._faults.said)
        return [line + b"\n" for line in self._faults.said[heard:]]

    def _bookmark(self) -> bytes:
        resource: Resource = self._query.resource
        metadata = {"resourceVersion": str(self._told), "creationTimestamp": None}
        return _event("BOOKMARK", {"kind": resource.kind, "apiVersion": resource.api_version, "metadata": metadata})


def _chunks(lines: list[bytes]) -> list[bytes]:
    return [b"".join(lines[start : start + _CHUNK]) for start in range(0, len(lines), _CHUNK)]


def _line(kind: ChangeType, stored: Stored) -> bytes:
    return b'{"type":"%s","object":%s}\n' % (kind.encode(), stored.body)


def _event(kind: str, body: dict[str, object]) -> bytes:
    return msgspec.json.encode({"type": kind, "object": body}) + b"\n"
