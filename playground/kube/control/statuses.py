"""A pod's status as its kubelet writes it: the states of its containers, and what follows from them for the pod's phase
and conditions. Pure functions over the pod's JSON; `now` is when the status is written, UTC."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from playground.kube.cluster import Body
from playground.kube.times import rfc3339

OVER = frozenset({"Succeeded", "Failed"})
_CREATING = frozenset({"ContainerCreating", "PodInitializing"})
_Pod = Mapping[str, Any]


def containers_of(pod: _Pod) -> Iterator[tuple[Body, Body]]:
    """Each container that was asked for, with its status; the init containers first."""
    for asked, known in (("initContainers", "initContainerStatuses"), ("containers", "containerStatuses")):
        statuses = {each["name"]: each for each in pod["status"].get(known, ())}
        for container in pod["spec"].get(asked, ()):
            if container["name"] in statuses:
                yield container, statuses[container["name"]]


def status_of(pod: _Pod, container: str) -> Body | None:
    """The status of the container of this name; None where the kubelet has not written one."""
    return next((status for each, status in containers_of(pod) if each["name"] == container), None)


def is_sidecar(container: _Pod) -> bool:
    """Whether an init container runs beside the others for as long as they do; only init containers are asked."""
    return container.get("restartPolicy") == "Always"


def new_status(container: _Pod, reason: str) -> Body:
    """Of a container that waits to be started."""
    return {
        "name": container["name"],
        "image": container["image"],
        "imageID": "",
        "state": {"waiting": {"reason": reason}},
        "lastState": {},
        "ready": False,
        "started": False,
        "restartCount": 0,
    }


def set_running(status: Body, container: _Pod, *, uid: str, now: datetime) -> None:
    """It runs from now on; what it has of its resources is what it asked for."""
    run = _hex(f"{uid}/{status['name']}/{status['restartCount']}")
    status |= {
        "state": {"running": {"startedAt": rfc3339(now)}},
        "ready": True,
        "started": True,
        "containerID": f"containerd://{run}",
        "imageID": f"{container['image'].partition(':')[0]}@sha256:{_hex(container['image'])}",
    }
    if container.get("resources"):
        status["resources"] = container["resources"]
        if container["resources"].get("requests"):
            status["allocatedResources"] = container["resources"]["requests"]


def ended(
    status: _Pod, *, exit_code: int, now: datetime, reason: str | None = None, message: str | None = None
) -> Body:
    """The terminated state of a container that ends now."""
    state = status["state"]
    known = {"exitCode": exit_code, "reason": reason or ("Completed" if exit_code == 0 else "Error")}
    if "running" in state:
        known |= {"startedAt": state["running"]["startedAt"], "finishedAt": rfc3339(now)}
    else:
        known |= {"startedAt": None, "finishedAt": None}
    if message is not None:
        known["message"] = message
    if "containerID" in status:
        known["containerID"] = status["containerID"]
    return {"terminated": known}


def stopped(status: Body, state: Body) -> None:
    """It does not run any more."""
    status |= {"state": state, "ready": False, "started": False}


def refresh(pod: Body, now: datetime) -> None:
    """Set the phase and the conditions that follow from the containers; a pod that is over stays so."""
    status = pod["status"]
    if status.get("phase") not in OVER:
        status["phase"] = phase_of(pod)
    for kind, is_true, reason in _conditions(pod):
        set_condition(pod, kind, is_true=is_true, now=now, reason=reason, message=_unready(pod, reason))


def phase_of(pod: _Pod) -> str:
    """From the states of the containers. Sidecars do not count once the others have ended."""
    mains = [each["state"] for each in pod["status"].get("containerStatuses", ())]
    started = [each for each in pod["status"].get("containerStatuses", ()) if not _never_ran(each)]
    if not started or len(started) < len(mains):
        failed_init = any(
            not is_sidecar(asked) and each["state"].get("terminated", {}).get("exitCode") for asked, each in _init(pod)
        )
        return "Failed" if failed_init and not started else "Pending"
    if any("terminated" not in state for state in mains):
        return "Running"
    return "Succeeded" if all(not state["terminated"]["exitCode"] for state in mains) else "Failed"


def set_condition(
    pod: Body, kind: str, *, is_true: bool, now: datetime, reason: str | None = None, message: str | None = None
) -> None:
    """Add the pod's condition of this type, or change it; its time changes with its status alone."""
    conditions = pod["status"].setdefault("conditions", [])
    known = next((each for each in conditions if each["type"] == kind), None)
    said = "True" if is_true else "False"
    since = known["lastTransitionTime"] if known and known["status"] == said else rfc3339(now)
    fresh = {"type": kind, "status": said, "lastProbeTime": None, "lastTransitionTime": since}
    fresh |= {"reason": reason} if reason else {}
    fresh |= {"message": message} if message else {}
    if known is None:
        conditions.append(fresh)
    else:
        known.clear()
        known |= fresh


def condition(pod: _Pod, kind: str) -> Body | None:
    """The condition of this type, of any object that has conditions."""
    return next((each for each in pod.get("status", {}).get("conditions") or () if each["type"] == kind), None)


def _conditions(pod: _Pod) -> Iterable[tuple[str, bool, str | None]]:
    phase = pod["status"]["phase"]
    why = {"Succeeded": "PodCompleted", "Failed": "PodFailed"}.get(phase, "ContainersNotReady")
    mains = [each["state"] for each in pod["status"].get("containerStatuses", ())]
    has_sandbox = phase not in OVER and any(
        each.get("waiting", {}).get("reason") != "ContainerCreating" for each in mains
    )
    initialized = phase in OVER or all(_is_done(asked, each) for asked, each in _init(pod))
    ready = phase == "Running" and all(each["ready"] for _, each in containers_of(pod) if not _is_over_init(pod, each))
    yield "PodReadyToStartContainers", has_sandbox, None
    yield "Initialized", initialized, None if initialized else "ContainersNotInitialized"
    yield "Ready", ready, None if ready else why
    yield "ContainersReady", ready, None if ready else why
    yield "PodScheduled", True, None


def _unready(pod: _Pod, reason: str | None) -> str | None:
    if reason not in {"ContainersNotReady", "ContainersNotInitialized"}:
        return None
    key = "containerStatuses" if reason == "ContainersNotReady" else "initContainerStatuses"
    names = [each["name"] for each in pod["status"].get(key, ()) if not each["ready"]]
    what = "unready status" if reason == "ContainersNotReady" else "incomplete status"
    return f"containers with {what}: [{' '.join(names)}]"


def _init(pod: _Pod) -> list[tuple[Body, Body]]:
    names = {each["name"] for each in pod["spec"].get("initContainers", ())}
    return [(asked, status) for asked, status in containers_of(pod) if asked["name"] in names]


def _is_done(asked: _Pod, status: _Pod) -> bool:
    """Whether an init container lets the next one start."""
    if is_sidecar(asked):
        return bool(status["started"])
    state: Body = status["state"]
    return "terminated" in state and state["terminated"]["exitCode"] == 0


def _is_over_init(pod: _Pod, status: _Pod) -> bool:
    return any(status is each and not is_sidecar(asked) for asked, each in _init(pod))


def _never_ran(status: _Pod) -> bool:
    return "waiting" in status["state"] and not status["lastState"]


def _hex(seed: str) -> str:
    return hashlib.sha256(seed.encode()).hexdigest()
