"""Socket Mode: the app's WebSocket connections, up to ten. Any payload goes to any one of them; the app acknowledges it
by its envelope id on whichever connection it likes."""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
import time
import uuid
from concurrent.futures import Future, InvalidStateError
from concurrent.futures import TimeoutError as Late
from contextlib import suppress

from starlette.websockets import WebSocket, WebSocketDisconnect

from playground.workspace.changes import Change
from playground.workspace.delivery import EVENTS, Envelope, Heard, Outcome, Unheard
from playground.workspace.state import APP, State
from playground.workspace.values import Json

log = logging.getLogger(__name__)

_MOST = 10
_GRACE = 2.0
"""Seconds between the wish that the app connects anew and the end of the connection."""


class _Link:
    """One connection. Its queue is filled from any thread and emptied by the server's loop; None ends it."""

    def __init__(self, websocket: WebSocket) -> None:
        self.websocket = websocket
        self.loop = asyncio.get_running_loop()
        self.queue: asyncio.Queue[str | None] = asyncio.Queue()

    def put(self, message: Json | None) -> None:
        text = None if message is None else json.dumps(message)
        with suppress(RuntimeError):  # the loop has ended, and the connection with it
            self.loop.call_soon_threadsafe(self.queue.put_nowait, text)

    def end_after(self, seconds: float) -> None:
        with suppress(RuntimeError):  # as above
            self.loop.call_soon_threadsafe(self.loop.call_later, seconds, self.put, None)

    async def pump(self) -> None:
        with suppress(WebSocketDisconnect, RuntimeError):  # the app has left in the meantime
            while (text := await self.queue.get()) is not None:
                await self.websocket.send_text(text)
            await self.websocket.close()


class Links:
    """All connections of the app, and the payloads they have not acknowledged yet."""

    def __init__(self, state: State) -> None:
        self.away = False
        self._state = state
        self._links: list[_Link] = []
        self._turn = itertools.count()
        self._waiting: dict[str, Future[object]] = {}

    @property
    def count(self) -> int:
        """How many connections there are."""
        return len(self._links)

    # the server's side

    async def serve(self, websocket: WebSocket) -> None:
        """One connection from its start to its end."""
        ticket = websocket.query_params.get("ticket", "")
        if self.away or ticket not in self._state.link_tickets:
            await websocket.close()
            return
        self._state.link_tickets.discard(ticket)
        await websocket.accept()
        link = _Link(websocket)
        pump = asyncio.create_task(link.pump())
        if len(self._links) >= _MOST:
            link.put(_disconnect("too_many_websockets"))
            link.put(None)
            await pump
            return
        self._links.append(link)
        link.put(self._hello())
        self._state.changes.tell(Change(kind="link"))
        try:
            await self._listen(websocket)
        finally:
            self._links.remove(link)
            link.put(None)
            await pump
            self._state.changes.tell(Change(kind="link"))

    def _hello(self) -> Json:
        debug = {"host": "playground", "build_number": 1, "approximate_connection_time": 18060}
        info = {"app_id": APP}
        return {"type": "hello", "num_connections": self.count, "debug_info": debug, "connection_info": info}

    async def _listen(self, websocket: WebSocket) -> None:
        while True:
            try:
                said = json.loads(await websocket.receive_text())
            except (WebSocketDisconnect, RuntimeError):
                return
            except ValueError:
                log.warning("the app sent something that is not JSON")
                continue
            if isinstance(said, dict) and (waiting := self._waiting.get(str(said.get("envelope_id")))) is not None:
                with suppress(InvalidStateError):  # a second acknowledgement of the same envelope
                    waiting.set_result(said.get("payload"))

    # the workspace's side, from any thread

    def carry(self, envelope: Envelope, timeout: float) -> Outcome:
        """Bring one payload over one of the connections."""
        links = list(self._links)
        if not links:
            return Unheard("connection_failed")
        key = str(uuid.uuid4())
        answer = self._waiting[key] = Future()
        started = time.monotonic()
        try:
            links[next(self._turn) % len(links)].put(_message(key, envelope))
            return Heard(answer.result(timeout), time.monotonic() - started)
        except (Late, ConnectionError):
            return Unheard("timeout")
        finally:
            del self._waiting[key]

    def refresh(self, reason: str = "refresh_requested") -> None:
        """Ask the app to connect anew, as Slack does every few hours; `warning` only announces it."""
        for link in list(self._links):
            link.put(_disconnect(reason))
            if reason != "warning":
                link.end_after(_GRACE)

    def drop(self) -> None:
        """End all connections without a word."""
        for link in list(self._links):
            link.put(None)

    def close(self) -> None:
        """Wait for no acknowledgement any more."""
        for waiting in list(self._waiting.values()):
            with suppress(InvalidStateError):
                waiting.set_exception(ConnectionError("the workspace is closing"))
        self.drop()


def _message(key: str, envelope: Envelope) -> Json:
    message: Json = {
        "envelope_id": key,
        "type": envelope.kind,
        "payload": envelope.payload,
        "accepts_response_payload": envelope.kind != EVENTS,
    }
    if envelope.kind == EVENTS:
        message |= {"retry_attempt": envelope.retry_num, "retry_reason": envelope.retry_reason or ""}
    return message


def _disconnect(reason: str) -> Json:
    return {"type": "disconnect", "reason": reason, "debug_info": {"host": "playground"}}
