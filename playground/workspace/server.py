"""The HTTP side of the workspace as an ASGI app: the Web API, response_url, uploads, Socket Mode."""

from __future__ import annotations

import json
import secrets
from collections import Counter, deque
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute

from playground.workspace.calls import Arguments, Call, Method, missing
from playground.workspace.changes import Change
from playground.workspace.installation import Installation
from playground.workspace.limits import Limits
from playground.workspace.links import Links
from playground.workspace.methods import METHODS, files
from playground.workspace.refusal import Refused
from playground.workspace.responding import respond
from playground.workspace.state import State
from playground.workspace.values import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """What the app proves itself with."""

    bot: str = field(default_factory=lambda: f"xoxb-{secrets.token_hex(12)}")
    app: str = field(default_factory=lambda: f"xapp-1-{secrets.token_hex(12)}")
    signing_secret: str = field(default_factory=lambda: secrets.token_hex(16))


@dataclass(frozen=True, slots=True)
class Refusal:
    """A call that was refused: the method, Slack's word for why, and what is wrong where."""

    method: str
    error: str
    details: tuple[str, ...] = ()


class Server:
    """Answers requests. `away` makes it answer like a Slack that is down."""

    def __init__(
        self,
        state: State,
        *,
        installation: Installation,
        tokens: Tokens,
        limits: Limits,
        links: Links,
    ) -> None:
        self.away = False
        self.calls: Counter[str] = Counter()
        """How many calls of each method came in, refused ones included."""
        self.refused: deque[Refusal] = deque(maxlen=50)
        """The newest calls that were refused."""
        self._state = state
        self._installation = installation
        self._tokens = tokens
        self._limits = limits
        routes = [
            Route("/api/{method}", self._call, methods=["GET", "POST"]),
            Route("/response/{key}", self._respond, methods=["POST"]),
            Route("/upload/{key}", self._upload, methods=["POST"]),
            WebSocketRoute("/link/", links.serve),
        ]
        self.app = Starlette(routes=routes)

    async def _call(self, request: Request) -> Response:
        if self.away:
            return _down()
        name = request.path_params["method"]
        try:
            given = await _arguments(request)
            answer = {"ok": True, **self._run(name, request, given)}
        except Refused as refusal:
            self.refused.append(Refusal(name, refusal.error, refusal.details))
            self._state.changes.tell(Change(kind="link"))
            return _refusal(refusal)
        headers = {"X-OAuth-Scopes": ",".join(sorted(self._installation.scopes))}
        if needs := METHODS[name].needs:
            headers["X-Accepted-OAuth-Scopes"] = ",".join(needs)
        return JSONResponse(answer, headers=headers)

    def _run(self, name: str, request: Request, given: Json) -> Json:
        method = METHODS.get(name)
        if method is None:
            raise Refused("unknown_method", req_method=name)
        self.calls[name] += 1
        self._authorize(method, request, given)
        with self._state.lock:
            self._limits.check(name, str(given.get("channel")), self._state.clock())
            base = str(request.base_url).rstrip("/")
            return method.run(Call(self._state, self._installation, base, Arguments(given)))

    def _authorize(self, method: Method, request: Request, given: Json) -> None:
        if method.open:
            return
        token = request.headers.get("authorization", "").removeprefix("Bearer ").strip() or str(
            given.get("token") or ""
        )
        if not token:
            raise Refused("not_authed")
        if token not in {self._tokens.bot, self._tokens.app}:
            raise Refused("invalid_auth")
        if token != (self._tokens.app if method.app_token else self._tokens.bot):
            raise Refused("not_allowed_token_type")
        if method.needs and not self._installation.scopes.intersection(method.needs):
            raise missing(method.needs, self._installation)

    async def _respond(self, request: Request) -> Response:
        if self.away:
            return _down()
        try:
            respond(self._state, request.path_params["key"], Arguments(await _arguments(request)))
        except Refused as refusal:
            status = refusal.status if refusal.status != 200 else 400
            return JSONResponse(refusal.answer(), status_code=status)
        return PlainTextResponse("ok")

    async def _upload(self, request: Request) -> Response:
        if self.away:
            return _down()
        try:
            files.receive(self._state, request.path_params["key"], await request.body())
        except Refused as refusal:
            return JSONResponse(refusal.answer(), status_code=refusal.status)
        return PlainTextResponse("OK")


def _down() -> Response:
    return PlainTextResponse("Service Unavailable", status_code=503)


def _refusal(refusal: Refused) -> Response:
    headers = {} if refusal.retry_after is None else {"Retry-After": str(refusal.retry_after)}
    return JSONResponse(refusal.answer(), status_code=refusal.status, headers=headers)


async def _arguments(request: Request) -> Json:
    """The arguments, from the address, a form or JSON. Raises Refused."""
    given: Json = dict(request.query_params)
    body = (await request.body()).decode(errors="replace")
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    if kind == "application/json" and body:
        try:
            sent = json.loads(body)
        except ValueError:
            raise Refused("invalid_json") from None
        if not isinstance(sent, dict):
            raise Refused("json_not_object")
        return given | sent
    if kind == "multipart/form-data":
        raise Refused("invalid_form_data")
    return given | dict(parse_qsl(body, keep_blank_values=True))
