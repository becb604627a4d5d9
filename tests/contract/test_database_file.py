"""What happens to a database's file from outside is said at once; nothing is written to where nobody looks."""

from __future__ import annotations

import logging
import os
import shutil
import threading
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from bot import cli
from bot.services.errors import Unavailable
from bot.store import migrate
from bot.store.database_file import held
from bot.store.engine import connect, writing
from bot.store.store import Store
from tests.contract.seen import T0, attempt
from tests.promises.whole_bot import wait_for


def path_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def run(url: str, *words: str) -> tuple[int, str]:
    """A command of the command line over this database."""
    config = path_of(url).with_name("failures.yaml")
    config.write_text(f"db_path: {path_of(url)}\n")
    result = CliRunner().invoke(cli.app, [*words, "--config", str(config)])
    return result.exit_code, result.output


def set_version(url: str, version: str) -> None:
    engine = connect(url)
    with writing(engine) as connection:
        connection.execute(text("UPDATE schema_version SET version_num = :version"), {"version": version})
    engine.dispose()


def refused(store: Store) -> str:
    with pytest.raises(Unavailable) as raised:
        store.recorder.record([attempt()], [])
    assert raised.value.permanent
    assert store.trouble() == str(raised.value)
    return str(raised.value)


def test_a_file_that_is_moved_is_missed_at_once_and_used_again_once_it_is_back(
    sqlite_store: Store, sqlite_url: str
) -> None:
    path = path_of(sqlite_url)
    assert sqlite_store.recorder.record([attempt("before")], []).attempts == 1
    path.rename(path.with_suffix(".away"))
    assert "was moved or deleted while it was in use: put it back" in refused(sqlite_store)
    assert not path.exists(), "and no empty one was made in its place"
    path.with_suffix(".away").rename(path)
    assert sqlite_store.trouble() is None
    assert sqlite_store.recorder.record([attempt("before"), attempt("after")], []).attempts == 1


def test_a_file_that_is_deleted_or_replaced_is_missed_too(
    sqlite_store: Store, sqlite_url: str, sqlite_template: Path
) -> None:
    path = path_of(sqlite_url)
    sqlite_store.ping()
    path.rename(path.with_suffix(".kept"))  # so that the new file is not given its number
    assert "moved or deleted" in refused(sqlite_store)
    shutil.copy(sqlite_template, path)
    assert "replaced by another file" in refused(sqlite_store)


def test_a_database_of_a_newer_version_is_refused_in_one_line(store_url: str) -> None:
    set_version(store_url, "9999")
    try:
        with pytest.raises(Unavailable, match=r"newer version of failures-bot: its tables are at 9999") as raised:
            migrate.upgrade(store_url)
        assert raised.value.permanent
        assert "\n" not in str(raised.value)
        if store_url.startswith("sqlite"):
            status, said = run(store_url, "analyze")
            assert (status, said.count("\n")) == (1, 1)
            assert "its tables are at 9999" in said
    finally:
        set_version(store_url, migrate.head())


def test_a_table_that_is_lost_is_named_in_one_line(sqlite_url: str) -> None:
    migrate.check(sqlite_url)
    engine = connect(sqlite_url)
    with writing(engine) as connection:
        connection.execute(text("DROP TABLE suggestions"))
    engine.dispose()
    with pytest.raises(Unavailable, match="lacks tables of its version: suggestions"):
        migrate.check(sqlite_url)
    status, said = run(sqlite_url, "analyze")
    assert (status, said.count("\n")) == (1, 1)
    assert "suggestions" in said


def test_a_second_bot_says_who_holds_the_database_and_waits_until_it_ends(
    sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    began, over = threading.Event(), threading.Event()

    def second() -> None:
        with held(sqlite_url, stop=threading.Event(), now=T0) as mine:
            assert mine
            began.set()
            over.wait(10)

    with held(sqlite_url, stop=threading.Event(), now=T0) as mine:
        assert mine
        other = threading.Thread(target=second)
        other.start()
        wait_for(lambda: caplog.messages, what="a word about who holds it")
        (said,) = caplog.messages
        assert f"is held by pid {os.getpid()} on " in said
        assert "since 2026-11-02 08:00:00 UTC; waiting" in said
        assert not began.is_set()
        assert run(sqlite_url, "stats")[0] == 0, "a question waits for nobody"
    assert began.wait(10)
    over.set()
    other.join()


def test_a_bot_that_waits_for_another_one_can_be_stopped(sqlite_url: str) -> None:
    stop = threading.Event()
    stop.set()
    with held(sqlite_url, stop=threading.Event(), now=T0), held(sqlite_url, stop=stop, now=T0) as mine:
        assert not mine


def test_a_database_on_a_server_is_held_by_nobody_here(postgres_url: str) -> None:
    stop = threading.Event()
    with held(postgres_url, stop=stop, now=T0) as one, held(postgres_url, stop=stop, now=T0) as other:
        assert one
        assert other
