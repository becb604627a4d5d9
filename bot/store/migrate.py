"""Brings a database to the tables of this version. Safe to run at every start and from several processes at once:
the first one migrates, the others wait and find it done."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

import bot
from bot.services.errors import Unavailable
from bot.store.engine import connect, reading, writing
from bot.store.errors import shown
from bot.store.tables import METADATA

VERSION_TABLE = "schema_version"


def upgrade(url: str) -> str:
    """Migrate the database at this URL and return its version. Raises Unavailable, for one of a newer version too."""
    engine = connect(url)
    try:
        with writing(engine) as connection:
            at = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE}).get_current_revision()
            if at is not None and at not in _known():
                raise Unavailable(
                    f"The database {shown(engine.url)} is of a newer version of failures-bot: its tables are at {at},"
                    f" this version knows them up to {head()}. Run the newer version, or restore a backup.",
                    permanent=True,
                )
            command.upgrade(_config(connection), "head")
    finally:
        engine.dispose()
    return head()


def current(url: str) -> str | None:
    """The version the database is at; None where it has no tables yet. Raises Unavailable."""
    engine = connect(url)
    try:
        with reading(engine) as connection:
            return MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE}).get_current_revision()
    finally:
        engine.dispose()


def check(url: str) -> None:
    """Raise Unavailable where the database is at this version but has lost a table."""
    engine = connect(url)
    try:
        with reading(engine) as connection:
            lost = sorted(METADATA.tables.keys() - set(inspect(connection).get_table_names()))
    finally:
        engine.dispose()
    if lost:
        names = ", ".join(lost)
        raise Unavailable(
            f"The database {shown(engine.url)} lacks tables of its version: {names}. Restore it from a backup.",
            permanent=True,
        )


def head() -> str:
    """The version that this code needs."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    if revision is None:
        raise FileNotFoundError(f"no migrations in {_directory()}")
    return revision


def _known() -> frozenset[str]:
    return frozenset(script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


def _config(connection: Connection | None = None) -> Config:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(_directory()).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _directory() -> Path:
    """Inside the package where it was installed from a wheel, else at the top of the working tree."""
    package = Path(bot.__file__).parent
    packed = package / "_data" / "migrations"
    return packed if packed.is_dir() else package.parent / "migrations"
