"""Solutions, the verdicts on them, and what people change about them, with the audit: who changed what from what, in
the table `actions`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, and_, case, delete, func, insert, or_, select, true, update

from bot.domain.knowledge.solution import OutcomeSource, Record, Solution, SolutionKind, SolutionOutcome
from bot.domain.scope import Scope
from bot.domain.text.masking import mask
from bot.domain.workload.failure import Resolution
from bot.services.knowledge.ports import Knowledge
from bot.store.chunks import chunks
from bot.store.engine import reading, writing
from bot.store.scoped import in_allowed, outcomes_seen
from bot.store.solution_rows import (
    IDENTITY,
    add_origins,
    context_text,
    identity_of,
    outcome_of,
    seen_solutions,
    solution_row,
)
from bot.store.storable import bounded, clean
from bot.store.tables import ACTIONS, FAILURES, ORIGINS, OUTCOMES, SOLUTIONS, SUGGESTIONS

_IT, _SAID = SOLUTIONS.c, OUTCOMES.c


class SqlKnowledge(Knowledge):
    """Solutions and the verdicts on them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def sync_rules(self, rules: Sequence[Solution]) -> None:
        with writing(self._engine) as connection:
            wanted = {identity_of(solution_row(rule)): solution_row(rule) | {"retired": False} for rule in rules}
            stored = {identity_of(row): row for row in connection.execute(select(SOLUTIONS)).mappings()}
            added = [row for identity, row in wanted.items() if identity not in stored]
            if added:
                connection.execute(insert(SOLUTIONS), added)
            for identity, row in stored.items():
                rule = wanted.get(identity)
                if rule is None and row["kind"] == SolutionKind.RULE.value:
                    rule = {"retired": True}
                if rule is not None and any(row[name] != value for name, value in rule.items()):
                    connection.execute(update(SOLUTIONS).where(_IT.id == row["id"]).values(rule))

    def solutions(self, scope: Scope, failure_type: str, signature: str | None = None) -> list[tuple[Solution, Record]]:
        wanted = and_(_IT.failure_type == clean(failure_type), _IT.signature.is_(None))
        if signature is not None:
            wanted = or_(wanted, _IT.signature == clean(signature))
        with reading(self._engine) as connection:
            return seen_solutions(connection, scope, wanted, _IT.retired.is_(False))

    def solution(self, scope: Scope, solution_id: int) -> tuple[Solution, Record] | None:
        with reading(self._engine) as connection:
            return next(iter(seen_solutions(connection, scope, _IT.id == solution_id)), None)

    def browse(self, scope: Scope, failure_type: str | None = None) -> list[tuple[Solution, Record]]:
        wanted = true() if failure_type is None else _IT.failure_type == clean(failure_type)
        with reading(self._engine) as connection:
            return seen_solutions(connection, scope, wanted, _IT.retired.is_(False))

    def add_solution(self, solution: Solution) -> int:
        row = solution_row(solution)
        same = (_IT[name].is_not_distinct_from(of) for name, of in zip(IDENTITY, identity_of(row), strict=True))
        with writing(self._engine) as connection:
            known = connection.execute(select(_IT.id, _IT.retired).where(*same)).one_or_none()
            if known is None:
                solution_id = int(connection.execute(insert(SOLUTIONS).returning(_IT.id), row).scalar_one())
            else:
                solution_id = int(known.id)
            if known is not None and known.retired:
                connection.execute(update(SOLUTIONS).where(_IT.id == solution_id).values(row | {"retired": False}))
            add_origins(connection, solution_id, solution)
            return solution_id

    def edit(
        self, scope: Scope, solution_id: int, description: str, condition: str | None, *, by: str, at: datetime
    ) -> bool:
        with writing(self._engine) as connection:
            row = _editable(connection, scope, solution_id)
            if row is None:
                return False
            new = {"description": mask(description), "condition": None if condition is None else mask(condition)}
            twin = select(_IT.id).where(
                _IT.id != solution_id,
                _IT.failure_type == row["failure_type"],
                _IT.signature.is_not_distinct_from(row["signature"]),
                _IT.description == new["description"],
                _IT.condition.is_not_distinct_from(new["condition"]),
            )
            if connection.execute(twin).first() is not None:
                return False
            old = {name: row[name] for name in new}
            if old != new:
                connection.execute(update(SOLUTIONS).where(_IT.id == solution_id).values(new))
                _audit(connection, "edit solution", solution_id, {"before": old, "after": new}, by=by, at=at)
            return True

    def retire(self, scope: Scope, solution_id: int, *, by: str, at: datetime) -> bool:
        with writing(self._engine) as connection:
            row = _editable(connection, scope, solution_id)
            if row is None:
                return False
            connection.execute(update(SOLUTIONS).where(_IT.id == solution_id).values(retired=True))
            _audit(
                connection,
                "retire solution",
                solution_id,
                {"before": {"description": row["description"]}},
                by=by,
                at=at,
            )
            return True

    def audit(self) -> list[tuple[str, str, str]]:
        with reading(self._engine) as connection:
            of = ACTIONS.c
            done = select(of.action, of.subject, of.asked_by).where(of.subject.startswith("solution/")).order_by(of.id)
            return [(row.action, row.subject, row.asked_by) for row in connection.execute(done)]

    def vote(self, outcome: SolutionOutcome) -> bool:
        with writing(self._engine) as connection:
            same = and_(
                _SAID.solution_id == outcome.solution_id,
                _SAID.failure_id.is_not_distinct_from(outcome.failure_id),
                _SAID.by == clean(outcome.by),
            )
            verdict = {
                "worked": outcome.worked,
                "source": outcome.source.value,
                "at": outcome.at,
                "context": context_text(outcome.context),
                "project": None if outcome.context.project is None else bounded("project", outcome.context.project),
                "seen": None if outcome.seen is None else clean(outcome.seen),
            }
            if outcome.source is OutcomeSource.OBSERVED and outcome.failure_id is not None:
                _withdraw(connection, outcome)
            known = connection.execute(select(_SAID.worked, _SAID.at).where(same)).one_or_none()
            if known is not None and (known.at, known.worked) >= (outcome.at, outcome.worked):
                return False
            if known is not None:
                connection.execute(update(OUTCOMES).where(same).values(verdict))
            elif connection.execute(select(_IT.id).where(_IT.id == outcome.solution_id)).one_or_none() is None:
                raise LookupError(f"there is no solution {outcome.solution_id}")
            else:
                key = {"solution_id": outcome.solution_id, "failure_id": outcome.failure_id, "by": clean(outcome.by)}
                connection.execute(insert(OUTCOMES).values(key | verdict))
            _count(connection, outcome.solution_id)
            return known is None or known.worked != outcome.worked

    def outcomes(self, scope: Scope, solution_ids: Iterable[int]) -> list[SolutionOutcome]:
        seen = select(OUTCOMES).where(outcomes_seen(scope))
        with reading(self._engine) as connection:
            found = [
                outcome_of(row)
                for some in chunks(sorted(set(solution_ids)))
                for row in connection.execute(seen.where(_SAID.solution_id.in_(some))).mappings()
            ]
        return sorted(found, key=lambda each: each.at)

    def observed(self, scope: Scope, since: datetime) -> list[SolutionOutcome]:
        these = (_SAID.source == OutcomeSource.OBSERVED.value, _SAID.worked, _SAID.at >= since, outcomes_seen(scope))
        with reading(self._engine) as connection:
            seen = select(OUTCOMES).where(*these)
            return [outcome_of(row) for row in connection.execute(seen.order_by(_SAID.at, _SAID.id)).mappings()]

    def remedies(self, scope: Scope, failure_ids: Iterable[int]) -> dict[int, str]:
        person_last = case((_SAID.source == OutcomeSource.PERSON.value, 1), else_=0)
        credited: dict[int, int] = {}
        with reading(self._engine) as connection:
            for some in chunks(sorted(set(failure_ids))):
                worked = (
                    select(_SAID.failure_id, _SAID.solution_id)
                    .where(_SAID.failure_id.in_(some), _SAID.worked, outcomes_seen(scope))
                    .order_by(person_last, _SAID.at)
                )
                credited |= {row.failure_id: row.solution_id for row in connection.execute(worked)}
            solutions = seen_solutions(connection, scope, _IT.id.in_(set(credited.values())))
        words = {solution.id: solution.description for solution, _ in solutions}
        return {failure: words[solution] for failure, solution in credited.items() if solution in words}

    def verdicts(self, scope: Scope, failure_id: int | None, by: str) -> dict[int, bool]:
        with reading(self._engine) as connection:
            said = connection.execute(
                select(_SAID.solution_id, _SAID.worked).where(
                    _SAID.failure_id.is_not_distinct_from(failure_id), _SAID.by == clean(by), outcomes_seen(scope)
                )
            )
            return {row.solution_id: row.worked for row in said}

    def resolve(self, failure_id: int, resolution: Resolution, *, by: str, at: datetime) -> None:
        with writing(self._engine) as connection:
            of = FAILURES.c
            connection.execute(
                update(FAILURES)
                .where(of.id == failure_id, or_(of.resolved_at.is_(None), of.resolved_at > at))
                .values(resolution=resolution.value, resolved_by=clean(by), resolved_at=at)
            )

    def suggest(self, failure_id: int, solution_ids: Iterable[int], at: datetime) -> None:
        shown = set(solution_ids)
        if shown <= self.suggested(failure_id):  # which needs no writer
            return
        with writing(self._engine) as connection:
            new = sorted(shown - _suggested(connection, failure_id))
            rows = [{"failure_id": failure_id, "solution_id": solution, "at": at} for solution in new]
            if rows:
                connection.execute(insert(SUGGESTIONS), rows)

    def suggested(self, failure_id: int) -> set[int]:
        with reading(self._engine) as connection:
            return _suggested(connection, failure_id)


