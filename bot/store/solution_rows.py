"""Solutions and verdicts as rows, and the record of a solution as it is counted from the verdicts."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, and_, case, distinct, func, select

from bot.domain.knowledge.context import DIMENSIONS, Context
from bot.domain.knowledge.ranking import verdicts
from bot.domain.knowledge.solution import IMPORTED, OutcomeSource, Record, Solution, SolutionKind, SolutionOutcome
from bot.domain.knowledge.transformation import as_seen
from bot.domain.scope import Scope
from bot.domain.text.masking import mask
from bot.store.chunks import chunks
from bot.store.scoped import outcomes_seen
from bot.store.storable import bounded, clean
from bot.store.tables import ORIGINS, OUTCOMES, SOLUTIONS
from bot.store.upsert import upsert_all

_IT, _SAID = SOLUTIONS.c, OUTCOMES.c


def outcome_of(row: RowMapping) -> SolutionOutcome:
    """The verdict in a row."""
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


def context_text(context: Context) -> str | None:
    """What is known of where it happened, as it is stored."""
    known = context.known()
    return json.dumps({name: mask(value) for name, value in known.items()}, sort_keys=True) if known else None


IDENTITY = ("failure_type", "signature", "condition", "description")


def identity_of(row: Mapping[str, Any] | RowMapping) -> tuple[Any, ...]:
    """What makes a solution the same one."""
    return tuple(row[name] for name in IDENTITY)


def solution_row(solution: Solution) -> dict[str, Any]:
    """A solution's values by column."""
    return {
        "failure_type": clean(solution.failure_type),
        "signature": None if solution.signature is None else clean(solution.signature),
        "condition": None if solution.condition is None else mask(solution.condition),
        "description": mask(solution.description),
        "kind": solution.kind.value,
        "parameters": json.dumps(dict(solution.parameters), sort_keys=True),
        "automatic": solution.automatic,
        "created_by": None if solution.created_by is None else clean(solution.created_by),
    }


def seen_solutions(connection: Connection, scope: Scope, *which: ColumnElement[bool]) -> list[tuple[Solution, Record]]:
    """These solutions with their record, as far as the scope sees them, and in the words that it sees."""
    found = connection.execute(_with_record(scope).where(*which)).mappings().all()
    origins = _origins(connection, [row["id"] for row in found if row["kind"] != SolutionKind.RULE.value])
    known = ((_solution(row, origins.get(row["id"], frozenset())), _record(row)) for row in found)
    return [
        (told, record)
        for solution, record in known
        if (told := as_seen(solution, scope, has_outcome=verdicts(record) > 0)) is not None
    ]


def add_origins(connection: Connection, solution_id: int, solution: Solution) -> None:
    """Note where a solution comes from, beside what is known."""
    rows = [{"solution_id": solution_id, "project": bounded("project", each or "")} for each in solution.origins]
    upsert_all(connection, ORIGINS, rows)


def _origins(connection: Connection, solution_ids: Sequence[int]) -> dict[int, frozenset[str | None]]:
    found: dict[int, set[str | None]] = defaultdict(set)
    for some in chunks(solution_ids):
        for row in connection.execute(select(ORIGINS).where(ORIGINS.c.solution_id.in_(some))):
            found[row.solution_id].add(row.project or None)
    return {solution_id: frozenset(projects) for solution_id, projects in found.items()}


def _solution(row: RowMapping, origins: frozenset[str | None]) -> Solution:
    return Solution(
        failure_type=row["failure_type"],
        signature=row["signature"],
        condition=row["condition"],
        description=row["description"],
        kind=SolutionKind(row["kind"]),
        parameters=json.loads(row["parameters"]),
        automatic=row["automatic"],
        created_by=row["created_by"],
        origins=origins,
        id=row["id"],
    )


_RECORD = tuple(field.name for field in fields(Record))


def _record(row: RowMapping) -> Record:
    return Record(**{name: row[name] for name in _RECORD})


_PERSON_HELPED = and_(_SAID.worked, _SAID.source == OutcomeSource.PERSON.value, ~_SAID.by.startswith(IMPORTED))


def _with_record(scope: Scope) -> Select[Any]:
    """Solutions, each with the figures of its Record, counted from the verdicts that the scope sees."""
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
        .select_from(SOLUTIONS.outerjoin(OUTCOMES, and_(_SAID.solution_id == _IT.id, outcomes_seen(scope))))
        .group_by(_IT.id)
        .order_by(_IT.id)
    )


def _votes(that: ColumnElement[bool], source: OutcomeSource) -> ColumnElement[int]:
    return func.count(case((and_(that, _SAID.source == source.value), 1)))
