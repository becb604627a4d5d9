"""The simulated cluster shows what a real control plane showed: the watch streams in `tests/recorded` (Kubernetes
1.36.2) and the simulation of the same scenario tell each pod's and each Job's life in the same steps."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from playground.kube.cluster import Body, SimulatedCluster
from playground.kube.control.controllers import Controllers, controllers
from playground.kube.control.script import ScriptedRun, script
from playground.kube.deletion import AT_ONCE
from playground.kube.nodes import node
from playground.kube.resources import EVENTS, JOBS, NODES, PODS, Resource
from tests.adapters.kube_peer import NOW

RECORDED = Path(__file__).parent.parent / "recorded"
KINDS = {"Pod": PODS, "Job": JOBS, "Event": EVENTS, "Node": NODES}
FOR_EVER = ScriptedRun(after=None)

Stream = list[tuple[str, Body]]


def recorded(name: str) -> Stream:
    lines = (RECORDED / f"{name}.ndjson").read_text(encoding="utf-8").splitlines()
    return [(event["type"], event["object"]) for event in map(json.loads, lines)]


@dataclass
class Stage:
    """A simulated cluster with the nodes of the recording."""

    live: Controllers
    began: int

    def submit(self, stream: Stream, **runs: Any) -> None:
        """Create what a person created in the recording; its containers do as the script says."""
        for resource, body in _submitted(stream):
            holder = body["spec"]["template"] if resource is JOBS else body
            kept = dict(holder["metadata"].get("annotations") or {})
            holder["metadata"]["annotations"] = kept | script(**runs)
            self.live.plane.create(resource, body)

    def find(self, resource: Resource) -> list[Body]:
        return [json.loads(stored.body) for stored in self.live.plane.cluster.select(resource)[1]]

    def told(self) -> Stream:
        changes = [change for kind in KINDS.values() for change in self.live.plane.cluster.since(kind, self.began)[1]]
        changes.sort(key=lambda change: change.after.resource_version)
        told = [(str(change.seen_by(lambda _: True)), json.loads(change.after.body)) for change in changes]
        return [(kind, body) for kind, body in told if "important" not in json.dumps(body)]


def _submitted(stream: Stream) -> Iterable[tuple[Resource, Body]]:
    for kind, body in stream:
        if kind == "ADDED" and body["kind"] in {"Pod", "Job"} and not body["metadata"].get("ownerReferences"):
            kept = ("name", "namespace", "annotations")
            metadata = {key: body["metadata"][key] for key in kept if key in body["metadata"]}
            spec = {key: value for key, value in body["spec"].items() if key != "selector"}
            for template in filter(None, [spec.get("template")]):
                template["metadata"].pop("labels", None)
            yield KINDS[body["kind"]], {"metadata": metadata, "spec": spec}


def stage(nodes: Iterable[str]) -> Stage:
    cluster = SimulatedCluster()
    for name in nodes:
        cluster.add_node(node(name, at=NOW))
    live = controllers(cluster, now=NOW)
    live.plane.advance(1)
    return Stage(live, cluster.resource_version)


# What a life looks like


def pod_step(kind: str, pod: Body) -> tuple[object, ...]:
    metadata, status = pod["metadata"], pod["status"]
    return (
        kind,
        status.get("phase"),
        status.get("reason"),
        "deletionTimestamp" in metadata,
        metadata.get("deletionGracePeriodSeconds"),
        tuple(sorted((each["type"], each["status"], each.get("reason")) for each in status.get("conditions", ()))),
        tuple(_state(each) for each in status.get("containerStatuses", ())),
    )


def _state(status: Mapping[str, Any]) -> tuple[object, ...]:
    ((kind, state),) = status["state"].items()
    return kind, state.get("reason") if kind == "waiting" else None, status["restartCount"], bool(status["lastState"])


def job_step(kind: str, job: Body) -> tuple[object, ...]:
    conditions = job["status"].get("conditions", ())
    return kind == "DELETED", tuple((each["type"], each["status"], each["reason"]) for each in conditions)


def lives(stream: Stream, of: str, step: Callable[[str, Body], tuple[object, ...]]) -> list[list[tuple[object, ...]]]:
    """The life of each object of a kind in its steps; what changes nothing that is looked at is no step."""
    found: dict[str, list[tuple[object, ...]]] = {}
    for kind, body in stream:
        if body["kind"] == of:
            life = found.setdefault(body["metadata"]["uid"], [])
            fresh = step(kind, body)
            if not life or life[-1] != fresh:
                life.append(fresh)
    return sorted(found.values(), key=repr)


def said(stream: Stream) -> list[tuple[str, str, str]]:
    events = {
        (body["involvedObject"]["kind"], body["type"], body["reason"]) for _, body in stream if body["kind"] == "Event"
    }
    return sorted(events)


# The scenarios

OOM = ScriptedRun(after=8, exit=137, reason="OOMKilled")
NO_SECRET = ScriptedRun(waits="CreateContainerConfigError", message='secret "missing" not found')
NO_VOLUME = ScriptedRun(waits="ContainerCreating", message='MountVolume.SetUp failed for volume "data"')
MAINTENANCE = {"key": "maintenance", "value": "true", "effect": "NoExecute"}


def _nothing(_: Stage) -> None:
    pass


def _delete_job(on: Stage) -> None:
    on.live.plane.advance(10)
    (job,) = on.find(JOBS)
    on.live.plane.delete(JOBS, job)


def _force(on: Stage) -> None:
    on.live.plane.advance(10)
    (pod,) = on.find(PODS)
    on.live.plane.delete(PODS, pod, options=AT_ONCE)


def _suspend(on: Stage) -> None:
    on.live.plane.advance(10)
    (job,) = on.find(JOBS)
    on.live.plane.edit(JOBS, job, lambda body: body["spec"].update(suspend=True))


def _mend(on: Stage) -> None:
    """After two failures the program works."""
    on.live.plane.advance(16)
    (job,) = on.find(JOBS)
    well = script(main=ScriptedRun(after=3))
    on.live.plane.edit(JOBS, job, lambda body: body["spec"]["template"]["metadata"]["annotations"].update(well))


def _taint(on: Stage) -> None:
    """A person takes the node of a pod out for maintenance; one that has ended, if there is one."""
    on.live.plane.advance(30)
    pod = min(on.find(PODS), key=lambda each: each["status"]["phase"])
    name = pod["spec"]["nodeName"]
    (at,) = (each for each in on.find(NODES) if each["metadata"]["name"] == name)
    on.live.plane.edit(NODES, at, lambda body: body["spec"].update(taints=[MAINTENANCE]))


def _press(on: Stage) -> None:
    """The node is low on memory, and later tainted."""
    on.live.plane.advance(4)
    (pod,) = on.find(PODS)
    on.live.termination.fail(pod, "Evicted", "The node was low on resource: memory.")
    _taint(on)


def _preempt(on: Stage) -> None:
    on.live.plane.advance(6)
    (victim,) = on.find(PODS)
    spec = {**victim["spec"], "priority": 1000}
    del spec["nodeName"]
    on.live.plane.create(PODS, {"metadata": {"name": "important", "namespace": "default"}, "spec": spec})


def _crash(times: int) -> Callable[[Stage], None]:
    """Stop looking after so many crashes."""

    def crash(on: Stage) -> None:
        while on.find(PODS)[0]["status"].get("containerStatuses", [{}])[0].get("restartCount", 0) < times - 1:
            on.live.plane.advance(1)
        on.live.plane.advance(4)

    return crash


FAILS = ScriptedRun(after=2, exit=1)
SCENARIOS: dict[str, tuple[Mapping[str, Any], Callable[[Stage], None], float]] = {
    # what its containers do · what a person or the node does · for how many seconds more it is watched
    "fine": ({"main": ScriptedRun(after=3)}, _nothing, 60),
    "oom-once": ({"main": OOM}, _nothing, 60),
    "user-deletes": ({"main": FOR_EVER}, _delete_job, 60),
    "force-delete": ({"main": FOR_EVER}, _force, 60),
    "suspend": ({"main": FOR_EVER}, _suspend, 60),
    "gang-one-oom": ({"main": FOR_EVER, "main@1": OOM}, _taint, 60),
    "flaky-then-well": ({"main": FAILS}, _mend, 60),
    "indexed-backoff-per-index": ({"main": ScriptedRun(after=1, exit=3)}, _taint, 60),
    "pod-failure-policy": ({"main": ScriptedRun(after=3, exit=42)}, _taint, 60),
    "evicted-by-node-pressure": ({"main": FOR_EVER}, _press, 60),
    "crash-loop": ({"main": FAILS}, _crash(6), 0),
    "oom-loop": ({"main": ScriptedRun(after=2, exit=137, reason="OOMKilled")}, _crash(4), 0),
    "missing-secret": ({"main": NO_SECRET}, _taint, 60),
    "stuck-mount": ({"main": NO_VOLUME}, _nothing, 60),
    "job-deadline": ({"main": FOR_EVER}, _nothing, 60),
    "preempted-by-scheduler": ({"main": FOR_EVER}, _preempt, 60),
    "noexecute-taint-running": ({"main": FOR_EVER}, _taint, 60),
    "noexecute-taint-finished": ({"main": ScriptedRun(after=2, exit=1)}, _taint, 60),
    "noexecute-taint-finished-well": ({"main": ScriptedRun(after=2)}, _taint, 60),
    "never-scheduled": ({"main": FOR_EVER}, _nothing, 60),
    "deleted-60": ({"main": FOR_EVER}, _delete_job, 60),
}
NODES_OF = {"preempted-by-scheduler": ("pre-0",), "deleted-60": tuple(f"gpu-{number}" for number in range(10))} | {
    name: ("tm-0",) for name in SCENARIOS if name.startswith("noexecute")
}


ONLY_SCRIPTED = {("missing-secret", "Killing")}
"""The recordings' kubelet is a script, and says that it stops a container that never ran."""


def test_every_recording_is_compared() -> None:
    assert set(SCENARIOS) == {path.stem for path in RECORDED.glob("*.ndjson")}


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_simulation_tells_a_life_as_the_real_control_plane_did(name: str) -> None:
    runs, act, seconds = SCENARIOS[name]
    real, on = recorded(name), stage(NODES_OF.get(name, tuple(f"gpu-{number}" for number in range(6))))
    on.submit(real, **runs)
    act(on)
    on.live.plane.advance(seconds)
    simulated = on.told()
    for of, step in (("Pod", pod_step), ("Job", job_step)):
        assert _different(lives(simulated, of, step)) == _different(lives(real, of, step))
    if events := said(real):
        assert said(simulated) == [event for event in events if (name, event[2]) not in ONLY_SCRIPTED]


def _different(lives: list[list[tuple[object, ...]]]) -> list[str]:
    """Each life once, readable."""
    return sorted({"\n".join(map(str, life)) for life in lives})
