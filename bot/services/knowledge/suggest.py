"""People add to what is known: a solution of their own with their vote on it, or another wording."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.domain.diagnosis.catalogue import Known
from bot.domain.knowledge.context import ANYWHERE, context_of
from bot.domain.knowledge.ranking import rank, verdicts
from bot.domain.knowledge.solution import Ranked, Solution, SolutionKind
from bot.domain.knowledge.suggestion import (
    LONGEST,
    SHORTEST,
    About,
    EditForm,
    Solutions,
    SuggestForm,
    conditions_of,
    near_duplicates,
)
from bot.domain.knowledge.transformation import has_own_words
from bot.domain.scope import Scope
from bot.domain.text.masking import masked_line
from bot.domain.workload.failure import Failure
from bot.services.knowledge.known_solutions import known_solutions
from bot.services.knowledge.learn import level_of
from bot.services.knowledge.ports import History, Knowledge
from bot.services.knowledge.vote import vote
from bot.services.replies import Refusal, Why


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """What somebody says fixed it. The text is as they typed it."""

    about: About
    text: str
    condition: str | None
    by: str
    """A Slack user id."""
    project: str | None = None
    """The project that they asked about, where they asked about no failure."""


def form_for(about: About, history: History, *, scope: Scope) -> SuggestForm | Refusal:
    """The form for a suggestion about this; refused where the failure may not be seen."""
    failure = _failure(about, history, scope)
    if isinstance(failure, Refusal):
        return failure
    context = ANYWHERE if failure is None else context_of(failure)
    return SuggestForm(about=about, job=failure.job if failure else None, conditions=conditions_of(context))


def known_already(
    suggestion: Suggestion, history: History, knowledge: Knowledge, *, scope: Scope
) -> tuple[Ranked, ...]:
    """The solutions for the cause that say nearly the same."""
    about, failure = suggestion.about, _failure(suggestion.about, history, scope)
    project = failure.project if isinstance(failure, Failure) else suggestion.project
    known = known_solutions(knowledge, about.failure_type, about.signature, scope=scope, project=project)
    return near_duplicates(suggestion.text, rank(known.solutions))


def suggest(
    suggestion: Suggestion, history: History, knowledge: Knowledge, *, scope: Scope, now: datetime
) -> int | Refusal:
    """Add a person's solution with their vote that it worked, and give its id. The same one again is the same."""
    about, text = suggestion.about, tidied(suggestion.text)
    failure = _failure(about, history, scope)
    if isinstance(failure, Refusal):
        return failure
    if len(text) < SHORTEST:
        return Refusal(Why.TOO_FEW_WORDS)
    solution_id = knowledge.add_solution(
        Solution(
            failure_type=about.failure_type,
            signature=level_of(about.failure_type, failure.signature if failure else about.signature),
            condition=suggestion.condition,
            description=text,
            kind=SolutionKind.PERSON,
            created_by=suggestion.by,
            origins=_origins(failure, suggestion),
        )
    )
    refusal = vote(
        solution_id, about.failure_id, history, knowledge, worked=True, scope=scope, by=suggestion.by, now=now
    )
    return solution_id if refusal is None else refusal


def tidied(text: str) -> str:
    """What a person typed, as it is kept: one masked line without the full stop."""
    return masked_line(text, LONGEST).rstrip(". ")


def editing(solution_id: int, knowledge: Knowledge, *, scope: Scope) -> EditForm | Refusal:
    """The form to reword a solution that is seen with its own words; rules are the catalogue's."""
    known = knowledge.solution(scope, solution_id)
    if known is None or known[0].kind is SolutionKind.RULE or not has_own_words(known[0], scope):
        return Refusal(Why.NO_SOLUTION)
    return EditForm(solution=known[0])


def solutions(cause: Known | None, knowledge: Knowledge, *, scope: Scope, now: datetime) -> Solutions:
    """All that is known to help against a cause, or at all: what has a record or was suggested, the best first."""
    known = knowledge.browse(scope, None if cause is None else cause.failure_type)
    if cause is not None and cause.signature is not None:
        known = [each for each in known if each[0].signature in {None, cause.signature}]
    outcomes = knowledge.outcomes(scope, (solution.id for solution, _ in known if solution.id is not None))
    ranked = rank(known, outcomes, now=now)
    told = tuple(one for one in ranked if verdicts(one.record) or one.solution.kind is not SolutionKind.RULE)
    return Solutions(
        failure_type=None if cause is None else cause.name, ranked=told, without_verdict=len(ranked) - len(told)
    )


def _origins(failure: Failure | None, suggestion: Suggestion) -> frozenset[str | None]:
    """Where a suggestion comes from: one about a cause at large is meant for everybody."""
    if failure is None:
        return frozenset({suggestion.project})
    return frozenset({failure.project} - {None})


def _failure(about: About, history: History, scope: Scope) -> Failure | Refusal | None:
    if about.failure_id is None:
        return None
    return history.failure(scope, about.failure_id) or Refusal(Why.NO_FAILURE)
