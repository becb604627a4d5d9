"""files.*: the three steps of an upload (a place to send it to, the sending, the sharing), and what a file is."""

from __future__ import annotations

from playground.workspace.calls import Call, Method
from playground.workspace.changes import Change
from playground.workspace.messages import from_app
from playground.workspace.refusal import Refused, invalid
from playground.workspace.state import State
from playground.workspace.values import Json


def _upload_url(call: Call) -> Json:
    length = call.args.whole("length", 0)
    if length <= 0:
        raise invalid("invalid_arguments", ["missing required field: length"])
    key = call.state.number("F")
    call.state.files[key] = {"id": key, "name": call.args.text("filename"), "size": length}
    return {"file_id": key, "upload_url": f"{call.base_url}/upload/{key}"}


def receive(state: State, key: str, data: bytes) -> None:
    """Keep what was sent to an upload's place. Raises Refused."""
    if key not in state.files:
        raise Refused("file_not_found", status=404)
    state.files[key] |= {"content": data.decode(errors="replace"), "received": len(data)}


def _complete(call: Call) -> Json:
    wanted = call.args.objects("files", "invalid_arguments") or []
    files = [_finished(call.state, item) for item in wanted]
    channels = (call.args.optional("channels") or call.args.optional("channel_id") or "").split(",")
    for reference in filter(None, channels):
        channel = call.state.find_channel(reference)
        if call.state.bot.id not in channel.members:
            raise Refused("not_in_channel")
        text = call.args.optional("initial_comment") or ""
        message = from_app(call.state, channel.id, {"text": text}, thread_ts=call.args.optional("thread_ts"))
        call.state.edit(call.state.say(message), files=tuple(files))
    call.state.changes.tell(Change(kind="file"))
    return {"files": files}


def _finished(state: State, item: Json) -> Json:
    known = state.files.get(str(item.get("id")))
    if known is None or "received" not in known:
        raise Refused("file_not_found")
    known["title"] = item.get("title") or known["name"]
    return _shown(known)


def _shown(known: Json) -> Json:
    return {name: known[name] for name in ("id", "name", "title", "size") if name in known}


def _info(call: Call) -> Json:
    known = call.state.files.get(call.args.text("file"))
    if known is None:
        raise Refused("file_not_found")
    return {"file": _shown(known)} | {name: known[name] for name in ("content",) if name in known}


METHODS = {
    "files.getUploadURLExternal": Method(_upload_url, ("files:write",)),
    "files.completeUploadExternal": Method(_complete, ("files:write",)),
    "files.info": Method(_info, ("files:read",)),
}
