"""Solutions: what a person can do about a failure, and the record of how often it helped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.knowledge.context import ANYWHERE, Context

IMPORTED = "import/"
"""How the giver of a verdict begins who is known to another installation only: no person to be counted here."""


class SolutionKind(StrEnum):
    """Where a solution comes from."""

    RULE = "rule"
    """The catalogue."""
    PERSON = "person"
    """Somebody suggested it in Slack."""
    OBSERVED = "observed"
    """The bot saw the difference between a failed and a succeeded run."""


class OutcomeSource(StrEnum):
    """Who says that a solution worked or not."""

    PERSON = "person"
    OBSERVED = "observed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """Something to do about a failure type or, narrower, a signature under a condition."""

    failure_type: str
    description: str
    kind: SolutionKind
    signature: str | None = None
    condition: str | None = None
    """Where it holds: "registry=123.dkr.ecr", "framework=pytorch" ...; None everywhere."""
    parameters: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    automatic: bool = False
    """Whether the bot could carry it out itself, once asked and approved."""
    created_by: str | None = None
    origins: frozenset[str | None] = frozenset()
    """The projects whose jobs or people it comes from, as far as the reader may see them; None among them says that it
    was meant for everybody. A rule has none."""
    id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """How often a solution helped: people's votes and what the bot observed stand apart."""

    worked: int = 0
    failed: int = 0
    observed_worked: int = 0
    observed_failed: int = 0
    people: int = 0
    """How many different people said that it worked."""
    last_used: datetime | None = None


def joined(records: Sequence[Record]) -> Record:
    """The record of several solutions as one. A person who spoke for two of them counts twice."""
    if len(records) == 1:
        return records[0]
    counts = ("worked", "failed", "observed_worked", "observed_failed", "people")
    last_used = max((each.last_used for each in records if each.last_used is not None), default=None)
    return Record(**{name: sum(getattr(each, name) for each in records) for name in counts}, last_used=last_used)


@dataclass(frozen=True, slots=True, kw_only=True)
class SolutionOutcome:
    """One verdict on one solution for one failure: the same person's later verdict replaces the earlier."""

    solution_id: int
    worked: bool
    by: str
    """A Slack user id, or `bot` for what was observed."""
    at: datetime
    source: OutcomeSource = OutcomeSource.PERSON
    failure_id: int | None = None
    """None where the verdict is on the failure type at large."""
    context: Context = ANYWHERE
    """Where the failure happened: it is kept with the verdict, which outlives the failure."""
    seen: str | None = None
    """What was changed, where the bot saw it: "memory limit 8Gi → 16Gi"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A solution with its record and its place."""

    solution: Solution
    record: Record
    success_rate: float | None
    """Share of verdicts that say it worked, 0 to 1; None without a verdict."""
    lower_bound: float
    """The rate that can be vouched for, 0 to 1: what solutions are ranked by."""
    for_other_causes: bool = False
    """Whether its record is of other causes of the same failure type: then it leads nothing."""
