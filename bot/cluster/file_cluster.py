"""A cluster that is known from a file alone: what `kubectl get -o json|yaml` or a recorded watch printed. The pods go
through the same translator as a live watch's; nodes and events answer the same questions as an API server."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec

from bot.cluster.api import Refused
from bot.cluster.claims import ClaimKey, ResourceClaim, claims_by_name
from bot.cluster.device_taints import DeviceTaintRule, ResourceSlice, slices, taint_rules
from bot.cluster.dump import Body, Dump, DumpedObject
from bot.cluster.evidence import Collector
from bot.cluster.gpu_nodes import gpu_node
from bot.cluster.node_health import NodeHealth
from bot.cluster.pods import Event, Job, Node, Pod, State, when
from bot.cluster.runs import main_container
from bot.cluster.salvage import Undecodable, salvage
from bot.cluster.submission import Place, attempt_of, uid_of
from bot.cluster.translator import Translator
from bot.cluster.waiting import WaitingRoom
from bot.cluster.witnesses import Witnesses
from bot.domain.workload.accelerator_units import GpuNode
from bot.domain.workload.attempt import Attempt, Outcome
from bot.domain.workload.node_signs import Sign
from bot.domain.workload.pod_evidence import Evidence
from bot.domain.workload.sighting import Sighting
from bot.services.errors import Unavailable
from bot.services.recording.batch import Batch

_SLICE, _RULE = "ResourceSlice", "DeviceTaintRule"
_OF_DEVICES = frozenset({_SLICE, _RULE})
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class Shelf:
    """The objects of a file, in their last state; answers what a `Collector` asks."""

    def __init__(self) -> None:
        self.pods: dict[str, Pod] = {}
        self.nodes: dict[str, Node] = {}
        self.jobs: dict[tuple[str | None, str | None], Job | None] = {}
        """By namespace and name; None for one that was deleted."""
        self.gpu_nodes: dict[str, GpuNode] = {}
        self.claims: dict[ClaimKey, ResourceClaim] = {}
        self._of_devices: dict[tuple[str, str], msgspec.Raw] = {}
        """Slices of devices and rules that taint them, by kind and name."""
        self._events: defaultdict[str, dict[str, Event]] = defaultdict(dict)
        """By what they are about, and by their own name."""

    def note(self, told: DumpedObject) -> datetime:
        """Keep an object; the latest time that it tells of. Raises Undecodable."""
        raw = msgspec.json.encode(told.body)
        if told.kind == "Pod":
            pod = salvage(raw, Pod)
            self.pods[uid_of(pod)] = pod
            return max(_times_of(pod), default=_LONG_AGO)
        if told.kind == "Node":
            node = salvage(raw, Node)
            self.nodes[node.metadata.name or ""] = node
            self.gpu_nodes[node.metadata.name or ""] = gpu_node(node)
            changes = (when(each.last_transition_time) for each in node.status.conditions or ())
            return max(filter(None, changes), default=_LONG_AGO)
        if told.kind == "Event":
            event = salvage(raw, Event)
            about = event.about
            self._events[about.uid or f"{about.namespace}/{about.name}"][event.metadata.name or ""] = event
            return event.last_at or _LONG_AGO
        if told.kind == "Job" and str(told.body.get("apiVersion")).startswith("batch/"):
            job = salvage(raw, Job)
            gone = told.change == "DELETED"
            self.jobs[(job.metadata.namespace, job.metadata.name)] = None if gone else job
        if told.kind == "ResourceClaim":
            self.claims.update(claims_by_name([msgspec.Raw(raw)]))
        if told.kind in _OF_DEVICES:
            self._of_devices[(told.kind, told.name)] = msgspec.Raw(raw)
        return _LONG_AGO

    def events_of(self, namespace: str, uid: str) -> list[Event]:
        """The events about one object; those that do not say its uid are known by the pod's name."""
        pod = self.pods.get(uid)
        unsure = self._events.get(f"{namespace}/{pod.metadata.name}", {}) if pod is not None else {}
        return [*self._events.get(uid, {}).values(), *unsure.values()]

    def events_about_node(self, name: str) -> list[Event]:
        """The events about one node."""
        every = (event for events in self._events.values() for event in events.values())
        return [event for event in every if event.about.kind == "Node" and event.about.name == name]

    def slices_of(self, node: str) -> list[ResourceSlice]:
        """The devices that drivers offer on one node."""
        found = slices(raw for (kind, _), raw in self._of_devices.items() if kind == _SLICE)
        return [each for each in found if each.spec.node_name == node]

    def taint_rules(self) -> list[DeviceTaintRule]:
        """The taints that people put on devices."""
        return taint_rules(raw for (kind, _), raw in self._of_devices.items() if kind == _RULE)

    def signs(self, node: str) -> list[Sign]:
        """What is said to be wrong with this node and its devices."""
        return NodeHealth(self).signs(node, accelerators=True, claimed=True)

    def node(self, name: str) -> Node:
        """One node. Raises Refused where the file has none of this name."""
        if name not in self.nodes:
            raise Refused(f"the file has no node {name}", status=404)
        return self.nodes[name]

    def job(self, namespace: str, name: str) -> Job:
        """One batch Job. Raises Refused where the file has none of this name, or saw it deleted."""
        if (namespace, name) not in self.jobs:
            raise Refused(f"the file has no Job {namespace}/{name}", status=403)
        job = self.jobs[(namespace, name)]
        if job is None:
            raise Refused(f"the Job {namespace}/{name} was deleted", status=404)
        return job

    def log(self, *_: object, **__: object) -> str:
        """Nothing: objects hold no logs."""
        return ""


