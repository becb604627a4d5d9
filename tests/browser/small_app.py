"""A small app over Socket Mode that says, opens and publishes whatever a test wants to see drawn."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from slack_bolt import App
from slack_sdk import WebClient

from bot.slack.connection import SocketConnection
from bot.slack.manifest import manifest
from playground.page import Page, Role
from playground.workspace import Workspace, from_manifest

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def button(label: str, action: str, **more: object) -> Json:
    return {"type": "button", "text": plain(label), "action_id": action, **more}


def option(text: str, value: str) -> Json:
    return {"text": plain(text), "value": value}


FORM: Json = {
    "type": "modal",
    "callback_id": "suggestion",
    "title": plain("Suggest a fix"),
    "submit": plain("Save"),
    "close": plain("Cancel"),
    "blocks": [
        {
            "type": "input",
            "block_id": "words",
            "label": plain("What helped?"),
            "hint": plain("In a few words, so that others can do it too."),
            "element": {"type": "plain_text_input", "action_id": "text", "multiline": True, "min_length": 3},
        },
        {
            "type": "input",
            "block_id": "kind",
            "optional": True,
            "label": plain("For which failures?"),
            "element": {
                "type": "static_select",
                "action_id": "type",
                "options": [option("OOMKilled", "oom"), option("NCCL timeout", "nccl")],
                "initial_option": option("OOMKilled", "oom"),
            },
        },
        {
            "type": "input",
            "block_id": "scope",
            "optional": True,
            "label": plain("Where does it hold?"),
            "element": {
                "type": "radio_buttons",
                "action_id": "where",
                "options": [option("In this project", "project"), option("Everywhere", "all")],
            },
        },
    ],
}


def _input(block_id: str, label: str, element: Json) -> Json:
    return {"type": "input", "block_id": block_id, "label": plain(label), "optional": True, "element": element}


OTHER_FIELDS: Json = {
    "type": "modal",
    "callback_id": "other fields",
    "title": plain("Other fields"),
    "submit": plain("Send"),
    "blocks": [
        _input("job", "Which job?", {"type": "external_select", "action_id": "job", "min_query_length": 2}),
        _input("more", "Which others?", {"type": "multi_external_select", "action_id": "job", "min_query_length": 2}),
        _input("story", "What happened?", {"type": "rich_text_input", "action_id": "text"}),
        _input("log", "The log", {"type": "file_input", "action_id": "files", "filetypes": ["log", "txt"]}),
    ],
}
FORMS: Mapping[str, Json] = {"form": FORM, "other fields": OTHER_FIELDS}


@dataclass(slots=True)
class SmallApp:
    """The app, and what people did to it."""

    workspace: Workspace
    client: WebClient
    address: str
    done: list[Json] = field(default_factory=list)

    def say(self, channel: str, text: str = "Something was said", **parts: Any) -> str:
        return str(self.client.chat_postMessage(channel=channel, text=text, **parts)["ts"])


def _build(app: App, done: list[Json]) -> None:
    @app.command("/failures")
    def command(ack: Any, command: Any, respond: Any, client: Any) -> None:
        ack()
        if command["text"] in FORMS:
            client.views_open(trigger_id=command["trigger_id"], view=FORMS[command["text"]])
        else:
            respond(text=f"You asked: {command['text']}")

    @app.view("suggestion")
    def submitted(ack: Any, view: Any) -> None:
        values = view["state"]["values"]
        if len(values["words"]["text"]["value"]) < 10:
            ack(response_action="errors", errors={"words": "That is too short to be understood."})
        else:
            done.append(values)
            ack()

    @app.event("app_home_opened")
    def home(event: Any, client: Any) -> None:
        blocks = [
            {"type": "header", "text": plain("Your failures")},
            {"type": "section", "text": {"type": "mrkdwn", "text": "*2 of 30* jobs failed since Monday."}},
            {"type": "actions", "elements": [button("Refresh", "refresh", style="primary")]},
        ]
        client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})

    @app.event("message")
    def heard(_event: Any) -> None:
        """Nothing is said to it."""

    @app.action("silent")
    def silent() -> None:
        """It never acknowledges."""

    @app.action(re.compile(""))
    def pressed(ack: Any, body: Any) -> None:
        ack()
        done.append(body["actions"][0])


def _build_other_fields(app: App, done: list[Json]) -> None:
    @app.view("other fields")
    def sent(ack: Any, view: Any) -> None:
        done.append(view["state"]["values"])
        ack()

    @app.options("job")
    def jobs(ack: Any, payload: Any) -> None:
        known = ("train-bert", "train-bert-large", "rank-ads")
        ack(options=[option(name, name) for name in known if name.startswith(payload["value"])])


@contextmanager
def small_app() -> Iterator[SmallApp]:
    """A workspace with a page and the app, until the block ends."""
    described = manifest()
    described["features"]["app_home"]["home_tab_enabled"] = True
    described["settings"]["event_subscriptions"]["bot_events"] = ["app_home_opened", "app_mention", "message.im"]
    workspace = Workspace(installation=from_manifest(described), ack_limit=1.0)
    with workspace.serve():
        people = [workspace.person(name, tz="Europe/Berlin") for name in ("ana", "ben", "dana")]
        team = workspace.channel("ml-team", *people)
        workspace.channel("ml-platform-oncall", *people)
        roles = [
            Role(
                id=one.id,
                name=one.user.name,
                about="a person",
                tz="Europe/Berlin",
                dm=workspace.state.direct(one.id).id,
            )
            for one in people
        ]
        workspace.show_beside(Page(workspace, roles=roles, manifest=described, start_in=team.id).routes)
        client = WebClient(workspace.bot_token, base_url=workspace.url)
        app = App(client=client, token_verification_enabled=False)
        small = SmallApp(workspace, client, workspace.url.removesuffix("api/"))
        _build(app, small.done)
        _build_other_fields(app, small.done)
        connection = SocketConnection(app, client, workspace.app_token)
        connection.start()
        try:
            workspace.wait_for_app()
            yield small
        finally:
            connection.stop()
