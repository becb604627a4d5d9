"""Whether a line in which a clause's words stand is a program saying what the clause means: not code, a setting or a
name, not the words of another program, and whether the program went on after it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.domain.diagnosis.catalogue import Clause, Rank, Signature
from bot.domain.diagnosis.reasons import is_reason
from bot.domain.diagnosis.script import Line, Script
from bot.domain.diagnosis.speakers import said, spoken_by
from bot.domain.diagnosis.zones import Zone, says_none

_WARNING = re.compile(r"(?:^|[\s\[(|])(?:WARN|WARNING|W\d{4}|W|\w{0,20}Warning)(?=[\s:\]|])")
_INFORMATION = re.compile(r"^.{0,100}?(?:^|[\s\[(|])(?:INFO|DEBUG|I\d{4}|\[info\]|level=(?:info|debug))(?=[\s:\]|])")
_NO_WARNING = re.compile(r"(?i:NCCL) WARN|\bWarning[ \t]+[A-Z][A-Za-z]{3,40}\b")
_GOES_ON = re.compile(
    r"\b(?:retrying|will retry|retries left|trying again|falling back|fall back|ignoring|ignored|skipping|going on"
    r"|continuing|non-fatal)\b",
    re.IGNORECASE,
)
_ABOVE = 900
"""Characters above a line in which `above` is looked for."""


def names_in(clause: Clause, script: Script, line: Line) -> dict[str, str] | None:
    """What the line and the lines above name; None where the clause's patterns do not hold."""
    named: dict[str, str | None] = {}
    if clause.above is not None:
        above = clause.above.search(script.passage.text, max(0, line.begin - _ABOVE), line.begin)
        if above is None:
            return None
        named |= above.groupdict()
    if clause.line is not None:
        if clause.number is not None:
            match = script.numbered(clause.line, line).get(clause.number)
        else:
            match = _matched(clause.line, script.words(line))
        if match is None:
            return None
        named |= match.groupdict()
    return {key: value for key, value in named.items() if value is not None}


def is_speech(signature: Signature, clause: Clause, script: Script, place: Line, named: Mapping[str, str]) -> bool:
    """Whether a program says this, and means what the clause means by it."""
    zone, line = script.zone(place), script.words(place)
    if zone is not Zone.SPEECH and zone not in clause.zones:
        return False
    if (signature.rank is Rank.HARDWARE and says_none(line)) or is_reason(named.get("what", "")):
        return False
    if clause.said_by and not any(spoken_by(program, line) for program in clause.said_by):
        return False
    if any(spoken_by(program, line) for program in clause.never_by):
        return False
    return clause.names or _holds_without_names(clause, line, script.bare(place))


def _holds_without_names(clause: Clause, line: str, bare: str) -> bool:
    """Whether the clause holds with paths, hosts and arguments blanked."""
    if bare == line:
        return True
    low = bare.encode("ascii", "replace").lower()
    if not all(part in low for part in clause.has):
        return False
    if clause.line is None or clause.number is not None:
        return True
    return _matched(clause.line, bare) is not None


def _matched(pattern: re.Pattern[str], line: str) -> re.Match[str] | None:
    """Where the pattern holds in the line, or in what is left of it without its marks."""
    return pattern.search(line) or pattern.search(said(line).body)


def goes_on(line: str) -> bool:
    """Whether the line is a program's warning or information, after which it went on. NCCL's and Kubernetes' warnings
    are errors."""
    if _NO_WARNING.search(line):
        return False
    return bool(_WARNING.search(line) or _INFORMATION.search(line) or _GOES_ON.search(line))
