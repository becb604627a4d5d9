"""Slack's mrkdwn and rich text as styled terminal text: what a person would see, without the marks."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html import unescape

from rich.emoji import Emoji
from rich.style import Style
from rich.text import Text

from playground.workspace.values import Json

Names = Mapping[str, str]
"""Names of members, channels and groups by their ids."""

_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_TOKEN = re.compile(
    r"```(?P<pre>.+?)```"
    r"|`(?P<code>[^`\n]+)`"
    r"|<(?P<reference>[^<>\n]+)>"
    r"|(?<![\w*])\*(?=\S)(?P<bold>[^*\n]+?)(?<=\S)\*(?![\w*])"
    r"|(?<![\w_])_(?=\S)(?P<italic>[^_\n]+?)(?<=\S)_(?![\w_])"
    r"|(?<![\w~])~(?=\S)(?P<strike>[^~\n]+?)(?<=\S)~(?![\w~])",
    re.DOTALL,
)
_LITERAL = {"pre": "cyan", "code": "cyan"}
_MARKED = {"bold": "bold", "italic": "italic", "strike": "strike"}
_CALLS = {"here": "@here", "channel": "@channel", "everyone": "@everyone"}


def clean(text: str) -> str:
    """The text without characters that would move the cursor or turn the line around."""
    return _UNSEEN.sub("", text)


def plain(text: str, style: str = "") -> Text:
    """A plain_text: emoji names become emoji, nothing else is special."""
    return Text(Emoji.replace(clean(text)), style)


def mrkdwn(text: str, names: Names, style: str = "") -> Text:
    """A mrkdwn text: bold, italic, struck, code, quotes, links, mentions, dates."""
    lines = [f"▎ {line[4:].lstrip()}" if line.startswith("&gt;") else line for line in text.split("\n")]
    return _marked("\n".join(lines), names, style)


def _marked(text: str, names: Names, style: str) -> Text:
    drawn, end = Text(style=style), 0
    for match in _TOKEN.finditer(text):
        drawn.append_text(plain(unescape(text[end : match.start()])))
        kind, inner = str(match.lastgroup), match.group(str(match.lastgroup))
        if kind in _LITERAL:
            drawn.append(clean(unescape(inner)).strip("\n"), _LITERAL[kind])
        elif kind in _MARKED:
            drawn.append_text(_marked(inner, names, _MARKED[kind]))
        else:
            drawn.append_text(_reference(inner, names))
        end = match.end()
    return drawn.append_text(plain(unescape(text[end:])))


def _reference(inner: str, names: Names) -> Text:
    """What stands between < and >: a mention, a channel, a call, a date, a link."""
    target, _, label = (unescape(clean(part)) for part in inner.partition("|"))
    if target[:1] in {"@", "#"}:
        return Text(target[0] + (label or names.get(target[1:], target[1:])), "bold blue")
    if target.startswith("!date^"):
        return Text(label)
    if target.startswith("!subteam^"):
        handle = names.get(target.removeprefix("!subteam^"), target)
        return Text(label or f"@{handle}", "bold blue")
    if target.startswith("!"):
        return Text(_CALLS.get(target[1:], target), "bold yellow")
    return Text(label or target, Style(color="blue", underline=True, link=target))


def rich_run(element: Json, names: Names) -> Text:
    """One element of a rich text section."""
    draw = _RUNS.get(str(element.get("type")))
    drawn = draw(element, names) if draw else Text()
    for mark, on in (element.get("style") or {}).items():
        if on and mark in _RICH_STYLES:
            drawn.stylize(_RICH_STYLES[mark])
    return drawn


_RICH_STYLES = {"bold": "bold", "italic": "italic", "strike": "strike", "code": "cyan", "underline": "underline"}


def _named(sign: str, field: str) -> Callable[[Json, Names], Text]:
    return lambda element, names: Text(sign + names.get(element[field], element[field]), "bold blue")


_RUNS: Mapping[str, Callable[[Json, Names], Text]] = {
    "text": lambda element, _names: Text(clean(element["text"])),
    "link": lambda element, _names: Text(clean(element.get("text") or element["url"]), "underline blue"),
    "emoji": lambda element, _names: Text(Emoji.replace(f":{element['name']}:")),
    "user": _named("@", "user_id"),
    "usergroup": _named("@", "usergroup_id"),
    "channel": _named("#", "channel_id"),
    "broadcast": lambda element, _names: Text(f"@{element['range']}", "bold yellow"),
    "date": lambda element, _names: Text(clean(element.get("fallback", ""))),
    "color": lambda element, _names: Text(clean(element["value"])),
}
