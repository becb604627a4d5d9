from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import column, insert, table

from bot.domain.incidents.incident import Because, Dismissal
from bot.domain.scope import Scope
from bot.services.errors import Unavailable
from bot.store import migrate
from bot.store.engine import connect, reading, writing
from bot.store.store import Store, open_store
from bot.store.tables import INCIDENTS, METADATA
from tests.contract.seen import attempt, failure, success

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_the_migrations_make_the_tables_of_the_models(store_url: str) -> None:
    engine = connect(store_url)
    with reading(engine) as connection:
        options = {"version_table": migrate.VERSION_TABLE, "compare_type": True}
        differences = compare_metadata(MigrationContext.configure(connection, opts=options), METADATA)
    engine.dispose()
    assert differences == []


def test_a_migrated_database_is_at_the_head_and_stays_there(store_url: str) -> None:
    assert migrate.current(store_url) == migrate.head() == migrate.upgrade(store_url)


def test_a_new_file_has_no_version(tmp_path: Path) -> None:
    assert migrate.current(f"sqlite:///{tmp_path / 'new.db'}") is None


def test_a_database_that_is_not_migrated_says_what_to_do(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'new.db'}")
    with pytest.raises(Unavailable, match="failures db upgrade") as raised:
        store.recorder.record([attempt()], [])
    assert raised.value.permanent
    store.close()


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_processes_that_start_together_all_find_it_migrated(
    kind: str, tmp_path: Path, postgres: Callable[[], str]
) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}" if kind == "sqlite" else postgres()
    with multiprocessing.get_context("spawn").Pool(2) as processes:
        assert processes.map(migrate.upgrade, [url] * 2) == [migrate.head()] * 2


def test_the_correlations_can_be_read_with_plain_sql(store: Store) -> None:
    store.recorder.record(
        [
            attempt("a", end=10, node="gpu-node-03", image="bert:2.1"),
            attempt("b", end=70, node="gpu-node-03", image="bert:2.1"),
            success("c", end=80, node="gpu-node-03", image="bert:2.2"),
        ],
        [
            failure("a", 10, node="gpu-node-03", image="bert:2.1"),
            failure("b", 70, node="gpu-node-03", image="bert:2.1", job="other"),
        ],
    )
    with reading(store.engine) as connection:
        found = connection.exec_driver_sql(
            "SELECT kind, key, failures, jobs, attempts FROM failure_correlations ORDER BY kind, key"
        )
        assert [tuple(row) for row in found] == [
            ("hour", "08", 1, 1, 1),
            ("hour", "09", 1, 1, 2),
            ("image", "bert:2.1", 2, 2, 2),
            ("node", "gpu-node-03", 2, 2, 3),
            ("project", "ml-team", 2, 2, 3),
        ]


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_an_incident_of_an_older_version_is_whole_and_one_that_was_dismissed_stays_quiet(
    kind: str, tmp_path: Path, postgres: Callable[[], str]
) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}" if kind == "sqlite" else postgres()
    row = incidents_row(dismissed=True, detail='{"lines": [], "job_names": [], "fine_since": 7}')
    engine = connect(url)
    with writing(engine) as connection:
        command.upgrade(migrate._config(connection), "0005")
        old = table("incidents", *(column(name, INCIDENTS.c[name].type) for name in row))
        connection.execute(insert(old), row)
    engine.dispose()
    migrate.upgrade(url)
    store = open_store(url)
    (incident,) = store.incidents.live(Scope(), ended_since=AT)
    store.close()
    assert incident.dismissal == Dismissal(because=Because.EXPECTED, by="U1", at=AT, jobs=12)
    assert incident.finding.successes_since_failure == 7, "which had another name then"


def incidents_row(**changes: object) -> dict[str, object]:
    times = dict.fromkeys(("opened_at", "updated_at", "seen_at", "loud_at", "resolved_at"), AT)
    words = {"key": "k", "kind": "hot node", "subject": "n", "severity": "warning", "state": "resolved"}
    detail = {
        "detail": '{"lines": [], "job_names": []}',
        "failures": 12,
        "jobs": 12,
        "resolved_by": "U1",
        "loud_failures": 12,
        "episode": 1,
    }
    return {**times, **words, **detail, **changes}
