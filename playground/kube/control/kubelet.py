"""The kubelets: they start what is bound to their nodes, restart what ends as its policy says, and report.

A container that ends in a pod that restarts it waits for its back-off (10 s, doubled each time, at most 5 minutes), in
the phase Running and the state `CrashLoopBackOff`; the run that ended moves to `lastState`, and `restartCount` grows
only when it starts again. Init containers run one after the other; one with `restartPolicy: Always` is a sidecar: the
next one waits only for its start, and if it never gets that far the pod stays Pending for ever.

A kubelet that is cut off goes on by itself, and reports when it is back; until then nobody knows.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from playground.kube.cluster import Body
from playground.kube.control import restarting
from playground.kube.control.plane import ControlPlane, Observed
from playground.kube.control.recorder import WARNING, EventRecorder
from playground.kube.control.script import ScriptedRun, act_of
from playground.kube.control.statuses import (
    OVER,
    containers_of,
    ended,
    is_sidecar,
    new_status,
    phase_of,
    refresh,
    set_running,
    status_of,
    stopped,
)
from playground.kube.logs import lose_log
from playground.kube.resources import PODS
from playground.kube.times import rfc3339

_TO_START = 0.4
_SIDECAR_STARTS_WITHIN = 1.0
"""Seconds that a sidecar must live to count as started, as a startup probe would have it."""
_TO_BE_STARTED = frozenset({"ContainerCreating", "PodInitializing", "RestartingAllContainers"})
_EVENT_OF = {"ContainerCreating": "FailedMount"}
"""What the kubelet calls the trouble in its event; else `Failed`."""


class Kubelet:
    """The kubelets of all nodes."""

    resources = (PODS,)

    def __init__(self, plane: ControlPlane) -> None:
        self._plane = plane
        self._recorder = EventRecorder(plane, "kubelet")
        self._down: dict[str, list[Callable[[], None]]] = {}

    # Nodes

    def cut_off(self, node: str) -> None:
        """Nothing is heard of this node's kubelet from now on, and it hears nothing."""
        self._down.setdefault(node, [])

    def reconnect(self, node: str) -> None:
        """It is back, and does and reports everything that waited."""
        for act in self._down.pop(node, ()):
            act()

    def is_up(self, node: str) -> bool:
        """Whether the kubelet can reach the API server."""
        return node not in self._down

    def pods_of(self, node: str) -> list[Body]:
        """The pods that are bound to a node."""
        return [pod for pod in self._plane.all_of(PODS) if pod["spec"].get("nodeName") == node]

    def when_up(self, pod: Body, seconds: float, act: Callable[[], None]) -> None:
        """Do something after so many seconds, or as soon as the pod's node can be reached after that."""

        def due() -> None:
            waiting = self._down.get(pod["spec"]["nodeName"])
            act() if waiting is None else waiting.append(act)

        self._plane.after(seconds, due)

    def say(self, pod: Body, reason: str, message: str, *, kind: str = "Normal", container: str = "") -> None:
        """Record an event about a pod of this kubelet's node."""
        self._recorder.record(pod, reason, message, kind=kind, host=pod["spec"]["nodeName"], container=container)

    def tell_health(self, pod: Body, device: str, health: str, *, of: str = "nvidia.com/gpu") -> None:
        """A device plugin or DRA driver says how a device is that the pod has: `Healthy`, `Unhealthy`, `Unknown`."""

        def tell(body: Body) -> None:
            for status in body["status"]["containerStatuses"]:
                devices = [{"resourceID": device, "health": health}]
                status["allocatedResourcesStatus"] = [{"name": of, "resources": devices}]

        self._plane.edit(PODS, pod, tell)

    # Pods

    def changed(self, seen: Observed) -> None:
        """A pod that was just bound to a node is started."""
        pod = seen.after
        is_new = pod["status"].get("phase") == "Pending" and "startTime" not in pod["status"]
        was_bound = seen.before is not None and seen.before["spec"].get("nodeName")
        if not seen.gone and is_new and pod["spec"].get("nodeName") and not was_bound:
            self.when_up(pod, _TO_START + self._plane.rng.random() / 4, partial(self._admit, pod))

    def _admit(self, of: Body) -> None:
        def start(pod: Body) -> None:
            status = pod["status"]
            waits = "PodInitializing" if pod["spec"].get("initContainers") else "ContainerCreating"
            status |= {"startTime": rfc3339(self._plane.now), "hostIP": "10.0.0.1", "podIP": "10.244.0.1"}
            for asked, known in (("initContainers", "initContainerStatuses"), ("containers", "containerStatuses")):
                if pod["spec"].get(asked):
                    status[known] = [new_status(each, waits) for each in pod["spec"][asked]]
            self._start_what_can(pod)
            refresh(pod, self._plane.now)

        self._plane.edit(PODS, of, start)

    def _start_what_can(self, pod: Body) -> None:
        """Start the next init containers, or what they make way for."""
        if "deletionTimestamp" in pod["metadata"] or pod["status"].get("phase") in OVER:
            return
        inits = {each["name"] for each in pod["spec"].get("initContainers", ())}
        for container, status in containers_of(pod):
            if status["state"].get("waiting", {}).get("reason") in _TO_BE_STARTED:
                self._run(pod, container, status)
            if container["name"] not in inits:
                continue
            if is_sidecar(container) and (not status["started"] or self._dies_at_once(pod, status)):
                return
            if not is_sidecar(container) and status["state"].get("terminated", {}).get("exitCode") != 0:
                return

    def _dies_at_once(self, pod: Body, status: Body) -> bool:
        after = self._act(pod, status).after
        return after is not None and after < _SIDECAR_STARTS_WITHIN

    def _run(self, pod: Body, container: Body, status: Body) -> None:
        name, act = container["name"], self._act(pod, status)
        if act.waits is not None:
            status["state"] = {"waiting": {"reason": act.waits} | ({"message": act.message} if act.message else {})}
            if act.message is not None:
                self.say(pod, _EVENT_OF.get(act.waits, "Failed"), act.message, kind=WARNING, container=name)
            return
        pulled = f'Container image "{container["image"]}" already present on machine and can be accessed by the pod'
        for reason, text in (("Pulled", pulled), ("Created", "Container created"), ("Started", "Container started")):
            self.say(pod, reason, text, container=name)
        set_running(status, container, uid=pod["metadata"]["uid"], now=self._plane.now)
        self._plane.cluster.set_logs(pod, act.log, container=name)
        if act.after is not None:
            run = status["restartCount"]
            self._plane.after(act.after, partial(self._end_when_up, pod, name, run, act))

    def _act(self, pod: Body, status: Body) -> ScriptedRun:
        return act_of(pod, status["name"], status["restartCount"])

    def _end_when_up(self, pod: Body, container: str, run: int, act: ScriptedRun) -> None:
        """It ends now, whoever knows of it."""
        self.when_up(pod, 0, partial(self._end, pod, container, run, act, self._plane.now))

    def _end(self, of: Body, container: str, run: int, act: ScriptedRun, at: datetime) -> None:
        def end(pod: Body) -> None:
            status = status_of(pod, container)
            if status is None or status["restartCount"] != run or "running" not in status["state"]:
                return
            code, reason = restarting.end_of(pod, container, act)
            state = ended(status, exit_code=code, reason=reason, message=act.message, now=at)
            stopped(status, state)
            if act.loses_log:
                lose_log(self._plane.cluster, pod, status)
            self._restart(pod, container, code)
            self._start_what_can(pod)
            if phase_of(pod) in OVER:
                self._end_sidecars(pod, at)
            refresh(pod, self._plane.now)

        self._plane.edit(PODS, of, end)

    def _end_sidecars(self, pod: Body, at: datetime) -> None:
        """They are told to stop when the containers they run beside have all ended; how they exit decides nothing."""
        for _, status in containers_of(pod):
            if "running" in status["state"]:
                code = self._act(pod, status).exit_when_stopped
                stopped(status, ended(status, exit_code=code, now=at))

    def _restart(self, pod: Body, container: str, exit_code: int) -> None:
        """Let the container wait for its next run, or all of them, where the pod wants it so."""
        match restarting.decide(pod, container, exit_code):
            case restarting.Restart.THIS:
                status = status_of(pod, container) or {}
                wait = restarting.back_off(status["restartCount"])
                self.say(pod, "BackOff", restarting.wait_for(pod, status, wait), kind=WARNING, container=container)
                again = partial(self._start_again, pod, container, status["restartCount"])
                self.when_up(pod, wait, again)
            case restarting.Restart.ALL:
                restarting.all_wait(pod, self._plane.now)
                self.when_up(pod, _TO_START, partial(self._start_all_again, pod))

    def _start_again(self, of: Body, container: str, run: int) -> None:
        def start(pod: Body) -> None:
            for asked, status in containers_of(pod):
                if asked["name"] == container and status["restartCount"] == run and "waiting" in status["state"]:
                    self._rerun(pod, asked, status)
            self._start_what_can(pod)
            refresh(pod, self._plane.now)

        if "deletionTimestamp" not in of["metadata"]:
            self._plane.edit(PODS, of, start)

    def _start_all_again(self, of: Body) -> None:
        def start(pod: Body) -> None:
            for _, status in containers_of(pod):
                self._keep_log(pod, status)
                status["restartCount"] += 1
            self._start_what_can(pod)
            restarting.all_restarted(pod, self._plane.now)
            refresh(pod, self._plane.now)

        self._plane.edit(PODS, of, start)

    def _rerun(self, pod: Body, container: Body, status: Body) -> None:
        self._keep_log(pod, status)
        status["restartCount"] += 1
        self._run(pod, container, status)

    def _keep_log(self, pod: Body, status: Body) -> None:
        log = self._plane.cluster.logs(pod["metadata"]["uid"], status["name"]) or ""
        self._plane.cluster.set_logs(pod, log, container=status["name"], previous=True)
