"""What Slack is given for a Message, and the steps down where a workspace refuses a newer block."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from bot.rendering import Message
from bot.slack.errors import BlocksRefused

Sent = TypeVar("Sent")
_QUIET = {"unfurl_links": False, "unfurl_media": False}


def arguments(message: Message) -> dict[str, Any]:
    """The fields that chat.postMessage, chat.update and a response_url share."""
    if message.colour is not None and len(message.blocks) > 1:
        first, *rest = message.blocks
        bar = {"color": message.colour, "blocks": rest, "fallback": message.text}
        return {"text": message.text, "blocks": [first], "attachments": [bar]}
    return {"text": message.text, **({"blocks": list(message.blocks)} if message.blocks else {})}


def posted(message: Message) -> dict[str, Any]:
    """The fields for a new message: its links are not unfolded, since they may come from a log."""
    return arguments(message) | _QUIET


def delivered(message: Message, send: Callable[[Message], Sent]) -> Sent:
    """Send a message as it is, else in simpler blocks, else as its summary. Raises Undelivered."""
    for form in (message, message.simpler()):
        try:
            return send(form)
        except BlocksRefused:
            continue
    return send(Message(text=message.text))
