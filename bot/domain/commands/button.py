"""What a button carries: enough to do its work long after it was posted, checked again when it is pressed.

A button's value is short JSON with a tag that says which button it is. It names things by id and asks its question
again in words, so that a press never trusts what the message said. Messages stand for months: a field keeps its name
for good, and a value without a tag (buttons had none before) is read as what its listener expects.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated, TypeVar

import msgspec

from bot.domain.knowledge.suggestion import About

LONGEST_VALUE = 2000
"""Characters that Slack allows in a button's value."""
_LAST_MOMENT = 253_402_300_799
"""Seconds since 1970 of the end of year 9999."""
_SHORT = {
    "solution_id": "solution",
    "failure_id": "failure",
    "incident_id": "incident",
    "subscription_id": "subscription",
    "asked": "ask",
    "shared_by": "shared",
    "failure_type": "type",
}

Id = Annotated[int, msgspec.Meta(gt=0, le=2**63 - 1)]
Words = Annotated[str, msgspec.Meta(min_length=1)]
Moment = Annotated[float, msgspec.Meta(ge=0, le=_LAST_MOMENT)]


class Malformed(ValueError):
    """A value that no button of this version has; the message says what is wrong with it, for the log."""


class Button(
    msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, tag_field="is", rename=_SHORT
):
    """A value of a button. `asked` is the command in words that its message answers; `shared_by` the Slack user who
    shared the message, so that it still says so after an edit."""


class Question(Button, frozen=True, kw_only=True, tag="ask"):
    """A command to answer again, as of a moment: *Share*, *30 days*, *See fixes*."""

    asked: str
    at: Moment | None = None
    """Seconds since 1970 when it was first answered, to share what was seen; None to answer as of now."""

    @property
    def moment(self) -> datetime | None:
        """`at` as a time (UTC)."""
        return None if self.at is None else datetime.fromtimestamp(self.at, UTC)


class Vote(Button, frozen=True, kw_only=True, tag="vote"):
    """A person says whether a solution helped."""

    solution_id: Id
    failure_id: Id | None = None
    worked: bool
    asked: str
    shared_by: str | None = None


class Pick(Button, frozen=True, kw_only=True, tag="pick"):
    """A solution to be reworded or retired."""

    solution_id: Id
    asked: str


class Elsewise(Button, frozen=True, kw_only=True, tag="else"):
    """*Something else fixed it…*: what it is about."""

    failure_type: Words
    signature: str | None = None
    failure_id: Id | None = None
    asked: str
    shared_by: str | None = None

    @property
    def about(self) -> About:
        """What it is about, as a value."""
        return About(failure_type=self.failure_type, signature=self.signature, failure_id=self.failure_id)


class Same(Button, frozen=True, tag="same"):
    """What a person typed says the same as a known solution."""

    solution_id: Id


class Unsubscription(Button, frozen=True, tag="unsubscribe"):
    """A subscription that its maker ends on the Home tab."""

    subscription_id: Id


class Revise(Button, frozen=True, kw_only=True, tag="revise"):
    """A change to what people taught the bot: to be made, declined or taken back. `kind` is a word of
    `knowledge.revision`; `text` and `condition` are as it shall be."""

    kind: Words
    key: Words
    text: str = ""
    condition: str | None = None
    by: str | None = None
    """Who proposed it."""


class Handling(Button, frozen=True, kw_only=True, tag="incident"):
    """A person does something to an incident: `do` is a word of `incidents.handle`."""

    incident_id: Id
    do: Words


class Subject(Button, frozen=True, kw_only=True, tag="subject"):
    """One thing, given by its id: a failure whose cause gets a name, or a cause that has one."""

    subject: Words


class Retold(Button, frozen=True, kw_only=True, tag="log"):
    """What was said of a pasted log, to say it again: the log itself is kept nowhere. The texts are masked."""

    failure_type: str
    signature: str | None = None
    title: str
    line: str
    """The line that decided."""
    others: tuple[str, ...] = ()
    """Signatures of the symptoms."""
    ts: str | None = None
    """The message that the log stands in."""


class RetoldVote(Retold, frozen=True, kw_only=True, tag="log vote"):
    """A person says whether a solution helped against what a pasted log shows."""

    solution_id: Id
    worked: bool
    shared_by: str | None = None


B = TypeVar("B", bound=Button)
R = TypeVar("R", bound=Retold)


def written(button: Button) -> str:
    """The value of a button."""
    return json.dumps(msgspec.to_builtins(button), separators=(",", ":"))


def read(value: object, kind: type[B]) -> B:
    """The button of this kind that has a value. Raises Malformed."""
    if not isinstance(value, str) or len(value) > LONGEST_VALUE:
        raise Malformed("it is no text of a button")
    try:
        return msgspec.json.decode(value, type=kind)
    except (ValueError, RecursionError) as wrong:
        raise Malformed(f"it is no {kind.__name__} of this version: {wrong}") from None


def shortened(retold: R) -> R:
    """The same with texts so short that a button holds them."""
    for most in (300, 120, 40, 0):
        short = msgspec.structs.replace(
            retold, title=retold.title[:most], line=retold.line[:most], others=retold.others[:3] if most else ()
        )
        if len(written(short)) <= LONGEST_VALUE:
            break
    return short
