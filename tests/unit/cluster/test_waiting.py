from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.cluster.waiting import WaitingRoom
from bot.domain.workload.attempt import Attempt, Outcome
from bot.domain.workload.pod_evidence import Evidence
from bot.domain.workload.sighting import Sighting, Waiting

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
LIMIT = timedelta(minutes=15)
SIGHTING = Sighting(
    attempt=Attempt(cluster="c", job="j", pod_uid="u", outcome=Outcome.FAILED),
    namespace="n",
    evidence=Evidence(reason="Unschedulable"),
    timestamp=NOW - LIMIT,
)
WAITING = Waiting(sighting=SIGHTING, since=NOW - LIMIT)


def test_a_late_pod_is_told_once_and_again_after_as_much_time() -> None:
    room = WaitingRoom()
    room.note("u", WAITING)
    assert room.late(NOW, LIMIT) == (SIGHTING,)
    assert room.late(NOW + timedelta(minutes=14), LIMIT) == ()
    room.note("u", WAITING)
    assert room.late(NOW + timedelta(minutes=14), LIMIT) == ()
    assert room.late(NOW + LIMIT, LIMIT) == (SIGHTING,)


def test_a_pod_that_now_waits_for_something_else_waits_anew() -> None:
    room = WaitingRoom()
    room.note("u", WAITING)
    room.late(NOW, LIMIT)
    other = replace(SIGHTING, evidence=Evidence(reason="ContainerCreating"))
    room.note("u", Waiting(sighting=other, since=NOW - LIMIT))
    assert room.late(NOW, LIMIT) == (other,)


def test_a_pod_that_started_or_is_gone_is_forgotten() -> None:
    room = WaitingRoom()
    room.note("started", WAITING)
    room.note("gone", WAITING)
    room.note("still", WAITING)
    room.note("started", None)
    room.note("never there", None)
    room.forget_all_but({"still", "started"})
    assert len(room) == 1
    assert room.late(NOW, LIMIT) == (SIGHTING,)
