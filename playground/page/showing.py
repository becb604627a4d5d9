"""The workspace as one person sees it, as JSON for the page: channels, messages, their modal, their Home tab."""

from __future__ import annotations

from collections.abc import Mapping

from playground.workspace import Channel, Message, View, Workspace
from playground.workspace.changes import Change
from playground.workspace.state import State
from playground.workspace.values import Json

_MOST = 200
"""The newest messages of each channel that are shown to somebody who comes."""
_REFUSALS = 5


def everything(workspace: Workspace, person: str) -> Json:
    """All that a person sees when they come."""
    state = workspace.state
    with state.lock:
        places = [channel for channel in state.channels.values() if _sees(channel, person)]
        newest = [message for place in places for message in state.messages(place.id, seen_by=person)[-_MOST:]]
        return {
            **names(workspace, person),
            "messages": [message_json(message) for message in newest],
            "modal": modal(state, person),
            "home": home(state, person),
            "link": link(workspace),
        }


def names(workspace: Workspace, person: str) -> Json:
    """Who and what there is: members, groups and channels by their ids."""
    state = workspace.state
    return {
        "bot": {"id": workspace.bot.id, "name": workspace.bot.name},
        "names": workspace.names,
        "channels": [
            {"id": channel.id, "name": channel.name, "kind": channel.kind, "archived": channel.archived}
            for channel in state.channels.values()
            if _sees(channel, person)
        ],
    }


def link(workspace: Workspace) -> Json:
    """Whether the app is connected, whether Slack is up, and what it has refused of late."""
    return {
        "connected": workspace.connections > 0,
        "away": workspace.is_away,
        "rates": workspace.enforces_rates,
        "refused": [
            {"method": one.method, "error": one.error, "details": one.details}
            for one in workspace.refusals[-_REFUSALS:]
        ],
    }


def changed(workspace: Workspace, person: str, change: Change) -> tuple[str, Json | None]:
    """What the page is told of a change: the name of the part, and the part as this person sees it now."""
    state = workspace.state
    with state.lock:
        if change.channel is not None and change.ts is not None:
            return "message", _message(state, person, change.channel, change.ts)
        if change.kind in {"view", "home"}:
            return change.kind, (modal if change.kind == "view" else home)(state, person)
        return ("link", link(workspace)) if change.kind in {"link", "ack"} else ("names", names(workspace, person))


def concerns(change: Change, person: str) -> bool:
    """Whether a change may alter what this person sees."""
    return change.person in {None, person} or change.kind in {"person", "reaction"}


def _message(state: State, person: str, channel: str, ts: str) -> Json | None:
    """The message as it is; only its place where it is gone; None where this person does not see it."""
    message, place = state.message(channel, ts), state.channels.get(channel)
    if place is None or not _sees(place, person) or (message and message.seen_by not in {None, person}):
        return None
    return message_json(message) if message else {"channel": channel, "ts": ts, "gone": True}


def _sees(channel: Channel, person: str) -> bool:
    return channel.kind == "public" or person in channel.members


def message_json(message: Message) -> Json:
    """A message with all that is drawn of it."""
    return {
        "channel": message.channel,
        "ts": message.ts,
        "user": message.user,
        "app": message.bot_id is not None,
        "text": message.text,
        "blocks": message.blocks,
        "attachments": message.attachments,
        "thread": message.thread_ts if message.is_reply else None,
        "edited": message.edited_ts is not None,
        "private": message.seen_by is not None,
        "reactions": _reactions(message.reactions),
        "files": [str(file.get("title") or file.get("name") or "a file") for file in message.files],
    }


def _reactions(pairs: tuple[tuple[str, str], ...]) -> Mapping[str, list[str]]:
    names = dict.fromkeys(name for name, _ in pairs)
    return {name: [user for reaction, user in pairs if reaction == name] for name in names}


def modal(state: State, person: str) -> Json | None:
    """The modal that a person has open."""
    view = state.modal(person)
    return _view(view) | {"depth": len(state.modals[person])} if view else None


def home(state: State, person: str) -> Json | None:
    """The Home tab that the app has published for a person."""
    view = state.homes.get(person)
    return _view(view) if view else None


def _view(view: View) -> Json:
    return {"id": view.id, "hash": view.hash, **{part: view.body.get(part) for part in _PARTS}}


_PARTS = ("title", "submit", "close", "blocks")
