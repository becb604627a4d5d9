"""A database of version 0.1 keeps all that people were told, and all that was recorded, on both databases."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Boolean, DateTime, MetaData, insert

from bot.domain.incidents.notify import Told
from bot.domain.incidents.outage import Outage, SlackAway
from bot.domain.period import Period
from bot.domain.scope import Scope
from bot.services.incidents.notices import DigestNotice, IncidentNotice, OutageNotice, UnreachableChannel
from bot.services.incidents.ports import PagerEvent
from bot.store import migrate
from bot.store.engine import connect, writing
from bot.store.store import Store, open_store

DUMP = Path(__file__).with_name("data") / "version_0_1.sql"
OWNERS, TEAM, ON_CALL, DANA = "C00000004", "C00000005", "C00000002", "U00000001"
SAID = datetime(2026, 11, 28, 17, 16, 41, tzinfo=UTC)
"""When the last sweep with Slack spoke."""
BLIND = SAID - timedelta(hours=2, minutes=2)
LATER = SAID + timedelta(minutes=5)


@pytest.fixture(params=["sqlite", "postgres"])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The database as 0.1 left it."""
    if request.param == "sqlite":
        path = tmp_path / "failures.db"
        with sqlite3.connect(path) as opened:
            opened.executescript(DUMP.read_text())
        opened.close()
        return f"sqlite:///{path}"
    create: Callable[[], str] = request.getfixturevalue("postgres")
    url = create()
    engine = connect(url)
    with writing(engine) as connection:
        command.upgrade(migrate._config(connection), "0007")
        tables = MetaData()
        tables.reflect(connection)
        for table in tables.sorted_tables:
            if table.name != migrate.VERSION_TABLE and (rows := list(dumped(table.name, table.columns))):
                connection.execute(insert(table), rows)
    engine.dispose()
    return url


def dumped(name: str, columns: Any) -> Iterator[dict[str, Any]]:
    """The rows of a table in the dump, as PostgreSQL takes them."""
    with sqlite3.connect(":memory:") as opened:
        opened.executescript(DUMP.read_text())
        found = opened.execute(f'SELECT * FROM "{name}"')  # noqa: S608 our own tables
        names = [each[0] for each in found.description]
        for row in found:
            stored = dict(zip(names, row, strict=True))
            yield {column.name: value(stored[column.name], column.type) for column in columns}
    opened.close()


def value(stored: Any, kind: object) -> Any:
    if stored is not None and isinstance(kind, DateTime):
        return datetime.fromisoformat(stored).replace(tzinfo=UTC)
    return bool(stored) if stored is not None and isinstance(kind, Boolean) else stored


@pytest.fixture
def store(old: str) -> Iterator[Store]:
    migrate.upgrade(old)
    store = open_store(old)
    yield store
    store.close()


def test_the_messages_of_incidents_are_edited_and_not_posted_again(store: Store) -> None:
    told = Told(face="open|critical|24|24|24||||False|False", step=3, episode=1)
    assert store.incident_notices.here(ON_CALL) == [IncidentNotice(2, ON_CALL, "1795882370.317574", told, SAID)]
    assert [one.incident_id for one in store.incident_notices.here(TEAM)] == [1]
    assert store.pages.paged(2) is PagerEvent.TRIGGER
    assert not store.outbox.begin("incident/3/1", TEAM, LATER), "0.1 was about to say it"


def test_outages_and_what_was_told_of_them_are_known(store: Store) -> None:
    assert store.outages.outages(BLIND) == [Outage("prod-eu", BLIND, BLIND + timedelta(hours=1), 31)]
    away = SAID - timedelta(hours=1, minutes=1)
    assert store.outages.slack_outages(BLIND) == [SlackAway(away, SAID, 3)]
    assert store.outages.slack_away() == SlackAway(SAID + timedelta(minutes=6), SAID + timedelta(minutes=6), 0)
    assert store.outages.told(OWNERS) == [
        OutageNotice("prod-eu", BLIND, OWNERS, "1795882363.561847", over=True, at=BLIND + timedelta(hours=1)),
        OutageNotice("prod-us", BLIND, OWNERS, "1795882363.606104", over=False, at=BLIND),
        OutageNotice(None, away, OWNERS, "1795882370.345128", over=True, at=SAID),
    ]


def test_a_channel_that_refused_the_bot_is_known_and_so_is_that_its_owner_knows(store: Store) -> None:
    why = f"posting to {TEAM}: Slack says is_archived; the channel is archived; set another one"
    assert store.unreachable_channels.refusal(TEAM) == UnreachableChannel(TEAM, why, LATER, OWNERS, LATER)


def test_digests_and_questions_are_not_sent_twice(store: Store) -> None:
    digests, week = store.digest_notices, "2026-W47"
    every = DigestNotice(ON_CALL, None, week, "1795882370.783529", LATER, "1795882370.913689")
    team = DigestNotice(TEAM, "ml-team", week, "1795882371.037879", LATER, "1795882371.069796")
    mail = DigestNotice("lead@example.com", "ml-team", week, None, LATER)
    assert digests.notice(ON_CALL, None, week) == every
    assert digests.notice(TEAM, "ml-team", week) == team
    assert digests.notice("lead@example.com", "ml-team", week) == mail
    assert store.fix_questions.asked(11, DANA)
    assert store.fix_questions.asked(12, "D0LEE")


def test_what_was_recorded_learnt_and_subscribed_is_all_there(store: Store) -> None:
    evidence = store.evidence.evidence(Scope(), Period(SAID - timedelta(days=30), SAID + timedelta(days=1)))
    assert (len(evidence.runs.job), len(evidence.events.job)) == (115, 61)
    assert len(store.incidents.live(Scope(), ended_since=BLIND)) == 5
    assert [one.channel for one in store.subscriptions.subscriptions(Scope())] == [TEAM, TEAM, ON_CALL]
    known = {one.description: record for one, record in store.knowledge.solutions(Scope(), "OOMKilled")}
    assert known["Double the memory limit"].worked == 1
    assert known["Memory limit 8Gi → 16Gi"].observed_worked == 1
