"""What helps against a cause: the catalogue's rules, and what the record of outcomes says, ranked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.diagnosis.catalogue import Catalogue, Known
from bot.domain.diagnosis.organisation import OrganisationSignature
from bot.domain.knowledge.context import Context, context_of
from bot.domain.knowledge.fixes import Fixes, Helped, Related
from bot.domain.knowledge.parameters import doing
from bot.domain.knowledge.plausible import is_plausible
from bot.domain.knowledge.ranking import rank, verdicts
from bot.domain.knowledge.similar import nearest
from bot.domain.knowledge.solution import IMPORTED, OutcomeSource, Ranked, SolutionKind, SolutionOutcome
from bot.domain.knowledge.transformation import in_terms_of
from bot.domain.period import Period
from bot.domain.scope import Scope
from bot.domain.workload.failure import Failure
from bot.domain.workload.pod_evidence import CauseOwner
from bot.services.knowledge.known_solutions import known_solutions
from bot.services.knowledge.name_causes import NamedCauses, visible
from bot.services.knowledge.ports import History, Knowledge

SHOWN = 5
"""Of each kind so many fixes are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where fixes come from."""

    history: History
    knowledge: Knowledge
    catalogue: Catalogue
    names: NamedCauses | None = None
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

    They are ranked for the failure's context, without one for the scope's project, else globally, as of the period's
    end. Similar failures are those in the period and the scope.
    """
    knowledge = sources.knowledge
    context = _context(cause, failure, scope)
    known = known_solutions(knowledge, cause.failure_type, cause.signature, scope=scope, project=context.project)
    entry = sources.catalogue.signature(cause.signature or "")
    hardware = entry is not None and entry.owner is CauseOwner.HARDWARE
    plausible = [each for each in known.solutions if is_plausible(each[0], context, hardware=hardware)]
    ranked = own_first(rank(plausible, known.outcomes, context=context, now=period.until), known.outcomes, cause)
    if failure is not None:
        ranked = tuple(replace(one, solution=in_terms_of(one.solution, failure.memory_request)) for one in ranked)
    rules = [one for one in ranked if one.solution.kind is SolutionKind.RULE]
    order = sources.catalogue.advice(cause)
    failures, jobs = sources.history.similar(scope, period, cause.failure_type, cause.signature)
    failure_id = failure.id if failure is not None else None
    return Fixes(
        failure_type=cause.failure_type,
        signature=cause.signature,
        description=_description(cause, sources, scope),
        rules=tuple(sorted(rules, key=lambda rule: _place(rule, order))),
        history=tuple(one for one in ranked if _is_known_here(one)),
        similar_failures=failures,
        similar_jobs=jobs,
        failure_id=failure_id,
        job=failure.job if failure is not None else None,
        related=() if failure is None else _related(failure, sources, scope),
        context=context,
        helped=_helped(ranked, known.outcomes, by, cause),
        verdicts=knowledge.verdicts(scope, failure_id, by) if by is not None else {},
    )


def _is_known_here(one: Ranked) -> bool:
    """Whether a solution has a record, or is a person's: that is offered before anybody tried it."""
    return verdicts(one.record) > 0 or one.solution.kind is SolutionKind.PERSON


def _description(cause: Known, sources: Sources, scope: Scope) -> str:
    named = sources.named(cause.signature, scope) if cause.signature is not None else None
    return f"{named.title}. {named.explanation}" if named is not None else sources.catalogue.describe(cause.name)


def note_shown(fixes: Fixes, knowledge: Knowledge, *, now: datetime) -> None:
    """Remember what was suggested for a failure, so that it gets the credit if it turns out to be what was done. Raises
    Unavailable."""
    if fixes.failure_id is not None:
        shown = [*fixes.history[:SHOWN], *fixes.rules[:SHOWN]]
        ids = [one.solution.id for one in shown if one.solution.id is not None]
        knowledge.suggest(fixes.failure_id, ids, now)


def _place(rule: Ranked, order: Sequence[str]) -> int:
    return order.index(rule.solution.description) if rule.solution.description in order else len(order)


def _context(cause: Known, failure: Failure | None, scope: Scope) -> Context:
    if failure is not None:
        return context_of(failure)
    return Context(signature=cause.signature, project=scope.project)


def own_first(ranked: Sequence[Ranked], outcomes: Sequence[SolutionOutcome], cause: Known) -> tuple[Ranked, ...]:
    """What was tried for this very cause before what was tried for others of its failure type, each in its order."""
    if cause.signature is None:
        return tuple(ranked)
    tried = {one.solution_id for one in outcomes if one.context.signature in {None, cause.signature}}
    marked = [
        replace(
            one,
            for_other_causes=verdicts(one.record) > 0
            and one.solution.signature != cause.signature
            and one.solution.id not in tried,
        )
        for one in ranked
    ]
    return tuple(sorted(marked, key=lambda one: one.for_other_causes))


def _helped(
    ranked: Sequence[Ranked], outcomes: Sequence[SolutionOutcome], by: str | None, cause: Known
) -> Helped | None:
    """The first solution in the order of the ranking that other people said worked for this cause."""
    people: dict[int, set[str]] = defaultdict(set)
    for outcome in outcomes:
        is_known = outcome.source is OutcomeSource.PERSON and not outcome.by.startswith(IMPORTED)
        same = cause.signature is None or outcome.context.signature in {None, cause.signature}
        if outcome.worked and is_known and same and outcome.by != by:
            people[outcome.solution_id].add(outcome.by)
    for one in ranked:
        if others := people.get(one.solution.id or 0):
            return Helped(len(others), doing(one.solution.description))
    return None


def _related(failure: Failure, sources: Sources, scope: Scope) -> tuple[Related, ...]:
    """The failures most like this one, with what resolved each."""
    wider = replace(scope, project=None)
    past = sources.history.failures_like(wider, failure.failure_type, None)
    alike = nearest(failure, past)
    remedies = sources.knowledge.remedies(scope, [one.id for one in alike if one.id is not None])
    return tuple(
        Related(
            job=one.job,
            project=one.project,
            resolution=one.resolution,
            doing=None if (remedy := remedies.get(one.id or 0)) is None else doing(remedy),
        )
        for one in alike
    )
