"""`failures doctor` tries what the bot needs beside its clusters, and says how to mend what fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.asgi_server import free_port, serve
from bot.clock import utc_now
from bot.doctor import examine
from bot.domain.answers.checkup import Check, CheckResult
from bot.domain.incidents.subscription import Subscription, Wants
from bot.settings import PagerService, Settings, SmtpEncryption
from bot.store.store import open_store
from playground.workspace import Workspace
from tests.promises.test_mail import Inbox

NOW = utc_now()


@dataclass
class Sick:
    """A bot's surroundings, and the settings that name them."""

    workspace: Workspace
    url: str
    asked: list[str] = field(default_factory=list)

    def checks(self, **settings: Any) -> dict[str, Check]:
        known: dict[str, Any] = {
            "database_url": SecretStr(self.url),
            "slack_bot_token": SecretStr(self.workspace.bot_token),
            "slack_api_url": self.workspace.url,
        }
        return {check.name: check for check in examine(Settings(**(known | settings))).checks}


@pytest.fixture
def sick(sqlite_url: str) -> Iterator[Sick]:
    with Workspace().serve() as workspace:
        yield Sick(workspace, sqlite_url)


def test_every_subscribed_channel_is_tried(sick: Sick) -> None:
    store = open_store(sick.url)
    team, gone = sick.workspace.channel("ml-team", bot=False), sick.workspace.channel("gone")
    for channel in (team, gone):
        store.subscriptions.subscribe(
            Subscription(channel=channel.id, wants=Wants.DIGEST, project=channel.name, created_at=NOW)
        )
    store.close()
    sick.workspace.archive(gone)
    owner = sick.workspace.channel("owners")
    checks = sick.checks(owner=owner.id)
    assert checks["owner"].ok
    closed = checks["subscribed to digest of ml-team"]
    assert (closed.ok, closed.found) == (False, CheckResult.NOT_IN_CHANNEL)
    assert checks["subscribed to digest of gone"].found is CheckResult.CHANNEL_ARCHIVED


def test_the_user_group_on_call_is_tried(sick: Sick) -> None:
    group = sick.workspace.group("gpu-oncall", sick.workspace.person("dana"))
    empty = sick.workspace.group("nobody")
    checks = sick.checks(on_call_group=group.id, responders=(empty.id,))
    assert checks["on_call_group"].ok
    assert checks["responders"].found is CheckResult.GROUP_EMPTY
    assert sick.checks(on_call_group="S0ABSENT")["on_call_group"].found is CheckResult.GROUP_REFUSED


def test_mail_and_the_pager_are_tried_without_a_mail_or_an_event(sick: Sick) -> None:
    inbox = Inbox()

    async def answer(request: Request) -> Response:
        sick.asked.append(f"{request.method} {request.url.path}")
        return PlainTextResponse("no such page", 404)

    mail = Controller(inbox, hostname="127.0.0.1", port=free_port())
    mail.start()
    try:
        with serve(Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST"])])) as pager:
            checks = sick.checks(
                smtp_host="127.0.0.1",
                smtp_port=mail.port,
                smtp_encryption=SmtpEncryption.NONE,
                pager=PagerService.PAGERDUTY,
                pager_key=SecretStr("k" * 32),
                pager_url=pager.url,
            )
    finally:
        mail.stop(no_assert=True)
    assert checks["mail"].ok
    assert checks["pager"].ok
    assert inbox.mails == []
    assert sick.asked == ["GET /"]


def test_what_is_away_or_half_set_says_how_to_mend_it(sick: Sick) -> None:
    away = sick.checks(
        smtp_host="127.0.0.1",
        smtp_port=free_port(),
        pager=PagerService.OPSGENIE,
        pager_key=SecretStr("k" * 32),
        pager_url=f"http://127.0.0.1:{free_port()}",
    )
    assert away["mail"].found is CheckResult.MAIL_AWAY
    assert away["pager"].found is CheckResult.PAGER_AWAY
    assert "k" * 32 not in str(away)
    assert sick.checks(digest_mail=("lead@example.com",))["mail"].found is CheckResult.NO_MAIL_SERVER
