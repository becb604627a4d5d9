"""What a button carries: enough to do its work long after it was posted, checked again when it is pressed.

A button's value is short JSON. It names things by id and asks its question again in words, so that a press never
trusts what the message said.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

LONGEST_VALUE = 2000
"""Characters that Slack allows in a button's value."""


class Malformed(ValueError):
    """A value that no button of ours has; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A command to answer again, as of a moment: *Share*, *30 days*, *See fixes*."""

    asked: str
    """The command in words, without its `/failures`."""
    at: datetime | None = None
    """The moment it was first answered (UTC), to share what was seen; None to answer as of now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A person says whether a solution helped, in a message that answers `asked`."""

    solution_id: int
    failure_id: int | None
    worked: bool
    asked: str
    shared_by: str | None = None
    """The Slack user who shared the message, so that it still says so after an edit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """A person does something to an incident: `do` is a word of `incidents.handling`."""

    incident_id: int
    do: str


def handling_value(handling: Handling) -> str:
    """The value of a button or option that does this: an option's has at most 150 characters."""
    return _written({"incident": handling.incident_id, "do": handling.do})


def read_handling(value: object) -> Handling:
    """What a button or option does to an incident. Raises Malformed."""
    fields = _fields(value)
    do = fields.get("do")
    if not isinstance(do, str):
        raise Malformed("it does not say what to do")
    return Handling(incident_id=_number(fields.get("incident"), "incident"), do=do)


def question_value(question: Question) -> str:
    """The value of a button that asks this."""
    at = None if question.at is None else question.at.astimezone(UTC).timestamp()
    return _written({"ask": question.asked, "at": at})


def verdict_value(verdict: Verdict) -> str:
    """The value of a button that says this."""
    fields = {
        "solution": verdict.solution_id,
        "failure": verdict.failure_id,
        "worked": verdict.worked,
        "ask": verdict.asked,
    }
    return _written(fields if verdict.shared_by is None else fields | {"shared": verdict.shared_by})


def read_question(value: object) -> Question:
    """The question of a button. Raises Malformed."""
    fields = _fields(value)
    at = fields.get("at")
    if at is not None and (isinstance(at, bool) or not isinstance(at, int | float)):
        raise Malformed("its time is not a number")
    try:
        return Question(asked=_text(fields, "ask"), at=None if at is None else datetime.fromtimestamp(at, UTC))
    except (OverflowError, ValueError, OSError):
        raise Malformed("its time does not exist") from None


def read_verdict(value: object) -> Verdict:
    """The verdict of a button. Raises Malformed."""
    fields = _fields(value)
    failure = fields.get("failure")
    worked, shared = fields.get("worked"), fields.get("shared")
    if not isinstance(worked, bool):
        raise Malformed("it does not say whether the fix worked")
    return Verdict(
        solution_id=_number(fields.get("solution"), "solution"),
        failure_id=None if failure is None else _number(failure, "failure"),
        worked=worked,
        asked=_text(fields, "ask"),
        shared_by=shared if isinstance(shared, str) else None,
    )


def _written(fields: dict[str, Any]) -> str:
    return json.dumps(fields, separators=(",", ":"))


def _fields(value: object) -> dict[str, Any]:
    if not isinstance(value, str) or len(value) > LONGEST_VALUE:
        raise Malformed("it is no text of a button")
    try:
        fields = json.loads(value)
    except (ValueError, RecursionError):
        raise Malformed("it cannot be read") from None
    if not isinstance(fields, dict):
        raise Malformed("it has no fields")
    return fields


def _text(fields: dict[str, Any], key: str) -> str:
    text = fields.get(key)
    if not isinstance(text, str):
        raise Malformed("it does not say what was asked")
    return text


def _number(value: object, what: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 2**63:
        raise Malformed(f"it names no {what}")
    return value
