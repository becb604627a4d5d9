"""The scope of a question as a condition of SQL: nothing outside it is ever read."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Table, and_, true

from bot.domain.scope import Scope
from bot.store.storable import bounded


def within(scope: Scope, table: Table) -> ColumnElement[bool]:
    """Rows of attempts or failures that this scope may see. A row of no known project is only for those who see all."""
    projects = scope.projects
    return and_(
        true() if projects is None else table.c.project.in_([bounded("project", name) for name in projects]),
        true() if scope.cluster is None else table.c.cluster == bounded("cluster", scope.cluster),
    )
