"""What kind of text a line of a log is. A program's speech is evidence. What it merely shows is none: source code in a
traceback, a configuration, a help text, a table of counters where zero is health. Nor is a name: that a node is called
gpu-12 or a folder mount says nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum

from bot.domain.diagnosis.config_text import LISTED, MESSAGE_KEYS, is_listed, is_setting
from bot.domain.diagnosis.speakers import said

_ABOVE = 14
"""Lines above one that are looked at to tell what it belongs to."""
_WINDOW = 2500


class Zone(StrEnum):
    """The kind of text that a line is. A name in the catalogue's `zones`."""

    SPEECH = "speech"
    SOURCE = "source"
    """Code: echoed by a traceback or a shell, a stack frame, a comment."""
    CONFIG = "config"
    """A setting, an argument, a variable of the environment."""
    USAGE = "usage"
    """A help text."""
    METRIC = "metric"
    """A counter as Prometheus writes it."""
    HEALTH = "health"
    """A counter of zero, a check that passed."""
    ASIDE = "aside"
    """An exception that Python ignored, and says so."""


_QUOTED = re.compile(
    r"\s{0,200}(?:[│┃|] ?(?:❱|\d{1,6} |[│┃])|-{2,4}> \d{1,6} )"  # rich, IPython
    r"|\++ \S|\s{0,200}(?:#|//)"  # a shell's trace, a comment
    r"|\s{0,40}at [\w$.<>/~ ]{1,300}[(:]|\s{0,20}(?:frame )?#\d{1,4}:? |\s{0,20}\d{1,3}: 0x|\s{0,200}File \""
    r"|\s{1,200}[\^~]{2,}"
)
_FRAME = re.compile(r"\s{0,200}File \"")
_OPTION = re.compile(r"\s{1,60}(?:-\w,? )?\s{0,8}--?[A-Za-z][\w-]{0,60}(?:[ ,=]|$)|\s{1,60}\[-{1,2}[A-Za-z]")
_USAGE = re.compile(r"(?i:usage): ")
_METRIC = re.compile(
    r"\s{0,20}(?=[A-Za-z0-9:]{1,80}_)[A-Za-z_:][A-Za-z0-9_:]{2,120}(?:\{.{0,600}\})?\s{1,20}[-+\d.e]{1,30}\s{0,9}$"
)
_ZERO = (
    r"(?:0+(?:x0+)?(?:\.0+)?(?: ?%| ?[A-Za-z]{1,8})?|no|none|n/?a|\[n/a\]|ok|(?:pass|skip)(?:p?ed)?\b.{0,40}|healthy"
    r"|false|disabled|inactive|not active|normal|good|clean|success(?:ful)?|unsupported|not supported)"
)
_HEALTHY = re.compile(
    r"\s{0,40}[|│]?\s{0,40}(?:[A-Za-z#][^:=|│\n]{1,80}(?:[:=|│]|\s{2,40})|(?:\w[^:\n]{0,40}: ?){2,4})"
    rf"\s{{0,60}}{_ZERO}\s{{0,60}}[|│,]?\s{{0,9}}$",
    re.IGNORECASE,
)
_ENDS_IN_A_PLACE = re.compile(
    r"(?:[0-9a-f]{2}:[0-9a-f]{2}\.\d|\b(?:gpu|link|device|rank|node|port|core|cpu)[ :#=]{0,2}\d{1,4})\s{0,9}$",
    re.IGNORECASE,
)
"""A line may end in which GPU it was: "GPU:0" is no count of zero."""
_ZERO_METRIC = re.compile(r"\s0(?:\.0{1,6})?\s{0,9}$")
_EXCEPTION = re.compile(r"[A-Za-z_][\w.]{0,200}(?:Error|Exception|Interrupt|Exit)\b")


def zone_at(text: str, begin: int, line: str) -> Zone:
    """The zone of a line that begins here in its text."""
    body = said(line).body
    for zone, holds in _RULES:
        if holds(text, begin, line, body):
            return zone
    return Zone.SPEECH


def _bodies_above(text: str, begin: int) -> list[str]:
    """The lines above, without their marks, the nearest first."""
    lines = text[max(0, begin - _WINDOW) : max(0, begin - 1)].split("\n")
    return [said(line).body for line in reversed(lines[-_ABOVE:])]


def _indent(body: str) -> int:
    return len(body) - len(body.lstrip())


def _is_echo(text: str, begin: int, body: str) -> bool:
    """Whether the line is code that a traceback shows: it stands under a frame and is indented deeper."""
    depth = _indent(body)
    if depth < 2:
        return False
    for above in _bodies_above(text, begin):
        if _FRAME.match(above):
            return _indent(above) < depth
        if _indent(above) < 2:
            return False
    return False


