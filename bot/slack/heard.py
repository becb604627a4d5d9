"""What Slack tells us, as values: who said or pressed what, where. Bodies come from outside, so fields may be odd."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.slack.body import Body, part, parts, text

_MENTION = re.compile(r"<@[UW][A-Z0-9]+(?:\|[^>]*)?>")

_WITH_FILE = "file_share"
"""The subtype of a message that has a file; all others are no question of a person's."""


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
    """A modal that was submitted, or a button that was pressed in one."""

    key: str
    user: str
    metadata: str
    view_id: str
    fields: Mapping[str, str]
    """What was written or chosen, by the input's name; nothing is the empty text."""
    value: str = ""
    """What the button says."""


def command(body: Body) -> Heard:
    """A slash command: the answer is for the person alone."""
    return Heard(
        key=_key("command", *(text(body, name) for name in ("trigger_id", "response_url", "user_id", "text"))),
        user=text(body, "user_id"),
        channel=text(body, "channel_id"),
        text=text(body, "text"),
        response_url=text(body, "response_url") or None,
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
    ts = text(event, "ts")
    return Heard(
        key=_key("message", text(event, "channel"), ts),
        user=text(event, "user"),
        channel=text(event, "channel"),
        text=_MENTION.sub(" ", text(event, "text")),
        thread_ts=text(event, "thread_ts") or (None if direct else ts),
        private=direct,
    )


def home(body: Body) -> str | None:
    """Who opened the Home tab; None for another tab."""
    event = part(body, "event")
    return (text(event, "user") or None) if event.get("tab") == "home" else None


def press(body: Body) -> Pressed:
    """A button of one of our messages."""
    container, channel = part(body, "container"), part(body, "channel")
    action = _action(body)
    ts = text(container, "message_ts")
    ephemeral = container.get("is_ephemeral") is True
    user = text(part(body, "user"), "id")
    place = text(channel, "id") or text(container, "channel_id") or user  # on the Home tab: a direct message
    moment = text(action, "action_ts"), text(body, "trigger_id")
    return Pressed(
        heard=Heard(
            key=_key("press", ts, text(action, "action_id"), user, *moment),
            user=user,
            channel=place,
            response_url=text(body, "response_url") or None,
            thread_ts=text(container, "thread_ts") or text(part(body, "message"), "thread_ts") or None,
            private=ephemeral or place.startswith("D"),
        ),
        value=text(action, "value") or text(part(action, "selected_option"), "value"),
        values=tuple(text(each, "value") for each in parts(action, "selected_options")),
        message_ts=None if ephemeral else ts or None,
        at=_moment(text(action, "action_ts")),
        trigger_id=text(body, "trigger_id"),
    )


def shortcut(body: Body) -> Heard:
    """A shortcut in the menu of a message: the answer is for the person alone, in the message's thread."""
    message = part(body, "message")
    user = text(part(body, "user"), "id")
    return Heard(
        key=_key("shortcut", user, text(message, "ts"), *(text(body, name) for name in ("trigger_id", "action_ts"))),
        user=user,
        channel=text(part(body, "channel"), "id"),
        response_url=text(body, "response_url") or None,
        thread_ts=text(message, "thread_ts") or None,
        private=True,
    )


def submission(body: Body) -> Submitted:
    """A modal with what was filled in."""
    view, action = part(body, "view"), _action(body)
    inputs = part(part(view, "state"), "values")
    user, view_id = text(part(body, "user"), "id"), text(view, "id")
    return Submitted(
        key=_key("modal", view_id, user, text(body, "trigger_id"), text(action, "action_ts")),
        user=user,
        metadata=text(view, "private_metadata"),
        view_id=view_id,
        fields={name: _filled(part(inputs, name)) for name in inputs},
        value=text(action, "value"),
    )


def _action(body: Body) -> Body:
    """What was pressed or chosen."""
    return next(iter(parts(body, "actions")), {})


def _filled(block: Body) -> str:
    """The text or the option in the only input of a block."""
    field = next((each for each in block.values() if isinstance(each, Mapping)), {})
    return text(field, "value") or text(part(field, "selected_option"), "value")


def _moment(ts: str) -> datetime | None:
    """A Slack timestamp as a time; None for one that is none."""
    try:
        return datetime.fromtimestamp(float(ts), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _key(*parts: str) -> str:
    """Everything that a second delivery repeats, and a second time does not."""
    return "/".join(parts)
