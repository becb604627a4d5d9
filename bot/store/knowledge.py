"""Solutions, and the verdicts on them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    and_,
    case,
    delete,
    distinct,
    func,
    insert,
    or_,
    select,
    update,
)

from bot.domain.knowledge.context import DIMENSIONS, Context
from bot.domain.knowledge.solution import IMPORTED, OutcomeSource, Record, Solution, SolutionKind, SolutionOutcome
from bot.domain.workload.failure import Resolution
from bot.store.chunks import chunks
from bot.store.storable import clean
from bot.store.tables import FAILURES, OUTCOMES, SOLUTIONS

_IT, _SAID = SOLUTIONS.c, OUTCOMES.c


def sync_rules(connection: Connection, rules: Sequence[Solution]) -> None:
    """Make the stored rules equal to the catalogue's. A rule that is dropped is retired, not deleted: an old message
    may still have its button. One that comes back has its record back."""
    wanted = {_identity(_row(rule)): _row(rule) | {"retired": False} for rule in rules}
    stored = {_identity(row): row for row in connection.execute(select(SOLUTIONS)).mappings()}
    added = [row for identity, row in wanted.items() if identity not in stored]
    if added:
        connection.execute(insert(SOLUTIONS), added)
    for identity, row in stored.items():
        rule = wanted.get(identity)
        if rule is None and row["kind"] == SolutionKind.RULE.value:
            rule = {"retired": True}
        if rule is not None and any(row[name] != value for name, value in rule.items()):
            connection.execute(update(SOLUTIONS).where(_IT.id == row["id"]).values(rule))


def solutions(connection: Connection, failure_type: str, signature: str | None) -> list[tuple[Solution, Record]]:
    """All solutions of a type at large, and those of the signature if one is given, with their record."""
    wanted = and_(_IT.failure_type == clean(failure_type), _IT.signature.is_(None))
    if signature is not None:
        wanted = or_(wanted, _IT.signature == clean(signature))
    return _read(connection, _with_record().where(wanted, _IT.retired.is_(False)))


def solution(connection: Connection, solution_id: int) -> tuple[Solution, Record] | None:
    """One solution with its record, a retired one too."""
    return next(iter(_read(connection, _with_record().where(_IT.id == solution_id))), None)


def browse(connection: Connection, failure_type: str | None) -> list[tuple[Solution, Record]]:
    """All solutions that are offered, of one type or of all, whatever their signature."""
    query = _with_record().where(_IT.retired.is_(False))
    return _read(connection, query if failure_type is None else query.where(_IT.failure_type == clean(failure_type)))


def add_solution(connection: Connection, solution: Solution) -> int:
    """Store a solution of a person or of the bot and give its id; the same one again gives the same id. A retired rule
    that a person suggests is theirs from then on."""
    row = _row(solution)
    known = connection.execute(
        select(_IT.id, _IT.retired).where(
            *(_IT[name].is_not_distinct_from(value) for name, value in zip(_IDENTITY, _identity(row), strict=True))
        )
    ).one_or_none()
    if known is None:
        return int(connection.execute(insert(SOLUTIONS).returning(_IT.id), row).scalar_one())
    if known.retired:
        connection.execute(update(SOLUTIONS).where(_IT.id == known.id).values(row | {"retired": False}))
    return int(known.id)


def vote(connection: Connection, outcome: SolutionOutcome) -> bool:
    """Record a verdict, and count anew; False where it changes nothing. Of one person's verdicts the latest stands, so
    their order does not matter. Raises LookupError for a solution that does not exist."""
    same = and_(
        _SAID.solution_id == outcome.solution_id,
        _SAID.failure_id.is_not_distinct_from(outcome.failure_id),
        _SAID.by == clean(outcome.by),
    )
    verdict = {
        "worked": outcome.worked,
        "source": outcome.source.value,
        "at": outcome.at,
        "context": _context_text(outcome.context),
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


def remedies(connection: Connection, failure_ids: Iterable[int]) -> dict[int, str]:
    """What worked for these failures, by failure: people's word before what was observed, the latest first."""
    person_last = case((_SAID.source == OutcomeSource.PERSON.value, 1), else_=0)
    found: dict[int, str] = {}
    for some in chunks(sorted(set(failure_ids))):
        worked = (
            select(_SAID.failure_id, _IT.description)
            .join(SOLUTIONS, _IT.id == _SAID.solution_id)
            .where(_SAID.failure_id.in_(some), _SAID.worked)
            .order_by(person_last, _SAID.at)
        )
        found |= {row.failure_id: row.description for row in connection.execute(worked)}
    return found


