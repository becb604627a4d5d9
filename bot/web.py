"""What the bot serves over HTTP: health, metrics, and Slack's requests in HTTP mode."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

SlackEndpoint = Callable[[Request], Awaitable[Response]]


def web_app(
    *,
    registry: CollectorRegistry,
    unready: Callable[[], Sequence[str]],
    slack: SlackEndpoint | None = None,
    api: Sequence[Route] = (),
) -> Starlette:
    """`/livez`: the process answers. `/readyz`: 503 with the reasons that `unready` gives, if any. `/metrics`:
    Prometheus text. `/slack/events`: only where Slack reaches the bot over HTTP. `api`: further routes."""

    async def livez(_: Request) -> Response:
        return PlainTextResponse("ok")

    async def readyz(_: Request) -> Response:
        reasons = list(await run_in_threadpool(unready))
        return JSONResponse({"ready": not reasons, "reasons": reasons}, status_code=503 if reasons else 200)

    async def metrics(_: Request) -> Response:
        return Response(await run_in_threadpool(generate_latest, registry), media_type=CONTENT_TYPE_LATEST)

    routes = [Route("/livez", livez), Route("/readyz", readyz), Route("/metrics", metrics)]
    if slack is not None:
        routes.append(Route("/slack/events", slack, methods=["POST"]))
    return Starlette(routes=[*routes, *api])
