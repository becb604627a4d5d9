"""Who may look at the page and what it may load: only browsers on this machine, and nothing from anywhere else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Guarded:
    """An application behind the guard. A site that a person visits at the same time cannot reach through it: neither
    by a form or a script of its own (another origin), nor by a name of its own for this machine (another host)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or say why not."""

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        if scope["type"] == "http" and (why := refusal(scope["method"], Headers(scope=scope))):
            await PlainTextResponse(why, status_code=403)(scope, receive, sent)
        else:
            await self._app(scope, receive, sent)


def refusal(method: str, headers: Mapping[str, str]) -> str | None:
    """Why a request is not answered; None where it may be."""
    host = headers.get("host", "")
    if urlsplit(f"//{host}").hostname not in _LOOPBACK:
        return "this page answers on loopback only"
    if method in {"GET", "HEAD"}:
        return None
    if headers.get("origin", f"http://{host}") != f"http://{host}":
        return "another site may not act here"
    if headers.get("content-type", "").partition(";")[0] != "application/json":
        return "only JSON is read here"
    return None
