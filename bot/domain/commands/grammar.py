"""Reads what a person typed and gives a Command; writes a Command as the text that reads back to it.

One grammar serves the slash command, mentions and direct messages. It never raises: text it cannot read becomes a
Mistake with the nearest command and two examples. Names are taken as typed; whether they exist is not asked here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import timedelta
from difflib import get_close_matches
from typing import Any

from bot.domain.commands import standing_grammar, vocabulary
from bot.domain.commands.command import (
    Analyze,
    AskAbout,
    AskWhy,
    Command,
    Help,
    ShowImage,
    ShowJob,
    ShowNode,
    StandingOrder,
)
from bot.domain.commands.mistake import Mistake, MistakeKind, Unclear, of_period
from bot.domain.period import BadPeriod, parse_length
from bot.domain.text.characters import one_line
from bot.domain.text.slack_text import tidy

LONGEST_NAME = 253
"""Characters in the longest name that Kubernetes allows."""
LONGEST_IMAGE = 500
"""Characters in the longest reference of an image that is kept whole: it may have a registry, a path and a digest."""

_TOKEN = re.compile(r'"(?P<quoted>(?:[^"\\]|\\.)*)"(?!\S)|(?P<bare>\S+)', re.DOTALL)
_PLAIN = re.compile(r"[A-Za-z][\w./:@-]*(?<![.:])", re.ASCII)
_NUMBER = re.compile(r"\d+[a-z]*", re.IGNORECASE)
_INCIDENT = re.compile(r"#?(\d{1,9})", re.ASCII)
_LONGEST_PERIOD = 4
"""Words in "the last 30 days"."""


@dataclass(frozen=True, slots=True)
class _Token:
    """One word. `key` is its lower-case form for comparing, empty where it was quoted: then it is a name."""

    text: str
    key: str


def parse(text: str) -> Command:
    """The command in a text as Slack delivers it: escaped, with links, mentions and typographic quotes."""
    return read(tidy(text))


def read(text: str) -> Command:
    """The command in a plain text. Nothing at all is the analysis of everything, the most useful view."""
    tokens = [_token(match) for match in _TOKEN.finditer(text)]
    verb = ""
    try:
        verb, rest = _verb(tokens)
        if verb in vocabulary.STANDING:
            return standing_grammar.read(verb, rest)
        if (number := _incident_number(tokens)) is not None:
            return AskWhy(incident=number)
        return _COMMANDS[verb](**_arguments(rest, verb))
    except (Unclear, BadPeriod) as error:
        wrong = of_period(error) if isinstance(error, BadPeriod) else error
        examples = vocabulary.EXAMPLES.get(verb, vocabulary.GENERAL)
        return Mistake(text=one_line(text, 80), problem=wrong.problem, examples=examples, **wrong.facts)


def words(command: Command) -> str:
    """The text of a command without its `/failures`; `read` gives the same command back (but not a Mistake)."""
    if isinstance(command, Mistake):
        return Help.WORDS.verb
    if isinstance(command, StandingOrder):
        parts = standing_grammar.words(command, _name)
    else:
        before: dict[str, str] = {}
        for word, slot in command.WORDS.names.items():
            before.setdefault(slot, f"{word} " if word else "")
        values = ((one.name, getattr(command, one.name)) for one in fields(command))
        parts = [command.WORDS.verb, *(_said(value, before.get(name, "")) for name, value in values)]
    return " ".join(part for part in parts if part)


def _said(value: str | timedelta | None, before: str) -> str:
    return _length(value) if isinstance(value, timedelta) else _name(value, before)


def _incident_number(tokens: list[_Token]) -> int | None:
    """The number in "why 12" or "why was I told of incident #12"; a job has a name, or is quoted."""
    keys = [token.key for token in tokens]
    numbers = [int(match[1]) for key in keys if (match := _INCIDENT.fullmatch(key))]
    return numbers[0] if "why" in keys and len(numbers) == 1 and keys[-1].lstrip("#").isdecimal() else None


def _name(name: str | None, before: str = "") -> str:
    """A name as it reads back: quoted where it could be taken for something else."""
    if name is None:
        return ""
    if _PLAIN.fullmatch(name) and name.lower() not in vocabulary.NOT_NAMES:
        return before + name
    escaped = name.replace("\\", r"\\").replace('"', r"\"")
    return f'{before}"{escaped}"'


def _length(length: timedelta) -> str:
    hours = round(length.total_seconds() / 3600)
    return f"{hours}h" if hours % 24 else f"{hours // 24}d"


def _token(match: re.Match[str]) -> _Token:
    if match["quoted"] is not None:
        return _Token(re.sub(r"\\(.)", r"\1", match["quoted"], flags=re.DOTALL), "")
    bare = match["bare"].strip("\"'").rstrip("?!.,;") or match["bare"]
    return _Token(bare, bare.lower())


def _verb(tokens: list[_Token]) -> tuple[str, list[_Token]]:
    """The verb and what comes after it; words of politeness before the verb are skipped."""
    for place, token in enumerate(tokens):
        if token.key in vocabulary.VERBS:
            return vocabulary.VERBS[token.key], tokens[place + 1 :]
        if token.key not in vocabulary.BEFORE:
            near = get_close_matches(token.key[:40], vocabulary.NEAREST, n=1, cutoff=0.6)
            suggestion = f"/failures {near[0]}" if near else None
            raise Unclear(MistakeKind.UNKNOWN_WORD, word=one_line(token.text, 40), suggestion=suggestion)
    greeting = tokens and not any("failure" in token.key for token in tokens)
    return ("help" if greeting else "analyze"), []


def _arguments(tokens: list[_Token], verb: str) -> dict[str, Any]:
    """The fields of the verb's command, by its table of slots."""
    found: dict[str, Any] = {}
    place = 0
    while place < len(tokens):
        if not (read := _period(tokens, place, verb) or _named(tokens, place, verb)):
            place += 1
            continue
        slot, value, place = read
        if slot == "failure_type" and slot in found:
            value = f"{found.pop(slot)} {value}"
        if slot in found:
            raise Unclear(MistakeKind.TWICE, slot=slot)
        longest = LONGEST_IMAGE if slot in {"image", "name"} else LONGEST_NAME
        if isinstance(value, str) and not 0 < len(value) <= longest:
            raise Unclear(MistakeKind.NAME_LENGTH, most=longest, length=len(value))
        found[slot] = value
    needed = vocabulary.NEEDED.get(verb)
    if needed and needed not in found:
        raise Unclear(MistakeKind.NAME_MISSING, verb=verb, slot=needed)
    return found


