"""Which lines of a log show a configuration: JSON, YAML, a dict, the environment, a launcher's arguments. What such a
line holds was set before anything happened."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.domain.diagnosis.speakers import said

MESSAGE_KEYS = (
    r"(?i:msg|message|err|error|errors|reason|log|exception|exc_info|traceback|stack|stack_?trace|status|state|phase|detail"
    r"|details|description|text|event|what|type|terminated|last_?state|cause|output|stderr|stdout)"
)
"""Keys under which a program reports; every other key is a setting."""
_SETTING = re.compile(
    rf"\s{{0,80}}[\"'](?!{MESSAGE_KEYS}[\"'])[\w./ -]{{1,80}}[\"']\s?:\s?\S"  # JSON, a dict
    r"|\s{0,20}(?:export |declare -x )?[A-Z_][A-Z0-9_]{1,80}=\S"  # the environment
    r"|\s{0,20}[\w./-]{1,80} \.{3,80} "  # Megatron's arguments
    r"|\s{0,80}[a-z_]\w{0,80}=[^=\s].{0,300},\s{0,4}$"  # a dataclass
    r"|\s{0,20}(?:Namespace|\w{1,40}(?:Config|Args|Arguments))\(",
)
_YAML = re.compile(
    rf"\s{{0,80}}(?:- )?(?!{MESSAGE_KEYS}:)[a-z_][\w./-]{{0,80}}:"
    r"(?:\s{1,20}(?:\S{1,200}|\"[^\"]{0,300}\"|'[^']{0,300}'|[\[{].{0,300}))?\s{0,4}$"
)
_ITEM = re.compile(
    r"\s{0,80}(?:- )?(?:\"[^\"]{0,300}\"|'[^']{0,300}'),?\s{0,4}$|\s{0,80}- (?![\w.-]{1,60}:\s)[^\s\"'].{0,300}$"
)
_OPENS_A_LIST = re.compile(
    rf"\s{{0,80}}[\"']?(?!{MESSAGE_KEYS}[\"']?\s?:)"
    r"(?!(?!(?:on|retry|restart|ignore|skip|match)_)\w{0,60}(?:error|fault|fail|problem|issue|alert|warning|event|message"
    r"|line|log|condition|finding|result|xid)\w{0,12}[\"']?\s?:)"
    r"[a-z_][\w./-]{0,80}[\"']?\s?:\s?\[?\s{0,4}$",
    re.IGNORECASE,
)
"""A key that opens a list of values; not one under which a check reports what it found."""
LISTED = rf"[\"'](?!{MESSAGE_KEYS}[\"'])[\w.-]{{1,80}}[\"']: ?\[(?:\"[^\"]{{0,300}}\"(?:, ?)?){{1,200}}\]"
"""The same on one line of JSON."""


def is_setting(text: str, begin: int, line: str, body: str) -> bool:
    """Whether the line that begins here in its text is a setting; the body is the line without its marks."""
    if _SETTING.match(body):
        return True
    return _YAML.match(body) is not None and _in_settings(text, begin, begin + len(line))


def is_listed(body: str, above: Iterable[str]) -> bool:
    """Whether the line is an item of a list that a setting holds, from the bodies of the lines above, nearest first."""
    if _ITEM.match(body) is None:
        return False
    opening = next((each for each in above if _ITEM.match(each) is None), "")
    return _OPENS_A_LIST.match(opening) is not None


def _in_settings(text: str, begin: int, end: int) -> bool:
    """Whether the lines beside it are settings of the same kind."""
    above = [said(line).body for line in text[max(0, begin - 400) : max(0, begin - 1)].split("\n")[-2:]]
    below = [said(line).body for line in text[end + 1 : end + 400].split("\n")[:2]]
    return sum(_YAML.match(each) is not None for each in (*above, *below)) >= 2
