"""Connections to the database: SQLite in a file, or PostgreSQL by its URL. One writer at a time on both, so that what
a transaction has read still holds when it writes; readers never wait."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from sqlite3 import SQLITE_BUSY, OperationalError
from sqlite3 import Connection as SQLiteConnection
from threading import Event
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import ConnectionPoolEntry

from bot.services.errors import Unavailable
from bot.store.database_file import DatabaseFile
from bot.store.errors import translated

_BUSY_SECONDS = 30
"""How long a writer waits for the one before it. The longest transaction, a batch of an import, takes a second."""
_KEPT, _MOST = 3, 15
"""Connections to SQLite that are kept open, each with its cache, and those that may be open at once."""
_STATEMENTS = 32
"""Prepared statements that each connection of SQLite keeps: some have thousands of parameters, and take a megabyte."""
_WRITER = 0x6661696C
"""The advisory lock of PostgreSQL that stands for "the one writer": any fixed number ("fail")."""
_POSTGRES = {"postgres", "postgresql", "postgresql+psycopg"}
_PRAGMAS = (
    f"PRAGMA busy_timeout = {_BUSY_SECONDS * 1000}",
    # A commit is in the kernel's hands before it returns, so `kill -9` loses nothing. Only a power cut can take the
    # last moments, never the file; the watch then sees those pods again. FULL would cost a disk flush a commit.
    "PRAGMA synchronous = NORMAL",
    "PRAGMA foreign_keys = ON",
    # In KiB, of each connection. The kernel keeps the file's pages once for all of them: a larger cache makes neither
    # recording nor reading faster.
    "PRAGMA cache_size = -8192",
)


def connect(url: str) -> Engine:
    """The engine for `sqlite:///path`, `postgresql://` or `postgres://`. Nothing is opened yet. Raises Unavailable."""
    try:
        address = make_url(url)
        (address.host or "").encode("idna")
        return _postgres(address) if address.drivername in _POSTGRES else _sqlite(address)
    except (ArgumentError, NoSuchModuleError, ValueError):  # the last: odd ports, brackets and host names
        raise Unavailable(
            "The database's address is not understood; use postgresql://user:password@host/name, or `db_path`.",
            permanent=True,
        ) from None
    except ModuleNotFoundError as error:
        raise Unavailable(
            "PostgreSQL needs its driver: install failures-bot with the extra `postgres`.", permanent=True
        ) from error


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that only reads, at one state of the database. Raises Unavailable."""
    _check(engine)
    with translated(engine.url), engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that may write: all of it or nothing. No other writer runs beside it. Raises Unavailable."""
    _check(engine)
    with translated(engine.url), engine.connect() as opened:
        connection = opened.execution_options(**{_WRITES: True})
        with connection.begin():
            if connection.dialect.name == "postgresql":
                connection.execute(_ONE_WRITER)
            yield connection


def _check(engine: Engine) -> None:
    """Whether the file is still the one that was opened, where there is a file."""
    options: Any = engine.get_execution_options()
    if (file := options.get(_FILE)) is not None:
        file.check()


_WRITES, _FILE = "failures_writes", "failures_file"
_ONE_WRITER = text(
    # The first limit is for a writer whose machine vanished in the middle: the server gives its lock back.
    "SELECT set_config('idle_in_transaction_session_timeout', '60s', true),"
    f" set_config('lock_timeout', '{_BUSY_SECONDS}s', true), pg_advisory_xact_lock({_WRITER})"
)


def _postgres(address: URL) -> Engine:
    return create_engine(
        address.set(drivername="postgresql+psycopg"),
        hide_parameters=True,
        pool_pre_ping=True,
        pool_recycle=1800,
        connect_args={"connect_timeout": 10, "application_name": "failures-bot"},
    )


def _sqlite(address: URL) -> Engine:
    if address.drivername not in {"sqlite", "sqlite+pysqlite"} or address.query:
        raise ArgumentError(address.drivername)
    file = None if address.database in {None, "", ":memory:"} else DatabaseFile(str(address.database))
    engine = create_engine(
        address,
        hide_parameters=True,
        execution_options={_FILE: file},
        pool_size=_KEPT,
        max_overflow=_MOST - _KEPT,
        pool_use_lifo=True,
        connect_args={"cached_statements": _STATEMENTS},
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    if file is not None:
        event.listen(engine, "connect", lambda *_: file.note())
    return engine


def _prepare(opened: SQLiteConnection, _entry: ConnectionPoolEntry) -> None:
    """Each new connection: transactions are begun by us alone, not by the driver's guess."""
    opened.isolation_level = None
    for pragma in _PRAGMAS:
        opened.execute(pragma)
    _write_ahead(opened)


def _write_ahead(opened: SQLiteConnection) -> None:
    """Switch a new file to its write-ahead log, which stays. This is the one lock that SQLite does not wait for by
    itself, so two processes that open a new file together need patience."""
    patience = _BUSY_SECONDS * 20
    while True:
        try:
            opened.execute("PRAGMA journal_mode = WAL")
        except OperationalError as error:
            patience -= 1
            if error.sqlite_errorcode != SQLITE_BUSY or patience == 0:
                raise
            Event().wait(0.05)
        else:
            return


def _begin(connection: Connection) -> None:
    """A writer takes its lock at once: one that read first and then wrote could be refused half-way."""
    options: Any = connection.get_execution_options()
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get(_WRITES) else "BEGIN")
