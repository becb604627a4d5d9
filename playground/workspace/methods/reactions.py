"""reactions.* and pins.*: marks on messages."""

from __future__ import annotations

import re

from playground.workspace.calls import Call, Method
from playground.workspace.refusal import Refused
from playground.workspace.values import Json, Message

_NAME = re.compile(r"[\w+'-]{1,100}")


def _message(call: Call) -> Message:
    channel = call.state.find_channel(call.args.text("channel"))
    message = call.state.message(channel.id, call.args.text("timestamp"))
    if message is None or message.seen_by is not None:
        raise Refused("message_not_found")
    return message


def _mark(call: Call) -> tuple[str, str]:
    name = call.args.text("name").strip(":")
    if not _NAME.fullmatch(name):
        raise Refused("invalid_name")
    return name, call.state.bot.id


def _add(call: Call) -> Json:
    message, mark = _message(call), _mark(call)
    if mark in message.reactions:
        raise Refused("already_reacted")
    call.state.edit(message, reactions=(*message.reactions, mark))
    return {}


def _remove(call: Call) -> Json:
    message, mark = _message(call), _mark(call)
    if mark not in message.reactions:
        raise Refused("no_reaction")
    call.state.edit(message, reactions=tuple(known for known in message.reactions if known != mark))
    return {}


def _pin(call: Call) -> Json:
    message = _message(call)
    if (message.channel, message.ts) in call.state.pins:
        raise Refused("already_pinned")
    call.state.pins.add((message.channel, message.ts))
    return {}


def _unpin(call: Call) -> Json:
    message = _message(call)
    if (message.channel, message.ts) not in call.state.pins:
        raise Refused("no_pin")
    call.state.pins.remove((message.channel, message.ts))
    return {}


METHODS = {
    "reactions.add": Method(_add, ("reactions:write",)),
    "reactions.remove": Method(_remove, ("reactions:write",)),
    "pins.add": Method(_pin, ("pins:write",)),
    "pins.remove": Method(_unpin, ("pins:write",)),
}
