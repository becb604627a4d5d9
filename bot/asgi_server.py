"""Serves an ASGI application from a thread, until told to stop. It can also go away and come back on the same port, as
a peer does that crashes and restarts."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

import uvicorn

if TYPE_CHECKING:
    from starlette.types import ASGIApp

_PATIENCE = 5.0
"""Seconds that a start or a stop may take."""
_LOOK_SECONDS, _MOST_LOOKS = 2.0, 5
"""A connection that asks nothing for ten seconds is broken: somebody may hold hundreds open, a byte at a time."""
_QUIET_TURNS = 3
"""Turns of the loop without a connection after which none is on its way any more."""


class _Server(uvicorn.Server):
    """Stops at once: it aborts what is open rather than wait for the clients of endless streams to leave."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._loop = asyncio.get_running_loop()
        self._stopped = asyncio.Event()
        self.up.set()

    async def main_loop(self) -> None:
        await self.on_tick(0)  # sets the date header, once
        waiting: dict[int, int] = {}
        while not self._stopped.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopped.wait(), _LOOK_SECONDS)
            waiting = self._cut_slow(waiting)

    def _cut_slow(self, waiting: dict[int, int]) -> dict[int, int]:
        """Break connections that have not finished asking anything since the last looks; how often each was seen so.
        What is asked is answered in its own time; so are web sockets, which have no `cycle`."""
        seen = {}
        for connection in list(self.server_state.connections):
            cycle = getattr(connection, "cycle", connection)
            asks = cycle is not None and not getattr(cycle, "response_complete", False)
            if asks or connection.transport is None:
                continue
            seen[id(connection)] = waiting.get(id(connection), 0) + 1
            if seen[id(connection)] > _MOST_LOOKS:
                connection.transport.abort()
        return seen

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for listening in (sock for server in self.servers for sock in server.sockets):
            self._loop.remove_reader(listening)
        await asyncio.sleep(0)  # asyncio leaks a connection that was accepted just before its server is closed
        for server in self.servers:
            server.close()
        for sock in sockets or []:
            sock.close()
        await self._settled(1.0)
        for task in list(self.server_state.tasks):
            task.cancel()
        await self._settled(1.0)
        await self.lifespan.shutdown()

    async def _settled(self, seconds: float) -> None:
        """Wait until no request is being answered and no connection is open, one that came in just now included."""
        until = self._loop.time() + seconds
        quiet = 0
        while quiet < _QUIET_TURNS and self._loop.time() < until:
            self._abort()
            await asyncio.sleep(0.005)
            busy = self.server_state.tasks or self.server_state.connections
            quiet = 0 if busy else quiet + 1

    def _abort(self) -> None:
        for connection in list(self.server_state.connections):
            if connection.transport is not None:
                connection.transport.abort()

    def abort_connections(self) -> None:
        self._loop.call_soon_threadsafe(self._abort)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stopped.set)


class Serving:
    """An application being served. Use `serve`; the methods may be called from any thread but the server's own."""

    def __init__(self, app: ASGIApp, *, host: str, port: int) -> None:
        self._app = app
        self._host = host
        self._port = port
        self._running: tuple[_Server, threading.Thread] | None = None

    @property
    def port(self) -> int:
        """The TCP port; the same one for as long as this lives."""
        return self._port

    @property
    def url(self) -> str:
        """`http://host:port`, without a slash at its end."""
        return f"http://{self._host}:{self._port}"

    @property
    def is_up(self) -> bool:
        """Whether it answers now."""
        return self._running is not None

    def start(self) -> None:
        """Listen and answer. Nothing happens where it does already. Raises OSError where the port is taken."""
        if self._running is not None:
            return
        sock = _bound(self._host, self._port)
        self._port = sock.getsockname()[1]
        config = uvicorn.Config(
            self._app,
            log_config=None,
            access_log=False,
            lifespan="auto",
            ws="websockets-sansio",
            ws_ping_interval=0.5,  # Slack's client looks up from its socket only when something comes
            backlog=512,
        )
        server = _Server(config)
        thread = threading.Thread(target=server.run, args=([sock],), name=f"serving:{self._port}", daemon=True)
        thread.start()
        if not server.up.wait(_PATIENCE):
            raise RuntimeError(f"the server on port {self._port} did not start")
        self._running = server, thread

    def stop(self) -> None:
        """Refuse new connections and break the open ones. Nothing happens where it is stopped already."""
        if self._running is None:
            return
        server, thread = self._running
        self._running = None
        server.stop()
        thread.join(_PATIENCE)

    def abort_connections(self) -> None:
        """Break every open connection, as a network does; new ones are still welcome."""
        if self._running is not None:
            self._running[0].abort_connections()


def _bound(host: str, port: int) -> socket.socket:
    """A socket that is known to be TCP: only then does asyncio turn Nagle's algorithm off, which would cost every
    answer 40 ms."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
    except OSError:
        sock.close()
        raise
    return sock


@contextlib.contextmanager
def serve(app: ASGIApp, *, host: str = "127.0.0.1", port: int = 0) -> Iterator[Serving]:
    """Serve `app` until the block ends. Port 0 is any free one. Raises OSError where the port is taken."""
    serving = Serving(app, host=host, port=port)
    serving.start()
    try:
        yield serving
    finally:
        serving.stop()


def free_port(host: str = "127.0.0.1") -> int:
    """A TCP port that nobody listens on just now."""
    with socket.create_server((host, 0)) as sock:
        return int(sock.getsockname()[1])
