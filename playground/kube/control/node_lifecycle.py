"""The node lifecycle controller: it turns what a node says of itself, or no longer says, into taints.

A kubelet that is not heard for 50 seconds leaves its node's conditions Unknown, and its pods not Ready; their phase
stays what it was, since nobody knows better. `Ready: Unknown` taints the node unreachable, `False` not-ready; pressure
and a cordon keep new pods out. Taints that a person or a driver set are nobody's here.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from playground.kube.cluster import Body
from playground.kube.control.kubelet import Kubelet
from playground.kube.control.plane import ControlPlane, Observed
from playground.kube.control.recorder import WARNING, EventRecorder
from playground.kube.control.statuses import OVER, condition, set_condition
from playground.kube.resources import NODES, PODS
from playground.kube.times import rfc3339

_UNHEARD_SECONDS = 50
"""`--node-monitor-grace-period`, since Kubernetes 1.32."""
_PREFIX = "node.kubernetes.io/"
_PRESSURES = {"MemoryPressure": "memory-pressure", "DiskPressure": "disk-pressure", "PIDPressure": "pid-pressure"}
_OURS = frozenset({"not-ready", "unreachable", "unschedulable", "network-unavailable", *_PRESSURES.values()})
_UNHEARD = {"reason": "NodeStatusUnknown", "message": "Kubelet stopped posting node status."}
_HEARD = {"reason": "KubeletReady", "message": "kubelet is posting ready status"}


class NodeLifecycle:
    """Follows the nodes."""

    resources = (NODES,)

    def __init__(self, plane: ControlPlane, kubelet: Kubelet) -> None:
        self._plane = plane
        self._kubelet = kubelet
        self._recorder = EventRecorder(plane, "node-controller")

    def lose(self, name: str) -> None:
        """The node's kubelet is cut off; what runs on the node goes on."""
        self._kubelet.cut_off(name)
        self._plane.after(_UNHEARD_SECONDS, partial(self._notice, name))

    def find(self, name: str) -> None:
        """The kubelet is back, says that its node is ready, and does what it was asked to do meanwhile."""
        self._set_conditions(name, "True", _HEARD)
        self._kubelet.reconnect(name)

    def changed(self, seen: Observed) -> None:
        """Set the taints that follow from the node's conditions."""
        if not seen.gone:
            self._plane.edit(NODES, seen.after, self._set_taints)

    def _set_taints(self, node: Body) -> None:
        known = node["spec"].get("taints") or []
        wanted = {(key, effect) for key, effect in _taints(node)}
        kept = [each for each in known if not _is_ours(each) or (each["key"], each["effect"]) in wanted]
        missing = wanted - {(each["key"], each["effect"]) for each in kept}
        for key, effect in sorted(missing):
            at = {"timeAdded": rfc3339(self._plane.now)} if effect == "NoExecute" else {}
            kept.append({"key": key, "effect": effect, **at})
        if kept != known:
            node["spec"]["taints"] = kept
            if not kept:
                del node["spec"]["taints"]

    def _notice(self, name: str) -> None:
        if self._kubelet.is_up(name):
            return
        self._set_conditions(name, "Unknown", _UNHEARD)
        unready = partial(set_condition, kind="Ready", is_true=False, now=self._plane.now)
        for pod in self._kubelet.pods_of(name):
            if pod["status"].get("phase") not in OVER:
                self._plane.edit(PODS, pod, unready)
                self._recorder.record(pod, "NodeNotReady", "Node is not ready", kind=WARNING)

    def _set_conditions(self, name: str, ready: str, why: dict[str, str]) -> None:
        """Of what the kubelet reports: when it is not heard, all is Unknown; when it is back, nothing presses."""
        at = rfc3339(self._plane.now)

        def fresh(known: Body) -> Body:
            if known["type"] != "Ready" and known["type"] not in _PRESSURES:
                return known
            is_pressure, said = known["type"] in _PRESSURES, ready
            if is_pressure:
                said = "Unknown" if ready == "Unknown" else "False"
            since = known["lastTransitionTime"] if known["status"] == said else at
            words = {} if is_pressure and said == "False" else why
            return {**known, **words, "status": said, "lastTransitionTime": since}

        def change(node: Body) -> None:
            node["status"]["conditions"] = [fresh(each) for each in node["status"]["conditions"]]

        self._plane.edit(NODES, self._plane.cluster.get(NODES, "", name), change)


def _taints(node: Body) -> Iterator[tuple[str, str]]:
    """Key and effect of the taints that follow from what a node says."""
    ready = (condition(node, "Ready") or {}).get("status")
    if ready in {"False", "Unknown"}:
        word = "not-ready" if ready == "False" else "unreachable"
        yield _PREFIX + word, "NoExecute"
        yield _PREFIX + word, "NoSchedule"
    for kind, word in _PRESSURES.items():
        if (condition(node, kind) or {}).get("status") == "True":
            yield _PREFIX + word, "NoSchedule"
    if node["spec"].get("unschedulable"):
        yield _PREFIX + "unschedulable", "NoSchedule"


def _is_ours(taint: Body) -> bool:
    return bool(taint["key"].startswith(_PREFIX)) and taint["key"].removeprefix(_PREFIX) in _OURS
