"""What a person typed in Slack, as plain text: Slack escapes, links and mentions undone, typographic quotes made plain.

The forms are those of Slack's message formatting: <#C1|name>, <@U1|name>, <!date^…|words>, <https://…|words>, &lt;.
"""

from __future__ import annotations

import re

from bot.domain.text.characters import harmless

_LINK = re.compile(r"<([@#!]?)([^<>|]{0,2000})(?:\|([^<>]{0,2000}))?>")
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))
_QUOTES = str.maketrans("“”„‟«»＂‘’‚‛`", '"""""""\'\'\'\'"')


def tidy(text: str) -> str:
    """The words in a text that Slack delivered, in one line."""
    return " ".join(harmless(unescaped(text)).translate(_QUOTES).split())


def unescaped(text: str) -> str:
    """A text that Slack delivered, in its lines, without Slack's escapes."""
    text = _LINK.sub(_linked, text)
    for entity, character in _ENTITIES:
        text = text.replace(entity, character)
    return text


def _linked(match: re.Match[str]) -> str:
    """What a person saw: a label, a channel's name, an address. A mention by id alone says nothing, so it goes."""
    kind, target, label = match.groups()
    if label:
        return label if kind != "@" else f"@{label}"
    return target.removeprefix("mailto:") if kind == "" else " "