def _is_healthy(body: str) -> bool:
    return _HEALTHY.match(body) is not None and _ENDS_IN_A_PLACE.search(body) is None


def _is_zero(body: str) -> bool:
    return _METRIC.match(body) is not None and _ZERO_METRIC.search(body) is not None


def _is_config(text: str, begin: int, line: str, body: str) -> bool:
    return is_setting(text, begin, line, body) or is_listed(body, _bodies_above(text, begin))


def _is_ignored(text: str, begin: int) -> bool:
    """Whether the exception is one that Python met while cleaning up."""
    for above in _bodies_above(text, begin):
        if above.startswith("Exception ignored in"):
            return True
        if above and not above[0].isspace() and not above.startswith("Traceback"):
            return False
    return False


_RULES: tuple[tuple[Zone, Callable[[str, int, str, str], bool]], ...] = (
    (Zone.SOURCE, lambda text, begin, _, body: _QUOTED.match(body) is not None or _is_echo(text, begin, body)),
    (Zone.HEALTH, lambda _text, _begin, _, body: _is_healthy(body) or _is_zero(body)),
    (Zone.METRIC, lambda _text, _begin, _, body: _METRIC.match(body) is not None),
    (Zone.USAGE, lambda _text, _begin, _, body: (_USAGE.match(body) or _OPTION.match(body)) is not None),
    (Zone.CONFIG, _is_config),
    (Zone.ASIDE, lambda text, begin, _, body: _EXCEPTION.match(body) is not None and _is_ignored(text, begin)),
)
"""How each zone is known, from the text, where the line begins, the line, and the line without its marks; the first
that holds is meant."""

_NAMES = re.compile(
    r"(?<![\w</.])(?:~|\.{1,2})?/(?!dev/|proc/|sys/|v2/)[\w.@+=~%-]{1,200}(?:/[\w.@+=~%-]{1,200}){1,40}/?"  # a path
    r"|(?<![\w./-])[a-z][a-z0-9]{0,40}(?:-[a-z0-9]{1,40}){0,12}-[a-z]{0,20}\d[a-z0-9]{0,20}"  # a host
    r"(?:\.[a-z][\w.-]{1,120})?\b(?!/)"
    r"|(?<=error: )\S{1,120}(?=: task)"
    r"|--[a-z][\w-]{1,60}(?:=\S{1,200})?"
    r"|\[(?:'[^']{0,300}'(?:, )?){3,200}\]?"
    rf"|[\"'](?!{MESSAGE_KEYS}[\"'])[\w.-]{{1,80}}[\"']: ?(?:\"[^\"]{{0,300}}\"|'[^']{{0,300}}'|-?\d[\d.e+-]{{0,9}}\b)"
    rf"|{LISTED}"
    r"|(?:\b[a-z_]\w{0,60}=[^,\n]{1,120}, ){3,200}",
)


_GUESSES = re.compile(
    r"(?:common causes? include|(?:potential|possible|likely) (?:root )?causes?\b|common reasons?\b).{0,1000}",
    re.IGNORECASE,
)


def unnamed(line: str) -> str:
    """The line with its paths, hosts, arguments and guesses blanked: what is left is said, not named or supposed."""
    bare = _NAMES.sub(_blank, line)
    return _GUESSES.sub("_", bare) if "cause" in bare or "reason" in bare else bare


def _blank(name: re.Match[str]) -> str:
    """A path stays one."""
    return "/_" if name[0].startswith("/") else "_"


_NONE_OF_IT = re.compile(
    r"(?:\b(?:no|zero|none|without(?: any)?|free of)|(?<![\w.:=#-])(?<!gpu )(?<!link )(?<!rank )(?<!device )0)\s{1,4}"
    r"(?:(?!such|space|longer)[\w/-]{1,24}\s{1,4}){0,4}"
    r"(?:errors?|faults?|failures?|xids?|violations?|rows?|pages?|issues?|problems?|events?|remap\w{0,6})\b"
    r"(?! (?:left|available|remain))"
    r"|\b(?:cleared|recovered|resolved|deactivated|returned to normal|is now false|all (?:checks|tests) passed)\b"
    r"|^\s{0,20}Normal\s"
    r"|^.{0,60}\b(?:if|when(?:ever)?) you (?:see|get|hit|find|encounter|observe)\b|^.{0,30}\bto report\b",
    re.IGNORECASE,
)


def says_none(line: str) -> bool:
    """Whether the line says that a fault is not there, or no longer."""
    return _NONE_OF_IT.search(line) is not None
