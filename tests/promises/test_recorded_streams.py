"""What a real control plane sent is counted as what really happened: by `failures inspect`, and by the watch of the
running bot over HTTP, wherever it is restarted in the middle."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

import pytest
from typer.testing import CliRunner

from bot.catalogue import load
from bot.cli import app
from bot.cluster.client import connect
from bot.cluster.dump import DumpedObject
from bot.cluster.file_cluster import Shelf
from bot.cluster.patience import Patience
from bot.cluster.source import ClusterSource
from bot.cluster.submission import Place
from bot.cluster.translator import Translator
from bot.cluster.waiting import WaitingRoom
from bot.cluster.witnesses import Witnesses
from bot.domain.diagnosis import diagnose
from bot.domain.scope import Scope
from bot.domain.workload.attempt import Attempt
from bot.services.recording.record import Scribe
from bot.services.recording.watch import Tally, watch_cluster
from bot.store.sightings import same_attempt
from bot.store.store import Store
from tests.adapters.scripted_api import Answer, ScriptedApi, listing, refusal, serving, watching
from tests.recorded.streams import EXPECTED, changes, line, path, truth

LATER = datetime(2026, 11, 28, 15, 0, tzinfo=UTC)
"""Longer after the streams than a pod may wait."""
NAMES = sorted(EXPECTED)


@pytest.mark.parametrize("name", NAMES)
def test_a_recorded_stream_is_inspected_as_what_happened(name: str) -> None:
    done = CliRunner().invoke(app, ["inspect", str(path(name)), "--json"])
    found = json.loads(done.stdout)
    assert (
        truth((one["outcome"] for one in found["attempts"]), (one["failure_type"] for one in found["failures"]))
        == EXPECTED[name]
    )


@dataclass
class RecordedApi(ScriptedApi):
    """An API server that plays a stream; nodes, Jobs and events are as they were at its end."""

    told: list[DumpedObject] = field(default_factory=list)

    def next_answer(self, path: str, query: dict[str, str]) -> Answer:
        if path == "/api/v1/pods":
            return super().next_answer(path, query)
        *_, kind, name = path.split("/")
        if name == "events":
            uid = query["fieldSelector"].partition("=")[2]
            about = [one.body for one in self.told if one.body.get("involvedObject", {}).get("uid") == uid]
            return Answer(body=json.dumps({"metadata": {}, "items": about}).encode())
        last = [one for one in self.told if f"{one.kind.lower()}s" == kind and one.body["metadata"]["name"] == name]
        if not last or last[-1].change == "DELETED":
            return refusal(404)
        return Answer(body=json.dumps(last[-1].body).encode())


@pytest.mark.parametrize("name", NAMES)
def test_the_watch_records_of_a_stream_what_happened(name: str, tmp_path: Path, sqlite_store: Store) -> None:
    told = changes(name)
    pods = [line(one) + b"\n" for one in told if one.kind == "Pod"]
    catalogue, stop, tally = load(), threading.Event(), Tally("real")
    scribe = Scribe(recorder=sqlite_store.recorder, diagnose=lambda evidence: diagnose(evidence, catalogue))
    api = RecordedApi(lists=[listing()], watches=[watching(*pods)], told=told)
    with serving(api), ThreadPoolExecutor(2) as pool:
        source = ClusterSource(
            connect(config_file=api.kubeconfig(tmp_path / "kubeconfig")),
            Place("real"),
            log_lines=100,
            pending=timedelta(minutes=15),
            clock=lambda: LATER,
            silence=5.0,
            patience=lambda: Patience(first=0.01, longest=0.05),
        )
        arguments = {"pool": pool, "stop": stop, "tally": tally}
        thread = threading.Thread(target=watch_cluster, args=("real", source, scribe), kwargs=arguments)
        thread.start()
        until = monotonic() + 15
        while recorded(sqlite_store, told) != EXPECTED[name] or tally.pods < len(pods) or tally.evidence_waiting:
            if stop.wait(0.02) or monotonic() > until:
                break
        stop.set()
        thread.join()
    assert recorded(sqlite_store, told) == EXPECTED[name]
    assert (tally.crashes, tally.odd) == (0, 0)


def recorded(store: Store, told: list[DumpedObject]) -> object:
    scope = Scope()
    jobs = {one.body["metadata"]["name"] for one in told if one.kind in {"Job", "Pod"}}
    return truth(
        (str(one.outcome) for job in jobs for one in store.history.job_attempts(scope, job, 500)),
        (one.failure_type for job in jobs for one in store.history.job_failures(scope, job, 500)),
    )


class Bot:
    """A bot without a database: it joins what it sees as the store does, and forgets the rest at a restart."""

    def __init__(self) -> None:
        self.attempts: dict[object, Attempt] = {}
        self.shelf = Shelf()
        self.restart()

    def restart(self) -> None:
        self.translator = Translator(Place("real"), WaitingRoom(), Witnesses(self.shelf, remembered=0))

    def see(self, told: DumpedObject, *, listed: bool = False, up: bool = True) -> None:
        self.shelf.note(told)
        if told.kind != "Pod" or not up:
            return
        lines = [line(DumpedObject(told.body, "ADDED") if listed else told)]
        for one in self.translator.lines(lines, "1", LATER).attempts:
            known = self.attempts.get(one.key)
            self.attempts[one.key] = one if known is None else same_attempt(known, one)


def alive(told: list[DumpedObject]) -> list[DumpedObject]:
    """The last state of each pod that is still there."""
    last = {one.body["metadata"]["uid"]: one for one in told if one.kind == "Pod"}
    return [one for one in last.values() if one.change != "DELETED"]


def outcomes(told: list[DumpedObject], *, down: int, up: int) -> dict[object, str]:
    """What is recorded by a bot that was killed before the change `down` and started again before the change `up`."""
    bot = Bot()
    for place, one in enumerate(told):
        if place == up:
            bot.restart()
            for pod in alive(told[:up]):
                bot.see(pod, listed=True)
        bot.see(one, up=not down <= place < up)
    return {key: str(one.outcome) for key, one in bot.attempts.items()}


@pytest.mark.parametrize("name", NAMES)
def test_a_restart_at_any_moment_changes_no_outcome(name: str) -> None:
    told = changes(name)
    whole = outcomes(told, down=0, up=0)
    assert truth(whole.values(), ()).attempts == EXPECTED[name].attempts
    for moment in range(1, len(told)):
        assert outcomes(told, down=moment, up=moment) == whole, moment


@pytest.mark.parametrize("name", [name for name in NAMES if name != "deleted-60"])
def test_a_bot_that_was_away_for_a_while_misses_attempts_and_invents_none(name: str) -> None:
    told = changes(name)
    whole = outcomes(told, down=0, up=0)
    for down in range(1, len(told), 7):
        for up in range(down + 1, len(told), 5):
            seen = outcomes(told, down=down, up=up)
            assert seen.items() <= whole.items(), (down, up)
