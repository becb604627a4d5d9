"""What people change about solutions, with the audit: who changed what from what, in the table `actions`."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, update

from bot.domain.knowledge.solution import SolutionKind
from bot.store.storable import clean
from bot.store.tables import ACTIONS, SOLUTIONS

_IT = SOLUTIONS.c


def edit(
    connection: Connection, solution_id: int, description: str, condition: str | None, *, by: str, at: datetime
) -> bool:
    """Reword a solution that is no rule. False where there is none, or another one that says the same."""
    row = _editable(connection, solution_id)
    if row is None:
        return False
    new = {"description": clean(description), "condition": None if condition is None else clean(condition)}
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
        audit(connection, "edit solution", solution_id, {"before": old, "after": new}, by=by, at=at)
    return True


def retire(connection: Connection, solution_id: int, *, by: str, at: datetime) -> bool:
    """Offer a solution that is no rule no more. False where there is none."""
    row = _editable(connection, solution_id)
    if row is None:
        return False
    connection.execute(update(SOLUTIONS).where(_IT.id == solution_id).values(retired=True))
    audit(connection, "retire solution", solution_id, {"before": {"description": row["description"]}}, by=by, at=at)
    return True


def trail(connection: Connection) -> list[tuple[str, str, str]]:
    """What was done to solutions, oldest first: (action, subject, by)."""
    of = ACTIONS.c
    done = select(of.action, of.subject, of.asked_by).where(of.subject.startswith("solution/")).order_by(of.id)
    return [(row.action, row.subject, row.asked_by) for row in connection.execute(done)]


def audit(connection: Connection, action: str, solution_id: int, detail: Any, *, by: str, at: datetime) -> None:  # noqa: ANN401 JSON
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


def _editable(connection: Connection, solution_id: int) -> RowMapping | None:
    offered = select(SOLUTIONS).where(
        _IT.id == solution_id, _IT.retired.is_(False), _IT.kind != SolutionKind.RULE.value
    )
    return connection.execute(offered).mappings().one_or_none()
