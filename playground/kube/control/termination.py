"""How a kubelet ends a pod that is being deleted, and pods it must end by itself.

It sends SIGTERM and waits for the grace period at most; then it reports the ends of all containers (the pod's phase is
Failed, even where a person deleted it; Succeeded where all exit 0), and a little later, when nothing of the pod is left
on the node, it deletes it again with grace 0. So one deletion shows as Running with the grace period, Failed with the
grace period, Failed with grace 0, and gone. A container that never ran is reported as `ContainerStatusUnknown`.

Node pressure, a node that shuts down, a pod's own deadline or a critical pod that needs the room end a pod without
deleting it: its phase is Failed, and its `status.reason` says why.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from playground.kube import deletion
from playground.kube.cluster import Body
from playground.kube.control.kubelet import Kubelet
from playground.kube.control.plane import ControlPlane, Observed
from playground.kube.control.script import act_of
from playground.kube.control.statuses import OVER, containers_of, ended, refresh, set_condition, stopped
from playground.kube.resources import PODS

_TO_NOTICE = 0.2
_TO_CLEAN_UP = 1.0
"""Seconds from the last container's end until the kubelet deletes again."""
_SIGKILL = 137
_NEVER_RAN = "The container could not be located when the pod was terminated"


class Termination:
    """Ends the pods of all nodes."""

    resources = (PODS,)

    def __init__(self, plane: ControlPlane, kubelet: Kubelet) -> None:
        self._plane = plane
        self._kubelet = kubelet
        self._ending: set[tuple[str, str]] = set()

    def changed(self, seen: Observed) -> None:
        """A pod that is being deleted is ended, and deleted again when it is over."""
        pod = seen.after
        uid = pod["metadata"]["uid"]
        if seen.gone:
            self._ending -= {(uid, "stop"), (uid, "clean up")}
        elif "deletionTimestamp" in pod["metadata"] and pod["spec"].get("nodeName"):
            if pod["status"].get("phase") not in OVER:
                self._once(pod, "stop", _TO_NOTICE, self._stop)
            elif pod["metadata"].get("deletionGracePeriodSeconds"):
                self._once(pod, "clean up", _TO_CLEAN_UP, self._clean_up)

    def _once(self, pod: Body, what: str, seconds: float, act: Callable[[Body], None]) -> None:
        key = (pod["metadata"]["uid"], what)
        if key not in self._ending:
            self._ending.add(key)
            self._kubelet.when_up(pod, seconds * (0.5 + self._plane.rng.random()), partial(act, pod))

    def _stop(self, of: Body) -> None:
        pod = self._plane.find(PODS, of)
        if pod is None:
            return
        grace = pod["metadata"].get("deletionGracePeriodSeconds") or 0
        longest = 0.0
        for container, status in containers_of(pod):
            if "running" in status["state"]:
                name = container["name"]
                self._kubelet.say(pod, "Killing", f"Stopping container {name}", container=name)
                longest = max(longest, act_of(pod, name, status["restartCount"]).stops_after)
        self._kubelet.when_up(pod, min(longest, grace), partial(self._report, pod, killed=longest > grace))

    def _report(self, of: Body, *, killed: bool) -> None:
        def end(pod: Body) -> None:
            if pod["status"].get("phase") in OVER:
                return
            self._end_containers(pod, killed=killed)
            refresh(pod, self._plane.now)

        self._plane.edit(PODS, of, end)

    def _end_containers(self, pod: Body, *, killed: bool) -> None:
        for container, status in containers_of(pod):
            if "terminated" in status["state"]:
                continue
            act = act_of(pod, container["name"], status["restartCount"])
            code, reason, message = act.exit_when_stopped, None, None
            if "running" not in status["state"]:
                code, reason, message = _SIGKILL, "ContainerStatusUnknown", _NEVER_RAN
            elif killed:
                code = _SIGKILL
            stopped(status, ended(status, exit_code=code, reason=reason, message=message, now=self._plane.now))

    def _clean_up(self, pod: Body) -> None:
        self._plane.delete(PODS, pod, options=deletion.AT_ONCE)

    def fail(self, of: Body, reason: str, message: str, *, disruption: str | None = "TerminationByKubelet") -> None:
        """The kubelet ends a pod by itself, for this reason of its status: `Evicted`, `Terminated`, `Preempting`,
        `DeadlineExceeded`. All but the last are disruptions."""

        def end(pod: Body) -> None:
            if pod["status"].get("phase") in OVER:
                return
            self._end_containers(pod, killed=True)
            pod["status"] |= {"phase": "Failed", "reason": reason, "message": message}
            refresh(pod, self._plane.now)
            if disruption is not None:
                set_condition(
                    pod, "DisruptionTarget", is_true=True, now=self._plane.now, reason=disruption, message=message
                )

        for container, status in containers_of(of):
            if "running" in status["state"]:
                name = container["name"]
                self._kubelet.say(of, "Killing", f"Stopping container {name}", container=name)
        self._kubelet.say(of, reason, message, kind="Warning")
        self._plane.edit(PODS, of, end)
