"""The default scheduler: it binds each pod to a node that has room and lets it in, or says on the pod why none has.

A pod that fits nowhere keeps its condition `PodScheduled: False, Unschedulable` until something changes, and its
FailedScheduling events for as long as events live: also after it was scheduled in the end. If the pod's priority is
higher than that of pods that run, they may have to go: the scheduler marks them with DisruptionTarget, deletes them,
and binds the pod when they have left.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from playground.kube.cluster import Body
from playground.kube.control.claims import Claims
from playground.kube.control.disruption import PREEMPTED, disrupt
from playground.kube.control.fitting import Room, asked_by, refusal, room_of, told
from playground.kube.control.plane import ControlPlane, Observed
from playground.kube.control.recorder import WARNING, EventRecorder
from playground.kube.control.statuses import OVER, condition, set_condition
from playground.kube.resources import NODES, PODS

_NAME = "default-scheduler"
_TO_DECIDE = 0.05
_TO_TRY_AGAIN = 1.0


class Scheduler:
    """Binds every pod that has no scheduling gates, whichever scheduler it names."""

    resources = (PODS, NODES)

    def __init__(self, plane: ControlPlane, claims: Claims) -> None:
        self._plane = plane
        self._claims = claims
        self._recorder = EventRecorder(plane, _NAME)
        self._nodes: dict[str, Body] = {}
        self._bound: dict[str, dict[str, Body]] = {}
        """The pods on each node that have not ended, by uid."""
        self._waiting: dict[str, Body] = {}
        self._retrying = False

    def changed(self, seen: Observed) -> None:
        """Follow nodes and pods; what could not be placed is tried again when there may be room."""
        body, uid = seen.after, seen.after["metadata"]["uid"]
        if seen.resource is NODES:
            self._follow_node(seen)
            return
        node = body["spec"].get("nodeName")
        is_over = seen.gone or body["status"].get("phase") in OVER
        if node:
            self._waiting.pop(uid, None)
            on_node = self._bound.setdefault(node, {})
            if not is_over:
                on_node[uid] = body
            elif on_node.pop(uid, None) is not None:
                self._try_again()
        elif is_over or "deletionTimestamp" in body["metadata"]:
            self._waiting.pop(uid, None)
        elif uid in self._waiting:
            self._waiting[uid] = body
        elif _is_ours(body):
            self._waiting[uid] = body
            self._plane.after(_TO_DECIDE, partial(self._place, uid))

    def _follow_node(self, seen: Observed) -> None:
        name = seen.after["metadata"]["name"]
        if seen.gone:
            self._nodes.pop(name, None)
            self._try_again()
            return
        known = self._nodes.get(name)
        self._nodes[name] = seen.after
        if known is None or _takes(known) != _takes(seen.after):
            self._try_again()

    def _try_again(self) -> None:
        if self._waiting and not self._retrying:
            self._retrying = True
            self._plane.after(_TO_TRY_AGAIN, self._place_all)

    def _place_all(self) -> None:
        self._retrying = False
        for uid in sorted(self._waiting, key=lambda one: -int(self._waiting[one]["spec"].get("priority") or 0)):
            self._place(uid)

    def _place(self, uid: str) -> None:
        pod = self._waiting.get(uid)
        if pod is None:
            return
        refusals, best = [], None
        for name, node in sorted(self._nodes.items()):
            room = self._room(node)
            why = refusal(pod, node, room) or self._lacks_devices(pod, name)
            if why is not None:
                refusals.append(why)
            elif best is None or room.get("nvidia.com/gpu", 0.0) > best[0]:
                best = room.get("nvidia.com/gpu", 0.0), name
        if best is not None:
            self._bind(pod, best[1])
        else:
            self._refuse(pod, refusals)

    def _lacks_devices(self, pod: Body, node: str) -> str | None:
        is_short = bool(pod["spec"].get("resourceClaims")) and self._claims.choose(pod, node) is None
        return "cannot allocate all claims" if is_short else None

    def _room(self, node: Body, *, without: Iterable[Body] = ()) -> Room:
        gone = {each["metadata"]["uid"] for each in without}
        bound = self._bound.get(node["metadata"]["name"], {})
        return room_of(node, (asked_by(pod) for uid, pod in bound.items() if uid not in gone))

    def _bind(self, pod: Body, node: str) -> None:
        def bind(body: Body) -> None:
            body["spec"]["nodeName"] = node
            body["status"].pop("nominatedNodeName", None)
            set_condition(body, "PodScheduled", is_true=True, now=self._plane.now)

        metadata = pod["metadata"]
        if pod["spec"].get("resourceClaims"):
            self._claims.allocate(pod, self._claims.choose(pod, node) or ())
        bound = self._plane.edit(PODS, pod, bind)
        if bound is not None:
            self._waiting.pop(metadata["uid"], None)
            self._bound.setdefault(node, {})[metadata["uid"]] = bound
            text = f"Successfully assigned {metadata['namespace']}/{metadata['name']} to {node}"
            self._recorder.record_once(pod, "Scheduled", text, action="Binding")

    def _refuse(self, pod: Body, refusals: list[str]) -> None:
        victims = self._victims(pod)
        message = told(refusals, "No preemption victims found for incoming pod" if victims else _NO_HELP)

        def refuse(body: Body) -> None:
            set_condition(
                body, "PodScheduled", is_true=False, now=self._plane.now, reason="Unschedulable", message=message
            )
            if victims:
                body["status"]["nominatedNodeName"] = victims[0]["spec"]["nodeName"]

        if self._plane.edit(PODS, pod, refuse) is None:
            self._waiting.pop(pod["metadata"]["uid"], None)
            return
        self._recorder.record_once(pod, "FailedScheduling", message, action="Scheduling", kind=WARNING)
        for victim in victims:
            text = f"Preempted by pod {pod['metadata']['uid']} on node {victim['spec']['nodeName']}"
            self._recorder.record_once(victim, "Preempted", text, action="Preempting")
            disrupt(self._plane, victim, PREEMPTED)

    def _victims(self, pod: Body) -> Sequence[Body]:
        """The pods of lower priority that must go so that this one fits on a node: as few as will do, the least
        important first."""
        if pod["spec"].get("preemptionPolicy") == "Never" or "nominatedNodeName" in pod["status"]:
            return ()
        choices = [self._victims_on(node, pod) for _, node in sorted(self._nodes.items())]
        found = [each for each in choices if each]
        return min(found, key=lambda each: (max(map(_priority, each)), len(each)), default=())

    def _victims_on(self, node: Body, pod: Body) -> Sequence[Body]:
        bound = self._bound.get(node["metadata"]["name"], {}).values()
        lower = sorted((each for each in bound if _priority(each) < _priority(pod)), key=_priority)
        for count in range(1, len(lower) + 1):
            if refusal(pod, node, self._room(node, without=lower[:count])) is None:
                return lower[:count]
        return ()


_NO_HELP = "Preemption is not helpful for scheduling"


def _priority(pod: Body) -> int:
    return int(pod["spec"].get("priority") or 0)


def _is_ours(pod: Body) -> bool:
    """Whether nobody has looked for a node for it yet; pods that were put into the cluster as waiting go on waiting."""
    is_gated = bool(pod["spec"].get("schedulingGates"))
    said = (condition(pod, "PodScheduled") or {}).get("reason")
    return not is_gated and "phase" in pod["status"] and said in {None, "SchedulingGated"}


def _takes(node: Body) -> object:
    """What of a node decides which pods it takes."""
    spec, metadata = node["spec"], node["metadata"]
    return spec.get("taints"), spec.get("unschedulable"), metadata.get("labels"), node["status"].get("allocatable")
