"""The page's address space: the files of the page, the stream of what happens, and what visitors do."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from playground.page import acting, completion, staging, stream
from playground.page.guard import Guarded
from playground.page.refusing import NotPossible
from playground.page.staging import Backstage
from playground.workspace import Workspace
from playground.workspace.values import Json

_FILES = Path(__file__).parent / "static"
_MOST = 100_000
"""Bytes of what one visitor can send at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """Somebody to act as. `about` says who that is, in a few words."""

    id: str
    name: str
    about: str
    tz: str
    dm: str
    """Their conversation with the app: a channel id."""


class Page:
    """The page of a workspace, and of the simulated cluster beside it if there is one."""

    def __init__(
        self,
        workspace: Workspace,
        *,
        roles: Sequence[Role],
        manifest: Json,
        backstage: Backstage | None = None,
        start_in: str | None = None,
    ) -> None:
        self._workspace = workspace
        self._modules = ", ".join(f"</page/static/{file.name}>; rel=modulepreload" for file in _FILES.glob("*.js"))
        """All of them at once: a browser would find them one import after the other."""
        self._backstage = backstage
        self._first: Json = {
            "roles": [asdict(role) for role in roles],
            "commands": completion.commands(manifest),
            "hasHome": bool(manifest.get("features", {}).get("app_home", {}).get("home_tab_enabled")),
            "stage": staging.choices() if backstage else None,
            "startIn": start_in,
        }

    @property
    def routes(self) -> list[BaseRoute]:
        """To be served beside the workspace's API."""
        inside = Starlette(
            routes=[
                Route("/", self._index),
                Route("/page/stream", self._stream),
                Route("/page/act", self._act, methods=["POST"]),
                Route("/page/stage", self._stage, methods=["POST"]),
                Mount("/page/static", StaticFiles(directory=_FILES)),
            ]
        )
        return [Mount("/", Guarded(inside))]

    async def _index(self, _request: Request) -> Response:
        return FileResponse(_FILES / "index.html", headers={"Link": self._modules})

    async def _stream(self, request: Request) -> Response:
        known = {role["id"] for role in self._first["roles"]}
        person = request.query_params.get("as", "")
        if person not in known:
            person = str(self._first["roles"][0]["id"])
        return StreamingResponse(self._events(person), media_type="text/event-stream")

    def _events(self, person: str) -> AsyncIterator[str]:
        look = self._backstage.look if self._backstage else lambda: None
        return stream.events(self._workspace, person, {**self._first, "me": person}, look)

    async def _act(self, request: Request) -> Response:
        return await _answered(request, lambda body: acting.perform(self._workspace, acting.read(body)))

    async def _stage(self, request: Request) -> Response:
        return await _answered(request, lambda body: staging.perform(self._backstage, body))


async def _answered(request: Request, act: Callable[[bytes], Json]) -> Response:
    """Do what the request asks for, away from the thread that serves."""
    body = await request.body()
    if len(body) > _MOST:
        return JSONResponse({"refused": "that is too much at once"}, status_code=413)
    try:
        return JSONResponse(await run_in_threadpool(act, body))
    except NotPossible as error:
        return JSONResponse({"refused": str(error)})  # the request was fine; it is the visitor who is told