def _period(tokens: list[_Token], place: int, verb: str) -> tuple[str, timedelta, int] | None:
    """A period that stands here, with or without a word before it; the longest one. Raises BadPeriod."""
    if verb not in vocabulary.TIMED:
        return None
    start = place + (tokens[place].key in vocabulary.BEFORE_PERIOD)
    said = [token.key for token in tokens[start : start + _LONGEST_PERIOD]]
    for count in range(len(said), 0, -1):
        if all(said[:count]):
            text = " ".join(said[:count])
            with suppress(BadPeriod):
                return "length", parse_length(f"last {text}" if text in vocabulary.UNITS else text), start + count
    if said and (said[0] in {"last", "past"} or _NUMBER.fullmatch(said[0])):
        parse_length(" ".join(said[: 2 if said[0] in {"last", "past"} else 1]))
    return None


def _named(tokens: list[_Token], place: int, verb: str) -> tuple[str, str, int] | None:
    """A name that stands here and the slot it fills, by the words around it; None for a word that says nothing."""
    slots = vocabulary.SLOTS[verb]
    if not slots or _says_nothing(tokens, place, verb):
        return None
    slot, said = slots[""], tokens[place].key
    kinds = vocabulary.KINDS if slot == "failure_type" else {**vocabulary.KINDS, **vocabulary.THINGS}
    if said and said in {**slots, **kinds}:
        slot, place = slots.get(said) or kinds[said], place + 1
        while place < len(tokens) and tokens[place].key in {*kinds, *vocabulary.ARTICLES}:
            slot, place = kinds.get(tokens[place].key, slot), place + 1
        if place >= len(tokens):
            raise Unclear(MistakeKind.ENDS_EARLY, word=said)
    name, place = tokens[place].text, place + 1
    if place < len(tokens) and (kind := kinds.get(tokens[place].key)) and _ends(tokens, place + 1, verb):
        slot, place = kind, place + 1  # "in the train-bert job"
    if slot not in slots.values():
        suggestion = f"/failures {slot} {_name(name)}" if slot in _COMMANDS else None
        raise Unclear(MistakeKind.NOT_TAKEN, verb=verb, slot=slot, suggestion=suggestion)
    return slot, name, place


def _says_nothing(tokens: list[_Token], place: int, verb: str) -> bool:
    """Whether a word is noise: "job" in "explain job x" introduces a name, in "did my job fail" it does not."""
    key = tokens[place].key
    introduces = (
        key in vocabulary.KINDS and place + 1 < len(tokens) and vocabulary.KINDS[key] in vocabulary.SLOTS[verb].values()
    )
    return key in vocabulary.NOISE[verb] and not introduces


def _ends(tokens: list[_Token], place: int, verb: str) -> bool:
    """Whether a phrase ends before this place."""
    return place >= len(tokens) or tokens[place].key in {*vocabulary.SLOTS[verb], *vocabulary.BEFORE_PERIOD} - {""}


def _about(
    *,
    job: str | None = None,
    project: str | None = None,
    node: str | None = None,
    image: str | None = None,
    name: str | None = None,
    length: timedelta | None = None,
    cluster: str | None = None,
) -> Command:
    """The command about a thing, by the word before its name, if there was one."""
    if node is not None:
        return ShowNode(node=node, length=length, cluster=cluster)
    if image is not None:
        return ShowImage(image=image, length=length, cluster=cluster)
    if job is not None:
        return ShowJob(job=job, project=project)
    if name is None:
        return Analyze(project=project, length=length, cluster=cluster)
    return AskAbout(name=name, length=length, cluster=cluster)


_COMMANDS: Mapping[str, Callable[..., Command]] = {
    **{each.WORDS.verb: each for each in vocabulary.INQUIRIES},
    AskAbout.WORDS.verb: _about,
}