def outcomes(connection: Connection, solution_ids: Iterable[int]) -> list[SolutionOutcome]:
    """Every verdict on these solutions, oldest first."""
    found = [
        _outcome(row)
        for some in chunks(sorted(set(solution_ids)))
        for row in connection.execute(select(OUTCOMES).where(_SAID.solution_id.in_(some))).mappings()
    ]
    return sorted(found, key=lambda each: each.at)


def observed(connection: Connection, since: datetime) -> list[SolutionOutcome]:
    """What the bot saw to work since then, oldest first."""
    seen = select(OUTCOMES).where(_SAID.source == OutcomeSource.OBSERVED.value, _SAID.worked, _SAID.at >= since)
    return [_outcome(row) for row in connection.execute(seen.order_by(_SAID.at, _SAID.id)).mappings()]


def verdicts(connection: Connection, failure_id: int | None, by: str) -> dict[int, bool]:
    """What one person said about the solutions for one failure: solution id to worked."""
    said = connection.execute(
        select(_SAID.solution_id, _SAID.worked).where(
            _SAID.failure_id.is_not_distinct_from(failure_id), _SAID.by == clean(by)
        )
    )
    return {row.solution_id: row.worked for row in said}


def resolve(connection: Connection, failure_id: int, resolution: Resolution, by: str, at: datetime) -> None:
    """Close a failure event; an earlier close stays."""
    of = FAILURES.c
    connection.execute(
        update(FAILURES)
        .where(of.id == failure_id, or_(of.resolved_at.is_(None), of.resolved_at > at))
        .values(resolution=resolution.value, resolved_by=clean(by), resolved_at=at)
    )


def _outcome(row: RowMapping) -> SolutionOutcome:
    said = json.loads(row["context"]) if row["context"] else {}
    return SolutionOutcome(
        solution_id=row["solution_id"],
        failure_id=row["failure_id"],
        worked=row["worked"],
        by=row["by"],
        at=row["at"],
        source=OutcomeSource(row["source"]),
        seen=row["seen"],
        context=Context(**{name: said[name] for name in DIMENSIONS if name in said}),
    )


def _context_text(context: Context) -> str | None:
    known = context.known()
    return json.dumps({name: clean(value) for name, value in known.items()}, sort_keys=True) if known else None


_IDENTITY = ("failure_type", "signature", "condition", "description")


def _identity(row: Mapping[str, Any] | RowMapping) -> tuple[Any, ...]:
    """What makes a solution the same one."""
    return tuple(row[name] for name in _IDENTITY)


def _row(solution: Solution) -> dict[str, Any]:
    return {
        "failure_type": clean(solution.failure_type),
        "signature": None if solution.signature is None else clean(solution.signature),
        "condition": None if solution.condition is None else clean(solution.condition),
        "description": clean(solution.description),
        "kind": solution.kind.value,
        "parameters": json.dumps(dict(solution.parameters), sort_keys=True),
        "automatic": solution.automatic,
        "created_by": None if solution.created_by is None else clean(solution.created_by),
    }


def _read(connection: Connection, query: Select[Any]) -> list[tuple[Solution, Record]]:
    return [(_solution(row), _record(row)) for row in connection.execute(query).mappings()]


def _solution(row: RowMapping) -> Solution:
    return Solution(
        failure_type=row["failure_type"],
        signature=row["signature"],
        condition=row["condition"],
        description=row["description"],
        kind=SolutionKind(row["kind"]),
        parameters=json.loads(row["parameters"]),
        automatic=row["automatic"],
        created_by=row["created_by"],
        id=row["id"],
    )


_RECORD = tuple(field.name for field in fields(Record))


def _record(row: RowMapping) -> Record:
    return Record(**{name: row[name] for name in _RECORD})


_PERSON_HELPED = and_(_SAID.worked, _SAID.source == OutcomeSource.PERSON.value, ~_SAID.by.startswith(IMPORTED))


def _with_record() -> Select[Any]:
    """Solutions, each with the figures of its Record, counted from the verdicts."""
    return (
        select(
            SOLUTIONS,
            _votes(_SAID.worked, OutcomeSource.PERSON).label("worked"),
            _votes(~_SAID.worked, OutcomeSource.PERSON).label("failed"),
            _votes(_SAID.worked, OutcomeSource.OBSERVED).label("observed_worked"),
            _votes(~_SAID.worked, OutcomeSource.OBSERVED).label("observed_failed"),
            func.count(distinct(case((_PERSON_HELPED, _SAID.by)))).label("people"),
            func.max(_SAID.at).label("last_used"),
        )
        .select_from(SOLUTIONS.outerjoin(OUTCOMES, _SAID.solution_id == _IT.id))
        .group_by(_IT.id)
        .order_by(_IT.id)
    )


def _votes(that: ColumnElement[bool], source: OutcomeSource) -> ColumnElement[int]:
    return func.count(case((and_(that, _SAID.source == source.value), 1)))


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
