"""A server that is told to stop while clients are still coming."""

from __future__ import annotations

import gc
import socket
import threading

from starlette.applications import Starlette

from bot.asgi_server import Serving


def test_a_connection_that_comes_while_the_server_stops_is_not_left_open() -> None:
    for _ in range(40):
        serving = Serving(Starlette(), host="127.0.0.1", port=0)
        serving.start()
        over = threading.Event()
        client = threading.Thread(target=_connect_again_and_again, args=(serving.port, over))
        client.start()
        serving.stop()
        over.set()
        client.join()
    gc.collect()  # what was left open warns now, and warnings are errors


def _connect_again_and_again(port: int, over: threading.Event) -> None:
    while not over.is_set():
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            return
