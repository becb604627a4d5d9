"""`failures inspect`: runs Kubernetes objects of a file through the watch, the diagnosis and the tables of the running
bot, in a database of its own that is thrown away, and reads what was recorded."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from bot import catalogue
from bot.cluster.dump import Dump
from bot.cluster.file_cluster import FileCluster
from bot.cluster.health import broken_devices
from bot.cluster.salvage import Undecodable
from bot.cluster.submission import Place
from bot.domain.answers.inspection import Counted, HardEvidence, InspectedNode, Inspection
from bot.domain.diagnosis import Catalogue, diagnose
from bot.domain.diagnosis.first_fault import depth_of
from bot.domain.diagnosis.hard_fault import hard_fault
from bot.domain.scope import Scope
from bot.domain.workload.failure import Failure
from bot.domain.workload.node_signs import Sign
from bot.domain.workload.pod_evidence import CauseOwner, Match
from bot.services.recording.record import Scribe
from bot.services.recording.watch import Tally, replay
from bot.settings import Settings
from bot.store import migrate
from bot.store.store import Store, open_store

MOST_BYTES = 512 * 1024 * 1024
"""Bytes of a file that are read: some 50,000 pods as kubectl prints them."""
_CLUSTER = "file"


class Uninspectable(Exception):
    """The file holds nothing that could be inspected; the message says why and what to do."""


def inspected(stream: IO[bytes], settings: Settings) -> Inspection:
    """What the bot would record of these objects. Raises Uninspectable."""
    raw = stream.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        raise Uninspectable(f"it has more than {MOST_BYTES >> 20} MiB; print fewer objects")
    dump = Dump(raw.decode("utf-8", "replace"))
    place = Place(_CLUSTER, tuple(settings.project_labels))
    cluster = FileCluster(dump, place, pending=timedelta(minutes=settings.pending_minutes))
    known = catalogue.load()
    with TemporaryDirectory(prefix="failures-inspect-") as folder:
        url = f"sqlite:///{Path(folder) / 'inspect.db'}"
        migrate.upgrade(url)
        store = open_store(url)
        try:
            _record(cluster, store, known)
            found = _read(cluster, store, known)
        finally:
            store.close()
    notes = (*_notes_on_file(dump), *_notes_on_waits(cluster, found, settings.pending_minutes))
    return replace(found, notes=notes)


def _record(cluster: FileCluster, store: Store, known: Catalogue) -> None:
    scribe = Scribe(
        recorder=store.recorder,
        diagnose=partial(diagnose, catalogue=known),
        depth=lambda failure: depth_of(failure.signature, known),
    )
    with ThreadPoolExecutor(1) as pool:
        try:
            replay(_CLUSTER, cluster, scribe, pool=pool, tally=Tally(_CLUSTER))
        except Undecodable as error:
            raise Uninspectable(
                f"{error}; print them with `kubectl get pods,nodes,events,jobs -o json`, or a watch with"
                " `kubectl get pods -w --output-watch-events -o json`"
            ) from None


def _read(cluster: FileCluster, store: Store, known: Catalogue) -> Inspection:
    pods = tuple(cluster.pods())
    jobs, scope = dict.fromkeys(pod.job for pod in pods), Scope(cluster=_CLUSTER)
    attempts = [one for job in jobs for one in store.history.job_attempts(scope, job, sys.maxsize)]
    failures = [one for job in jobs for one in store.history.job_failures(scope, job, sys.maxsize)]
    return Inspection(
        attempts=tuple(sorted(attempts, key=lambda one: one.ended_at)),
        failures=tuple(_counted(one, known) for one in sorted(failures, key=lambda one: one.timestamp)),
        pods=pods,
        nodes=tuple(_nodes(cluster, known)),
    )


def _nodes(cluster: FileCluster, known: Catalogue) -> Iterator[InspectedNode]:
    """Each node of the file, and each that has a broken device."""
    broken: defaultdict[str, dict[HardEvidence, None]] = defaultdict(dict)
    for pod in cluster.shelf.pods.values():
        for each in broken_devices(pod):
            broken[pod.spec.node_name or ""][HardEvidence(Match("device-unhealthy", each.line), each.device)] = None
    nodes = cluster.shelf.nodes
    for name in dict.fromkeys((*nodes, *filter(None, broken))):
        of_node = _hard(cluster.shelf.signs(name), known) if name in nodes else ()
        yield InspectedNode(name, (*of_node, *broken.get(name, ())))


def _counted(failure: Failure, known: Catalogue) -> Counted:
    entry = known.signature(failure.signature or "") or known.failure_type(failure.failure_type)
    return Counted(
        failure=failure,
        title=entry.title if entry is not None else failure.failure_type,
        owner=entry.owner if entry is not None else CauseOwner.UNKNOWN,
    )


def _hard(signs: Iterable[Sign], known: Catalogue) -> Iterator[HardEvidence]:
    """What of the signs of a node says that its hardware is broken."""
    for sign in signs:
        if (match := hard_fault(sign.line, known)) is not None:
            yield HardEvidence(match, sign.device)


def _notes_on_file(dump: Dump) -> Iterator[str]:
    if dump.skipped:
        yield f"{dump.skipped} parts of the file are no Kubernetes objects and were left out"
    if dump.cut_off:
        yield "the file ends in the middle of an object, which was left out"


def _notes_on_waits(cluster: FileCluster, found: Inspection, minutes: int) -> Iterator[str]:
    for one in found.failures:
        if one.failure.pod_uid in cluster.ahead:
            yield (
                f"{one.failure.pod_name} waits since {one.failure.timestamp:%H:%M:%S} UTC: it counts as a failure once"
                f" it has waited {minutes} minutes (`pending_minutes`)"
            )
