"""The workspace as an unmodified Bolt app meets it over HTTP: signed, in time, again if it was not taken."""

from __future__ import annotations

import json
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs

import pytest
from slack_bolt import App
from slack_bolt.adapter.starlette import SlackRequestHandler
from slack_sdk import WebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.asgi_server import serve
from playground.workspace import Workspace


class Recorder:
    """An app that notes every request and answers as it is told."""

    def __init__(self) -> None:
        self.requests: list[tuple[dict[str, str], str]] = []
        self.answers: list[Response] = []

    async def take(self, request: Request) -> Response:
        self.requests.append((dict(request.headers), (await request.body()).decode()))
        return self.answers.pop(0) if self.answers else PlainTextResponse("")


@contextmanager
def listening(handler: Callable[[Request], Awaitable[Response]], **options: Any) -> Iterator[Workspace]:
    app = Starlette(routes=[Route("/slack/events", handler, methods=["POST"])])
    with serve(app) as serving, Workspace(deliver_to=f"{serving.url}/slack/events", **options).serve() as ws:
        yield ws


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def ws() -> Iterator[Workspace]:
    handlers: list[SlackRequestHandler] = []

    async def endpoint(request: Request) -> Response:
        return await handlers[0].handle(request)

    with listening(endpoint) as workspace:
        client = WebClient(workspace.bot_token, base_url=workspace.url)
        app = App(client=client, signing_secret=workspace.signing_secret, token_verification_enabled=False)

        @app.command("/failures")
        def command(ack: Any, respond: Any, command: Any) -> None:
            ack()
            button = {"type": "button", "action_id": "ok", "text": {"type": "plain_text", "text": "OK"}, "value": "1"}
            respond(text=f"you said {command['text']}", blocks=[{"type": "actions", "elements": [button]}])

        @app.action("ok")
        def pressed(ack: Any, respond: Any, action: Any) -> None:
            ack()
            respond(text=f"pressed {action['value']}", replace_original=True, blocks=[])

        @app.event("message")
        def written(event: Any, say: Any) -> None:
            say(text=f"read {event['text']}")

        handlers.append(SlackRequestHandler(app))
        yield workspace


def test_commands_presses_and_events_pass_the_check_of_the_signature(ws: Workspace) -> None:
    assert ws.verify_address()
    ana = ws.person("ana")
    shown = ana.slash("/failures", "analyze ml-team & more").answer()
    assert shown.text == "you said analyze ml-team &amp; more"
    assert ana.press(shown, "ok").answer().text == "pressed 1"
    assert ana.dm("grüße 🔥").answer().text == "read grüße 🔥"


def test_a_wrong_secret_is_noticed_by_the_app() -> None:
    async def endpoint(request: Request) -> Response:
        app = App(signing_secret="other", token="xoxb-x", token_verification_enabled=False)
        return await SlackRequestHandler(app).handle(request)

    with listening(endpoint) as ws:
        assert ws.person("ana").slash("/failures", "x").failed() == "dispatch_failed"
        assert ws.deliveries.unheard == ["http_error"]


def test_a_command_is_a_form_with_slacks_fields(recorder: Recorder) -> None:
    with listening(recorder.take) as ws:
        ws.person("ana").slash("/failures", "stats", channel=ws.channel("ml-team")).acknowledged()
    headers, body = recorder.requests[0]
    form = {name: values[0] for name, values in parse_qs(body).items()}
    assert headers["content-type"] == "application/x-www-form-urlencoded"
    assert form["channel_name"] == "ml-team"
    assert (form["command"], form["text"], form["user_name"]) == ("/failures", "stats", "ana")
    fields = "token team_id team_domain channel_id user_id api_app_id is_enterprise_install response_url trigger_id"
    assert set(fields.split()) < set(form)


def test_an_event_is_json_in_slacks_wrapper(recorder: Recorder) -> None:
    with listening(recorder.take) as ws:
        ws.person("ana").mention("help", ws.channel("ml-team")).acknowledged()
        told = json.loads(recorder.requests[0][1])
        assert told["type"] == "event_callback"
        assert told["event"]["type"] == "app_mention"
        assert told["event"]["text"] == f"<@{ws.bot.id}> help"
        assert told["authorizations"][0]["user_id"] == ws.bot.id


def test_an_event_that_was_not_taken_comes_again_with_its_number(recorder: Recorder) -> None:
    recorder.answers = [PlainTextResponse("", status_code=500), PlainTextResponse("", status_code=500)]
    with listening(recorder.take, retry_delays=(0, 0.05, 0.05)) as ws:
        ws.person("ana").dm("hello").acknowledged()
    numbers = [headers.get("x-slack-retry-num") for headers, _ in recorder.requests]
    reasons = [headers.get("x-slack-retry-reason") for headers, _ in recorder.requests]
    assert numbers == [None, "1", "2"]
    assert reasons == [None, "http_error", "http_error"]
    assert len({json.loads(body)["event_id"] for _, body in recorder.requests}) == 1


def test_an_app_may_ask_for_no_second_delivery(recorder: Recorder) -> None:
    recorder.answers = [PlainTextResponse("", status_code=500, headers={"X-Slack-No-Retry": "1"})]
    with listening(recorder.take, retry_delays=(0, 0)) as ws:
        assert ws.person("ana").dm("hello").failed() == "http_error"
    assert len(recorder.requests) == 1


def test_a_press_that_was_not_taken_does_not_come_again(recorder: Recorder) -> None:
    recorder.answers = [PlainTextResponse("", status_code=500)]
    with listening(recorder.take, retry_delays=(0, 0)) as ws:
        assert ws.person("ana").shortcut("suggest").failed() == "http_error"
    assert len(recorder.requests) == 1


def test_an_answer_after_the_limit_comes_too_late() -> None:
    done = threading.Event()

    def slow(_request: Request) -> Response:
        done.wait(5)
        return PlainTextResponse("")

    with listening(slow, ack_limit=0.2) as ws:  # type: ignore[arg-type]  # Starlette runs a plain function in a thread
        assert ws.person("ana").slash("/failures", "x").failed() == "operation_timeout"
        done.set()
