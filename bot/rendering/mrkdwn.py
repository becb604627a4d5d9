"""Slack's text format. What a template writes may have marks and links; what a value says is shown as it is.

The three characters that make links and mentions are escaped. The marks `*`, `_`, `~` cannot be escaped, so in prose
they are swapped for look-alikes, and names are shown as code, where marks mean nothing.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.domain.text.masking import mask, masked_line

LONGEST_NAME = 90
LONGEST_PROSE = 700
_CODE = re.compile(r"`([^`\n]{1,200})`")
_LOOK_ALIKES = str.maketrans({"*": "∗", "~": "∼", "`": "ʼ"})
_EDGE_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
_UNFINISHED = re.compile(r"&[a-z]{0,3}$|<[^>]*$")


class Mrkdwn(str):
    """Text that is Slack's format already: the only kind that is not escaped."""

    __slots__ = ()


def escape(text: str) -> str:
    """The text with Slack's three characters escaped."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def finalize(value: object) -> str:
    """What a `{{ value }}` of a template becomes. Raises TypeError for None: unknown has to be said in words."""
    if isinstance(value, Mrkdwn):
        return value
    if value is None:
        raise TypeError("a template shows None; it has to say in words that this is unknown")
    return prose(str(value)) if isinstance(value, str) else escape(str(value))


def prose(text: str) -> Mrkdwn:
    """Free text in one line; `code` in backticks stays code, and a blank at either end stays a blank."""
    parts = _CODE.split(masked_line(text, LONGEST_PROSE))
    said = "".join(_code(part) if place % 2 else _unmarked(part) for place, part in enumerate(parts))
    return Mrkdwn(f"{' ' * text[:1].isspace()}{said}{' ' * (text[-1:].isspace() and bool(said))}")


def name(value: object, most: int = LONGEST_NAME) -> Mrkdwn:
    """A name as code; "unknown" where there is none."""
    text = "" if value is None else masked_line(str(value), most)
    return _code(text.replace("`", "'")) if text else Mrkdwn("_unknown_")


def plain(value: object, most: int = LONGEST_NAME) -> str:
    """Text for Slack's plain_text objects, which read no marks."""
    return masked_line(str(value), most) or "unknown"


def person(user: str, known: str = "") -> Mrkdwn:  # noqa: ARG001 other media have no mentions and say it
    """A mention of a Slack user by id; of anybody else by name."""
    return Mrkdwn(f"<@{user}>") if re.fullmatch(r"[UW][A-Z0-9]{1,30}", user) else name(user)


def group(handle: str) -> Mrkdwn:
    """A mention of a user group by id, which calls its members; of anything else by name."""
    return Mrkdwn(f"<!subteam^{handle}>") if re.fullmatch(r"S[A-Z0-9]{1,30}", handle) else name(handle)


def channel(key: str) -> Mrkdwn:
    """A channel by id, shown by its name to those who may see it; of anything else by name."""
    return Mrkdwn(f"<#{key}>") if re.fullmatch(r"[CGD][A-Z0-9]{1,30}", key) else name(key)


def when(at: datetime, time_zone: str = "UTC") -> Mrkdwn:
    """A moment, shown by Slack in each reader's zone; the fallback is in `time_zone`."""
    fallback = at.astimezone(ZoneInfo(time_zone)).strftime("%Y-%m-%d %H:%M %Z")
    return Mrkdwn(f"<!date^{int(at.astimezone(UTC).timestamp())}^{{date_short_pretty}} {{time}}|{escape(fallback)}>")


def lines(text: str) -> str:
    """A template's text without the blank lines and indents that its tags leave."""
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def clip(text: str, most: int) -> str:
    """At most `most` characters of mrkdwn, cut after a whole line or else outside of entities, links and code."""
    if len(text) <= most:
        return text
    kept = text[: most - 2]
    if (end := kept.rfind("\n")) > most // 2:
        return kept[:end] + "\n…"
    kept = _UNFINISHED.sub("", kept)
    return kept + ("`…" if kept.count("`") % 2 else "…")


def block_text(text: object, most: int) -> str:
    """Text for a preformatted block: its last `most` characters, the end being what decided."""
    shown = mask(str(text)).strip("\n")
    return shown if len(shown) <= most else "…" + shown[1 - most :]


def _code(text: str) -> Mrkdwn:
    return Mrkdwn(f"`{escape(text)}`")


def _unmarked(text: str) -> str:
    return _EDGE_UNDERSCORE.sub("＿", escape(text.translate(_LOOK_ALIKES)))
