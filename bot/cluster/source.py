"""A cluster as the services see it. The watch blocks on the network, so it runs in a thread of its own and hands over
small batches; here they are joined to larger ones, so that writes are few, and the clock is looked at when nothing
happens, so that pods that wait too long are seen."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from time import monotonic

from bot.cluster.claims import claims_by_name
from bot.cluster.client import ClusterClient
from bot.cluster.evidence import Collector
from bot.cluster.gpu_nodes import gpu_nodes
from bot.cluster.patience import Patience
from bot.cluster.register import Register
from bot.cluster.submission import Place
from bot.cluster.translator import Translator
from bot.cluster.waiting import WaitingRoom
from bot.cluster.watch import RELIST_SECONDS, SILENCE_SECONDS, PodWatch
from bot.cluster.witnesses import Witnesses
from bot.domain.workload.pod_evidence import Evidence
from bot.domain.workload.sighting import Sighting
from bot.services.recording.batch import Batch

_CLAIMS = "resourceclaims"
_IDLE_SECONDS = 0.5
_JOIN_SECONDS = 0.2
_MOST_PODS = 2000
_MOST_UNREAD = 64
"""Batches that may wait for the store; beyond that the watch stops reading, and TCP holds the server back."""


class ClusterSource:
    """One cluster to watch; satisfies `bot.services.recording.batch.Source`."""

    def __init__(
        self,
        client: ClusterClient,
        place: Place,
        *,
        log_lines: int,
        pending: timedelta,
        clock: Callable[[], datetime],
        silence: float = SILENCE_SECONDS,
        relist: float = RELIST_SECONDS,
        patience: Callable[[], Patience] = Patience,
    ) -> None:
        self._client, self._place = client, place
        self._collector = Collector(client, log_lines=log_lines)
        self._pending, self._clock = pending, clock
        self._silence, self._relist, self._patience = silence, relist, patience

    def evidence(self, sighting: Sighting) -> Evidence:
        """The sighting's evidence with what logs, events and conditions add; whatever cannot be had is empty."""
        return self._collector.evidence(sighting)

    def batches(self, stop: threading.Event) -> Iterator[Batch]:
        """What happens, until `stop`; an empty batch where nothing does."""
        room = WaitingRoom()
        watch = PodWatch(
            self._client,
            Translator(self._place, room, Witnesses(self._client)),
            clock=self._clock,
            patience=self._patience(),
            silence=self._silence,
            relist=self._relist,
        )
        inbox: queue.Queue[Batch | Exception] = queue.Queue(_MOST_UNREAD)
        done = threading.Event()
        name = f"watch {self._place.cluster}"
        threading.Thread(target=_pump, args=(watch, inbox, done), name=name, daemon=True).start()
        try:
            last = Batch(at=self._clock())
            while not stop.is_set():
                last = _next(inbox, last, self._clock)
                late = room.late(last.at, self._pending)
                yield replace(last, sightings=(*last.sightings, *late)) if late else last
        finally:
            done.set()
            watch.hang_up()


def watched(
    client: ClusterClient,
    cluster: str,
    *,
    project_labels: Sequence[str],
    log_lines: int,
    pending: timedelta,
    clock: Callable[[], datetime],
    silence: float = SILENCE_SECONDS,
    patience: Callable[[], Patience] = Patience,
) -> ClusterSource:
    """The source for a cluster of this name: `project_labels` name a pod's project, a pod that cannot start is a
    failure after `pending`, and of a failed container's log the last `log_lines` are read. A watch that says nothing
    for `silence` seconds is taken up anew; `patience` says how long to stay away after trouble."""
    place = Place(
        cluster,
        tuple(project_labels),
        nodes=Register("the nodes' GPUs", lambda: gpu_nodes(client.nodes())),
        claims=Register(
            "claims on devices",
            lambda: claims_by_name(client.device_objects(_CLAIMS)),
            one=lambda key: claims_by_name(client.device_objects(_CLAIMS, namespace=key[0], name=key[1])).get(key),
        ),
    )
    return ClusterSource(
        client, place, log_lines=log_lines, pending=pending, clock=clock, silence=silence, patience=patience
    )


def _pump(watch: PodWatch, inbox: queue.Queue[Batch | Exception], done: threading.Event) -> None:
    try:
        for batch in watch.changes(done):
            _put(inbox, batch, done)
    except Exception as error:  # noqa: BLE001 a defect; the thread that takes the batches raises it
        _put(inbox, error, done)


def _put(inbox: queue.Queue[Batch | Exception], item: Batch | Exception, done: threading.Event) -> None:
    while not done.is_set():
        try:
            inbox.put(item, timeout=_IDLE_SECONDS)
        except queue.Full:
            continue
        return


def _next(inbox: queue.Queue[Batch | Exception], last: Batch, clock: Callable[[], datetime]) -> Batch:
    """What has come since the last batch, joined; where nothing has, all is as it was."""
    came: list[Batch] = []
    pods, until = 0, monotonic() + _IDLE_SECONDS
    while pods < _MOST_PODS and (left := until - monotonic()) > 0:
        try:
            item = inbox.get(timeout=left)
        except queue.Empty:
            break
        if isinstance(item, Exception):
            raise item
        if not came:
            until = monotonic() + _JOIN_SECONDS
        came.append(item)
        pods += item.pods
        if item.trouble is not None:
            break
    return _joined(came, last, clock())


def _joined(came: Sequence[Batch], last: Batch, now: datetime) -> Batch:
    state = came[-1] if came else last
    return Batch(
        at=now,
        attempts=tuple(attempt for each in came for attempt in each.attempts),
        sightings=tuple(sighting for each in came for sighting in each.sightings),
        specs=tuple(spec for each in came for spec in each.specs),
        rollouts=tuple(rollout for each in came for rollout in each.rollouts),
        resource_version=state.resource_version,
        pods=sum(each.pods for each in came),
        odd=sum(each.odd for each in came),
        lists=sum(each.lists for each in came),
        blind_since=state.blind_since,
        trouble=state.trouble,
    )
