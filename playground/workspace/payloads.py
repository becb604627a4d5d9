"""The payloads Slack sends to an app, field by field as Slack sends them: commands, events, interactions."""

from __future__ import annotations

import re

from playground.workspace.messages import to_json
from playground.workspace.methods.apps import DOMAIN
from playground.workspace.methods.views import view_json
from playground.workspace.state import APP, State
from playground.workspace.values import TEAM, Channel, Json, Message, User, View

_TOKEN = "verification-token"  # noqa: S105 a field of the payloads, long out of use
_TEAM = {"id": TEAM, "domain": DOMAIN}
_ENTERPRISE = {"enterprise": None, "is_enterprise_install": False}


def slash(user: User, channel: Channel, command: str, text: str, *, response_url: str, trigger_id: str) -> Json:
    """A slash command: a flat form, every value a string."""
    return {
        "token": _TOKEN,
        "team_id": user.team,
        "team_domain": DOMAIN,
        "channel_id": channel.id,
        "channel_name": "directmessage" if channel.kind == "im" else channel.name,
        "user_id": user.id,
        "user_name": user.name,
        "command": command,
        "text": text,
        "api_app_id": APP,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": trigger_id,
    }


def escaped(state: State, text: str, *, labels: bool = True) -> str:
    """What a person typed as Slack passes it on: members and channels by id, `&`, `<` and `>` as entities. In commands
    (where `should_escape` is on) the names stand beside the ids as labels, in messages members have none."""
    users = {user.name: user.id for user in state.users.values()}
    channels = {channel.name: channel.id for channel in state.channels.values() if channel.kind != "im"}

    def replaced(match: re.Match[str]) -> str:
        sign, name = match.group(1), match.group(2)
        key = (users if sign == "@" else channels).get(name)
        label = f"|{name}" if labels or sign == "#" else ""
        return f"<{sign}{key}{label}>" if key else match.group(0)

    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"(?<!\S)([@#])([\w.-]+)", replaced, text)


def event(state: State, inner: Json) -> Json:
    """An event in its wrapper. In a channel with somebody of another workspace it says that it is shared."""
    channel = state.channels.get(inner.get("channel", ""))
    here = [state.users[member] for member in (channel.members if channel is not None else ())]
    return {
        "token": _TOKEN,
        "team_id": TEAM,
        "context_team_id": TEAM,
        "context_enterprise_id": None,
        "api_app_id": APP,
        "event": inner,
        "type": "event_callback",
        "event_id": state.number("Ev"),
        "event_time": int(state.shown().timestamp()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": TEAM,
                "user_id": state.bot.id,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": any(user.team != TEAM for user in here),
        "event_context": "4-playground",
    }


def message_event(state: State, kind: str, message: Message, channel: Channel) -> Json:
    """`app_mention`, or `message` with the type of its channel."""
    author = state.users[message.user]
    inner: Json = {
        "type": kind,
        "user": message.user,
        "ts": message.ts,
        "client_msg_id": f"00000000-0000-4000-8000-{int(message.ts.replace('.', '')) % 10**12:012d}",
        "text": message.text,
        "team": author.team,
        "channel": channel.id,
        "event_ts": message.ts,
    }
    if author.team != TEAM:
        inner |= {"user_team": author.team, "source_team": author.team, "user_profile": {"team": author.team}}
    if message.thread_ts is not None:
        inner["thread_ts"] = message.thread_ts
    if message.bot_id is not None:
        inner |= {"bot_id": message.bot_id, "subtype": "bot_message"}
    if kind == "message":
        inner["channel_type"] = {"public": "channel", "private": "group", "im": "im"}[channel.kind]
    return inner


def changed_event(state: State, message: Message, channel: Channel) -> Json:
    """`message` of the subtype that says a message was edited."""
    inner = message_event(state, "message", message, channel)
    return {
        "type": "message",
        "subtype": "message_changed",
        "channel": channel.id,
        "channel_type": inner["channel_type"],
        "hidden": True,
        "ts": message.edited_ts,
        "event_ts": message.edited_ts,
        "message": to_json(state, message),
    }


def _interaction(kind: str, user: User, trigger_id: str) -> Json:
    who = {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team}
    return {
        "type": kind,
        "user": who,
        "api_app_id": APP,
        "token": _TOKEN,
        "team": _TEAM,
        "trigger_id": trigger_id,
        **_ENTERPRISE,
    }


def _channel(channel: Channel) -> Json:
    return {"id": channel.id, "name": "directmessage" if channel.kind == "im" else channel.name}


def pressed_in_message(
    state: State, user: User, message: Message, action: Json, values: Json, *, response_url: str, trigger_id: str
) -> Json:
    """`block_actions` from a message. Of an ephemeral message the payload says only where it is, not what it shows."""
    channel = state.channels[message.channel]
    container: Json = {"type": "message", "message_ts": message.ts, "channel_id": channel.id, "is_ephemeral": False}
    if message.thread_ts is not None:
        container["thread_ts"] = message.thread_ts
    payload = _interaction("block_actions", user, trigger_id) | {
        "container": container,
        "channel": _channel(channel),
        "state": {"values": values},
        "response_url": response_url,
        "actions": [action],
    }
    if message.seen_by is not None:
        container["is_ephemeral"] = True
        return payload
    return payload | {"message": to_json(state, message)}


def pressed_in_view(user: User, view: View, action: Json, values: Json, *, trigger_id: str) -> Json:
    """`block_actions` from a modal or the Home tab."""
    return _interaction("block_actions", user, trigger_id) | {
        "container": {"type": "view", "view_id": view.id},
        "view": view_json(view, values),
        "actions": [action],
    }


def suggesting(user: User, control: Json, value: str, where: Json) -> Json:
    """`block_suggestion`: what a person types into a menu whose options the app knows. `where` is its place."""
    return {**_interaction("block_suggestion", user, ""), **control, **where, "value": value}


def submitted(user: User, view: View, values: Json, *, trigger_id: str) -> Json:
    """`view_submission`."""
    shown = view_json(view, values)
    return _interaction("view_submission", user, trigger_id) | {"view": shown, "response_urls": []}


def closed(user: User, view: View, *, is_cleared: bool = False) -> Json:
    """`view_closed`, sent where the view asks for it."""
    payload = _interaction("view_closed", user, "") | {"view": view_json(view), "is_cleared": is_cleared}
    del payload["trigger_id"]
    return payload


def shortcut(user: User, callback_id: str, action_ts: str, *, trigger_id: str) -> Json:
    """A global shortcut."""
    return _interaction("shortcut", user, trigger_id) | {"callback_id": callback_id, "action_ts": action_ts}


def message_shortcut(
    state: State, user: User, message: Message, callback_id: str, *, response_url: str, trigger_id: str
) -> Json:
    """A shortcut in the menu of a message."""
    return _interaction("message_action", user, trigger_id) | {
        "callback_id": callback_id,
        "action_ts": state.new_ts(),
        "message_ts": message.ts,
        "channel": _channel(state.channels[message.channel]),
        "message": to_json(state, message),
        "response_url": response_url,
    }
