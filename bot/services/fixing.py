"""What helps against a cause: the catalogue's rules, and what the record of outcomes says, ranked."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.diagnosis.catalogue import Catalogue, Known
from bot.domain.failure import Failure
from bot.domain.knowledge.fixes import Fixes
from bot.domain.knowledge.ranking import rank, verdicts, weighed
from bot.domain.knowledge.solution import SolutionKind
from bot.domain.period import Period
from bot.domain.scope import Scope
from bot.services.ports import History, Knowledge


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where fixes come from."""

    history: History
    knowledge: Knowledge
    catalogue: Catalogue


def cause_of(words: str, sources: Sources, scope: Scope) -> Known | None:
    """What a person's words stand for: a name of the catalogue, loosely spelt, or a type that was ever recorded."""
    known = sources.catalogue.lookup(words)
    if known is not None:
        return known
    recorded = {name.casefold(): name for name in sources.history.failure_types(scope)}
    name = recorded.get(words.strip().casefold())
    return Known(name) if name is not None else None


def fixes_for(
    cause: Known,
    sources: Sources,
    *,
    scope: Scope,
    period: Period,
    failure: Failure | None = None,
    by: str | None = None,
) -> Fixes:
    """The fixes for a cause and, with a failure, for this one, beside what `by` said about them there.

    Similar failures are those in the period and the scope.
    """
    solutions = sources.knowledge.solutions(cause.failure_type, cause.signature)
    rules = [weighed(*each) for each in solutions if each[0].kind is SolutionKind.RULE]
    order = sources.catalogue.advice(cause)
    failures, jobs = sources.history.similar(scope, period, cause.failure_type, cause.signature)
    failure_id = failure.id if failure is not None else None
    return Fixes(
        failure_type=cause.failure_type,
        signature=cause.signature,
        description=sources.catalogue.describe(cause.name),
        rules=tuple(sorted(rules, key=lambda rule: order.index(rule.solution.description))),
        history=tuple(one for one in rank(solutions) if verdicts(one.record)),
        similar_failures=failures,
        similar_jobs=jobs,
        failure_id=failure_id,
        job=failure.job if failure is not None else None,
        verdicts=sources.knowledge.verdicts(failure_id, by) if by is not None else {},
    )
