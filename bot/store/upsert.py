"""Insert or replace by key, in the dialect of the database at hand."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def upsert(connection: Connection, table: Table, row: dict[str, Any]) -> None:
    """Write one row; a row with the same primary key is replaced by it."""
    key = [column.name for column in table.primary_key]
    others = {name: value for name, value in row.items() if name not in key}
    insert = _INSERT[connection.dialect.name](table).values(row)
    connection.execute(insert.on_conflict_do_update(index_elements=key, set_=others))
