"""How Slack reaches the app: a socket that the bot opens (no inbound port), or an endpoint that Slack calls."""

from __future__ import annotations

import logging
import random
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from threading import Event, Thread

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.adapter.starlette.handler import to_bolt_request, to_starlette_response
from slack_sdk import WebClient
from slack_sdk.signature import SignatureVerifier
from slack_sdk.socket_mode.builtin import SocketModeClient
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from bot.request_body import Unreadable, bounded_body
from bot.services.errors import Undelivered
from bot.slack.errors import translated

log = logging.getLogger(__name__)

LONGEST_BODY = 1_000_000
"""Bytes; what Slack sends is far shorter."""
_LONGEST_WAIT = 30.0
"""Seconds between two tries to connect."""


_CLOSING = 5.0
"""Seconds that closing may take."""


class SocketConnection:
    """Socket Mode: connects, and stays connected until it is stopped. Slack being away delays it, nothing more."""

    def __init__(self, app: App, client: WebClient, app_token: str) -> None:
        self._app = app
        self._client = client
        self._token = app_token
        self._stop = Event()
        self._thread = Thread(target=self._run, name="slack-socket", daemon=True)
        self._handler: SocketModeHandler | None = None

    def start(self) -> None:
        """Begin to connect, and return."""
        self._thread.start()

    def stop(self) -> None:
        """Close the connection; listeners that are at work finish."""
        self._stop.set()
        self._thread.join(timeout=10)
        if self._handler is not None:
            _close(self._handler.client)

    @property
    def connected(self) -> bool:
        """Whether Slack can reach the bot now."""
        return self._handler is not None and bool(self._handler.client.is_connected())

    def _run(self) -> None:
        """Connect for the first time; the client itself does it again whenever the connection is lost."""
        handler = SocketModeHandler(self._app, self._token, web_client=self._client)
        self._handler = handler
        wait = 1.0
        while not self._stop.is_set():
            try:
                with translated("opening the socket"):
                    handler.client.connect()
            except Undelivered as error:
                log.warning("not connected to Slack: %s; the next try is in about %.0f s", error, wait)
                self._stop.wait(wait * random.uniform(0.5, 1))  # noqa: S311 jitter is no secret
                wait = min(wait * 2, _LONGEST_WAIT)
            else:
                return


def _close(client: SocketModeClient) -> None:
    """Close a client at once.

    Its own `close` waits for a read that lasts 3 seconds, and for ever where the reading thread begins anew meanwhile:
    so that thread is told to end first, its waits are cut short, and ours is bounded.
    """
    client.closed, client.auto_reconnect_enabled = True, False
    client.enqueue_message("")
    client.current_session_runner.event.set()
    client.current_session_state.terminated = True
    session = client.current_session
    if session is not None and (connected := session.sock) is not None:
        with suppress(OSError):  # it was closed already
            connected.shutdown(socket.SHUT_RDWR)
    closing = Thread(target=client.close, name="slack-socket-close", daemon=True)
    closing.start()
    closing.join(_CLOSING)


def endpoint(app: App, signing_secret: str) -> Callable[[Request], Awaitable[Response]]:
    """A Starlette endpoint for Slack's requests. Signature and age are looked at before anything is understood; Bolt
    looks again."""
    verifier = SignatureVerifier(signing_secret)

    async def handle(request: Request) -> Response:
        try:
            body = await bounded_body(request, most=LONGEST_BODY)
        except Unreadable as error:
            return PlainTextResponse(str(error), status_code=error.status, headers={"Connection": "close"})
        if not _is_signed(verifier, request, body):
            return PlainTextResponse("not signed by Slack", status_code=401)
        try:
            asked = to_bolt_request(request, body)
        except _NOT_UNDERSTOOD:
            return PlainTextResponse("not understood", status_code=400)
        return to_starlette_response(await run_in_threadpool(app.dispatch, asked))

    return handle


_NOT_UNDERSTOOD = (ValueError, TypeError, LookupError, AttributeError, RecursionError)
"""What a body that is signed and yet none of Slack's makes of its reader."""


def _is_signed(verifier: SignatureVerifier, request: Request, body: bytes) -> bool:
    """Whether Slack sent it, not more than five minutes ago."""
    timestamp, signature = (request.headers.get(f"x-slack-{name}", "") for name in ("request-timestamp", "signature"))
    if not timestamp.isascii() or not timestamp.isdecimal() or len(timestamp) > 12 or not signature.isascii():
        return False
    try:
        return verifier.is_valid(body, timestamp, signature)
    except ValueError:  # the body is no UTF-8
        return False