def _times_of(pod: Pod) -> Iterator[datetime]:
    statuses = (*(pod.status.container_statuses or ()), *(pod.status.init_container_statuses or ()))
    states = [state or State() for each in statuses for state in (each.state, each.last_state)]
    texts = [pod.metadata.creation_timestamp, pod.status.start_time]
    texts += [each.last_transition_time for each in pod.status.conditions or ()]
    texts += [each.running.started_at for each in states if each.running is not None]
    texts += [each.terminated.finished_at for each in states if each.terminated is not None]
    return filter(None, map(when, texts))


class FileCluster:
    """A file's objects as a cluster to watch, to its end; satisfies `bot.services.recording.batch.Source`."""

    def __init__(self, dump: Dump, place: Place, *, pending: timedelta) -> None:
        self.shelf = Shelf()
        self.ahead: set[str] = set()
        """Uids of the pods that had not waited too long by the end of the file, and are told as if they had."""
        self._whole = threading.Event()
        self._dump, self._pending = dump, pending
        self._place = place = replace(place, nodes=self.shelf.gpu_nodes, claims=self.shelf.claims)
        self._room = WaitingRoom()
        self._translator = Translator(place, self._room, Witnesses(self.shelf, remembered=0))
        self._collector = Collector(self.shelf, log_lines=0)
        self._now = _LONG_AGO

    def evidence(self, sighting: Sighting) -> Evidence:
        """The sighting's evidence with what the file's events and nodes add, once all of it is read."""
        self._whole.wait()
        return self._collector.evidence(sighting)

    def batches(self, stop: threading.Event) -> Iterator[Batch]:
        """What happens, in the file's order; at its end also what will have happened once a pod that waits has waited
        too long. Raises Undecodable where the file holds no objects."""
        try:
            for told in _in_groups(self._dump.objects()):
                yield self._batch(told)
                if stop.is_set():
                    return
            late = self._room.late(self._now, self._pending)
            soon = self._room.late(self._now + self._pending, self._pending)
            self.ahead = {each.attempt.pod_uid for each in soon} - {each.attempt.pod_uid for each in late}
            yield Batch(at=self._now, sightings=soon, resource_version="0")
        finally:
            self._whole.set()

    def pods(self) -> Iterator[Attempt]:
        """Each pod of the file, as an attempt of its main container would name it."""
        for pod in self.shelf.pods.values():
            yield attempt_of(pod, self._place, main_container(pod), outcome=Outcome.SUCCEEDED)

    def _batch(self, group: list[DumpedObject]) -> Batch:
        """A change, or objects that were listed together: what is beside the pods comes first."""
        for told in group:
            try:
                self._now = max(self._now, self.shelf.note(told))
            except Undecodable:
                self._dump.skipped += 1
        pods = [told for told in group if told.kind == "Pod"]
        if pods and pods[0].change is None:
            listed = [msgspec.Raw(msgspec.json.encode(told.body)) for told in pods]
            return replace(self._translator.page(listed, self._now), resource_version="0")
        try:
            lines = [_line(told.change, told.body) for told in group if told.kind == "Pod" or told.change == "ERROR"]
            return self._translator.lines(lines, "0", self._now)
        except Unavailable:
            return Batch(at=self._now, resource_version="0")


def _in_groups(objects: Iterable[DumpedObject]) -> Iterator[list[DumpedObject]]:
    """Each change by itself, and together what is listed between two of them."""
    listed: list[DumpedObject] = []
    for told in objects:
        if told.change is None:
            listed.append(told)
            continue
        if listed:
            yield listed
            listed = []
        yield [told]
    if listed:
        yield listed


def _line(change: str | None, body: Body) -> bytes:
    return msgspec.json.encode({"type": change, "object": body})
