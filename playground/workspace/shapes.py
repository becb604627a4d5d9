"""A small language for the shape of JSON: a check looks at a value and says what is wrong with it, in Slack's words and
with a JSON pointer to the place. The tables of blocks and elements are written in it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlsplit

Check = Callable[[object, str], Iterator[str]]
Table = Mapping[str, Check]


def _at(message: str, pointer: str) -> str:
    return f"{message} [json-pointer:{pointer}]"


def anything(_value: object, _pointer: str) -> Iterator[str]:
    """Any value."""
    return iter(())


def string(most: int, least: int = 1) -> Check:
    """A string of so many characters."""

    def check(value: object, pointer: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield _at("must be a string", pointer)
        elif len(value) > most:
            yield _at(f"must be less than {most + 1} characters", pointer)
        elif len(value) < least:
            yield _at(f"must be more than {least - 1} characters", pointer)

    return check


def url(value: object, pointer: str) -> Iterator[str]:
    """A web address of at most 3000 characters."""
    yield from string(3000)(value, pointer)
    if isinstance(value, str) and urlsplit(value).scheme not in {"http", "https", "mailto", "slack"}:
        yield _at("invalid url", pointer)


def flag(value: object, pointer: str) -> Iterator[str]:
    """True or false."""
    if not isinstance(value, bool):
        yield _at("must be a boolean", pointer)


def whole(least: int, most: int) -> Check:
    """A whole number between two."""

    def check(value: object, pointer: str) -> Iterator[str]:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            yield _at(f"must be an integer from {least} to {most}", pointer)

    return check


def number(value: object, pointer: str) -> Iterator[str]:
    """A finite number."""
    is_number = isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))
    if not is_number or isinstance(value, bool):
        yield _at("must be a number", pointer)


def choice(*allowed: str) -> Check:
    """One of a few words."""

    def check(value: object, pointer: str) -> Iterator[str]:
        if value not in allowed:
            yield _at(f"must be one of {', '.join(allowed)}", pointer)

    return check


def items(check_item: Check, most: int, least: int = 1) -> Check:
    """A list of so many items."""

    def check(value: object, pointer: str) -> Iterator[str]:
        if not isinstance(value, (list, tuple)):
            yield _at("must be an array", pointer)
            return
        if len(value) > most:
            yield _at(f"no more than {most} items allowed", pointer)
        if len(value) < least:
            yield _at(f"no fewer than {least} items allowed", pointer)
        for index, item in enumerate(value):
            yield from check_item(item, f"{pointer}/{index}")

    return check


def record(required: Table | None = None, optional: Table | None = None) -> Check:
    """An object with these fields and no others; `type` may stand in every object."""
    needed, possible = required or {}, optional or {}

    def check(value: object, pointer: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield _at("must be an object", pointer)
            return
        for name, check_part in needed.items():
            if value.get(name) is None:
                yield _at(f"missing required field: {name}", pointer)
            else:
                yield from check_part(value[name], f"{pointer}/{name}")
        for name, part in value.items():
            if name in possible:
                yield from possible[name](part, f"{pointer}/{name}") if part is not None else ()
            elif name not in needed and name != "type":
                yield _at(f"invalid additional property: {name}", pointer)

    return check


def variant(table: Table, *allowed: str) -> Check:
    """An object whose `type` says which check of the table it must pass; only the allowed types, if any are named."""

    def check(value: object, pointer: str) -> Iterator[str]:
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(kind, str):
            yield _at("missing required field: type", pointer)
        elif kind not in table or (allowed and kind not in allowed):
            yield _at(f"unsupported type: {kind[:80]}", f"{pointer}/type")
        else:
            yield from table[kind](value, pointer)

    return check


def both(*checks: Check) -> Check:
    """All of these checks."""

    def check(value: object, pointer: str) -> Iterator[str]:
        for one in checks:
            yield from one(value, pointer)

    return check


def rule(message: str, holds: Callable[[dict[str, object]], bool]) -> Check:
    """A rule about an object as a whole, looked at only where its parts have the right types."""

    def check(value: object, pointer: str) -> Iterator[str]:
        try:
            if isinstance(value, dict) and not holds(value):
                yield _at(message, pointer)
        except (TypeError, KeyError, AttributeError, IndexError):
            return  # the check of the parts says what is wrong

    return check
