"""The things in a workspace, as frozen values: people, channels, messages, views. An edit makes a new value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
TEAM = "T00000001"
"""The workspace itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A member, person or bot. `tz` is an IANA time zone."""

    id: str
    name: str
    tz: str = "UTC"
    email: str | None = None
    is_bot: bool = False
    team: str = TEAM
    """The workspace that the member belongs to; another one's members are here through a shared channel."""

    @property
    def mention(self) -> str:
        """How Slack writes this member in a text."""
        return f"<@{self.id}>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A conversation: `public`, `private`, or `im` (a person with the bot)."""

    id: str
    name: str
    kind: str = "public"
    members: frozenset[str] = frozenset()
    archived: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class UserGroup:
    """A user group such as @gpu-oncall."""

    id: str
    handle: str
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message as people see it. `seen_by` is the only person who sees an ephemeral one; none means everyone."""

    channel: str
    ts: str
    user: str
    bot_id: str | None = None
    text: str = ""
    blocks: tuple[Json, ...] = ()
    attachments: tuple[Json, ...] = ()
    metadata: Json | None = None
    thread_ts: str | None = None
    edited_ts: str | None = None
    seen_by: str | None = None
    reactions: tuple[tuple[str, str], ...] = ()
    """Pairs of emoji name and user id."""
    files: tuple[Json, ...] = ()

    @property
    def all_blocks(self) -> tuple[Json, ...]:
        """The blocks of the message and of its attachments, in order."""
        attached = (block for attachment in self.attachments for block in attachment.get("blocks", ()))
        return (*self.blocks, *attached)

    @property
    def words(self) -> str:
        """All that can be read in the message, block after block; the `text` alone where there are no blocks."""
        return "\n".join(texts_of(self.all_blocks)) if self.all_blocks else self.text

    @property
    def is_reply(self) -> bool:
        """Whether it stands in a thread, under another message."""
        return self.thread_ts is not None and self.thread_ts != self.ts


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A modal or a Home tab that a person sees. `body` is the view as the app sent it."""

    id: str
    user: str
    body: Json
    hash: str
    root_id: str
    previous_id: str | None = None

    @property
    def kind(self) -> str:
        """`modal` or `home`."""
        return str(self.body.get("type", "modal"))

    @property
    def title(self) -> str:
        """The words at the top of a modal."""
        return str(self.body.get("title", {}).get("text", ""))

    @property
    def blocks(self) -> tuple[Json, ...]:
        """The blocks it shows."""
        return tuple(self.body.get("blocks", ()))

    @property
    def words(self) -> str:
        """All that can be read in the view."""
        return "\n".join([self.title, *texts_of(self.blocks)]).strip()


_READ = frozenset({"text", "title", "caption", "label", "placeholder", "alt_text", "hint", "description"})
_ONE_LINE = ("rich_text_section", "rich_text_preformatted", "rich_text_quote")


def texts_of(value: object, key: str = "") -> Iterator[str]:
    """Every text a person can read in blocks, in their order: what is behind buttons and options is not among them."""
    if isinstance(value, str):
        if key in _READ and value:
            yield value
    elif isinstance(value, dict):
        if value.get("type") in _ONE_LINE:
            yield "".join(texts_of(value.get("elements")))
            return
        if "data" in value:
            yield str(value.get("name", ""))
        if "text" not in value and isinstance(value.get("value"), (int, float)):
            yield str(value["value"])
        for name, part in value.items():
            yield from texts_of(part, name)
    elif isinstance(value, Iterable):
        for part in value:
            yield from texts_of(part, key)
