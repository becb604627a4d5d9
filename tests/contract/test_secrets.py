"""No secret gets into the database, by whatever door it is brought: every text of every table is looked at."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.catalogue import load
from bot.cluster.file_cluster import Shelf
from bot.cluster.submission import Place
from bot.cluster.translator import Translator
from bot.cluster.waiting import WaitingRoom
from bot.cluster.witnesses import Witnesses
from bot.domain.answers.unknown_failures import Naming
from bot.domain.diagnosis import diagnose
from bot.domain.incidents.maintenance import Maintenance, MaintenanceKind
from bot.domain.incidents.subscription import Subscription, Wants
from bot.domain.knowledge.suggestion import About
from bot.domain.scope import Scope
from bot.services.knowledge.carry import imported
from bot.services.knowledge.learn import study
from bot.services.knowledge.name_causes import name_cause, rename_cause
from bot.services.knowledge.suggest import Suggestion, suggest
from bot.services.recording.import_attempts import import_attempts
from bot.services.recording.record import Scribe, record_batch, with_evidence
from bot.store.engine import reading
from bot.store.said import SaidText
from bot.store.store import Store
from bot.store.tables import METADATA
from tests.contract.seen import T0, at, failure

ALL = Scope()
SECRET = "ghp_" + "abcdefghij" * 3 + "012345"
PASSWORD = "Tr0ub4dor-and-3"
SAID = f"cloned with {SECRET[:20]}\u200b{SECRET[20:]}, DB_PASSWORD={PASSWORD[:4]}\x1b[31m{PASSWORD[4:]}"
TEXTS = ("error_message", "logs_snippet", "events_snippet")
NAMES = ("job", "cluster", "project", "kind", "owner", "pod", "node", "image", "gpu_type", "memory_request", "phase")


@pytest.fixture
def searched(store: Store) -> Iterator[Store]:
    """A store in which no secret is found after the test."""
    yield store
    with reading(store.engine) as connection:
        rows = [row for table in METADATA.sorted_tables for row in connection.execute(select(table))]
    said = repr(rows)
    assert rows
    assert SECRET[:20] not in said
    assert PASSWORD[-8:] not in said


def test_of_an_import(searched: Store) -> None:
    line = {"outcome": "failed", "finished_at": T0.isoformat(), "job": "train"}
    line |= dict.fromkeys(TEXTS, SAID) | {name: f"{name}={SECRET}" for name in NAMES} | {"attempt": SECRET}
    several = line | {"attempt": "2", "nodes": [SECRET, f"password={PASSWORD}"]}
    done = import_attempts(
        [json.dumps(each).encode() for each in (line, several)],
        searched.recorder,
        classify=lambda evidence: diagnose(evidence, load()),
    )
    assert (done.attempts, done.bad) == (2, 0)


def test_of_a_watch(searched: Store) -> None:
    searched.knowledge.sync_rules(load().rules())
    scribe = Scribe(recorder=searched.recorder, diagnose=lambda evidence: diagnose(evidence, load()))
    seen = [pod("uid-1", failed=True, minutes=0), pod("uid-2", failed=False, minutes=30)]
    lines = [json.dumps({"type": "MODIFIED", "object": each}).encode() for each in seen]
    batch = Translator(Place("prod-eu"), WaitingRoom(), Witnesses(Shelf())).lines(lines, "1", T0 + timedelta(hours=1))
    record_batch(scribe, batch.attempts, batch.sightings)
    (sighting,) = batch.sightings
    evidence = replace(sighting.evidence, logs=SAID, events=SAID, message=SAID)
    record_batch(scribe, [], [], enriched=[with_evidence(scribe, sighting, evidence)])
    assert searched.recorder.record_specs(batch.specs) == 2
    assert study(searched.trials, searched.knowledge, now=T0 + timedelta(hours=2))


def pod(uid: str, *, failed: bool, minutes: float) -> dict[str, Any]:
    """A pod with a secret wherever a person may write one."""
    ended = (T0 + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")
    kept = f"x {SECRET} {uid}"
    main = {
        "name": "main",
        "image": f"https://ana:{PASSWORD}@registry.example/train:{uid}",
        "command": ["sh", "-c", SAID, "--db-password", PASSWORD, uid],
        "env": [{"name": "NCCL_TOKEN", "value": PASSWORD + uid}, {"name": "RAY_X", "value": kept}, {"name": SECRET}],
        "volumeMounts": [{"name": "v", "mountPath": f"/{SECRET}/{uid}"}],
    }
    state = {"exitCode": 1 if failed else 0, "reason": "Error" if failed else "Completed", "finishedAt": ended}
    return {
        "metadata": {
            "name": "train-0",
            "namespace": "ml-team",
            "uid": uid,
            "labels": {"batch.kubernetes.io/job-name": f"train {SECRET}", "runai/queue": f"password={PASSWORD}"},
            "annotations": {"owner": SECRET},
            "creationTimestamp": ended,
        },
        "spec": {
            "containers": [main],
            "nodeName": f"gpu {SECRET}",
            "nodeSelector": {"zone": kept},
            "imagePullSecrets": [{"name": kept}],
            "tolerations": [{"key": kept, "value": kept}],
            "volumes": [{"name": "v", "hostPath": {"path": kept}}],
        },
        "status": {
            "phase": "Failed" if failed else "Succeeded",
            "containerStatuses": [{"name": "main", "state": {"terminated": state | {"message": SAID}}}],
        },
    }


def test_of_people(searched: Store) -> None:
    searched.recorder.record([], [failure(error_message="RuntimeError: licence server away", failure_type="Error")])
    (known,) = searched.history.job_failures(ALL, "train-bert")
    assert known.id is not None
    about = About(failure_id=known.id, failure_type="Error", signature=None)
    said = Suggestion(about=about, text=SAID, condition=f"image {SECRET}", by="U1")
    solution = suggest(said, searched.history, searched.knowledge, scope=ALL, now=at(1))
    assert isinstance(solution, int)
    assert suggest(said, searched.history, searched.knowledge, scope=ALL, now=at(2)) == solution
    assert searched.knowledge.edit(ALL, solution, f"{SAID} twice", SECRET, by="U2", at=at(3))
    naming = Naming(name=f"Away {SECRET}", explanation=SAID, owner="platform", remedy=SAID)
    assert name_cause(
        known.id, naming, searched.named_causes, searched.history, searched.knowledge, scope=ALL, by="U1", now=at(4)
    )
    assert searched.named_causes.signatures(ALL)[0].id.startswith("away-masked-")
    rename_cause(
        searched.named_causes.signatures(ALL)[0].id,
        f"Gone {SECRET}",
        searched.named_causes,
        scope=ALL,
        by="U1",
        now=at(5),
    )
    searched.subscriptions.begin(Maintenance(part=MaintenanceKind.NODE, name=SECRET, since=T0, until=at(60), by="U1"))
    searched.homes.choose("U1", [SECRET])
    searched.subscriptions.subscribe(
        Subscription(channel="C1", project=SECRET, wants=Wants.ALERTS, created_by="U1", created_at=T0)
    )


def test_of_another_installation(searched: Store) -> None:
    entry = {
        "failure_type": "OOMKilled",
        "description": SAID,
        "condition": SECRET,
        "parameters": {"to": SECRET, "password": PASSWORD, SECRET: 1},
        "verdicts": [{"worked": True, "at": T0.isoformat(), "context": {"image": SECRET}}],
    }
    assert imported({"version": 1, "solutions": [entry]}, searched.knowledge, source="x").verdicts == 1
    assert imported({"version": 1, "solutions": [entry]}, searched.knowledge, source="x").verdicts == 0


def test_no_way_into_a_column_of_texts_goes_around_the_mask() -> None:
    free = {*TEXTS, "description", "explanation", "said", "error"}
    around = [
        column
        for table in METADATA.sorted_tables
        for column in table.columns
        if column.name in free and not isinstance(column.type, SaidText) and table.name != "notices"
    ]
    assert around == []
