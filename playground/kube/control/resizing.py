"""In-place resize: a pod's requests and limits may change while it runs. What it has stands in
`status.containerStatuses[].resources`; the spec is what somebody wishes. The kubelet grants it at once where the node
has room, puts it off (`PodResizePending: Deferred`) where it might have room later, and refuses it (`Infeasible`) where
it never will. A container that is killed meanwhile had the old size.
"""

from __future__ import annotations

from functools import partial

from playground.kube.cluster import Body
from playground.kube.control.fitting import asked_by, room_of
from playground.kube.control.kubelet import Kubelet
from playground.kube.control.plane import ControlPlane, Observed
from playground.kube.control.statuses import containers_of, set_condition
from playground.kube.resources import NODES, PODS

_TO_RESIZE = 0.5
_PENDING = "PodResizePending"


class Resizing:
    """The kubelets' part of it."""

    resources = (PODS,)

    def __init__(self, plane: ControlPlane, kubelet: Kubelet) -> None:
        self._plane = plane
        self._kubelet = kubelet

    def changed(self, seen: Observed) -> None:
        """A pod that runs is to have another size."""
        pod = seen.after
        is_alive = not seen.gone and pod["status"].get("phase") == "Running"
        if is_alive and seen.before is not None and seen.before["spec"] != pod["spec"] and _differs(pod):
            self._kubelet.when_up(pod, _TO_RESIZE, partial(self._resize, pod))

    def _resize(self, of: Body) -> None:
        node = self._plane.cluster.get(NODES, "", of["spec"]["nodeName"])
        others = [
            each for each in self._kubelet.pods_of(of["spec"]["nodeName"]) if each["status"]["phase"] == "Running"
        ]
        whole = room_of(node, ())
        left = room_of(node, (asked_by(each) for each in others if each["metadata"]["uid"] != of["metadata"]["uid"]))

        def resize(pod: Body) -> None:
            lacking = [name for name, needed in asked_by(pod).items() if needed > left.get(name, 0.0)]
            if not lacking:
                _grant(pod)
                return
            (name, *_) = lacking
            never = asked_by(pod)[name] > whole.get(name, 0.0)
            text = f"Node didn't have enough {'capacity' if never else 'resource'}: {name}"
            reason = "Infeasible" if never else "Deferred"
            set_condition(pod, _PENDING, is_true=True, now=self._plane.now, reason=reason, message=text)

        self._plane.edit(PODS, of, resize)


def _differs(pod: Body) -> bool:
    return any(
        "running" in status["state"] and (asked.get("resources") or {}) != (status.get("resources") or {})
        for asked, status in containers_of(pod)
    )


def _grant(pod: Body) -> None:
    for asked, status in containers_of(pod):
        status["resources"] = asked.get("resources") or {}
        status["allocatedResources"] = status["resources"].get("requests") or {}
    pod["status"]["conditions"] = [each for each in pod["status"]["conditions"] if each["type"] != _PENDING]
