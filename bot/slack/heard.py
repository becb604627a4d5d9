"""What Slack tells us, as values: who said or pressed what, where. Bodies come from outside, so fields may be odd."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

_MENTION = re.compile(r"<@[UW][A-Z0-9]+(?:\|[^>]*)?>")

_WITH_FILE = "file_share"
"""The subtype of a message that has a file; all others are no question of a person's."""

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Something a person did that wants an answer. `key` tells a second delivery of it from a second time."""

    key: str
    user: str
    channel: str
    text: str = ""
    """What was typed, as Slack escapes it."""
    response_url: str | None = None
    thread_ts: str | None = None
    """The thread to answer in; None for a direct message and a slash command."""
    private: bool = False
    """Whether nobody but the person (and the bot) sees the place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """A button that was pressed, and the message it stands in."""

    heard: Heard
    value: str
    message_ts: str | None
    """None where the message is only visible to the person."""
    at: datetime | None = None
    """When it was pressed, as Slack says, UTC: the same in a second delivery."""
    trigger_id: str = ""
    """Opens a modal within three seconds."""
    values: tuple[str, ...] = ()
    """What is chosen in a menu that takes several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """A modal that was submitted, or a button in one."""

    key: str
    user: str
    callback: str
    metadata: str
    view_id: str
    values: Mapping[str, str]
    """What was filled in, by block."""
    pressed: str = ""
    """The value of the button."""


def command(body: Body) -> Heard:
    """A slash command: the answer is for the person alone."""
    return Heard(
        key=_key("command", *(_text(body, name) for name in ("trigger_id", "response_url", "user_id", "text"))),
        user=_text(body, "user_id"),
        channel=_text(body, "channel_id"),
        text=_text(body, "text"),
        response_url=_text(body, "response_url") or None,
        private=True,
    )


def message(body: Body) -> Heard | None:
    """A mention or a direct message by a person; None for edits, joins, bots and whatever else is no question."""
    event = part(body, "event")
    direct = event.get("channel_type") == "im"
    if event.get("subtype") not in (None, "", _WITH_FILE) or event.get("bot_id") or event.get("edited"):
        return None
    if not event.get("user") or (event.get("type") == "message" and not direct):
        return None
    ts = _text(event, "ts")
    return Heard(
        key=_key("message", _text(event, "channel"), ts),
        user=_text(event, "user"),
        channel=_text(event, "channel"),
        text=_MENTION.sub(" ", _text(event, "text")),
        thread_ts=_text(event, "thread_ts") or (None if direct else ts),
        private=direct,
    )


def home(body: Body) -> str | None:
    """Who opened the Home tab; None for another tab."""
    event = part(body, "event")
    return (_text(event, "user") or None) if event.get("tab") == "home" else None


def press(body: Body) -> Pressed:
    """A button of one of our messages."""
    container, channel = part(body, "container"), part(body, "channel")
    actions = body.get("actions")
    action = actions[0] if isinstance(actions, list) and actions and isinstance(actions[0], Mapping) else {}
    ts = _text(container, "message_ts")
    ephemeral = container.get("is_ephemeral") is True
    user = _text(part(body, "user"), "id")
    place = _text(channel, "id") or _text(container, "channel_id") or user  # on the Home tab: a direct message
    moment = _text(action, "action_ts"), _text(body, "trigger_id")
    return Pressed(
        heard=Heard(
            key=_key("press", ts, _text(action, "action_id"), user, *moment),
            user=user,
            channel=place,
            response_url=_text(body, "response_url") or None,
            thread_ts=_text(container, "thread_ts") or _text(part(body, "message"), "thread_ts") or None,
            private=ephemeral or place.startswith("D"),
        ),
        value=_text(action, "value") or _text(part(action, "selected_option"), "value"),
        values=tuple(_text(each, "value") for each in _options(action)),
        message_ts=None if ephemeral else ts or None,
        at=_moment(_text(action, "action_ts")),
        trigger_id=_text(body, "trigger_id"),
    )


def shortcut(body: Body) -> Heard:
    """A shortcut in the menu of a message: the answer is for the person alone, in the message's thread."""
    message = part(body, "message")
    user = _text(part(body, "user"), "id")
    return Heard(
        key=_key("shortcut", user, _text(message, "ts"), *(_text(body, name) for name in ("trigger_id", "action_ts"))),
        user=user,
        channel=_text(part(body, "channel"), "id"),
        response_url=_text(body, "response_url") or None,
        thread_ts=_text(message, "thread_ts") or None,
        private=True,
    )


def submission(body: Body) -> Submitted:
    """A modal with what was filled in."""
    view = part(body, "view")
    actions = body.get("actions")
    action = actions[0] if isinstance(actions, list) and actions and isinstance(actions[0], Mapping) else {}
    blocks = part(part(view, "state"), "values")
    user, view_id = _text(part(body, "user"), "id"), _text(view, "id")
    return Submitted(
        key=_key("modal", view_id, _text(view, "hash"), user, _text(action, "action_ts")),
        user=user,
        callback=_text(view, "callback_id"),
        metadata=_text(view, "private_metadata"),
        view_id=view_id,
        values={name: text for name in blocks if (text := _filled(part(blocks, name)))},
        pressed=_text(action, "value"),
    )


def _filled(block: Body) -> str:
    """The text or the option in the only field of a block."""
    field = next((each for each in block.values() if isinstance(each, Mapping)), {})
    return _text(field, "value") or _text(part(field, "selected_option"), "value")


def _options(action: Body) -> list[Body]:
    options = action.get("selected_options")
    return [each for each in options if isinstance(each, Mapping)] if isinstance(options, list) else []


def _moment(ts: str) -> datetime | None:
    """A Slack timestamp as a time; None for one that is none."""
    try:
        return datetime.fromtimestamp(float(ts), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _key(*parts: str) -> str:
    """Everything that a second delivery repeats, and a second time does not."""
    return "/".join(parts)


def part(body: Body, key: str) -> Mapping[str, Any]:
    """A part of a body; an empty one where it is none."""
    part = body.get(key)
    return part if isinstance(part, Mapping) else {}


def _text(body: Body, key: str) -> str:
    text = body.get(key)
    return text if isinstance(text, str) else ""
