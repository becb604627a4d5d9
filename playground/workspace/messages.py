"""Making and showing messages: what the app sent becomes a value, by Slack's rules, and a value Slack's JSON."""

from __future__ import annotations

from playground.workspace.blocks import MAX_TEXT, TOTAL, problems, text_length
from playground.workspace.calls import Arguments
from playground.workspace.nesting import identified
from playground.workspace.refusal import Refused, invalid
from playground.workspace.state import APP, BOT, State
from playground.workspace.values import TEAM, Json, Message

_CONTENT = ("text", "blocks", "attachments")


def content(args: Arguments) -> Json:
    """The text, blocks, attachments and metadata that were given, those only. Raises Refused."""
    found: Json = {}
    if args.has("text"):
        found["text"] = str(args.given["text"])
    elif args.has("markdown_text"):
        found["text"] = args.text("markdown_text")
    if args.has("blocks"):
        found["blocks"] = tuple(args.objects("blocks", "invalid_blocks_format") or ())
    if args.has("attachments"):
        found["attachments"] = tuple(_attachments(args))
    if args.has("metadata"):
        found["metadata"] = _metadata(args)
    _check(found)
    return found


def some_content(args: Arguments) -> Json:
    """As `content`, of a new message: there must be something to show. Raises Refused."""
    found = content(args)
    if not any(found.get(part) for part in _CONTENT):
        raise Refused("no_text")
    return found


def _attachments(args: Arguments) -> list[Json]:
    attachments = args.objects("attachments", "invalid_attachments") or []
    for attachment in attachments:
        blocks = attachment.get("blocks") or []
        if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
            raise Refused("invalid_attachments")
    return attachments


def _check(found: Json) -> None:
    if len(found.get("text", "")) > MAX_TEXT:
        raise Refused("msg_too_long")
    attachments = found.get("attachments", ())
    if len(attachments) > 100:
        raise Refused("too_many_attachments")
    blocks = found.get("blocks", ())
    attached = [block for attachment in attachments for block in attachment.get("blocks") or ()]
    if text_length([*blocks, *attached]) > TOTAL:
        raise Refused("msg_blocks_too_long")
    said = problems(blocks, surface="message")
    for attachment in attachments:
        said += problems(attachment.get("blocks") or (), surface="message")
    if said:
        raise invalid("invalid_blocks", said)


def _metadata(args: Arguments) -> Json | None:
    metadata = args.structure("metadata", "invalid_metadata_format")
    if not metadata:
        return None
    well_formed = (
        isinstance(metadata, dict)
        and isinstance(metadata.get("event_type"), str)
        and isinstance(metadata.get("event_payload"), dict)
    )
    if not well_formed:
        raise Refused("invalid_metadata_format")
    return dict(metadata)


def from_app(
    state: State, channel: str, found: Json, *, thread_ts: str | None = None, seen_by: str | None = None
) -> Message:
    """A new message of the app, not shown yet."""
    blocks = _with_ids(state, found.get("blocks", ()))
    return Message(
        channel=channel,
        ts=state.new_ts(),
        user=state.bot.id,
        bot_id=BOT,
        text=found.get("text", ""),
        blocks=blocks,
        attachments=tuple(_attachment(state, attachment) for attachment in found.get("attachments", ())),
        metadata=found.get("metadata"),
        thread_ts=thread_ts,
        seen_by=seen_by,
    )


def edited(state: State, message: Message, found: Json) -> Message:
    """Show the message with new content; parts that were not given stay as they are."""
    fields = dict(found)
    if "blocks" in fields:
        fields["blocks"] = _with_ids(state, fields["blocks"])
    if "attachments" in fields:
        fields["attachments"] = tuple(_attachment(state, attachment) for attachment in fields["attachments"])
    return state.edit(message, edited_ts=state.new_ts(), **fields)


def _attachment(state: State, attachment: Json) -> Json:
    if "blocks" not in attachment:
        return attachment
    return {**attachment, "blocks": list(_with_ids(state, attachment["blocks"] or ()))}


def _with_ids(state: State, blocks: tuple[Json, ...]) -> tuple[Json, ...]:
    """Slack gives a block_id to each block that has none."""
    return tuple(identified(blocks, lambda: state.number("b")))


def to_json(state: State, message: Message, *, metadata: bool = False) -> Json:
    """A message as the Web API and the payloads show it."""
    shown: Json = {"type": "message", "ts": message.ts, "user": message.user, "text": message.text, "team": TEAM}
    if message.bot_id is not None:
        shown |= {"bot_id": message.bot_id, "app_id": APP, "bot_profile": _profile(state)}
    for name in ("blocks", "attachments", "files"):
        if part := getattr(message, name):
            shown[name] = list(part)
    if message.thread_ts is not None:
        shown["thread_ts"] = message.thread_ts
    if message.edited_ts is not None:
        shown["edited"] = {"user": message.user, "ts": message.edited_ts}
    if message.metadata is not None and metadata:
        shown["metadata"] = message.metadata
    if message.reactions:
        shown["reactions"] = _reactions(message)
    return shown | _thread(state, message)


def _profile(state: State) -> Json:
    return {"id": BOT, "app_id": APP, "name": state.bot.name, "team_id": TEAM, "deleted": False}


def _reactions(message: Message) -> list[Json]:
    names = dict.fromkeys(name for name, _ in message.reactions)
    found = [(name, [user for reaction, user in message.reactions if reaction == name]) for name in names]
    return [{"name": name, "users": users, "count": len(users)} for name, users in found]


def _thread(state: State, message: Message) -> Json:
    """What the root of a thread says of its replies."""
    replies = [] if message.is_reply or message.seen_by else state.replies(message.channel, message.ts)
    if not replies:
        return {}
    users = list(dict.fromkeys(reply.user for reply in replies))
    return {
        "thread_ts": message.ts,
        "reply_count": len(replies),
        "reply_users": users,
        "reply_users_count": len(users),
        "latest_reply": replies[-1].ts,
    }
