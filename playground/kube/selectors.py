"""Label and field selectors, as the API server reads them from a query."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

_REQUIREMENT = re.compile(
    r"\s*(?:(?P<not>!)\s*)?(?P<key>[A-Za-z0-9][\w./-]*)\s*"
    r"(?:(?P<op>==|=|!=)\s*(?P<value>[^,]*)|(?P<set>notin|in)\s*\((?P<values>[^()]*)\))?\s*"
)

Labels = Mapping[str, str]
Test = Callable[[Labels], bool]


class BadSelector(ValueError):
    """A selector that cannot be read, or names a field that cannot be selected by; the server answers 400."""


def _requirement(match: re.Match[str]) -> Test:
    key, negated = match["key"], match["not"] is not None
    if match["op"] is not None:
        wanted = match["value"].strip()
        if match["op"] == "!=":
            return lambda labels: labels.get(key) != wanted
        return lambda labels: labels.get(key) == wanted
    if match["set"] is not None:
        members = {value.strip() for value in match["values"].split(",")}
        if match["set"] == "notin":
            return lambda labels: labels.get(key) not in members
        return lambda labels: labels.get(key) in members
    return lambda labels: (key in labels) is not negated


def _tests(text: str) -> list[Test]:
    """One test for each requirement; commas between brackets separate values, all others requirements."""
    tests, at = [], 0
    while at < len(text):
        match = _REQUIREMENT.match(text, at)
        if match is None or (match.end() < len(text) and text[match.end()] != ","):
            raise BadSelector(f"unable to parse requirement: {text[at : at + 60]!r}")
        if match["not"] is not None and (match["op"] or match["set"]):
            raise BadSelector(f"unable to parse requirement: {text[at : at + 60]!r}")
        tests.append(_requirement(match))
        at = match.end() + 1
    return tests


def label_selector(text: str) -> Test:
    """A test for labels: `app=x,tier in (a, b),!legacy`. Raises BadSelector."""
    tests = _tests(text)
    return lambda labels: all(test(labels) for test in tests)


def field_selector(text: str, known: Iterable[str]) -> Test:
    """A test for an object's selectable fields: `status.phase=Failed`. Raises BadSelector, for unknown fields too."""
    fields = frozenset(known)
    for part in filter(None, (part.strip() for part in text.split(","))):
        key, operator, _ = part.partition("=")
        if not operator:
            raise BadSelector(f"invalid selector: {part!r}; can't understand it")
        if key.rstrip("!=").strip() not in fields:
            raise BadSelector(f"field label not supported: {key.rstrip('!=').strip()}")
    return label_selector(text)


def fields_of(body: Mapping[str, Any], paths: Iterable[str]) -> dict[str, str]:
    """The selectable fields of an object, by their dotted paths; an absent one is empty, as on a real server."""
    fields = {}
    for path in paths:
        at: Any = body
        for part in path.split("."):
            at = at.get(part) if isinstance(at, Mapping) else None
        fields[path] = "" if at is None else str(at).lower() if isinstance(at, bool) else str(at)
    return fields
