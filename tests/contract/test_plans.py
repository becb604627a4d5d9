"""What recording asks of the database costs as much with a year of history as with a day."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Connection, event

from bot.domain.knowledge.spec import SeenSpec, WorkloadSpec
from bot.services.recording.record import Scribe, record_batch
from bot.store.engine import connect
from bot.store.store import over
from tests.contract.seen import success
from tests.unit.test_watching import diagnose, sighting

_TABLES = ("attempts", "failure_events", "attempt_specs")
_WHOLE_TABLE = re.compile(rf"SCAN (?:{'|'.join(_TABLES)})\b|\(cluster=\?\)")


def test_recording_looks_only_at_what_it_knows_the_key_of(sqlite_url: str) -> None:
    engine = connect(sqlite_url)
    steps: list[str] = []

    @event.listens_for(engine, "before_cursor_execute")
    def explain(connection: Connection, _: object, statement: str, parameters: Any, *context: Any) -> None:
        if statement.startswith(("SELECT", "UPDATE")):
            cursor = connection.connection.cursor()
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters[0] if context[-1] else parameters)
            steps.extend(str(row[3]) for row in cursor.fetchall())

    store = over(engine)
    scribe = Scribe(recorder=store.recorder, diagnose=diagnose)
    failed = [sighting(f"{rank}", gang=f"g{rank // 2}") for rank in range(20)]
    answer = success(owner="ana")
    record_batch(scribe, [answer, *(each.attempt for each in failed)], failed)
    store.recorder.record_specs(
        [
            SeenSpec(attempt=answer, failed=False, read=WorkloadSpec),
            *(SeenSpec(attempt=each.attempt, failed=True, read=WorkloadSpec) for each in failed),
        ]
    )
    store.close()
    assert {table for table in _TABLES for step in steps if table in step} == set(_TABLES)
    assert [step for step in steps if _WHOLE_TABLE.search(step)] == []
