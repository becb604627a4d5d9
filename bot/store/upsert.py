"""Insert or replace by key, in the dialect of the database at hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def upsert(connection: Connection, table: Table, row: dict[str, Any]) -> None:
    """Write one row; a row with the same primary key is replaced by it."""
    upsert_all(connection, table, [row])


def upsert_all(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Write rows of the same columns, each as `upsert` does."""
    if not rows:
        return
    key = [column.name for column in table.primary_key]
    insert = _INSERT[connection.dialect.name](table)
    others = {name: insert.excluded[name] for name in rows[0] if name not in key}
    if others:
        insert = insert.on_conflict_do_update(index_elements=key, set_=others)
    else:  # the key says it all
        insert = insert.on_conflict_do_nothing(index_elements=key)
    connection.execute(insert, list(rows))
