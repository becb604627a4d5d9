"""The scope of a question as a condition of SQL: nothing outside it is ever read."""

from __future__ import annotations

import json

from sqlalchemy import ColumnElement, Table, and_, or_, true

from bot.domain.scope import Scope
from bot.store.storable import bounded
from bot.store.tables import OUTCOMES


def within(scope: Scope, table: Table) -> ColumnElement[bool]:
    """Rows of attempts or failures that this scope may see. A row of no known project is only for those who see all."""
    projects = scope.projects
    return and_(
        true() if projects is None else table.c.project.in_(_bounded(projects)),
        true() if scope.cluster is None else table.c.cluster == bounded("cluster", scope.cluster),
    )


def in_allowed(scope: Scope, column: ColumnElement[str]) -> ColumnElement[bool]:
    """Rows that name a project which may be seen at all; those that name none ("") too."""
    return true() if scope.allowed is None else column.in_(["", *_bounded(scope.allowed)])


def outcomes_seen(scope: Scope) -> ColumnElement[bool]:
    """Verdicts of projects that may be seen at all, and those that were given at large."""
    if scope.allowed is None:
        return true()
    at_large = and_(OUTCOMES.c.project.is_(None), OUTCOMES.c.failure_id.is_(None))
    return or_(OUTCOMES.c.project.in_(_bounded(scope.allowed)), at_large)


def allowed_text(scope: Scope) -> str | None:
    """The projects that may be seen at all, as a row keeps them; None for all of them."""
    return None if scope.allowed is None else json.dumps(sorted(_bounded(scope.allowed)))


def may_see_all_of(scope: Scope, allowed: str | None) -> bool:
    """Whether what was made from these projects, as a row keeps them, may be seen."""
    if scope.allowed is None:
        return True
    return allowed is not None and set(json.loads(allowed)) <= set(_bounded(scope.allowed))


def _bounded(projects: frozenset[str] | tuple[str, ...]) -> list[str]:
    return [bounded("project", name) for name in projects]
