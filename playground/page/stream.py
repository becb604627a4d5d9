"""What happens, sent to one browser as it happens, as server-sent events. Changes are kept as a set of places, so a
slow browser gets the newest state of each and costs no memory."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

from playground.page import showing
from playground.workspace import Workspace
from playground.workspace.changes import Change
from playground.workspace.values import Json

_GATHER = 0.04
"""Seconds in which changes are gathered before they are sent."""
_LOOK = 0.5
"""Seconds between two looks at the cluster."""
_BEAT = 30
"""Looks without any news after which a sign of life is sent."""

Look = Callable[[], Json | None]
"""The cluster at a glance; None where there is none."""


class Inbox:
    """The places that have changed since they were last taken out. Filled from any thread."""

    def __init__(self, person: str, loop: asyncio.AbstractEventLoop) -> None:
        self._person = person
        self._loop = loop
        self._lock = threading.Lock()
        self._changes: dict[Change, None] = {}
        self.filled = asyncio.Event()

    def put(self, change: Change) -> None:
        """Note a change, if it concerns the person who looks."""
        if showing.concerns(change, self._person):
            with self._lock:
                self._changes[change] = None
            with suppress(RuntimeError):  # the server has just stopped
                self._loop.call_soon_threadsafe(self.filled.set)

    def take(self) -> list[Change]:
        """All changes since the last time, each once."""
        self.filled.clear()
        with self._lock:
            taken, self._changes = list(self._changes), {}
        return taken


async def events(workspace: Workspace, person: str, first: Json, look: Look) -> AsyncIterator[str]:
    """Everything as it is, then each change, until the browser leaves."""
    inbox, seen, silent = Inbox(person, asyncio.get_running_loop()), None, 0
    with workspace.changes.listen(inbox.put):
        yield _event("everything", {**first, **showing.everything(workspace, person)})
        while True:
            if (cluster := look()) is not None and cluster["version"] != seen:
                seen = cluster["version"]
                yield _event("cluster", cluster)
            with suppress(TimeoutError):
                await asyncio.wait_for(inbox.filled.wait(), _LOOK)
                await asyncio.sleep(_GATHER)
            taken = inbox.take()
            for name, part in _parts(workspace, person, taken):
                yield _event(name, part)
            silent = 0 if taken else silent + 1
            if silent % _BEAT == _BEAT - 1:
                yield ": still here\n\n"


def _parts(workspace: Workspace, person: str, changes: list[Change]) -> list[tuple[str, Json | None]]:
    """What is told of these changes: each message, and each other part once."""
    told: dict[object, tuple[str, Json | None]] = {}
    for change in changes:
        name, part = showing.changed(workspace, person, change)
        if name != "message":
            told[name] = (name, part)
        elif part is not None:
            told[change.channel, change.ts] = (name, part)
    return list(told.values())


def _event(name: str, data: object) -> str:
    return f"event: {name}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n"
