"""Brings a database to the tables of this version. Safe to run at every start and from several processes at once:
the first one migrates, the others wait and find it done."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

import bot
from bot.store.engine import connect, reading, writing

VERSION_TABLE = "schema_version"


def upgrade(url: str) -> str:
    """Migrate the database at this URL and return its version. Raises Unavailable."""
    engine = connect(url)
    try:
        with writing(engine) as connection:
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


def head() -> str:
    """The version that this code needs."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    if revision is None:
        raise FileNotFoundError(f"no migrations in {_directory()}")
    return revision


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
