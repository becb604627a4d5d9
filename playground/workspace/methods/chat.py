"""chat.*: posting, editing and deleting messages, as the app may."""

from __future__ import annotations

from playground.workspace.calls import Call, Method, need
from playground.workspace.messages import content, edited, from_app, some_content, to_json
from playground.workspace.refusal import Refused
from playground.workspace.values import Channel, Json, Message


def _writable(call: Call) -> Channel:
    """The channel of the call, if the app may write there."""
    channel = call.state.find_channel(call.args.text("channel"))
    if channel.archived:
        raise Refused("is_archived")
    if call.state.bot.id not in channel.members:
        if channel.kind == "private":
            raise Refused("channel_not_found")
        if "chat:write.public" not in call.installation.scopes:
            raise Refused("not_in_channel")
    return channel


def _thread(call: Call, channel: Channel) -> str | None:
    thread_ts = call.args.optional("thread_ts")
    if thread_ts is None:
        return None
    root = call.state.message(channel.id, thread_ts)
    if root is None or root.seen_by is not None:
        raise Refused("cannot_reply_to_message")
    return root.thread_ts or root.ts


def _post(call: Call) -> Json:
    channel = _writable(call)
    if call.args.has("username") or call.args.has("icon_url") or call.args.has("icon_emoji"):
        need(call, "chat:write.customize")
    message = from_app(call.state, channel.id, some_content(call.args), thread_ts=_thread(call, channel))
    call.state.say(message)
    return _shown(call, message)


def _post_ephemeral(call: Call) -> Json:
    channel = _writable(call)
    user = call.args.text("user")
    if user not in channel.members:
        raise Refused("user_not_in_channel")
    found = some_content(call.args)
    message = from_app(call.state, channel.id, found, thread_ts=_thread(call, channel), seen_by=user)
    call.state.say(message)
    return {"message_ts": message.ts}


def _own(call: Call, refusal: str) -> Message:
    """The app's own message at the call's channel and ts."""
    channel = call.state.find_channel(call.args.text("channel"))
    message = call.state.message(channel.id, call.args.text("ts"))
    if message is None or message.seen_by is not None:
        raise Refused("message_not_found")
    if message.user != call.state.bot.id:
        raise Refused(refusal)
    if channel.archived:
        raise Refused("is_archived")
    return message


def _update(call: Call) -> Json:
    message = _own(call, "cant_update_message")
    found = content(call.args)
    if not found:
        raise Refused("no_text")
    return _shown(call, edited(call.state, message, found))


def _delete(call: Call) -> Json:
    message = _own(call, "cant_delete_message")
    call.state.delete(message)
    return {"channel": message.channel, "ts": message.ts}


def _permalink(call: Call) -> Json:
    channel = call.state.find_channel(call.args.text("channel"))
    ts = call.args.text("message_ts")
    if call.state.message(channel.id, ts) is None:
        raise Refused("message_not_found")
    return {"channel": channel.id, "permalink": f"{call.base_url}/archives/{channel.id}/p{ts.replace('.', '')}"}


def _shown(call: Call, message: Message) -> Json:
    shown = to_json(call.state, message, metadata=True)
    return {"channel": message.channel, "ts": message.ts, "text": message.text, "message": shown}


METHODS = {
    "chat.postMessage": Method(_post, ("chat:write",)),
    "chat.postEphemeral": Method(_post_ephemeral, ("chat:write",)),
    "chat.update": Method(_update, ("chat:write",)),
    "chat.delete": Method(_delete, ("chat:write",)),
    "chat.getPermalink": Method(_permalink),
}
