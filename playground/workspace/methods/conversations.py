"""conversations.*: channels, their members, and what was said in them."""

from __future__ import annotations

import math

from playground.workspace.calls import Call, Method, need, page
from playground.workspace.messages import to_json
from playground.workspace.refusal import Refused
from playground.workspace.values import Channel, Json, Message

_FAMILY = {"public": "channels", "private": "groups", "im": "im"}
_TYPE = {"public": "public_channel", "private": "private_channel", "im": "im"}
_READ = ("channels:read", "groups:read", "im:read")
_HISTORY = ("channels:history", "groups:history", "im:history")


def _channel(call: Call, right: str) -> Channel:
    """The call's channel, if the app has the right for its kind and may see it."""
    channel = call.state.find_channel(call.args.text("channel"))
    need(call, f"{_FAMILY[channel.kind]}:{right}")
    is_member = call.state.bot.id in channel.members
    if channel.kind == "private" and not is_member:
        raise Refused("channel_not_found")
    if right == "history" and not is_member:
        raise Refused("not_in_channel")
    return channel


def channel_json(call: Call, channel: Channel) -> Json:
    """A conversation as the Web API shows it."""
    shown: Json = {
        "id": channel.id,
        "is_im": channel.kind == "im",
        "is_channel": channel.kind == "public",
        "is_group": False,
        "is_mpim": False,
        "is_private": channel.kind != "public",
        "is_archived": channel.archived,
        "created": 1_700_000_000,
    }
    if channel.kind == "im":
        return shown | {"user": next(iter(channel.members - {call.state.bot.id}), "")}
    names = {"name": channel.name, "name_normalized": channel.name, "num_members": len(channel.members)}
    return shown | names | {"is_member": call.state.bot.id in channel.members, "is_general": False}


def _list(call: Call) -> Json:
    wanted = set((call.args.optional("types") or "public_channel").replace(" ", "").split(","))
    kinds = {kind for kind, name in _TYPE.items() if name in wanted}
    for kind in sorted(kinds):
        need(call, f"{_FAMILY[kind]}:read")
    bot = call.state.bot.id
    found = [
        channel_json(call, channel)
        for channel in call.state.channels.values()
        if channel.kind in kinds
        and (channel.kind == "public" or bot in channel.members)
        and not (channel.archived and call.args.flag("exclude_archived"))
    ]
    shown, cursor = page(call, found)
    return {"channels": shown, "response_metadata": {"next_cursor": cursor}}


def _info(call: Call) -> Json:
    return {"channel": channel_json(call, _channel(call, "read"))}


def _members(call: Call) -> Json:
    channel = _channel(call, "read")
    shown, cursor = page(call, [{"id": member} for member in sorted(channel.members)])
    return {"members": [member["id"] for member in shown], "response_metadata": {"next_cursor": cursor}}


def _time(call: Call, name: str, default: float) -> float:
    given = call.args.optional(name)
    try:
        return default if given is None else float(given)
    except ValueError:
        raise Refused(f"invalid_ts_{name}") from None


def _within(call: Call, messages: list[Message]) -> list[Message]:
    """The messages between `oldest` and `latest`."""
    oldest, latest = _time(call, "oldest", 0), _time(call, "latest", math.inf)
    inclusive = call.args.flag("inclusive")

    def inside(ts: float) -> bool:
        return oldest < ts < latest or (inclusive and ts in {oldest, latest})

    return [message for message in messages if inside(float(message.ts))]


def _said(call: Call, messages: list[Message]) -> Json:
    with_metadata = call.args.flag("include_all_metadata")
    found = [to_json(call.state, message, metadata=with_metadata) for message in messages]
    shown, cursor = page(call, found)
    return {"messages": shown, "has_more": bool(cursor), "response_metadata": {"next_cursor": cursor}}


def _history(call: Call) -> Json:
    channel = _channel(call, "history")
    roots = [message for message in call.state.messages(channel.id) if not message.is_reply]
    return _said(call, list(reversed(_within(call, roots))))


def _replies(call: Call) -> Json:
    channel = _channel(call, "history")
    root = call.state.message(channel.id, call.args.text("ts"))
    if root is None or root.seen_by is not None:
        raise Refused("thread_not_found")
    replies = call.state.replies(channel.id, root.thread_ts or root.ts)
    return _said(call, [root, *_within(call, replies)])


def _open(call: Call) -> Json:
    users = (call.args.optional("users") or "").split(",")
    if len(users) != 1 or not users[0]:
        raise Refused("users_list_not_supplied" if not users[0] else "method_not_supported_for_channel_type")
    channel = call.state.direct(call.state.find_user(users[0]).id)
    return {"channel": channel_json(call, channel) if call.args.flag("return_im") else {"id": channel.id}}


def _join(call: Call) -> Json:
    channel = call.state.find_channel(call.args.text("channel"))
    if channel.kind != "public":
        raise Refused("method_not_supported_for_channel_type")
    if channel.archived:
        raise Refused("is_archived")
    return {"channel": channel_json(call, call.state.join(channel.id, call.state.bot.id))}


METHODS = {
    "conversations.list": Method(_list, _READ),
    "conversations.info": Method(_info, _READ),
    "conversations.members": Method(_members, _READ),
    "conversations.history": Method(_history, _HISTORY),
    "conversations.replies": Method(_replies, _HISTORY),
    "conversations.open": Method(_open, ("im:write",)),
    "conversations.join": Method(_join, ("channels:join",)),
}
