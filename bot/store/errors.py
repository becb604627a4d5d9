"""What a database's error means to a person. Errors that are nobody's fault but the world's become Unavailable here,
where they enter; all others are mistakes in this code and pass."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.services.errors import Unavailable


class _Meaning(NamedTuple):
    """What to tell, and whether trying again is pointless."""

    words: str
    permanent: bool = False


_NOT_MIGRATED = _Meaning("it has not been set up for this version: run `failures db upgrade`", permanent=True)
_ODD_ADDRESS = _Meaning("its address has an option or a value that the driver does not take", permanent=True)
_SQLITE = {
    "SQLITE_CANTOPEN": _Meaning("unable to open database file; its folder must exist and be writable", permanent=True),
    "SQLITE_READONLY": _Meaning("the file or its folder is read-only", permanent=True),
    "SQLITE_PERM": _Meaning("the file may not be opened", permanent=True),
    "SQLITE_NOTADB": _Meaning("the file is no SQLite database", permanent=True),
    "SQLITE_CORRUPT": _Meaning("the file is damaged; restore it from a backup", permanent=True),
    "SQLITE_FULL": _Meaning("the disk is full"),
    "SQLITE_IOERR": _Meaning("the disk reports an input/output error"),
    "SQLITE_BUSY": _Meaning("another process holds the lock for too long"),
    "SQLITE_LOCKED": _Meaning("another connection holds the lock for too long"),
}
"""By SQLite's primary result code."""
_SQLSTATE = {
    "28P01": _Meaning("the user or the password is wrong", permanent=True),
    "28000": _Meaning("the server does not let this user in", permanent=True),
    "3D000": _Meaning("there is no database of this name", permanent=True),
    "42P01": _NOT_MIGRATED,
    "42703": _NOT_MIGRATED,
    "42501": _Meaning("this user may not read or write its tables", permanent=True),
    "25006": _Meaning("the server is read-only, perhaps a standby"),
    "53100": _Meaning("the server's disk is full"),
    "53200": _Meaning("the server is out of memory"),
    "53300": _Meaning("the server has too many connections"),
    "55P03": _Meaning("another writer holds the lock for too long"),
    "40P01": _Meaning("two transactions waited for each other"),
    "40001": _Meaning("another transaction was first"),
    "57014": _Meaning("the query took too long and was cancelled"),
    "57P01": _Meaning("the server is shutting down"),
    "57P02": _Meaning("the server is restarting after a crash"),
    "57P03": _Meaning("the server is starting up"),
}
_SAID = (
    ("no such table", _NOT_MIGRATED),
    ("no such column", _NOT_MIGRATED),
    ("password authentication failed", _SQLSTATE["28P01"]),
    ("no password supplied", _SQLSTATE["28P01"]),
    ("no pg_hba.conf entry", _SQLSTATE["28000"]),
    ('role "', _SQLSTATE["28000"]),
    ('database "', _SQLSTATE["3D000"]),
    ("could not translate host name", _Meaning("the host's name is not known")),
    ("failed to resolve host", _Meaning("the host's name is not known")),
    ("connection refused", _Meaning("nothing listens there")),
    ("no such file or directory", _Meaning("nothing listens there")),
    ("timeout", _Meaning("it does not answer")),
    ("server closed the connection", _Meaning("the connection broke")),
    ("connection is lost", _Meaning("the connection broke")),
)
"""By what the message says, where there is no code: PostgreSQL's driver has none for a connection that failed."""


@contextmanager
def translated(url: URL) -> Iterator[None]:
    """Runs what uses the database at this address. Raises Unavailable; its message names no password."""
    try:
        yield
    except PoolTimeout as error:
        raise Unavailable(f"The database {shown(url)} is busy: all connections are in use.") from error
    except DBAPIError as error:
        meaning = _meaning(error)
        if meaning is None:
            raise
        raise Unavailable(
            f"The database {shown(url)} cannot be used: {meaning.words}.", permanent=meaning.permanent
        ) from error


def _meaning(error: DBAPIError) -> _Meaning | None:
    code = getattr(error.orig, "sqlstate", None)
    if code in _SQLSTATE:
        return _SQLSTATE[code]
    name = "_".join(str(getattr(error.orig, "sqlite_errorname", "")).split("_")[:2])
    if name in _SQLITE:
        return _SQLITE[name]
    said = str(error.orig).lower()
    known = next((meaning for words, meaning in _SAID if words in said), None)
    if known is None and error.connection_invalidated:
        return _Meaning("the connection broke")
    if known is None and error.statement is None:  # there was no connection yet; what the driver says may be a secret
        wrong = "invalid" in said
        return _ODD_ADDRESS if wrong else _Meaning("the connection failed")
    return known


def shown(url: URL) -> str:
    """The address as a person may read it, without a password."""
    """The address without its password, and without options, which may be one."""
    if url.get_backend_name() == "sqlite":
        return url.database or "in memory"
    return url.set(query={}).render_as_string()
