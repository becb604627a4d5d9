"""What Slack, the network and the database do wrong costs nobody an answer."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from threading import Event
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.asgi_server import serve
from bot.rendering import Renderer
from bot.services.answers.answer import AnswerContext
from bot.services.errors import Unavailable
from bot.slack import SocketConnection, build, endpoint, web_client
from bot.store.store import Store
from playground.workspace import Installation, Workspace
from tests.promises.slack_bot import answer_context, connected, fill


class Slow:
    """Evidence that comes only after a while."""

    def __init__(self, real: Any) -> None:
        self.real = real
        self.ready = Event()

    def __getattr__(self, name: str) -> Any:
        self.ready.wait(10)
        return getattr(self.real, name)


class Broken:
    """Evidence that cannot be had."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __getattr__(self, name: str) -> Any:
        raise self.error


def without_evidence(store: Store, error: Exception) -> AnswerContext:
    return replace(answer_context(store), evidence=Broken(error))


def test_twenty_commands_at_once_are_acknowledged_before_any_is_answered(sqlite_store: Store) -> None:
    slow = Slow(sqlite_store.evidence)
    told = replace(answer_context(sqlite_store), evidence=slow)
    with Workspace().serve() as workspace, connected(workspace, told, patience=60):
        people = [workspace.person(f"person-{number}") for number in range(20)]
        workspace.channel("ml-team", *people)
        with ThreadPoolExecutor(20) as pool:
            asked = list(pool.map(lambda person: person.slash("/failures", "stats", channel="ml-team"), people))
        waits = [one.acknowledged().seconds for one in asked]
        assert max(wait for wait in waits if wait is not None) < 1  # 0.2 on a machine that does nothing else
        assert not any(one.answers() for one in asked)
        slow.ready.set()
        assert all("Nothing failed" in one.answer().words for one in asked)


def test_a_long_wait_is_announced_before_the_answer(sqlite_store: Store) -> None:
    slow = Slow(sqlite_store.evidence)
    told = replace(answer_context(sqlite_store), evidence=slow)
    with Workspace().serve() as workspace, connected(workspace, told, patience=0.05):
        ana = workspace.person("ana")
        workspace.channel("ml-team", ana)
        asked = [ana.slash("/failures", "analyze", channel="ml-team"), ana.mention("analyze", "ml-team")]
        for one in asked:
            assert "Working on `/failures analyze`" in one.answer(saying="Working").words
        slow.ready.set()
        for one in asked:
            one.answer(saying="All projects")
        assert len(asked[1].answers()) == 1  # the answer takes the line's place, where Slack lets it


def test_a_database_that_is_away_is_said_in_plain_words(sqlite_store: Store) -> None:
    told = without_evidence(sqlite_store, Unavailable("unable to open database file"))
    with Workspace().serve() as workspace, connected(workspace, told):
        ana = workspace.person("ana")
        workspace.channel("ml-team", ana)
        for asked in (ana.slash("/failures", "analyze", channel="ml-team"), ana.mention("stats", "ml-team")):
            assert "cannot reach my database" in asked.answer().words


def test_a_bug_is_answered_with_a_reference_into_the_log(sqlite_store: Store, caplog: pytest.LogCaptureFixture) -> None:
    told = without_evidence(sqlite_store, ZeroDivisionError("secret detail"))
    with Workspace().serve() as workspace, connected(workspace, told):
        ana = workspace.person("ana")
        answer = ana.slash("/failures", "analyze", channel=workspace.channel("ml-team", ana)).answer()
    (entry,) = [record for record in caplog.records if record.exc_info]
    assert str(entry.args[0] if isinstance(entry.args, tuple) else "") in answer.words
    assert "Traceback" not in answer.words
    assert "secret detail" not in answer.words


