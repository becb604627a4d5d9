"""The taint manager: pods leave a node with a NoExecute taint that they do not tolerate, at once, or when the seconds
that they tolerate it are over. Why the taint is there, it does not ask: a node that is lost and one that a person took
out for maintenance look the same on the pods. Nor does it ask whether they still run: the condition DisruptionTarget
is set on pods that ended long ago, too, just before they go.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from playground.kube.cluster import Body
from playground.kube.control.disruption import TAINTED, disrupt
from playground.kube.control.fitting import is_tolerated
from playground.kube.control.plane import ControlPlane, Observed
from playground.kube.control.recorder import EventRecorder
from playground.kube.resources import NODES, PODS

_TO_EVICT = 0.6
"""Seconds within which the pods of a node are all told to go: it has several workers."""


class TaintEviction:
    """Follows nodes and what is bound to them."""

    resources = (NODES, PODS)

    def __init__(self, plane: ControlPlane) -> None:
        self._plane = plane
        self._recorder = EventRecorder(plane, "taint-eviction-controller")
        self._taints: dict[str, list[Body]] = {}
        self._pods: dict[str, dict[str, Body]] = {}
        self._going: dict[str, datetime] = {}

    def changed(self, seen: Observed) -> None:
        """A node has other taints, or a pod is bound to a tainted one."""
        body = seen.after
        if seen.resource is NODES:
            name, known = body["metadata"]["name"], self._taints.get(body["metadata"]["name"], [])
            taints = [] if seen.gone else [each for each in body["spec"].get("taints", ()) if _expels(each)]
            self._taints[name] = taints
            if taints != known:
                for pod in list(self._pods.get(name, {}).values()):
                    self._consider(pod)
        elif node := body["spec"].get("nodeName"):
            pods = self._pods.setdefault(node, {})
            if seen.gone:
                pods.pop(body["metadata"]["uid"], None)
                self._going.pop(body["metadata"]["uid"], None)
            else:
                pods[body["metadata"]["uid"]] = body
                if self._taints.get(node):
                    self._consider(body)

    def _consider(self, pod: Body) -> None:
        uid, seconds = pod["metadata"]["uid"], self._stays(pod)
        if seconds is None or "deletionTimestamp" in pod["metadata"]:
            return
        due = self._plane.now + timedelta(seconds=seconds)
        if uid not in self._going or due < self._going[uid]:
            self._going[uid] = due
            self._plane.after(seconds + self._plane.rng.random() * _TO_EVICT, partial(self._evict, pod))

    def _stays(self, pod: Body) -> float | None:
        """Seconds that the pod may stay on its node; None for ever."""
        longest: list[float] = []
        for taint in self._taints.get(pod["spec"]["nodeName"], ()):
            tolerated = [each for each in pod["spec"].get("tolerations") or () if is_tolerated(each, taint)]
            if not tolerated:
                return 0.0
            longest += [each["tolerationSeconds"] for each in tolerated if each.get("tolerationSeconds") is not None]
        return max(min(longest), 0.0) if longest else None

    def _evict(self, pod: Body) -> None:
        """Unless the taint has gone meanwhile."""
        self._going.pop(pod["metadata"]["uid"], None)
        known = self._plane.find(PODS, pod)
        if known is None or self._stays(known) is None or "deletionTimestamp" in known["metadata"]:
            return
        where = f"{known['metadata']['namespace']}/{known['metadata']['name']}"
        self._recorder.record(known, "TaintManagerEviction", f"Marking for deletion Pod {where}")
        disrupt(self._plane, known, TAINTED)


def _expels(taint: Body) -> bool:
    return bool(taint["effect"] == "NoExecute")
