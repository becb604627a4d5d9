"""Whether a container that ended runs again, and how that shows.

The pod's `restartPolicy` says it for all; a container's own `restartPolicy` and `restartPolicyRules` (since 1.34) go
before it, and the first rule that matches the exit code decides. The action `RestartAllContainers` (since 1.35) ends
every container of the pod: they show `lastState {exitCode 137, reason RestartingAllContainers}`, which is the kubelet's
doing and nobody's failure. A regular init container is run again until it succeeds, unless the pod is never restarted;
a sidecar always.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import Enum, auto
from typing import Any

from bot.domain.workload.quantity import amount
from playground.kube.cluster import Body
from playground.kube.control.script import ScriptedRun
from playground.kube.control.statuses import containers_of, ended, set_condition, stopped

_SIGKILL = 137
_FIRST_BACK_OFF, _LONGEST_BACK_OFF = 10, 300
_ALL = "AllContainersRestarting"
_Pod = Mapping[str, Any]


class Restart(Enum):
    """What runs again."""

    NOTHING = auto()
    THIS = auto()
    ALL = auto()


def decide(pod: _Pod, container: str, exit_code: int) -> Restart:
    """What runs again after this container ended; nothing in a pod that is being deleted."""
    if "deletionTimestamp" in pod["metadata"]:
        return Restart.NOTHING
    inits = [each["name"] for each in pod["spec"].get("initContainers", ())]
    asked = next(each for each, _ in containers_of(pod) if each["name"] == container)
    for rule in asked.get("restartPolicyRules", ()):
        if _matches(rule.get("exitCodes", {}), exit_code):
            return Restart.ALL if rule["action"] == "RestartAllContainers" else Restart.THIS
    policy = asked.get("restartPolicy") or pod["spec"].get("restartPolicy", "Always")
    if container in inits and policy == "Always" and "restartPolicy" not in asked:
        policy = "OnFailure"
    again = policy == "Always" or (policy == "OnFailure" and exit_code != 0)
    return Restart.THIS if again else Restart.NOTHING


def end_of(pod: _Pod, container: str, act: ScriptedRun) -> tuple[int, str | None]:
    """Exit code and reason of a run that ends by itself."""
    asked = next(each for each, _ in containers_of(pod) if each["name"] == container)
    limit = (asked.get("resources", {}).get("limits") or {}).get("memory")
    has, needs = amount(limit), amount(act.needs_memory)
    if has is not None and needs is not None and has < needs:
        return _SIGKILL, "OOMKilled"
    return act.exit, act.reason


def back_off(restarts: int) -> int:
    """Seconds until the next start of a container that was restarted so often."""
    return min(_FIRST_BACK_OFF << min(restarts, 10), _LONGEST_BACK_OFF)


def wait_for(pod: Body, status: Body, seconds: int) -> str:
    """Let a container that ended wait for its next start; gives what the event says."""
    name, metadata = status["name"], pod["metadata"]
    pod_name = f"{metadata['name']}_{metadata['namespace']}({metadata['uid']})"
    text = f"back-off {seconds}s restarting failed container={name} pod={pod_name}"
    status["lastState"] = status["state"]
    status["state"] = {"waiting": {"reason": "CrashLoopBackOff", "message": text}}
    return f"Back-off restarting failed container {name} in pod {pod_name}"


def all_wait(pod: Body, now: datetime) -> None:
    """The kubelet ends all containers, and none of them is to blame but the one whose rule said so."""
    for _, status in containers_of(pod):
        state = status["state"]
        if "running" in state:
            state = ended(status, exit_code=_SIGKILL, reason="RestartingAllContainers", now=now)
        stopped(status, {"waiting": {"reason": "RestartingAllContainers"}})
        status["lastState"] = state if "terminated" in state else status["lastState"]
    set_condition(pod, _ALL, is_true=True, now=now, reason="RestartAllContainersStarted")


def all_restarted(pod: Body, now: datetime) -> None:
    """They run again."""
    set_condition(pod, _ALL, is_true=False, now=now, reason="RestartAllContainersCompleted")


def _matches(codes: _Pod, exit_code: int) -> bool:
    return (exit_code in codes.get("values", ())) == (codes.get("operator") == "In")