def test_what_is_delivered_twice_is_answered_once(sqlite_store: Store) -> None:
    with Workspace().serve() as workspace, connected(workspace, answer_context(sqlite_store)):
        ana = workspace.person("ana")
        workspace.channel("ml-team", ana)
        workspace.deliver_twice = True
        asked = [
            ana.slash("/failures", "help", channel="ml-team"),
            ana.mention("help", "ml-team"),
            ana.dm("help"),
        ]
        for one in asked:
            one.answer(saying="What you can ask")
        workspace.deliver_twice = False
        ana.slash("/failures", "stats", channel="ml-team").answer(saying="Nothing failed")
        assert [len(one.answers()) for one in asked[1:]] == [1, 1]
        assert sum("What you can ask" in message.words for message in workspace.visible_to(ana, "ml-team")) == 2


def test_the_bot_comes_back_when_slack_does(sqlite_store: Store, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, logger="bot.slack.bolt")
    with Workspace().serve() as workspace, connected(workspace, answer_context(sqlite_store)):
        ana = workspace.person("ana")
        workspace.channel("ml-team", ana)
        workspace.reconnect()
        workspace.wait_for_app()
        ana.slash("/failures", "help", channel="ml-team").answer()


def test_the_bot_may_start_before_slack_is_there(sqlite_store: Store, caplog: pytest.LogCaptureFixture) -> None:
    with Workspace().serve() as workspace:
        workspace.cut(refuse=True)
        client = web_client(workspace.bot_token, workspace.url)
        app = build(answer_context(sqlite_store), Renderer(), client)
        connection = SocketConnection(app, client, workspace.app_token)
        connection.start()
        try:
            assert not connection.connected
            workspace.restore()
            workspace.wait_for_app()
        finally:
            connection.stop()
    assert "Traceback" not in caplog.text


def test_a_refused_rate_is_waited_for(sqlite_store: Store) -> None:
    with Workspace().serve() as workspace, connected(workspace, answer_context(sqlite_store)):
        ana = workspace.person("ana")
        workspace.channel("ml-team", ana)
        workspace.rate_limit("chat.postMessage", times=1, retry_after=1)
        assert "What you can ask" in ana.mention("help", "ml-team").answer(timeout=8).words


def test_a_person_whose_time_zone_is_unknown_gets_an_answer(sqlite_store: Store) -> None:
    installed = replace(Installation(), scopes=Installation().scopes - {"users:read"})
    with Workspace(installation=installed).serve() as workspace, connected(workspace, answer_context(sqlite_store)):
        ana = workspace.person("ana", tz="Europe/Berlin")
        assert "hours in UTC" in ana.slash("/failures", "", channel=workspace.channel("ml-team", ana)).answer().words


@contextmanager
def over_http(store: Store, *, secret: str | None = None) -> Iterator[Workspace]:
    """A workspace that calls the bot's endpoint; the bot checks with this secret, by default the right one."""
    fill(store)
    handlers: list[Any] = []

    async def events(request: Request) -> Response:
        answer: Response = await handlers[0](request)
        return answer

    with serve(Starlette(routes=[Route("/slack/events", events, methods=["POST"])])) as bot:
        workspace = Workspace(deliver_to=f"{bot.url}/slack/events")
        with workspace.serve():
            client = web_client(workspace.bot_token, workspace.url)
            told = answer_context(store)
            handlers.append(
                endpoint(
                    build(told, Renderer(), client, signing_secret=secret or workspace.signing_secret),
                    secret or workspace.signing_secret,
                )
            )
            yield workspace


def test_over_http_commands_mentions_and_presses_are_answered(sqlite_store: Store) -> None:
    with over_http(sqlite_store) as workspace:
        assert workspace.verify_address()
        ana = workspace.person("ana")
        workspace.channel("ml-team", ana)
        assert "By the book" in ana.mention("How do I fix OOMKilled failures?", "ml-team").answer().words
        story = ana.slash("/failures", "job train-bert", channel="ml-team").answer()
        ana.press(story, "This fixed it").answer(saying="you said it worked")


def test_over_http_a_wrong_signature_is_refused(sqlite_store: Store) -> None:
    with over_http(sqlite_store, secret="another secret") as workspace:
        ana = workspace.person("ana")
        asked = ana.slash("/failures", "stats", channel=workspace.channel("ml-team", ana))
        assert asked.failed()
        assert asked.answers() == []
