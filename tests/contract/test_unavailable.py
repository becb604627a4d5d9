"""A database that cannot be used says why, in words, and whether trying again helps."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from bot.services.errors import Unavailable
from bot.store import engine
from bot.store.store import Store, open_store
from tests.contract.seen import attempt


def reason(url: str) -> Unavailable:
    with pytest.raises(Unavailable) as raised:
        open_store(url).ping()
    return raised.value


def test_a_database_that_is_there_answers(store: Store) -> None:
    store.ping()


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    said = reason(f"sqlite:///{tmp_path}/nowhere/failures.db")
    assert "nowhere/failures.db cannot be used: unable to open database file" in str(said)
    assert said.permanent


def test_a_file_that_is_something_else(tmp_path: Path) -> None:
    (tmp_path / "failures.db").write_text("these are notes, and no database at all\n" * 100)
    assert "no SQLite database" in str(reason(f"sqlite:///{tmp_path}/failures.db"))


def test_a_lock_that_is_never_given_back(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_PRAGMAS", ("PRAGMA busy_timeout = 50",))
    other = sqlite3.connect(str(make_url(sqlite_url).database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    store = open_store(sqlite_url)
    with pytest.raises(Unavailable, match="holds the lock") as raised:
        store.recorder.record([attempt()], [])
    assert not raised.value.permanent
    other.close()
    assert store.recorder.record([attempt()], []).attempts == 1
    store.close()


def test_a_reader_does_not_wait_for_a_writer(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_PRAGMAS", ("PRAGMA busy_timeout = 50",))
    other = sqlite3.connect(str(make_url(sqlite_url).database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    store = open_store(sqlite_url)
    assert store.recorder.resource_version("prod") is None
    store.close()
    other.close()


def test_a_writer_that_never_ends_on_postgresql(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    patient, hasty = open_store(postgres_url), open_store(postgres_url)
    with engine.writing(patient.engine):
        monkeypatch.setattr(engine, "_ONE_WRITER", text(str(engine._ONE_WRITER).replace("'30s'", "'50ms'")))
        with pytest.raises(Unavailable, match="holds the lock") as raised:
            hasty.recorder.record([attempt()], [])
    assert not raised.value.permanent
    assert hasty.recorder.record([attempt()], []).attempts == 1
    patient.close()
    hasty.close()


@pytest.mark.parametrize("url", ["mysql://host/name", "nonsense", "", "oracle+thing://x"])
def test_an_address_that_is_none(url: str) -> None:
    said = reason(url)
    assert "postgresql://user:password@host/name" in str(said)
    assert said.permanent


def test_a_server_that_is_not_there() -> None:
    said = reason("postgres://ana:secret@127.0.0.1:1/failures")
    assert "nothing listens there" in str(said)
    assert "secret" not in str(said)
    assert not said.permanent


def test_a_database_name_that_the_server_does_not_know(postgres_url: str) -> None:
    url = make_url(postgres_url).set(database="nowhere").render_as_string(hide_password=False)
    assert "no database of this name" in str(reason(url))


def test_a_user_that_the_server_does_not_know(postgres_url: str) -> None:
    url = make_url(postgres_url).set(username="nobody").render_as_string(hide_password=False)
    assert "does not let this user in" in str(reason(url))