def _suggested(connection: Connection, failure_id: int) -> set[int]:
    of = SUGGESTIONS.c
    return set(connection.execute(select(of.solution_id).where(of.failure_id == failure_id)).scalars())


def _withdraw(connection: Connection, outcome: SolutionOutcome) -> None:
    """Of one failure one thing is observed; what is known better now replaces what was believed before."""
    others = and_(
        _SAID.failure_id == outcome.failure_id,
        _SAID.source == OutcomeSource.OBSERVED.value,
        _SAID.solution_id != outcome.solution_id,
        _SAID.by == clean(outcome.by),
    )
    stale = connection.execute(select(_SAID.solution_id).where(others)).scalars().all()
    connection.execute(delete(OUTCOMES).where(others))
    for solution_id in stale:
        _count(connection, solution_id)


def _count(connection: Connection, solution_id: int) -> None:
    """The counts on the solution itself, for who reads the table: all verdicts, of people and of the bot."""
    of_it = _SAID.solution_id == solution_id
    counted = select(func.count(case((_SAID.worked, 1))), func.count(), func.max(_SAID.at)).where(of_it)
    worked, total, last = connection.execute(counted).one()
    connection.execute(
        update(SOLUTIONS)
        .where(_IT.id == solution_id)
        .values(success_count=worked, failure_count=total - worked, last_used_at=last)
    )


def _editable(connection: Connection, scope: Scope, solution_id: int) -> RowMapping | None:
    """A solution that is offered, no rule, and seen with its own words."""
    of = ORIGINS.c
    own = true() if scope.allowed is None else _IT.id.in_(select(of.solution_id).where(in_allowed(scope, of.project)))
    offered = select(SOLUTIONS).where(
        _IT.id == solution_id, _IT.retired.is_(False), _IT.kind != SolutionKind.RULE.value, own
    )
    return connection.execute(offered).mappings().one_or_none()


def _audit(connection: Connection, action: str, solution_id: int, detail: Any, *, by: str, at: datetime) -> None:  # noqa: ANN401 JSON
    """Note what somebody did to a solution."""
    connection.execute(
        insert(ACTIONS).values(
            cluster="",
            action=action,
            subject=f"solution/{solution_id}",
            state="done",
            detail=json.dumps(detail, ensure_ascii=False),
            asked_by=clean(by),
            asked_at=at,
            finished_at=at,
        )
    )
