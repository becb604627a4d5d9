"""What people do in the workspace, and what the app's acknowledgements do to them. The app is a recorder over HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs
from urllib.request import urlopen

import pytest
from slack_sdk import WebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.asgi_server import serve
from playground.workspace import Installation, NoAnswer, NotThere, Person, View, Workspace
from playground.workspace.forms import filled, unfilled
from playground.workspace.methods.views import make
from tests.adapters.test_workspace_blocks import button, option, plain, section

EVENTS = frozenset({"app_mention", "message.im", "message.channels"})


class Recorder:
    def __init__(self) -> None:
        self.payloads: list[Any] = []
        self.answers: list[Response] = []

    async def take(self, request: Request) -> Response:
        body = (await request.body()).decode()
        if body.startswith("{"):
            self.payloads.append(json.loads(body))
        else:
            form = parse_qs(body)
            self.payloads.append(json.loads(form["payload"][0]) if "payload" in form else form)
        return self.answers.pop(0) if self.answers else PlainTextResponse("")


@pytest.fixture
def app() -> Recorder:
    return Recorder()


@pytest.fixture
def ws(app: Recorder) -> Iterator[Workspace]:
    routes = [Route("/slack/events", app.take, methods=["POST"])]
    page = Route("/", lambda _request: PlainTextResponse("a page"))
    with serve(Starlette(routes=routes)) as serving:
        address = f"{serving.url}/slack/events"
        workspace = Workspace(deliver_to=address, installation=Installation(events=EVENTS))
        workspace.show_beside([page])
        with workspace.serve():
            yield workspace


@pytest.fixture
def ana(ws: Workspace) -> Person:
    return ws.person("ana")


def entry(action_id: str, kind: str = "plain_text_input", **fields: Any) -> dict[str, Any]:
    element = {"type": kind, "action_id": action_id, **fields}
    return {"type": "input", "block_id": f"{action_id}_block", "label": plain(action_id), "element": element}


def modal(title: str, *blocks: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"type": "modal", "title": plain(title), "submit": plain("Save"), "blocks": list(blocks), **fields}


def opened(ws: Workspace, person: Person, view: dict[str, Any]) -> View:
    return ws.state.show(make(ws.state, person.id, view))


def test_a_submission_carries_what_was_filled_in(ws: Workspace, app: Recorder, ana: Person) -> None:
    menu = entry("kind", "static_select", options=[option("rule"), option("person")], initial_option=option("rule"))
    form = opened(ws, ana, modal("Suggest", entry("text"), menu, callback_id="suggest", private_metadata="42"))
    ana.submit(form, {"text": "more memory"}).acknowledged()
    (payload,) = app.payloads
    assert (payload["type"], payload["view"]["callback_id"]) == ("view_submission", "suggest")
    assert payload["view"]["private_metadata"] == "42"
    values = payload["view"]["state"]["values"]
    assert values["text_block"]["text"] == {"type": "plain_text_input", "value": "more memory"}
    assert values["kind_block"]["kind"]["selected_option"]["value"] == "rule"
    assert ana.modal is None


@pytest.mark.parametrize(("action", "titles"), [("update", ["Newer"]), ("push", ["First", "Newer"]), ("clear", [])])
def test_an_app_can_replace_stack_or_clear_forms(
    ws: Workspace, app: Recorder, ana: Person, action: str, titles: list[str]
) -> None:
    form = opened(ws, ana, modal("First", section()))
    answer = {"response_action": action} | ({} if action == "clear" else {"view": modal("Newer", section())})
    app.answers = [JSONResponse(answer)]
    ana.submit(form).acknowledged()
    assert [ws.state.views[key].title for key in ws.state.modals[ana.id]] == titles


def test_errors_for_a_block_that_is_no_input_are_an_error_of_the_app(ws: Workspace, app: Recorder, ana: Person) -> None:
    form = opened(ws, ana, modal("First", entry("text")))
    app.answers = [JSONResponse({"response_action": "errors", "errors": {"nowhere": "wrong"}})]
    assert "nowhere" in ana.submit(form, {"text": "x"}).failed()


def test_a_view_the_app_answers_with_is_checked(ws: Workspace, app: Recorder, ana: Person) -> None:
    form = opened(ws, ana, modal("First", section()))
    app.answers = [JSONResponse({"response_action": "update", "view": modal("x" * 25, section())})]
    assert ana.submit(form).failed() == "invalid_arguments"
    assert ana.modal == form


def test_an_acknowledgement_that_slack_would_not_show_is_an_error(app: Recorder, ana: Person) -> None:
    app.answers = [JSONResponse({"text": "x", "blocks": [section("")]})]
    assert ana.slash("/failures").failed() == "invalid_blocks"


def test_closing_a_form_is_told_where_the_form_asks_for_it(ws: Workspace, app: Recorder, ana: Person) -> None:
    quiet = opened(ws, ana, modal("Quiet", section()))
    ana.close(quiet)
    loud = opened(ws, ana, modal("Loud", section(), notify_on_close=True))
    ana.close(loud).acknowledged()
    assert [payload["type"] for payload in app.payloads] == ["view_closed"]
    with pytest.raises(NotThere):
        ana.submit(loud)


def test_shortcuts_carry_their_callback_and_their_message(ws: Workspace, app: Recorder, ana: Person) -> None:
    team = ws.channel("ml-team", ana)
    ana.shortcut("suggest").acknowledged()
    ana.say("look at this", team)
    (message,) = ws.messages(team)
    ana.shortcut("explain", message).acknowledged()
    found = {payload["type"]: payload for payload in app.payloads}
    assert found["shortcut"]["callback_id"] == "suggest"
    assert found["message_action"]["message"]["text"] == "look at this"


def test_a_press_says_where_it_was_and_what_stood_there(ws: Workspace, app: Recorder, ana: Person) -> None:
    team = ws.channel("ml-team", ana)
    client = WebClient(ws.bot_token, base_url=ws.url)
    blocks = [{"type": "actions", "block_id": "row", "elements": [button(value="1"), button("b", value="2")]}]
    ts = client.chat_postMessage(channel=team.id, text="firing", blocks=blocks)["ts"]
    client.chat_postMessage(channel=team.id, text="in the thread", blocks=blocks, thread_ts=ts)
    root, reply = ws.messages(team)
    ana.press(root, "b").acknowledged()
    ana.press(reply, "a").acknowledged()
    first, second = app.payloads
    assert first["actions"][0]["value"] == "2"
    assert first["actions"][0]["block_id"] == "row"
    assert first["message"]["ts"] == first["container"]["message_ts"] == ts
    assert second["container"]["thread_ts"] == ts
    assert {"user", "team", "api_app_id", "trigger_id", "response_url", "state", "channel"} < set(first)


def test_an_ephemeral_message_is_not_shown_in_the_payload_of_its_button(
    ws: Workspace, app: Recorder, ana: Person
) -> None:
    team = ws.channel("ml-team", ana)
    client = WebClient(ws.bot_token, base_url=ws.url)
    blocks = [{"type": "actions", "elements": [button()]}]
    client.chat_postEphemeral(channel=team.id, user=ana.id, text="psst", blocks=blocks)
    ana.press(ana.sees(team)[0], "a").acknowledged()
    assert app.payloads[0]["container"]["is_ephemeral"] is True
    assert "message" not in app.payloads[0]


def test_a_button_in_a_view_is_pressed_with_its_view(ws: Workspace, app: Recorder, ana: Person) -> None:
    form = opened(ws, ana, modal("First", {"type": "actions", "elements": [button()]}, entry("text")))
    ana.press(form, "a").acknowledged()
    assert app.payloads[0]["view"]["id"] == form.id
    assert app.payloads[0]["container"] == {"type": "view", "view_id": form.id}


def test_edits_and_other_bots_are_told_with_their_subtype(ws: Workspace, app: Recorder, ana: Person) -> None:
    team = ws.channel("ml-team", ana)
    ana.say("tpyo", team).acknowledged()
    ana.edit(ws.messages(team)[0], "typo").acknowledged()
    ws.person("deploybot", is_bot=True).say("deployed", team).acknowledged()
    inner = [payload["event"] for payload in app.payloads]
    assert [event.get("subtype") for event in inner] == [None, "message_changed", "bot_message"]
    assert inner[1]["message"]["text"] == "typo"
    assert inner[2]["bot_id"]


def test_a_mention_is_told_as_a_mention_and_as_a_message(ws: Workspace, app: Recorder, ana: Person) -> None:
    ana.mention("help", ws.channel("ml-team", ana)).acknowledged()
    ws.wait_for(lambda: len(app.payloads) == 2)
    assert {payload["event"]["type"] for payload in app.payloads} == {"app_mention", "message"}


def test_what_a_person_typed_comes_with_entities_and_ids(ws: Workspace, app: Recorder, ana: Person) -> None:
    team = ws.channel("ml-team", ana)
    ana.say("@ana & @nobody in #ml-team: 1 < 2 <!channel>", team).acknowledged()
    said = app.payloads[0]["event"]["text"]
    assert said == f"<@{ana.id}> &amp; @nobody in <#{team.id}|ml-team>: 1 &lt; 2 &lt;!channel&gt;"


def test_the_app_hears_nothing_from_channels_it_left(ws: Workspace, ana: Person) -> None:
    team = ws.channel("ml-team", ana)
    ws.remove_bot(team)
    assert ana.mention("help", team).failed() == "the app is not in the channel"


def test_waiting_in_vain_says_for_what(ws: Workspace, ana: Person) -> None:
    with pytest.raises(TimeoutError, match="a digest"):
        ws.wait_for(ana.sees, 0.05, what="a digest")
    asked = ana.slash("/failures").acknowledged()
    with pytest.raises(NoAnswer, match="no modal"):
        asked.view(0.05)
    with pytest.raises(NoAnswer, match="nothing went wrong"):
        asked.failed(0.05)


def test_a_page_is_served_beside_the_api(ws: Workspace) -> None:
    with urlopen(ws.url.removesuffix("api/"), timeout=5) as response:
        assert response.read() == b"a page"


FIELDS = [
    ("checkboxes", {"options": [option("a"), option("b")]}, ["a"], {"selected_options": [option("a")]}),
    ("radio_buttons", {"options": [option("a")]}, "a", {"selected_option": option("a")}),
    ("datepicker", {}, "2026-11-23", {"selected_date": "2026-11-23"}),
    ("timepicker", {"initial_time": "09:00"}, None, {"selected_time": "09:00"}),
    ("users_select", {}, "U1", {"selected_user": "U1"}),
    ("multi_channels_select", {"initial_channels": ["C1"]}, None, {"selected_channels": ["C1"]}),
    (
        "checkboxes",
        {"options": [option("a")], "initial_options": [option("a")]},
        None,
        {"selected_options": [option("a")]},
    ),
]


@pytest.mark.parametrize(("kind", "element", "given", "reported"), FIELDS)
def test_each_field_is_reported_in_its_own_way(
    kind: str, element: dict[str, Any], given: object, reported: dict[str, Any]
) -> None:
    values = filled([entry("x", kind, **element)], {} if given is None else {"x_block": given})
    assert values["x_block"]["x"] == {"type": kind, **reported}


def test_a_form_says_which_field_it_does_not_have_and_which_is_empty() -> None:
    with pytest.raises(NotThere, match="colour"):
        filled([entry("text")], {"colour": "red"})
    with pytest.raises(NotThere, match="no option 'c'"):
        filled([entry("kind", "static_select", options=[option("a")])], {"kind": "c"})
    blocks = [entry("text"), {**entry("more"), "optional": True}]
    assert unfilled(blocks, filled(blocks, {})) == ["text"]
    assert unfilled(blocks, filled(blocks, {"text": "x"})) == []
