"""Which node can take a pod, and why the others cannot: the scheduler's filters, in its order and its words. Pure
functions; room is what a node can give in all, less what is bound to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bot.domain.workload.quantity import amount

_Object = Mapping[str, Any]
Room = dict[str, float]
_KEEP_OUT = frozenset({"NoSchedule", "NoExecute"})


def asked_by(pod: _Object) -> Room:
    """What a pod needs of a node, by resource; limits count where there are no requests. Sidecars run beside the
    containers, other init containers before them. Requests of the pod as a whole go before its containers'."""
    spec = pod["spec"]
    total: Counter[str] = Counter()
    for each in (*spec.get("containers", ()), *_sidecars(spec)):
        total.update(_requests(each))
    for each in spec.get("initContainers", ()):
        total |= Counter(_requests(each))
    return {**total, **_requests(spec), "pods": 1.0}


def room_of(node: _Object, bound: Iterable[Room]) -> Room:
    """What is left on a node."""
    room = Counter({name: amount(str(size)) or 0.0 for name, size in node["status"].get("allocatable", {}).items()})
    for each in bound:
        room.subtract(each)
    return dict(room)


def refusal(pod: _Object, node: _Object, room: Room) -> str | None:
    """Why the node cannot take the pod; None where it can."""
    return next(_refusals(pod, node, room), None)


def _refusals(pod: _Object, node: _Object, room: Room) -> Iterator[str]:
    taints = node["spec"].get("taints") or ()
    if node["spec"].get("unschedulable") and not tolerates(pod, _CORDON):
        yield "node(s) were unschedulable"
    if any(each["effect"] in _KEEP_OUT and not tolerates(pod, each) for each in taints):
        yield "node(s) had untolerated taint(s)"
    wanted, labels = pod["spec"].get("nodeSelector") or {}, node["metadata"].get("labels") or {}
    if any(labels.get(key) != value for key, value in wanted.items()):
        yield "node(s) didn't match Pod's node affinity/selector"
    for name, needed in asked_by(pod).items():
        if needed > room.get(name, 0.0):
            yield "Too many pods" if name == "pods" else f"Insufficient {name}"


_CORDON = {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}


def tolerates(pod: _Object, taint: _Object) -> bool:
    """Whether a toleration of the pod matches the taint, for however long."""
    return any(is_tolerated(each, taint) for each in pod["spec"].get("tolerations") or ())


def is_tolerated(toleration: _Object, taint: _Object) -> bool:
    """Whether one toleration matches the taint: no key is every key, no effect every effect."""
    if toleration.get("effect") not in {None, "", taint["effect"]}:
        return False
    if toleration.get("key") not in {None, "", taint["key"]}:
        return False
    return toleration.get("operator") == "Exists" or toleration.get("value", "") == taint.get("value", "")


def told(refusals: Iterable[str], preemption: str) -> str:
    """The FailedScheduling message: how many nodes refuse for which reason, in the order of the reasons."""
    counts = Counter(refusals)
    total = counts.total()
    reasons = ", ".join(sorted(f"{count} {reason}" for reason, count in counts.items()))
    head = f"0/{total} nodes are available: {reasons}." if total else "no nodes available to schedule pods."
    return f"{head} no new claims to deallocate, preemption: 0/{total} nodes are available: {total} {preemption}."


def _requests(container: _Object) -> Room:
    resources = container.get("resources") or {}
    both = {**(resources.get("limits") or {}), **(resources.get("requests") or {})}
    return {name: amount(str(size)) or 0.0 for name, size in both.items()}


def _sidecars(spec: _Object) -> Iterator[_Object]:
    return (each for each in spec.get("initContainers", ()) if each.get("restartPolicy") == "Always")
