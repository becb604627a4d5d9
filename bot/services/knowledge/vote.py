"""A person says whether a fix helped: checked again at the press, recorded, and the failure closed where it did."""

from __future__ import annotations

from datetime import datetime

from bot.domain.knowledge.context import ANYWHERE, context_of
from bot.domain.knowledge.solution import SolutionOutcome
from bot.domain.scope import Scope
from bot.domain.workload.failure import Resolution
from bot.services.knowledge.ports import History, Knowledge
from bot.services.replies import Refusal, Why


def vote(
    solution_id: int,
    failure_id: int | None,
    history: History,
    knowledge: Knowledge,
    *,
    worked: bool,
    scope: Scope,
    by: str,
    now: datetime,
) -> Refusal | None:
    """Record a verdict that `by`, a Slack user id, gave at `now` on a solution for a failure, or for its type at large;
    it replaces the person's earlier one, not a later one. None once it is recorded."""
    known = knowledge.solution(scope, solution_id)
    if known is None:
        return Refusal(Why.NO_SOLUTION)
    context = ANYWHERE
    if failure_id is not None:
        failure = history.failure(scope, failure_id)
        if failure is None:
            return Refusal(Why.NO_FAILURE)
        if failure.failure_type != known[0].failure_type:
            return Refusal(Why.OTHER_CAUSE)
        context = context_of(failure)
    knowledge.vote(
        SolutionOutcome(
            solution_id=solution_id,
            worked=worked,
            by=by,
            at=now,
            failure_id=failure_id,
            context=context,
        )
    )
    if worked and failure_id is not None:
        knowledge.resolve(failure_id, Resolution.FIXED, by=by, at=now)
    return None
