"""The pod garbage collector: pods of a node that is gone, or that an admin declared out of service, have no kubelet to
delete them a second time. It waits 40 seconds for the node to come back, sets the phase of what ran to Failed with the
condition DisruptionTarget, and deletes everything with grace 0; pods that had ended go as they are.
(kubernetes pkg/controller/podgc/gc_controller.go)
"""

from __future__ import annotations

from functools import partial

from playground.kube import deletion
from playground.kube.cluster import Body
from playground.kube.control.disruption import NODE_GONE, OUT_OF_SERVICE, Disruption, mark
from playground.kube.control.plane import ControlPlane, Observed
from playground.kube.control.statuses import OVER
from playground.kube.resources import NODES, PODS

_QUARANTINE = 40
_OUT_OF_SERVICE = "node.kubernetes.io/out-of-service"


class PodGc:
    """Follows nodes and what is bound to them."""

    resources = (NODES, PODS)

    def __init__(self, plane: ControlPlane) -> None:
        self._plane = plane
        self._nodes: set[str] = set()
        self._pods: dict[str, dict[str, Body]] = {}

    def changed(self, seen: Observed) -> None:
        """A node went, or was declared out of service."""
        body = seen.after
        if seen.resource is NODES:
            name = body["metadata"]["name"]
            if seen.gone:
                self._nodes.discard(name)
                self._plane.after(_QUARANTINE, partial(self._collect, name))
                return
            self._nodes.add(name)
            if any(each["key"] == _OUT_OF_SERVICE for each in body["spec"].get("taints", ())):
                for pod in list(self._pods.get(name, {}).values()):
                    if "deletionTimestamp" in pod["metadata"]:
                        self._remove(pod, OUT_OF_SERVICE)
        elif node := body["spec"].get("nodeName"):
            pods = self._pods.setdefault(node, {})
            if seen.gone:
                pods.pop(body["metadata"]["uid"], None)
            else:
                pods[body["metadata"]["uid"]] = body

    def _collect(self, node: str) -> None:
        if node not in self._nodes:
            for pod in list(self._pods.get(node, {}).values()):
                self._remove(pod, NODE_GONE)

    def _remove(self, pod: Body, why: Disruption) -> None:
        def fail(body: Body) -> None:
            if body["status"].get("phase") not in OVER:
                body["status"]["phase"] = "Failed"
                mark(body, why, self._plane.now)

        self._plane.edit(PODS, pod, fail)
        self._plane.delete(PODS, pod, options=deletion.AT_ONCE)
