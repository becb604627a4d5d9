"""Short answers that are neither a report nor fixes: what is unknown, refused, out of date, or went wrong."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """A name that nothing has. One that may not be seen looks just the same to the person."""

    what: str
    """ "project", "job", "failure type" """
    name: str
    nearest: tuple[str, ...] = ()
    """Names that exist, complete commands with them are in `tries`."""
    tries: tuple[str, ...] = ()
    """Commands to try instead, in words."""


@dataclass(frozen=True, slots=True)
class Working:
    """It takes more than a second."""

    asked: str


class Cause(StrEnum):
    """Why there is no answer."""

    STORE = "store"
    """The database is away."""
    SLACK = "slack"
    """Slack did not take it."""
    BUG = "bug"
    """Something we did not foresee; it is in the log."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """It could not be done, through no fault of the person."""

    cause: Cause
    reference: str = ""
    """Names the entry in the bot's log."""


class Why(StrEnum):
    """Why a press did nothing."""

    MALFORMED = "malformed"
    """The button's value is not one of ours."""
    NO_SOLUTION = "no solution"
    """The solution has been taken out of the catalogue."""
    NO_FAILURE = "no failure"
    """The failure is gone, or may not be seen (any more): the two look the same."""
    OTHER_CAUSE = "other cause"
    """The solution is not one for this failure."""
    NOTHING_TO_NAME = "nothing to name"
    """The failure or the name is gone, or has another one by now, or may not be seen: they look the same."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A press that was refused. Nothing was changed."""

    why: Why
    detail: str = ""
