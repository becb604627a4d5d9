"""What a button carries: enough to do its work long after it was posted, checked again when it is pressed.

A button's value is short JSON. It names things by id and asks its question again in words, so that a press never
trusts what the message said.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.domain.knowledge.suggestion import About

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
class Retold:
    """What was said of a pasted log, to say it again: the log itself is kept nowhere. The texts are masked."""

    failure_type: str
    signature: str | None
    title: str
    line: str
    """The line that decided."""
    others: tuple[str, ...] = ()
    """Signatures of the symptoms."""
    ts: str | None = None
    """The message that the log stands in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """A solution to be reworded or retired, in a message that answers `asked`."""

    solution_id: int
    asked: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewise:
    """*Something else fixed it…*: what it is about, in a message that answers `asked`."""

    about: About
    asked: str
    shared_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RetoldVerdict:
    """A person says whether a solution helped against what a pasted log shows."""

    solution_id: int
    worked: bool
    retold: Retold
    shared_by: str | None = None


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


def pick_value(pick: Pick) -> str:
    """The value of a button that picks this solution."""
    return _written({"solution": pick.solution_id, "ask": pick.asked})


def elsewise_value(elsewise: Elsewise) -> str:
    """The value of a button that asks what else it was."""
    about = elsewise.about
    fields: dict[str, Any] = {"type": about.failure_type, "failure": about.failure_id, "ask": elsewise.asked}
    optional = {"signature": about.signature, "shared": elsewise.shared_by}
    return _written(fields | {key: value for key, value in optional.items() if value is not None})


def read_pick(value: object) -> Pick:
    """The picked solution. Raises Malformed."""
    fields = _fields(value)
    return Pick(solution_id=_number(fields.get("solution"), "solution"), asked=_text(fields, "ask"))


def read_elsewise(value: object) -> Elsewise:
    """What such a button is about. Raises Malformed."""
    fields = _fields(value)
    failure, kind = fields.get("failure"), fields.get("type")
    if not isinstance(kind, str) or not kind:
        raise Malformed("it names no failure type")
    signature, shared = fields.get("signature"), fields.get("shared")
    return Elsewise(
        about=About(
            failure_type=kind,
            signature=signature if isinstance(signature, str) else None,
            failure_id=None if failure is None else _number(failure, "failure"),
        ),
        asked=_text(fields, "ask"),
        shared_by=shared if isinstance(shared, str) else None,
    )


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


def retold_value(retold: Retold) -> str:
    """The value of a button that says it again. What is too long for a button is cut."""
    return _shortest(retold, {})


def retold_verdict_value(verdict: RetoldVerdict) -> str:
    """The value of a button that says this."""
    return _shortest(
        verdict.retold,
        {"solution": verdict.solution_id, "worked": verdict.worked, "shared": verdict.shared_by},
    )


def read_retold(value: object) -> Retold:
    """What a button says again. Raises Malformed."""
    fields = _fields(value)
    signature, ts, others = (fields.get(key) for key in ("signature", "ts", "others"))
    return Retold(
        failure_type=_text(fields, "type"),
        signature=signature if isinstance(signature, str) else None,
        title=_text(fields, "title"),
        line=_text(fields, "line"),
        others=tuple(one for one in others if isinstance(one, str)) if isinstance(others, list) else (),
        ts=ts if isinstance(ts, str) else None,
    )


def read_retold_verdict(value: object) -> RetoldVerdict:
    """The verdict of a button under an explanation. Raises Malformed."""
    fields = _fields(value)
    worked, shared = fields.get("worked"), fields.get("shared")
    if not isinstance(worked, bool):
        raise Malformed("it does not say whether the fix worked")
    return RetoldVerdict(
        solution_id=_number(fields.get("solution"), "solution"),
        worked=worked,
        retold=read_retold(value),
        shared_by=shared if isinstance(shared, str) else None,
    )


def _shortest(retold: Retold, more: dict[str, Any]) -> str:
    value = ""
    for most in (300, 120, 40, 0):
        told = {
            "type": retold.failure_type,
            "signature": retold.signature,
            "title": retold.title[:most],
            "line": retold.line[:most],
            "others": list(retold.others[:3]) if most else [],
            "ts": retold.ts,
        }
        value = _written(told | more)
        if len(value) <= LONGEST_VALUE:
            break
    return value


def subject_value(subject: str) -> str:
    """The value of a button about one thing, given by its id."""
    return _written({"subject": subject})


def read_subject(value: object) -> str:
    """The id of what a button is about. Raises Malformed."""
    subject = _fields(value).get("subject")
    if not isinstance(subject, str) or not subject:
        raise Malformed("it does not say what it is about")
    return subject


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
        raise Malformed("it does not say what it is about" if key != "ask" else "it does not say what was asked")
    return text


def _number(value: object, what: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 2**63:
        raise Malformed(f"it names no {what}")
    return value
