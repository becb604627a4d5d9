"""Reads a body that came from outside: whatever its fields hold, what is asked for has the type that is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Body = Mapping[str, Any]


def part(body: Body, key: str) -> Body:
    """A part of a body; an empty one where it is none."""
    found = body.get(key)
    return found if isinstance(found, Mapping) else {}


def parts(body: Body, key: str) -> list[Body]:
    """The parts in a list; none where it is no list."""
    found = body.get(key)
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []


def text(body: Body, key: str) -> str:
    """A text; the empty one where it is none."""
    found = body.get(key)
    return found if isinstance(found, str) else ""
