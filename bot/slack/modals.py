"""The message behind a modal, which is edited once the modal is done; and what a form is answered with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import msgspec

from bot.domain.commands.button import Malformed
from bot.slack.heard import Heard, Pressed


class Behind(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """The message whose button opened a modal. It travels as the modal's metadata."""

    value: str
    """What the button said that opened the modal."""
    channel: str
    ts: str | None = None
    response_url: str | None = None
    thread_ts: str | None = None
    private: bool = False
    text: str = ""
    """What was typed so far, where a second modal asks about it."""
    condition: str | None = None

    @classmethod
    def of(cls, pressed: Pressed) -> Behind:
        """The message whose button was pressed."""
        said = pressed.heard
        return cls(
            value=pressed.value,
            channel=said.channel,
            ts=pressed.message_ts,
            response_url=said.response_url,
            thread_ts=said.thread_ts,
            private=said.private,
        )

    @classmethod
    def read(cls, metadata: str) -> Behind:
        """From a modal's metadata. Raises Malformed."""
        try:
            return msgspec.json.decode(metadata, type=cls)
        except (ValueError, RecursionError) as wrong:
            raise Malformed(f"it is no modal of this version: {wrong}") from None

    @property
    def metadata(self) -> str:
        """As a modal carries it."""
        return msgspec.json.encode(self).decode()

    def heard(self, user: str) -> Heard:
        """That the person did something to the message."""
        return Heard(
            key="",
            user=user,
            channel=self.channel,
            response_url=self.response_url,
            thread_ts=self.thread_ts,
            private=self.private,
        )


def _nothing() -> None:
    """There is nothing more to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What becomes of a form: another modal in its place, mistakes under its fields, or (without both) it closes."""

    shows: object | None = None
    metadata: str = ""
    mistakes: Mapping[str, object] = field(default_factory=dict)
    """Values with a sentence, by the input's name."""
    afterwards: Callable[[], object] = _nothing
    """What need not be waited for: the message behind the form is edited."""
