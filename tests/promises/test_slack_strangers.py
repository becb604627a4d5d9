"""Nobody of another workspace does anything, though Slack itself signed what they sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from slack_bolt import App, BoltRequest

from bot.answer_context import incident_context
from bot.clock import utc_now
from bot.domain.incidents.subscription import Wants
from bot.domain.scope import Scope
from bot.rendering import Renderer
from bot.services.answers.answer import AnswerContext
from bot.settings import Settings
from bot.slack import build, web_client
from bot.slack.directory import SlackDirectory
from bot.store.store import Store
from playground.workspace import Person, Workspace
from tests.promises.slack_bot import answer_context, connected, fill

THEIRS = "T0THEIRS1"
STRANGER = "U0STRANGER"


@dataclass
class Place:
    """A channel of ours that is shared with another company's workspace: ana is one of us, eve one of them."""

    workspace: Workspace
    store: Store
    ana: Person
    eve: Person

    def votes(self) -> int:
        return sum(record.worked + record.failed for _, record in self.store.knowledge.solutions(Scope(), "OOMKilled"))


def everything(store: Store) -> AnswerContext:
    fill(store)
    return replace(answer_context(store), incidents=incident_context(Settings(), store))


@pytest.fixture
def place(sqlite_store: Store) -> Iterator[Place]:
    with Workspace().serve() as workspace, connected(workspace, everything(sqlite_store)):
        ana, eve = workspace.person("ana"), workspace.person("eve", team=THEIRS)
        workspace.channel("shared", ana, eve)
        yield Place(workspace, sqlite_store, ana, eve)


def test_a_stranger_in_a_shared_channel_cannot_vote_and_is_told_why(place: Place) -> None:
    story = place.ana.mention("fix OOMKilled", "shared").answer()
    refused = place.eve.press(story, "This fixed it").answer(saying="only people of the workspace")
    assert refused.seen_by == place.eve.id
    assert THEIRS in refused.words
    assert place.votes() == 0
    place.ana.press(story, "This fixed it")
    place.workspace.wait_for(lambda: place.votes() == 1, what="the vote of one of us")


def test_a_stranger_s_command_changes_nothing_and_answers_nothing(place: Place) -> None:
    asked = place.eve.slash("/failures", "subscribe alerts", channel="shared")
    assert "only people of the workspace" in asked.answer().words
    asked = place.eve.slash("/failures", "job train-bert", channel="shared")
    assert "train-bert" not in asked.answer().words
    assert place.store.subscriptions.subscriptions(Scope()) == []


def test_a_stranger_s_mention_and_direct_message_tell_nothing(place: Place) -> None:
    for asked in (place.eve.mention("job train-bert", "shared"), place.eve.dm("job train-bert")):
        assert "only people of the workspace" in asked.answer().words
        assert not any("Memory cgroup" in one.words for one in asked.answers())


def test_a_stranger_cannot_open_or_submit_a_form(place: Place) -> None:
    story = place.ana.mention("fix OOMKilled", "shared").answer()
    place.eve.press(story, "Something else fixed it…").answer(saying="only people of the workspace")
    assert place.eve.modal is None


def test_a_stranger_sees_nothing_on_the_home_tab(place: Place) -> None:
    place.eve.open_home()
    place.ana.open_home()
    place.workspace.wait_for(lambda: place.ana.home, what="the Home tab of one of us")
    assert place.eve.home is None


def test_people_of_a_workspace_that_is_trusted_may_act(sqlite_store: Store) -> None:
    context = everything(sqlite_store)
    with Workspace().serve() as workspace, connected(workspace, context, trusted_workspaces=(THEIRS,)):
        eve = workspace.person("eve", team=THEIRS)
        workspace.channel("shared", eve)
        story = eve.mention("fix OOMKilled", "shared").answer()
        eve.press(story, "This fixed it")
        place = Place(workspace, sqlite_store, eve, eve)
        workspace.wait_for(lambda: place.votes() == 1, what="the vote")


# The same app, with the same signing secret, installed in a workspace of somebody else's: what Slack sends from there.


def interaction(kind: str, **fields: Any) -> dict[str, Any]:
    who = {"id": STRANGER, "username": "eve", "team_id": THEIRS}
    return {"type": kind, "user": who, "team": {"id": THEIRS}, "trigger_id": "1.2.x", **fields}


def pressed(action: str, value: dict[str, Any]) -> dict[str, Any]:
    button = {"type": "button", "action_id": action, "block_id": "b", "value": json.dumps(value), "action_ts": "1.2"}
    container = {"type": "message", "message_ts": "1.2", "channel_id": "C1"}
    return interaction("block_actions", container=container, channel={"id": "C1"}, actions=[button])


