"""The workspace as an unmodified Bolt app meets it over Socket Mode."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from playground.workspace import Installation, NoAnswer, NotThere, Workspace

BUTTON = {
    "type": "actions",
    "elements": [
        {"type": "button", "action_id": "fixed", "text": {"type": "plain_text", "text": "This fixed it"}, "value": "7"},
        {"type": "button", "action_id": "suggest", "text": {"type": "plain_text", "text": "Suggest…"}},
        {
            "type": "overflow",
            "action_id": "more",
            "options": [{"text": {"type": "plain_text", "text": "Logs"}, "value": "logs"}],
        },
    ],
}
FORM = {
    "type": "modal",
    "callback_id": "suggestion",
    "title": {"type": "plain_text", "text": "Suggest a fix"},
    "submit": {"type": "plain_text", "text": "Save"},
    "blocks": [
        {
            "type": "input",
            "block_id": "words",
            "label": {"type": "plain_text", "text": "What helped?"},
            "element": {"type": "plain_text_input", "action_id": "text"},
        }
    ],
}


def _app(ws: Workspace) -> App:
    app = App(client=WebClient(ws.bot_token, base_url=ws.url), token_verification_enabled=False)
    _interactive(app)
    _listening(app)
    return app


def _interactive(app: App) -> None:
    @app.command("/failures")
    def command(ack: Any, respond: Any, command: Any) -> None:
        if command["text"] == "slow":
            threading.Event().wait(1.2)
        ack("one moment" if command["text"] == "progress" else "")
        respond(text=f"you said {command['text']}", blocks=[_section(command["text"] or "nothing"), BUTTON])

    @app.action("fixed")
    def fixed(ack: Any, respond: Any, body: Any) -> None:
        ack()
        words = f"{body['user']['id']} fixed it with {body['actions'][0]['value']}"
        respond(text=words, blocks=[_section(words)], replace_original=True)

    @app.action("more")
    def more(ack: Any, respond: Any, action: Any) -> None:
        ack()
        respond(f"chose {action['selected_option']['value']}", replace_original=False)

    @app.action("suggest")
    def suggest(ack: Any, client: WebClient, body: Any) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=FORM)

    @app.view("suggestion")
    def suggestion(ack: Any, view: Any, client: WebClient, body: Any) -> None:
        said = view["state"]["values"]["words"]["text"]["value"]
        if said == "magic":
            ack(response_action="errors", errors={"words": "magic does not help"})
            return
        ack()
        client.chat_postMessage(channel=body["user"]["id"], text=f"thanks for: {said}")


def _listening(app: App) -> None:
    @app.event("app_mention")
    def mentioned(event: Any, say: Any) -> None:
        say(text=f"heard {event['text'].split('> ')[1]}", thread_ts=event["ts"])

    @app.event("message")
    def written(event: Any, say: Any) -> None:
        say(text=f"read {event['text']}")

    @app.event("app_home_opened")
    def home(event: Any, client: WebClient) -> None:
        client.views_publish(user_id=event["user"], view={"type": "home", "blocks": [_section("welcome")]})


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


@pytest.fixture(scope="module")
def running() -> Iterator[Workspace]:
    workspace = Workspace(ack_limit=1, retry_delays=(0, 1, 2, 4))
    with workspace.serve() as ws:
        handler = SocketModeHandler(_app(ws), ws.app_token, ping_interval=1)
        handler.connect()  # type: ignore[no-untyped-call]
        ws.wait_for_app()
        yield ws
        handler.close()  # type: ignore[no-untyped-call]


@pytest.fixture
def ws(running: Workspace) -> Iterator[Workspace]:
    running.channel("ml-team")
    yield running
    running.deliver_twice = False


def test_a_slash_command_is_answered_only_to_the_person_who_typed_it(ws: Workspace) -> None:
    ana, ben = ws.person("ana"), ws.person("ben")
    team = ws.channel("ml-team", ana, ben)
    answer = ana.slash("/failures", "analyze ml-team", channel=team).answer()
    assert "analyze ml-team" in answer.words
    assert answer.seen_by == ana.id
    assert answer in ws.visible_to(ana, team)
    assert answer not in ws.visible_to(ben, team)


def test_the_text_of_an_acknowledgement_is_shown_too(ws: Workspace) -> None:
    asked = ws.person("ana").slash("/failures", "progress", channel="ml-team")
    ws.wait_for(lambda: {message.text for message in asked.answers()} == {"one moment", "you said progress"})


def test_people_and_channels_in_a_command_come_escaped(ws: Workspace) -> None:
    ana, team = ws.person("ana"), ws.channel("ml-team")
    answer = ana.slash("/failures", "for @ana in #ml-team <!channel>", channel=team).answer()
    assert answer.text == f"you said for <@{ana.id}|ana> in <#{team.id}|ml-team> &lt;!channel&gt;"


def test_a_command_that_is_not_acknowledged_in_time_fails_before_the_person(ws: Workspace) -> None:
    ana = ws.person("ana")
    asked = ana.slash("/failures", "slow", channel="ml-team")
    assert asked.failed() == "operation_timeout"
    assert any("operation_timeout" in message.text for message in ana.sees("ml-team"))


def test_a_press_in_an_ephemeral_message_replaces_it_in_place(ws: Workspace) -> None:
    ana = ws.person("ana")
    shown = ana.slash("/failures", "fix", channel="ml-team").answer()
    pressed = ana.press(shown, "fixed", value="7")
    changed = pressed.answer(saying="fixed it with 7")
    assert changed.ts == shown.ts
    assert changed.edited_ts is not None
    assert pressed.acknowledged().seconds is not None


def test_a_button_that_is_not_there_cannot_be_pressed(ws: Workspace) -> None:
    ana = ws.person("ana")
    shown = ana.slash("/failures", "fix", channel="ml-team").answer()
    with pytest.raises(NotThere, match="This fixed it"):
        ana.press(shown, "cordon")


def test_someone_else_cannot_press_in_an_ephemeral_message(ws: Workspace) -> None:
    shown = ws.person("ana").slash("/failures", "fix", channel="ml-team").answer()
    with pytest.raises(NotThere):
        ws.person("ben").press(shown, "fixed")


def test_an_overflow_menu_tells_which_option_was_chosen(ws: Workspace) -> None:
    ana = ws.person("ana")
    shown = ana.slash("/failures", "fix", channel="ml-team").answer()
    assert ana.choose(shown, "more", "Logs").answer().text == "chose logs"


def test_a_form_is_opened_refused_corrected_and_closed(ws: Workspace) -> None:
    ana = ws.person("ana")
    shown = ana.slash("/failures", "fix", channel="ml-team").answer()
    form = ana.press(shown, "suggest").view()
    assert form.title == "Suggest a fix"
    refused = ana.submit(form, {"text": "magic"}).acknowledged()
    assert refused.errors == {"words": "magic does not help"}
    assert ana.modal == form
    ana.submit(form, {"text": "more memory"}).acknowledged()
    assert not ana.modal
    ws.wait_for(lambda: [one for one in ana.sees() if one.text == "thanks for: more memory"])


def test_a_form_with_an_empty_required_field_cannot_be_submitted(ws: Workspace) -> None:
    ana = ws.person("ana")
    form = ana.press(ana.slash("/failures", "fix", channel="ml-team").answer(), "suggest").view()
    with pytest.raises(NotThere, match="What helped"):
        ana.submit(form)


def test_a_mention_is_answered_in_its_thread(ws: Workspace) -> None:
    asked = ws.person("ana").mention("How do I fix OOMKilled failures?", ws.channel("ml-team"))
    answer = asked.answer()
    assert answer.text == "heard How do I fix OOMKilled failures?"
    assert answer.thread_ts == asked.thread_ts


def test_a_direct_message_is_answered_there(ws: Workspace) -> None:
    assert ws.person("ana").dm("analyze ml-team").answer().text == "read analyze ml-team"


def test_what_the_app_did_not_subscribe_to_does_not_reach_it(ws: Workspace) -> None:
    said = ws.person("ana").say("hello", ws.channel("ml-team"))
    assert said.failed() == "not subscribed to message.channels"


def test_the_home_tab_is_published(ws: Workspace) -> None:
    ana = ws.person("ana")
    ana.open_home()
    home = ws.wait_for(lambda: ana.home)
    assert home is not None
    assert home.words == "welcome"


def test_a_second_delivery_makes_a_second_answer_of_an_app_that_does_not_notice(ws: Workspace) -> None:
    ws.deliver_twice = True
    asked = ws.person("ana").dm("twice")
    assert len(ws.wait_for(lambda: [one for one in asked.answers() if one.text == "read twice"][1:])) == 1


def test_the_app_reconnects_when_slack_refreshes_its_connections(ws: Workspace) -> None:
    before = ws.calls["apps.connections.open"]
    ws.reconnect()
    ws.wait_for(lambda: ws.calls["apps.connections.open"] > before)
    ws.wait_for_app()
    assert ws.person("ana").dm("still there?").answer().text == "read still there?"


def test_the_app_comes_back_after_slack_was_away_and_gets_what_it_missed(ws: Workspace) -> None:
    ws.cut()
    ws.wait_for(lambda: ws.connections == 0)
    ana = ws.person("ana")
    assert ana.slash("/failures", "analyze", channel="ml-team").failed() == "dispatch_failed"
    ws.restore()
    ws.wait_for_app()
    ana.slash("/failures", "analyze", channel="ml-team").answer()


def test_an_event_that_nobody_took_is_told_again(ws: Workspace) -> None:
    ws.cut(refuse=True)
    ws.wait_for(lambda: ws.connections == 0)
    before = len(ws.deliveries.unheard)
    asked = ws.person("ana").dm("early bird")
    ws.wait_for(lambda: ws.deliveries.unheard[before:][:2] == ["connection_failed"] * 2)
    ws.restore()
    assert asked.answer(10).text == "read early bird"


def test_a_command_the_manifest_does_not_name_is_unknown_to_slack() -> None:
    with Workspace(installation=Installation(commands={"/failures": True})).serve() as ws:
        assert ws.person("ana").slash("/nope").error == "invalid_command"


def test_a_missing_answer_says_what_was_there_instead(ws: Workspace) -> None:
    asked = ws.person("ana").dm("hello")
    asked.answer()
    with pytest.raises(NoAnswer, match="read hello"):
        asked.answer(0.1, saying="goodbye")


def linked(ws: Workspace, stack: ExitStack) -> ClientConnection:
    """A connection of an app of our own making."""
    address = WebClient(base_url=ws.url).apps_connections_open(app_token=ws.app_token)["url"]
    return stack.enter_context(connect(address))


def received(link: ClientConnection) -> Any:
    return json.loads(link.recv(5))


def test_slack_takes_ten_connections_and_turns_the_eleventh_away() -> None:
    with Workspace().serve() as ws, ExitStack() as stack:
        links = [linked(ws, stack) for _ in range(11)]
        hellos = [received(link) for link in links]
        assert [hello["type"] for hello in hellos] == ["hello"] * 10 + ["disconnect"]
        assert hellos[10]["reason"] == "too_many_websockets"
        assert hellos[9]["num_connections"] == 10
        ws.reconnect("warning")
        assert received(links[0])["reason"] == "warning"


def test_an_address_is_good_for_one_connection() -> None:
    with Workspace().serve() as ws:
        address = WebClient(base_url=ws.url).apps_connections_open(app_token=ws.app_token)["url"]
        with connect(address) as link:
            assert received(link)["type"] == "hello"
        with pytest.raises(InvalidStatus), connect(address):
            pass


def test_payloads_go_to_any_connection_and_are_acknowledged_on_any() -> None:
    with Workspace().serve() as ws, ExitStack() as stack:
        links = [linked(ws, stack) for _ in range(2)]
        assert [received(link)["type"] for link in links] == ["hello"] * 2
        asked = [ws.person("ana").slash("/failures", str(number)) for number in range(2)]
        envelopes = [received(link) for link in links]
        links[0].send("this is no JSON")
        for envelope in envelopes:
            links[1].send(json.dumps({"envelope_id": envelope["envelope_id"], "payload": {"text": "done"}}))
        assert [one.answer().text for one in asked] == ["done", "done"]
        assert {envelope["payload"]["text"] for envelope in envelopes} == {"0", "1"}
        assert all(envelope["accepts_response_payload"] for envelope in envelopes)
