"""The JSON API for dashboards and agents: the actions `analyze`, `stats` and `remediate` behind a bearer token."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.domain.commands.command import Analyze, Command, Fix, ShowStats
from bot.rendering import shapes
from bot.request_body import Unreadable, bounded_body
from bot.services.answers.answer import AnswerContext, Asking, answer
from bot.services.errors import Unavailable
from bot.services.replies import Unknown

PATH = "/api/v1/actions"
LONGEST_BODY = 64 * 1024
"""Bytes of a request."""
_LONGEST_NAME = 253
_MOST_DAYS = 366


class BadRequest(ValueError):
    """A request that cannot be understood; the message says which field, and what was expected."""


def routes(context: AnswerContext, token: str, *, time_zone: str, clock: Callable[[], datetime]) -> list[Route]:
    """`POST /api/v1/actions` behind the token, and `GET /api/v1/openapi.json`, which everybody may read."""

    async def act(request: Request) -> Response:
        if not _allowed(request, token):
            headers = {"WWW-Authenticate": "Bearer"}
            return _problem(401, "send the header `Authorization: Bearer` with the setting api_token", headers)
        try:
            command = parsed(await _body(request))
            asking = Asking(user="", channel="", time_zone=time_zone, now=clock())
            value = await run_in_threadpool(answer, command, asking, context)
        except BadRequest as error:
            return _problem(400, str(error))
        except Unreadable as error:
            return _problem(400, str(error), {"Connection": "close"})
        except Unavailable:
            return _problem(503, "the database cannot be reached; try again", {"Retry-After": "10"})
        if isinstance(value, Unknown):
            nearest = f"; did you mean {', '.join(value.nearest)}?" if value.nearest else ""
            return _problem(404, f"there is no {value.what} {value.name!r} here{nearest}")
        return JSONResponse(shapes.shape(value))

    async def openapi(_: Request) -> Response:
        return JSONResponse(OPENAPI)

    return [
        Route(PATH, act, methods=["POST"]),
        Route("/api/v1/openapi.json", openapi),
    ]


def parsed(body: Mapping[str, Any]) -> Command:
    """The command that a request asks for. Raises BadRequest."""
    action = body.get("action")
    read = _ACTIONS.get(action) if isinstance(action, str) else None
    if read is None:
        raise BadRequest(f"action: expected one of {', '.join(_ACTIONS)}")
    return read(body)


def _name(body: Mapping[str, Any], key: str) -> str | None:
    value = body.get(key)
    if value is None:
        return None
    if not isinstance(value, str) or not 0 < len(value.strip()) <= _LONGEST_NAME:
        raise BadRequest(f"{key}: expected a name of 1 to {_LONGEST_NAME} characters")
    if not value.strip().isprintable():
        raise BadRequest(f"{key}: expected a name without control characters or half surrogate pairs")
    return value.strip()


def _days(body: Mapping[str, Any]) -> timedelta | None:
    value = body.get("lookback_days")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _MOST_DAYS:
        raise BadRequest(f"lookback_days: expected a whole number from 1 to {_MOST_DAYS}")
    return timedelta(days=value)


def _remediate(body: Mapping[str, Any]) -> Command:
    failure_type = _name(body, "failure_type")
    if failure_type is None:
        raise BadRequest("failure_type: needed for remediate, such as OOMKilled")
    return Fix(failure_type=failure_type, job=_name(body, "job_name"), project=_name(body, "project"))


_ACTIONS: Mapping[str, Callable[[Mapping[str, Any]], Command]] = {
    "analyze": lambda body: Analyze(project=_name(body, "project"), length=_days(body), cluster=_name(body, "cluster")),
    "stats": lambda body: ShowStats(project=_name(body, "project"), length=_days(body), cluster=_name(body, "cluster")),
    "remediate": _remediate,
}


def _allowed(request: Request, token: str) -> bool:
    """Whether the request carries the token; compared in constant time."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), token.encode())


async def _body(request: Request) -> Mapping[str, Any]:
    try:
        body = json.loads(await bounded_body(request, most=LONGEST_BODY))
    except (ValueError, RecursionError):
        raise BadRequest("expected a JSON object") from None
    if not isinstance(body, dict):
        raise BadRequest("expected a JSON object")
    return body


def _problem(status: int, error: str, headers: Mapping[str, str] | None = None) -> Response:
    return JSONResponse({"error": error}, status_code=status, headers=dict(headers or {}))


def _object(required: list[str], **properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": required, "properties": properties}


_TEXT = {"type": "string", "minLength": 1, "maxLength": _LONGEST_NAME}
_PERIOD = {"type": "integer", "minimum": 1, "maximum": _MOST_DAYS}
_ASK: dict[str, dict[str, Any]] = {
    "analyze": _object(["action"], action={"const": "analyze"}, project=_TEXT, cluster=_TEXT, lookback_days=_PERIOD),
    "stats": _object(["action"], action={"const": "stats"}, project=_TEXT, cluster=_TEXT, lookback_days=_PERIOD),
    "remediate": _object(
        ["action", "failure_type"], action={"const": "remediate"}, failure_type=_TEXT, job_name=_TEXT, project=_TEXT
    ),
}
_ANY = {"application/json": {"schema": {"type": "object"}}}
_ERROR = {"application/json": {"schema": _object(["error"], error={"type": "string"})}}
OPENAPI: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "failures-bot", "version": "1", "description": "Failures of GPU jobs, and what fixes them."},
    "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    "security": [{"token": []}],
    "paths": {
        PATH: {
            "post": {
                "operationId": "act",
                "summary": "Analyze failures, count them, or ask which fix to try first",
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"oneOf": list(_ASK.values())}}},
                },
                "responses": {
                    "200": {"description": "As `failures analyze|stats|fix --json` prints it", "content": _ANY},
                    "400": {"description": "Not understood; the error names the field", "content": _ERROR},
                    "401": {"description": "No token, or a wrong one", "content": _ERROR},
                    "404": {"description": "Nothing of this name may be seen", "content": _ERROR},
                    "503": {"description": "The database is away; try again", "content": _ERROR},
                },
            }
        }
    },
}
