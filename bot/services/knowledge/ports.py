"""What learning and advising need from the store."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.answers.causes import FailedJob
from bot.domain.knowledge.lesson import Trial
from bot.domain.knowledge.solution import Record, Solution, SolutionOutcome
from bot.domain.period import Period
from bot.domain.scope import Scope
from bot.domain.workload.attempt import Attempt
from bot.domain.workload.failure import Failure, Resolution


class History(Protocol):
    """Answers questions about what was recorded. Every question has a Scope, and sees nothing outside it."""

    def projects(self, scope: Scope) -> list[str]:
        """Names of the known projects in the scope, sorted."""

    def job_names(self, scope: Scope, like: str, limit: int = 5) -> list[str]:
        """Names of known jobs that contain `like`, newest first."""

    def job_attempts(self, scope: Scope, job: str, limit: int = 50) -> list[Attempt]:
        """The newest attempts of one job, oldest first."""

    def job_failures(self, scope: Scope, job: str, limit: int = 50) -> list[Failure]:
        """The newest failure events of one job, oldest first."""

    def failure(self, scope: Scope, failure_id: int) -> Failure | None:
        """One failure event by its id, where the scope may see it."""

    def similar(self, scope: Scope, period: Period, failure_type: str, signature: str | None) -> tuple[int, int]:
        """How many (failures, jobs) of this cause the period has."""

    def failed_jobs(self, scope: Scope, period: Period) -> list[FailedJob]:
        """Each job that failed in the period and was not rescued by a retry, once for each cause; victims of a gang
        left out."""

    def owners(self, scope: Scope, period: Period) -> list[tuple[str, str]]:
        """Whose jobs failed in which project, as the cluster calls people: (owner, project), each pair once."""

    def failure_types(self, scope: Scope) -> list[str]:
        """The failure types ever recorded in the scope, most frequent first."""

    def failures_like(self, scope: Scope, failure_type: str, signature: str | None, limit: int = 300) -> list[Failure]:
        """The newest failures of a cause that were first faults, one for each job, newest first, without their logs and
        events."""


class Knowledge(Protocol):
    """Solutions and their outcomes. Every question has a Scope. An outcome is seen where the project of its failure is,
    or where it was given on the type at large. A solution is seen with its own words where one of the projects it comes
    from is; one that the bot observed elsewhere as the transformation it is, where it has an outcome that is seen; one
    that somebody typed elsewhere not at all. Of a scope only the projects that may be seen at all matter here."""

    def sync_rules(self, rules: Sequence[Solution]) -> None:
        """Make the stored rules equal to the catalogue's; ids and records of unchanged ones stay."""

    def solutions(self, scope: Scope, failure_type: str, signature: str | None = None) -> list[tuple[Solution, Record]]:
        """All solutions of a type (with a signature: also the ones of that signature) with their record."""

    def solution(self, scope: Scope, solution_id: int) -> tuple[Solution, Record] | None:
        """One solution with its record."""

    def add_solution(self, solution: Solution) -> int:
        """Store a solution of a person or of the bot; the same one again gives the same id, and its origins are added
        to those that are known."""

    def vote(self, outcome: SolutionOutcome) -> bool:
        """Record a verdict; False where it changes nothing. One per (solution, failure, by), the latest by `at`: in
        whatever order and however often verdicts arrive, the same ones stand. Raises LookupError for a solution that
        does not exist."""

    def outcomes(self, scope: Scope, solution_ids: Iterable[int]) -> list[SolutionOutcome]:
        """Every verdict on these solutions, oldest first."""

    def observed(self, scope: Scope, since: datetime) -> list[SolutionOutcome]:
        """What the bot saw to work since then (UTC), oldest first."""

    def remedies(self, scope: Scope, failure_ids: Iterable[int]) -> dict[int, str]:
        """What worked for these failures, in words; those without a remedy are left out."""

    def suggest(self, failure_id: int, solution_ids: Iterable[int], at: datetime) -> None:
        """Note that these solutions were shown to somebody for a failure."""

    def suggested(self, failure_id: int) -> set[int]:
        """The solutions that were shown for a failure."""

    def browse(self, scope: Scope, failure_type: str | None = None) -> list[tuple[Solution, Record]]:
        """All solutions that are offered, of one failure type or of all, and of every signature, with their record."""

    def edit(
        self, scope: Scope, solution_id: int, description: str, condition: str | None, *, by: str, at: datetime
    ) -> bool:
        """Reword a solution that is no rule; its record stays, and the change is kept in the audit. False where no such
        solution is seen with its own words, or another one says the same."""

    def retire(self, scope: Scope, solution_id: int, *, by: str, at: datetime) -> bool:
        """Offer a solution that is no rule no more; its record stays, and the audit says who did it. False where no
        such solution is seen with its own words."""

    def verdicts(self, scope: Scope, failure_id: int | None, by: str) -> dict[int, bool]:
        """What one person said about the solutions for one failure: solution id to worked."""

    def resolve(self, failure_id: int, resolution: Resolution, *, by: str, at: datetime) -> None:
        """Close a failure event; an earlier close stays."""


@dataclass(frozen=True, slots=True)
class News:
    """All recent tries of one family of jobs of which some have not been studied yet; `ids` names those."""

    trials: tuple[Trial, ...]
    ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FixQuestion:
    """That the owner of a failed job was asked, in this channel, whether what was seen was the fix. `ts` is None where
    Slack refused to ask."""

    failure_id: int
    channel: str
    ts: str | None
    at: datetime


class FixQuestions(Protocol):
    """What owners were asked."""

    def asked(self, failure_id: int, channel: str) -> bool:
        """Whether this failure was asked about in this channel, or could not be."""

    def note(self, question: FixQuestion) -> None:
        """Remember a question."""


class Trials(Protocol):
    """The tries of jobs that failed, for what they teach."""

    def unstudied(self, limit: int) -> list[News]:
        """Families with tries that have not been studied, at most so many."""

    def studied(self, ids: Iterable[int], at: datetime) -> None:
        """Note that these tries have been studied."""
