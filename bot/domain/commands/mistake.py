"""What is wrong with a text that is no command, as a value; `templates/plain/mistake.jinja` says it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot.domain.period import BadPeriod


class MistakeKind(StrEnum):
    """What cannot be read."""

    UNKNOWN_WORD = "unknown word"
    TWICE = "twice"
    """Two of a slot that holds one."""
    NAME_LENGTH = "name length"
    NAME_MISSING = "name missing"
    """The verb needs the name of something."""
    ENDS_EARLY = "ends early"
    """Nothing comes after a word that announces something."""
    NOT_TAKEN = "not taken"
    """The verb takes no such thing."""
    PERIOD_UNREADABLE = "period unreadable"
    PERIOD_OUT_OF_BOUNDS = "period out of bounds"
    THRESHOLD_MISPLACED = "threshold misplaced"
    HOUR_MISPLACED = "hour misplaced"
    NOTHING_TO_TRY = "nothing to try"
    MAINTENANCE_UNCLEAR = "maintenance unclear"
    NO_HOUR = "no hour"
    NO_THRESHOLD = "no threshold"
    NO_TIME_ZONE = "no time zone"
    ONLY_IN_SLACK = "only in Slack"
    """Readable, but not for a question from outside of Slack."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """Text that is no command: what was wrong, and what would be right. Plain text; templates escape it."""

    text: str
    problem: MistakeKind
    word: str = ""
    """What was written where it is wrong."""
    verb: str = ""
    slot: str = ""
    """What the word stands for: "job", "failure_type", "length" ..."""
    most: int = 0
    """Characters that a name may have, or days that a period may last."""
    length: int = 0
    suggestion: str | None = None
    """The nearest command, complete: `/failures analyze`."""
    examples: tuple[str, ...] = ()


class Unclear(ValueError):
    """What cannot be read. `facts` are fields of the Mistake."""

    def __init__(self, problem: MistakeKind, **facts: Any) -> None:  # noqa: ANN401 fields of a Mistake
        super().__init__(problem)
        self.problem = problem
        self.facts = facts


def of_period(wrong: BadPeriod) -> Unclear:
    """What is wrong with a period."""
    problem = MistakeKind.PERIOD_OUT_OF_BOUNDS if wrong.longest_days else MistakeKind.PERIOD_UNREADABLE
    return Unclear(problem, word=wrong.written, most=wrong.longest_days)
