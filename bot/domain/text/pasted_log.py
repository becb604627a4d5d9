"""A log that a person pasted into a message: its lines out of Slack's text, blocks and attachments, bounded; and
whether a message holds one at all."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.domain.text.slack_text import unescaped

MOST_CHARACTERS = 200_000
"""Read of one message; Slack's own have at most 40,000 in their text."""
_MOST_PARTS = 5_000
_DEEPEST = 12
_FENCE = re.compile(r"```(?:[a-z]{1,20}(?=\n))?")
_TEXTS = ("text", "elements", "fields", "value", "blocks", "rows")
"""Parts of blocks and attachments that hold text, in the order they are read."""
_AS_IT_IS = frozenset({"text", "raw_text", "link"})
"""Pieces whose text has no escapes."""
_LINES = frozenset({"rich_text_section", "rich_text_preformatted", "rich_text_quote"})
"""Blocks of text whose pieces stand in one line."""


@dataclass(frozen=True, slots=True)
class Pasted:
    """What was read of a message."""

    text: str
    unread_files: int = 0
    """Files of the message that were not read, or only the beginning of them."""
    cut: bool = False
    """Whether there was more than is read."""

    @property
    def lines(self) -> int:
        """How many lines say something."""
        return sum(bool(line.strip()) for line in self.text.splitlines())


def pasted(message: Mapping[str, Any], contents: Mapping[str, str] | None = None) -> Pasted:
    """The log in a message, as Slack's payload has it; `contents` are its files that were read, by id. Odd types are
    left out. Never raises."""
    read = {file: _read(file, message, contents or {}) for file in file_ids(message)}
    parts = [*_parts(message), *(text for text, _ in read.values())]
    text = "\n".join(part for part in parts if part)
    unread = sum(not whole for _, whole in read.values())
    return Pasted(text[-MOST_CHARACTERS:], unread_files=unread, cut=len(text) > MOST_CHARACTERS)


def file_ids(message: Mapping[str, Any]) -> list[str]:
    """The ids of a message's files."""
    return [_text(file.get("id")) for file in _files(message)]


def holds_log(text: str) -> bool:
    """Whether a text, as Slack escapes it, looks like a pasted log: a block of code, or several lines."""
    return "```" in text or sum(bool(line.strip()) for line in text.splitlines()) > 1


def _files(message: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    files = message.get("files")
    return [file for file in files if isinstance(file, Mapping)] if isinstance(files, list) else []


def _read(file_id: str, message: Mapping[str, Any], contents: Mapping[str, str]) -> tuple[str, bool]:
    """What is known of a file, and whether that is all of it."""
    if file_id in contents:
        return contents[file_id], True
    file = next(one for one in _files(message) if _text(one.get("id")) == file_id)
    preview = _text(file.get("preview"))
    return preview, bool(preview) and file.get("preview_is_truncated") is False


def _parts(message: Mapping[str, Any]) -> Iterator[str]:
    """The texts of a message. Its blocks say what its text says, without Slack's escapes."""
    in_blocks = list(_texts(message.get("blocks"), 0))
    if any(in_blocks):
        yield from in_blocks
    else:
        yield _FENCE.sub("\n", unescaped(_text(message.get("text"))))
    yield from _texts(message.get("attachments"), 0)


def _texts(part: object, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        return
    if isinstance(part, list):
        for each in part[:_MOST_PARTS]:
            yield from _texts(each, depth + 1)
    elif isinstance(part, str):
        yield _FENCE.sub("\n", unescaped(part))
    elif isinstance(part, Mapping):
        kind = _text(part.get("type"))
        if kind in _LINES:
            yield "".join(_texts(part.get("elements"), depth + 1))
        elif kind in _AS_IT_IS:
            yield _text(part.get("text")) or _text(part.get("url"))
        else:
            for key in _TEXTS if part.get("text") or part.get("blocks") else (*_TEXTS, "fallback"):
                yield from _texts(part.get(key), depth + 1)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
