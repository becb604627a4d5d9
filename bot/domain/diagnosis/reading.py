"""Evidence read for matching: its texts in the order of time, and what Kubernetes says of the container. A person may
paste `kubectl describe`, events, YAML or a log as one text, so reasons and exit codes are read from the texts too."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from bot.domain.diagnosis.catalogue import Where
from bot.domain.diagnosis.log_lines import cleaned, shown
from bot.domain.diagnosis.reasons import TYPE_OF_REASON
from bot.domain.workload.pod_evidence import Evidence

_EDGE = 200_000
"""Characters from each end of a text in which reasons and exit codes are looked for."""
_MOST = 500
"""Reasons and exit codes read from one text."""
_STATES = re.compile(
    r"""^[ \t>|]{0,20}(?:Reason|reason|Status|phase):[ \t]{0,30}"?(?P<described>[A-Z][A-Za-z]{3,40})\b"""
    r"""|"(?:reason|phase)":[ \t]{0,4}"(?P<json>[A-Z][A-Za-z]{3,40})\""""
    r"""|^[ \t>|]{0,20}(?:\S{1,253}[ \t]{1,40}){1,2}\d{1,3}/\d{1,3}[ \t]{1,40}(?:Init:)?"""
    r"(?P<listed>[A-Z][A-Za-z]{3,40})\b",
    re.MULTILINE,
)
_EVENTS = re.compile(r"\b(?:Warning|Normal)[ \t]{1,20}([A-Z][A-Za-z]{3,40})\b|^([A-Z][A-Za-z]{3,40}): ", re.MULTILINE)
_EXIT_CODE = re.compile(
    r"\b(?:exit[ _-]?code|exit status(?= 1[2-4]\d\b)|exited with(?: code)?|exited \(|exit code was)"
    r"[\"']?[ \t]{0,3}[:=]?[ \t]{0,20}\(?(?P<code>\d{1,3})\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One text of the evidence. `folded` is its lower-case ASCII form, one byte for each character."""

    where: Where
    text: str
    folded: bytes
    offset: int
    """Characters of evidence before it."""
    earlier: bool = False
    """Whether it is the log of a run before the one that ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadEvidence:
    """What was read. `reasons` maps each of Kubernetes' reasons to the line it stands in."""

    passages: tuple[Passage, ...]
    reasons: Mapping[str, str]
    event_reasons: Mapping[str, str]
    exit_codes: frozenset[int]
    end: int


def read(evidence: Evidence) -> ReadEvidence:
    """The evidence, ready for matching. Where it names an exit code, the ones in the texts are left aside."""
    passages = tuple(_passages(evidence))
    reasons: dict[str, str] = {}
    for given in (evidence.reason, evidence.phase):
        if given:
            reasons.setdefault(given, shown(f"{given}: {evidence.message}" if evidence.message else given))
    events: dict[str, str] = {}
    codes = set() if evidence.exit_code is None else {evidence.exit_code}
    for passage in passages:
        text = _edges(passage.text)
        for reason, line in _reasons(_STATES, text):
            reasons.setdefault(reason, line)
        for reason, line in _reasons(_EVENTS, text):
            events.setdefault(reason, line)
        if evidence.exit_code is None:
            codes.update(_exit_codes(text))
    end = passages[-1].offset + len(passages[-1].text) if passages else 0
    return ReadEvidence(passages=passages, reasons=reasons, event_reasons=events, exit_codes=frozenset(codes), end=end)


def _passages(evidence: Evidence) -> Iterator[Passage]:
    """The texts, oldest first."""
    offset = 0
    for where, text, earlier in (
        (Where.LOGS, evidence.previous_logs, bool(evidence.logs)),
        (Where.LOGS, evidence.logs, False),
        (Where.EVENTS, evidence.message or "", False),
        (Where.EVENTS, evidence.events, False),
    ):
        if text:
            clean = cleaned(text)
            folded = clean.encode("ascii", "replace").lower()
            yield Passage(where=where, text=clean, folded=folded, offset=offset, earlier=earlier)
            offset += len(clean) + 1


def _reasons(pattern: re.Pattern[str], text: str) -> Iterator[tuple[str, str]]:
    """Known reasons that the pattern finds, each with its line."""
    for match in islice(pattern.finditer(text), _MOST):
        reason = match[match.lastindex or 0]
        if reason in TYPE_OF_REASON:
            end = text.find("\n", match.end(), match.end() + 400)
            yield reason, shown(text[match.start() : end if end >= 0 else match.end() + 400])


def _exit_codes(text: str) -> Iterator[int]:
    for match in islice(_EXIT_CODE.finditer(text), _MOST):
        if int(match["code"]) <= 255:
            yield int(match["code"])


def _edges(text: str) -> str:
    """The beginning and the end of a long text: what Kubernetes says stands in neither's middle."""
    return text if len(text) <= 2 * _EDGE else f"{text[:_EDGE]}\n{text[-_EDGE:]}"
