"""What is known to help, in the words that an answer about a project may have: a fix that was observed in other
projects is told as the transformation it is, and those that then say the same are one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bot.domain.knowledge.solution import Record, Solution, SolutionOutcome
from bot.domain.knowledge.transformation import pooled, told_to
from bot.domain.scope import Scope
from bot.services.knowledge.ports import Knowledge


@dataclass(frozen=True, slots=True)
class KnownSolutions:
    """Solutions with their records, and every verdict on them, oldest first."""

    solutions: tuple[tuple[Solution, Record], ...]
    outcomes: tuple[SolutionOutcome, ...]


def known_solutions(
    knowledge: Knowledge, failure_type: str, signature: str | None, *, scope: Scope, project: str | None
) -> KnownSolutions:
    """What the scope sees of a cause, for an answer about this project; None for one about no project."""
    known = told(knowledge.solutions(scope, failure_type, signature), project)
    outcomes = knowledge.outcomes(scope, (solution.id for solution, _ in known if solution.id is not None))
    return KnownSolutions(*pooled(known, outcomes))


def told(known: Iterable[tuple[Solution, Record]], project: str | None) -> list[tuple[Solution, Record]]:
    """Each in the words that an answer about this project may have."""
    return [(told_to(solution, project), record) for solution, record in known]
