"""Reads the commands that stand until somebody ends them: subscriptions and maintenance; and the questions about them.
Writes them as the text that reads back."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from bot.domain.commands.command import (
    AskWhy,
    Maintain,
    ShowIncidents,
    ShowSubscriptions,
    StandingOrder,
    Subscribe,
    Unsubscribe,
)
from bot.domain.commands.mistake import MistakeKind, Unclear
from bot.domain.incidents.maintenance import MaintenanceKind
from bot.domain.incidents.subscription import Wants
from bot.domain.period import parse_length

_WANTS = {
    "alerts": Wants.ALERTS,
    "alert": Wants.ALERTS,
    "digest": Wants.DIGEST,
    "digests": Wants.DIGEST,
    "failures": Wants.FAILURES,
}
_PARTS = {
    "node": MaintenanceKind.NODE,
    "project": MaintenanceKind.PROJECT,
    "namespace": MaintenanceKind.PROJECT,
    "cluster": MaintenanceKind.CLUSTER,
}
_CLOCK = re.compile(r"(\d{1,2})(?::00)?(?:h)?", re.ASCII)
_NOISE = frozenset(
    {"to", "for", "of", "project", "namespace", "the", "a", "me", "channel", "this", "jobs", "weekly", "if"}
)
_LONGEST_NAME = 253


Name = Callable[[str | None, str], str]
"""A name as it reads back, with what stands before it."""


class Word(Protocol):
    """One word of a command; `key` is its lower-case form, empty where it was quoted: then it is a name."""

    @property
    def text(self) -> str:
        """As it was typed."""

    @property
    def key(self) -> str:
        """For comparing."""


def read(verb: str, rest: Sequence[Word]) -> StandingOrder:
    """The command of one of these verbs. Raises Unclear, BadPeriod."""
    return _READERS[verb](list(rest))


def words(command: StandingOrder, name: Name) -> list[str]:
    """The words of a command; `name` quotes a name where it has to be."""
    return _WRITERS[type(command)](command, name)


def _subscribe_words(command: Subscribe, name: Name) -> list[str]:
    return [
        "try" if command.only_try else "subscribe",
        name(command.project, ""),
        command.wants.value,
        "" if command.threshold is None else f"from {command.threshold} jobs",
        "" if command.hour is None else f"at {command.hour}:00",
        "" if command.time_zone is None else f"in {command.time_zone}",
        "daily" if command.daily else "",
        "even empty" if command.even_empty else "",
    ]


def _maintain_words(command: Maintain, name: Name) -> list[str]:
    if command.part is None:
        return ["maintenance"]
    hours = f"for {round(command.length.total_seconds() / 3600)}h"
    what = [str(command.part), name(command.name, "")]
    return ["maintenance", "end", *what] if command.over else ["maintenance", *what, hours]


def _subscribe(rest: list[Word]) -> Subscribe:
    fields: dict[str, Any] = {}
    words_left = iter(rest)
    for word in words_left:
        if word.key in _WANTS:
            _put(fields, "wants", _WANTS[word.key])
        elif word.key in {"daily", "even"}:
            fields["daily" if word.key == "daily" else "even_empty"] = True
        elif word.key in {"at", "from", "in"}:
            name, reader = _AFTER[word.key]
            _put(fields, name, reader(next(words_left, None)))
        elif word.key not in _NOISE | {"empty"}:
            _put(fields, "project", _named(word))
    wants = fields.get("wants", Wants.ALERTS)
    if wants is not Wants.ALERTS and "threshold" in fields:
        raise Unclear(MistakeKind.THRESHOLD_MISPLACED)
    if wants is not Wants.DIGEST and fields.keys() & {"hour", "daily", "even_empty"}:
        raise Unclear(MistakeKind.HOUR_MISPLACED)
    return Subscribe(**fields)


def _try(rest: list[Word]) -> Subscribe:
    wanted = _subscribe(rest)
    if wanted.wants is Wants.DIGEST:
        raise Unclear(MistakeKind.NOTHING_TO_TRY)
    return Subscribe(wants=wanted.wants, project=wanted.project, threshold=wanted.threshold, only_try=True)


def _unsubscribe(rest: list[Word]) -> Unsubscribe:
    fields: dict[str, Any] = {}
    for word in rest:
        if word.key in _WANTS:
            _put(fields, "wants", _WANTS[word.key])
        elif word.key not in _NOISE | {"from", "all"}:
            _put(fields, "project", _named(word))
    return Unsubscribe(**fields)


def _maintain(rest: list[Word]) -> Maintain:
    if not rest:
        return Maintain()
    over = rest[0].key in {"end", "over", "stop"}
    rest = rest[over:]
    if len(rest) < 2 or rest[0].key not in _PARTS:
        raise Unclear(MistakeKind.MAINTENANCE_UNCLEAR)
    fields: dict[str, Any] = {"part": _PARTS[rest[0].key], "name": _named(rest[1]), "over": over}
    said = " ".join(word.text for word in rest[2:] if word.key not in {"for", "until"})
    if said and not over:
        fields["length"] = parse_length(said)
    return Maintain(**fields)


def _hour(word: Word | None) -> int:
    match = _CLOCK.fullmatch(word.key) if word else None
    if match is None or int(match[1]) > 23:
        raise Unclear(MistakeKind.NO_HOUR)
    return int(match[1])


def _threshold(word: Word | None) -> int:
    if word is None or not word.key.isdecimal() or not 1 <= int(word.key[:6]) <= 1000:
        raise Unclear(MistakeKind.NO_THRESHOLD)
    return int(word.key)


def _zone(word: Word | None) -> str:
    try:
        return ZoneInfo(word.text if word else "").key
    except (KeyError, ValueError, OSError):
        raise Unclear(MistakeKind.NO_TIME_ZONE) from None


def _named(word: Word) -> str:
    if not 0 < len(word.text) <= _LONGEST_NAME:
        raise Unclear(MistakeKind.NAME_LENGTH, most=_LONGEST_NAME, length=len(word.text))
    return word.text


def _put(fields: dict[str, Any], name: str, value: object) -> None:
    if name in fields:
        raise Unclear(MistakeKind.TWICE, slot=name)
    fields[name] = value


_AFTER: Mapping[str, tuple[str, Callable[[Word | None], object]]] = {
    "at": ("hour", _hour),
    "from": ("threshold", _threshold),
    "in": ("time_zone", _zone),
}
_READERS: Mapping[str, Callable[[list[Word]], StandingOrder]] = {
    "subscribe": _subscribe,
    "try": _try,
    "unsubscribe": _unsubscribe,
    "subscriptions": lambda _: ShowSubscriptions(),
    "incidents": lambda _: ShowIncidents(),
    "maintenance": _maintain,
}
_WRITERS: Mapping[type, Callable[[Any, Name], list[str]]] = {
    Subscribe: _subscribe_words,
    Unsubscribe: lambda it, name: ["unsubscribe", name(it.project, ""), it.wants.value if it.wants else ""],
    ShowSubscriptions: lambda *_: ["subscriptions"],
    ShowIncidents: lambda *_: ["incidents"],
    AskWhy: lambda it, _: ["why", str(it.incident)],
    Maintain: _maintain_words,
}
