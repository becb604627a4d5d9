"""What a visitor can do in the workspace, as values read from the page's requests, and who does it then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from playground.page.refusing import NotPossible
from playground.workspace import Interaction, Message, NoAnswer, NotThere, Person, View, Workspace
from playground.workspace.forms import controls
from playground.workspace.refusal import Refused
from playground.workspace.values import Json

_PATIENCE = 4.0
"""Seconds to wait for the app's acknowledgement: it has three, and the refusal takes its way back."""

_Chosen = str | int | Json | list[str | Json] | None
"""What stands in a field: a text, an option's value, a whole option, a moment, or several."""


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """Something that `who` (a member's id) does."""

    who: str


class Say(Act, frozen=True, kw_only=True, tag="say"):
    """Write in a channel or a thread; a text that begins with a slash is a command."""

    channel: str
    text: str
    thread: str | None = None


class Place(Act, frozen=True, kw_only=True):
    """A control of a message (`channel` and `ts`) or of a view."""

    block: str
    action: str
    channel: str | None = None
    ts: str | None = None
    view: str | None = None


class Press(Place, frozen=True, kw_only=True, tag="press"):
    """Press a button."""


class Choose(Place, frozen=True, kw_only=True, tag="choose"):
    """Choose in a menu: the value of an option, of several, a date, a member ..."""

    option: _Chosen = None


class Suggest(Place, frozen=True, kw_only=True, tag="suggest"):
    """Type into a menu whose options the app knows."""

    text: str


class Submit(Act, frozen=True, kw_only=True, tag="submit"):
    """Submit the modal that is open. `values` are by block_id, or by action_id outside of inputs."""

    view: str
    values: dict[str, _Chosen] = {}


class Close(Act, frozen=True, kw_only=True, tag="close"):
    """Close the modal that is open."""

    view: str


class OpenHome(Act, frozen=True, kw_only=True, tag="home"):
    """Open the app's Home tab."""


_Act = Say | Press | Choose | Suggest | Submit | Close | OpenHome


def read(body: bytes) -> _Act:
    """What a request asks for. Raises NotPossible."""
    try:
        act: _Act = msgspec.json.decode(body, type=_Act)
    except msgspec.DecodeError as error:
        raise NotPossible(f"the page asked for something odd: {error}") from None
    return act


def perform(workspace: Workspace, act: _Act) -> Json:
    """Do it, and give what went wrong: `error` in Slack's words, `errors` of a form by block_id. Raises NotPossible."""
    user = workspace.state.users.get(act.who)
    if user is None or user.is_bot:
        raise NotPossible("nobody of that name is here")
    try:
        return _ACTS[type(act)](workspace, workspace.person(user.name), act)
    except (NotThere, Refused, KeyError) as error:
        raise NotPossible(str(error)) from None


def _say(_workspace: Workspace, person: Person, act: Say) -> Json:
    text = act.text.strip()
    if not text.startswith("/"):
        person.say(text, act.channel, thread_ts=act.thread)
        return {}
    command, _, rest = text.partition(" ")
    if act.thread is not None:
        raise NotPossible(f"{command} is not supported in threads. Mention the app instead.")
    if person.slash(command, rest.strip(), channel=act.channel).error == "invalid_command":
        raise NotPossible(f"{command} is not a valid command. Slack sends a command only to the app that declares it.")
    return {}


def _press(workspace: Workspace, person: Person, act: Press) -> Json:
    where = _place(workspace, act)
    return _outcome(person.press(where, act.action, index=_index(where, act)))


def _choose(workspace: Workspace, person: Person, act: Choose) -> Json:
    where = _place(workspace, act)
    return _outcome(person.choose(where, act.action, act.option, index=_index(where, act)))


def _suggest(workspace: Workspace, person: Person, act: Suggest) -> Json:
    where = _place(workspace, act)
    asked = person.suggest(where, act.action, act.text, index=_index(where, act))
    outcome = _outcome(asked)
    return outcome | (asked.ack if isinstance(asked.ack, dict) else {})


def _submit(workspace: Workspace, person: Person, act: Submit) -> Json:
    return _outcome(person.submit(workspace.state.views[act.view], act.values))


def _close(workspace: Workspace, person: Person, act: Close) -> Json:
    return _outcome(person.close(workspace.state.views[act.view]), told=False)


def _home(_workspace: Workspace, person: Person, _act: OpenHome) -> Json:
    interaction = person.open_home()
    return {"error": interaction.error} if interaction.error else {}


_ACTS: Mapping[type[Any], Callable[[Workspace, Person, Any], Json]] = {
    Say: _say,
    Press: _press,
    Choose: _choose,
    Suggest: _suggest,
    Submit: _submit,
    Close: _close,
    OpenHome: _home,
}


def _place(workspace: Workspace, act: Place) -> Message | View:
    if act.view is not None:
        return workspace.state.views[act.view]
    message = workspace.state.message(act.channel or "", act.ts or "")
    if message is None:
        raise NotPossible("that message is not there any more")
    return message


def _index(where: Message | View, act: Place) -> int:
    """Which of the controls with this action_id stands in this block."""
    blocks = where.all_blocks if isinstance(where, Message) else where.blocks
    alike = [control for control in controls(blocks) if control.action_id == act.action]
    for index, control in enumerate(alike):
        if control.block.get("block_id") == act.block:
            return index
    raise NotPossible("that button is not there any more")


def _outcome(interaction: Interaction, *, told: bool = True) -> Json:
    """What came of it, once the app has acknowledged it; at once where the app is not told."""
    try:
        if told:
            interaction.acknowledged(_PATIENCE)
    except NoAnswer:
        return {"error": interaction.error or "operation_timeout"}
    return {"error": interaction.error, "errors": interaction.errors}
