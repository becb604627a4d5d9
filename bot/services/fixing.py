"""What helps against a cause: the catalogue's rules, and what the record of outcomes says, ranked."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.diagnosis.catalogue import Catalogue, Known
from bot.domain.diagnosis.organisation import OrganisationSignature
from bot.domain.failure import Failure
from bot.domain.knowledge.fixes import Fixes
from bot.domain.knowledge.ranking import rank, verdicts, weighed
from bot.domain.knowledge.solution import Ranked, SolutionKind
from bot.domain.period import Period
from bot.domain.scope import Scope
from bot.services.naming import Names, visible
from bot.services.ports import History, Knowledge


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where fixes come from."""

    history: History
    knowledge: Knowledge
    catalogue: Catalogue
    names: Names | None = None
    """The causes that people named; None where nobody can."""

    def named(self, signature: str, scope: Scope) -> OrganisationSignature | None:
        """A cause that people named, by its id or name; None where nothing of it may be seen."""
        return None if self.names is None else visible(self.names, scope, signature)


def cause_of(words: str, sources: Sources, scope: Scope) -> Known | None:
    """What a person's words stand for: a cause that people named, a name of the catalogue, loosely spelt, or a type
    that was ever recorded."""
    named = sources.named(words, scope)
    if named is not None:
        return Known(named.failure_type, named.id)
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
        description=_description(cause, sources, scope),
        rules=tuple(sorted(rules, key=lambda rule: order.index(rule.solution.description))),
        history=tuple(one for one in rank(solutions) if _is_known_here(one)),
        similar_failures=failures,
        similar_jobs=jobs,
        failure_id=failure_id,
        job=failure.job if failure is not None else None,
        verdicts=sources.knowledge.verdicts(failure_id, by) if by is not None else {},
    )


def _is_known_here(one: Ranked) -> bool:
    """Whether a solution has a record, or is a person's: that is offered before anybody tried it."""
    return verdicts(one.record) > 0 or one.solution.kind is SolutionKind.PERSON


def _description(cause: Known, sources: Sources, scope: Scope) -> str:
    named = sources.named(cause.signature, scope) if cause.signature is not None else None
    return f"{named.title}. {named.explanation}" if named is not None else sources.catalogue.describe(cause.name)