def submitted(callback: str, fields: dict[str, str], value: dict[str, Any]) -> dict[str, Any]:
    values = {name: {name: {"type": "plain_text_input", "value": said}} for name, said in fields.items()}
    metadata = json.dumps({"value": json.dumps(value), "channel": "C1"})
    view = {
        "id": "V1",
        "type": "modal",
        "callback_id": callback,
        "private_metadata": metadata,
        "state": {"values": values},
    }
    return interaction("view_submission", view=view)


def event(**inner: Any) -> dict[str, Any]:
    return {
        "type": "event_callback",
        "team_id": THEIRS,
        "authorizations": [{"team_id": THEIRS, "user_id": "U0BOT"}],
        "event": {"user": STRANGER, "ts": "1.2", "channel": "C1", **inner},
    }


def command(text: str) -> dict[str, Any]:
    return {"command": "/failures", "text": text, "team_id": THEIRS, "user_id": STRANGER, "channel_id": "C1"}


FORGED: dict[str, Callable[[int], dict[str, Any]]] = {
    "a vote": lambda one: pressed("worked", {"solution": one, "failure": None, "worked": True, "ask": "fix OOMKilled"}),
    "a retirement": lambda one: pressed("retire", {"solution": one, "ask": "solutions"}),
    "an edit": lambda one: submitted("reword", {"what": "rm -rf /data"}, {"solution": one, "ask": "solutions"}),
    "a suggestion": lambda _: submitted("suggest", {"what": "rm -rf /data"}, {"type": "OOMKilled", "ask": "fix x"}),
    "a name": lambda _: submitted(
        "name", {"name": "theirs", "explanation": "x", "owner": "user", "remedy": "rm"}, {"subject": "1"}
    ),
    "a subscription": lambda _: command("subscribe failures"),
    "maintenance": lambda _: command("maintenance cluster prod-eu"),
    "a mention": lambda _: event(type="app_mention", text="<@U0BOT> subscribe failures", team=THEIRS),
    "a direct message": lambda _: event(type="message", channel_type="im", text="subscribe failures"),
    "the Home tab": lambda _: event(type="app_home_opened", tab="home"),
}


def state_of(store: Store) -> Any:
    return (
        store.knowledge.browse(Scope()),
        store.named_causes.signatures(Scope()),
        store.subscriptions.subscriptions(Scope()),
        [record for _, record in store.knowledge.solutions(Scope(), "OOMKilled")],
    )


def dispatched(app: App, payload: dict[str, Any]) -> None:
    """Bring one payload to the bot, and wait until it is worked off."""
    app.dispatch(BoltRequest(body=json.dumps(payload), mode="socket_mode"))
    app.listener_runner.listener_executor.shutdown(wait=True)


@pytest.mark.parametrize("kind", FORGED)
def test_a_signed_payload_of_another_workspace_changes_nothing_and_is_told_nothing(
    sqlite_store: Store, kind: str
) -> None:
    with Workspace().serve() as workspace:
        client = web_client(workspace.bot_token, workspace.url)
        app = build(everything(sqlite_store), Renderer(), client)
        known, _ = sqlite_store.knowledge.solutions(Scope(), "OOMKilled")[0]
        solution = sqlite_store.knowledge.add_solution(replace(known, id=None, description="x"))
        before = state_of(sqlite_store)
        dispatched(app, FORGED[kind](solution))
        assert state_of(sqlite_store) == before
        assert set(workspace.calls) == {"auth.test"}


def test_what_is_forged_here_would_do_its_work_for_one_of_us(sqlite_store: Store) -> None:
    """Else the test above would prove nothing."""
    with Workspace().serve() as workspace:
        client = web_client(workspace.bot_token, workspace.url)
        context, own = everything(sqlite_store), client.auth_test()["team_id"]
        channel = workspace.channel("ml-team", workspace.person("ana"))
        for kind in ("a vote", "a suggestion", "a subscription"):
            before = state_of(sqlite_store)
            payload = json.loads(json.dumps(FORGED[kind](1)).replace(THEIRS, own).replace("C1", channel.id))
            dispatched(build(context, Renderer(), client), payload)
            assert state_of(sqlite_store) != before, kind
    assert {one.wants for one in sqlite_store.subscriptions.subscriptions(Scope())} <= {Wants.FAILURES}


def test_a_stranger_is_not_taken_for_the_owner_of_a_job(place: Place) -> None:
    directory = SlackDirectory(web_client(place.workspace.bot_token, place.workspace.url), clock=utc_now)
    assert directory.user("ana") == place.ana.id
    assert directory.user("eve") is None
