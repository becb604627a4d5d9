"""Many rows at once, by the driver itself. SQLAlchemy prepares each row on its own, which takes longer than both
databases need to store it; here each column is prepared once for all rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table

_MARK = {"sqlite": "?", "postgresql": "%s"}


def insert_all(connection: Connection, table: Table, names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows with their values in the order of these column names."""
    dialect = connection.dialect
    prepare = [table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names]
    columns = [
        values if process is None else map(process, values)
        for process, values in zip(prepare, zip(*rows, strict=True), strict=True)
    ]
    marks = ", ".join([_MARK[dialect.name]] * len(names))
    statement = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608 names of our own tables
    connection.exec_driver_sql(statement, list(zip(*columns, strict=True)))
