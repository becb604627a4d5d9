"""A pager hears of alerts by webhook: triggered, acknowledged and resolved, each once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.asgi_server import serve
from bot.domain.incidents.lifecycle import acknowledge, opened, resolve
from bot.domain.scope import Scope
from bot.pager import PagerAccount, Service, WebhookPager
from bot.rendering import Renderer
from bot.services.errors import Undelivered
from bot.services.incidents import page
from bot.store.store import Store
from tests.unit.incidents.made import HOT, NOW


class Peer:
    """What a pager's API was told."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, dict[str, Any], str]] = []
        self.status = 202

    async def take(self, request: Request) -> Response:
        if self.status < 300:
            path = f"{request.url.path}?{request.url.query}".rstrip("?")
            self.heard.append((path, await request.json(), request.headers.get("authorization", "")))
        return JSONResponse({}, status_code=self.status)


@contextmanager
def pager(service: Service) -> Iterator[tuple[Peer, WebhookPager]]:
    peer = Peer()
    with serve(Starlette(routes=[Route("/{path:path}", peer.take, methods=["POST"])])) as served:
        yield peer, WebhookPager(PagerAccount(service=service, key="k3y", url=served.url), Renderer())


def sweep(store: Store, to: WebhookPager) -> int:
    return page.page(store.incidents, store.pages, store.subscriptions, to, scope=Scope(), time_zone="UTC", now=NOW)


@pytest.mark.parametrize(
    ("service", "paths"),
    [
        (Service.PAGERDUTY, ["/v2/enqueue"] * 3),
        (Service.OPSGENIE, ["/v2/alerts", "/acknowledge?identifierType=alias", "/close?identifierType=alias"]),
    ],
)
def test_an_alert_is_triggered_acknowledged_and_resolved_once_each(
    sqlite_store: Store, service: Service, paths: list[str]
) -> None:
    sqlite_store.incidents.observe(Scope(), [HOT.key], lambda _: [opened(HOT, now=NOW)], now=NOW)
    with pager(service) as (peer, to):
        assert [sweep(sqlite_store, to), sweep(sqlite_store, to)] == [1, 0]
        for do in (acknowledge, resolve):
            sqlite_store.incidents.change(Scope(), 1, lambda one, do=do: do(one, by="U1", now=NOW), now=NOW)  # type: ignore[misc] # of its turn
            assert [sweep(sqlite_store, to), sweep(sqlite_store, to)] == [1, 0]
    assert [path.endswith(end) for (path, _, _), end in zip(peer.heard, paths, strict=True)] == [True] * 3
    assert "gpu-node-03 fails the jobs it gets: 12 of 16 in prod/eu" in str(peer.heard[0][1])
    if service is Service.PAGERDUTY:
        assert [body["event_action"] for _, body, _ in peer.heard] == ["trigger", "acknowledge", "resolve"]
        assert {body["dedup_key"] for _, body, _ in peer.heard} == {HOT.key}
    else:
        assert {secret for _, _, secret in peer.heard} == {"GenieKey k3y"}


@pytest.mark.parametrize(("status", "permanent"), [(429, False), (503, False), (400, True)])
def test_what_the_pager_did_not_take_is_sent_again(sqlite_store: Store, status: int, *, permanent: bool) -> None:
    sqlite_store.incidents.observe(Scope(), [HOT.key], lambda _: [opened(HOT, now=NOW)], now=NOW)
    with pager(Service.PAGERDUTY) as (peer, to):
        peer.status = status
        with pytest.raises(Undelivered) as refused:
            sweep(sqlite_store, to)
        assert refused.value.permanent is permanent
        peer.status = 202
        assert sweep(sqlite_store, to) == 1
