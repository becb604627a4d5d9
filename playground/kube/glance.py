"""The simulated cluster at a glance: what each node and each job of the last minutes is doing. It follows the changes,
so looking costs what has changed since the last look, not what there is."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from typing import Any

import msgspec

from playground.kube.cluster import SimulatedCluster
from playground.kube.resources import NODES, PODS
from playground.kube.shelf import Expired, Stored

_ENDS = 14
"""How many ended pods are remembered of each node."""
_JOBS = 40
"""How many of the newest jobs are shown."""
_NAMES = (
    "jobset.sigs.k8s.io/jobset-name",
    "ray.io/originated-from-cr-name",
    "training.kubeflow.org/job-name",
    "batch.kubernetes.io/job-name",
    "app",
)
"""Labels that name what a person submitted, the most telling first."""
_ENDED = frozenset({"Succeeded", "Failed"})
_Body = dict[str, Any]


class Glance:
    """Follows one cluster. Thread-safe."""

    def __init__(self, cluster: SimulatedCluster) -> None:
        self._cluster = cluster
        self._lock = threading.Lock()
        self._running: dict[tuple[str, str], str] = {}
        """The node of each running pod."""
        self._ends: dict[str, deque[bool]] = {}
        self._jobs: OrderedDict[tuple[str, str], dict[str, Any]] = OrderedDict()
        self._seen, pods = cluster.select(PODS)
        for stored in sorted(pods, key=lambda one: one.resource_version):
            self._note(None, stored)
        self._jobs = OrderedDict((key, job) for key, job in self._jobs.items() if job["state"] == "Running")
        self._ends.clear()  # what ended before anybody looked is the bot's to tell

    def look(self) -> dict[str, Any]:
        """The nodes by name, and the newest jobs; `version` changes when anything does."""
        with self._lock:
            self._follow()
            return {
                "version": self._cluster.resource_version,
                "nodes": [self._node(msgspec.json.decode(stored.body)) for stored in self._cluster.select(NODES)[1]],
                "jobs": list(reversed(self._jobs.values())),
            }

    def _follow(self) -> None:
        try:
            self._seen, changes = self._cluster.since(PODS, self._seen)
        except Expired:
            self._seen, pods = self._cluster.select(PODS)
            there = {stored.key for stored in pods}
            self._running = {key: value for key, value in self._running.items() if key in there}
            return
        for change in changes:
            if change.gone:
                self._running.pop(change.after.key, None)
            else:
                self._note(change.before, change.after)

    def _note(self, before: Stored | None, after: Stored) -> None:
        pod: _Body = msgspec.json.decode(after.body)
        node = pod["spec"].get("nodeName", "")
        state, reason = _state(pod)
        if state == "Running":
            self._running[after.key] = node
        else:
            self._running.pop(after.key, None)
        ended_before = before is not None and before.fields.get("status.phase") in _ENDED
        if node and state in _ENDED and not ended_before:
            self._ends.setdefault(node, deque(maxlen=_ENDS)).append(state == "Succeeded")
        self._note_job(pod, state, reason, node)

    def _note_job(self, pod: _Body, state: str, reason: str, node: str) -> None:
        metadata = pod["metadata"]
        labels = metadata.get("labels") or {}
        name = next((labels[label] for label in _NAMES if label in labels), metadata["name"])
        key = (metadata["namespace"], name)
        self._jobs[key] = {
            "job": name,
            "pod": metadata["name"],
            "project": metadata["namespace"].removeprefix("runai-"),
            "state": state,
            "reason": reason,
            "node": node,
        }
        self._jobs.move_to_end(key)
        while len(self._jobs) > _JOBS:
            self._jobs.popitem(last=False)

    def _node(self, node: _Body) -> dict[str, Any]:
        name = node["metadata"]["name"]
        conditions = {one["type"]: one for one in node["status"].get("conditions", ())}
        trouble = conditions.get("GpuUnhealthy", {})
        return {
            "name": name,
            "gpu": _gpu(node["metadata"].get("labels", {}).get("nvidia.com/gpu.product", "")),
            "pods": sum(1 for where in self._running.values() if where == name),
            "ready": conditions.get("Ready", {}).get("status") == "True",
            "cordoned": bool(node["spec"].get("unschedulable")),
            "trouble": trouble.get("message") if trouble.get("status") == "True" else None,
            "ends": list(self._ends.get(name, ())),
        }


def _gpu(product: str) -> str:
    """What people call a GPU: A100 for NVIDIA-A100-SXM4-80GB."""
    return product.removeprefix("NVIDIA-").partition("-")[0]


def _state(pod: _Body) -> tuple[str, str]:
    """The pod's phase, and the reason a person would name."""
    status = pod["status"]
    phase = str(status.get("phase", "Unknown"))
    for container in status.get("containerStatuses", ()):
        waiting = container.get("state", {}).get("waiting")
        if waiting and waiting.get("reason") != "ContainerCreating":
            return "Waiting", str(waiting.get("reason", ""))
        ended = container.get("state", {}).get("terminated")
        if ended and phase == "Failed":
            return phase, str(status.get("reason") or ended.get("reason", ""))
    return phase, str(status.get("reason", ""))
