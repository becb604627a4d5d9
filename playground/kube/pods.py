"""Pods as a real cluster shows them at each point of their lives. A builder takes a run and gives the pod's JSON."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from playground.kube.times import rfc3339
from playground.kube.workloads import Member, Workload, metadata_of

Body = dict[str, Any]
MAIN = "main"
"""Name of the container that does the work."""
_TO_START = timedelta(seconds=20)
_TO_STOP = timedelta(seconds=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One pod of a workload: where it runs and when. Times are aware, in UTC."""

    workload: Workload
    created: datetime
    node: str | None = "gpu-node-01"
    started: datetime | None = None
    """Default 20 seconds after it was created."""
    finished: datetime | None = None
    """Default one hour after it started."""
    index: int = 0
    attempt: int = 0

    @property
    def member(self) -> Member:
        """Which of its workload's pods this is."""
        return Member(self.workload, self.index, self.attempt)

    @property
    def place(self) -> tuple[str, str]:
        """The pod's namespace and name."""
        return self.workload.namespace, str(metadata_of(self.member)["name"])

    @property
    def started_at(self) -> datetime:
        """When its container started."""
        return self.started or self.created + _TO_START

    @property
    def finished_at(self) -> datetime:
        """When its container ended."""
        return self.finished or self.started_at + timedelta(hours=1)


def running(run: Run, *, restarts: int = 0) -> Body:
    """At work."""
    state = {"running": {"startedAt": rfc3339(run.started_at)}}
    return _pod(run, "Running", state=state, restarts=restarts)


def succeeded(run: Run) -> Body:
    """Done."""
    return _pod(run, "Succeeded", state=_terminated(run, 0, "Completed"))


def failed(run: Run, exit_code: int = 1, *, reason: str = "Error", message: str | None = None) -> Body:
    """Its program ended with this exit code; `message` is its termination message."""
    return _pod(run, "Failed", state=_terminated(run, exit_code, reason, message))


def oom_killed(run: Run) -> Body:
    """Killed by the kernel for going over its memory limit."""
    return failed(run, 137, reason="OOMKilled")


def crash_looping(run: Run, *, restarts: int = 5, exit_code: int = 1, reason: str = "Error") -> Body:
    """Ended again and again, and waits for its next start; `finished` is when it last ended."""
    namespace, name = run.place
    text = f"back-off 5m0s restarting failed container={MAIN} pod={name}_{namespace}"
    waiting = {"waiting": {"reason": "CrashLoopBackOff", "message": text}}
    last = _terminated(run, exit_code, reason)
    return _pod(run, "Running", state=waiting, last=last, restarts=restarts, restart_policy="Always")


def waiting(run: Run, reason: str, message: str | None = None) -> Body:
    """On its node, but not started: `ContainerCreating`, `CreateContainerConfigError`, `ErrImagePull` ..."""
    state: Body = {"reason": reason} if message is None else {"reason": reason, "message": message}
    return _pod(run, "Pending", state={"waiting": state})


def image_pull_backoff(run: Run, *, why: str = "not found") -> Body:
    """Its image cannot be pulled."""
    image = run.workload.image
    text = f'Back-off pulling image "{image}": ErrImagePull: failed to pull and unpack image "{image}": {why}'
    return waiting(run, "ImagePullBackOff", text)


def unschedulable(run: Run, message: str = "0/16 nodes are available: 16 Insufficient nvidia.com/gpu.") -> Body:
    """No node can take it."""
    pod = _pod(run, "Pending", state=None)
    pod["spec"].pop("nodeName", None)
    scheduled = _condition("PodScheduled", run.created, "False", "Unschedulable", message)
    pod["status"] = {"phase": "Pending", "conditions": [scheduled], "qosClass": "Guaranteed"}
    return pod


def evicted(run: Run, message: str | None = None) -> Body:
    """Put out by its node, which ran out of something."""
    text = message or (
        "The node was low on resource: memory. Threshold quantity: 100Mi, available: 61552Ki. "
        f"Container {MAIN} was using 96Gi, request is {run.workload.memory}, has larger consumption of memory. "
    )
    pod = _pod(run, "Failed", state=_terminated(run, 137, "Error"))
    return _disrupted(pod, run, "TerminationByKubelet", text, pod_reason="Evicted")


def preempted(run: Run) -> Body:
    """Stopped by the scheduler to make room for a higher priority; it is deleted next."""
    pod = _pod(run, "Failed", state=_terminated(run, 143, "Error"))
    _ask_to_delete(pod, run)
    text = "default-scheduler: preempting to accommodate a higher priority pod"
    return _disrupted(pod, run, "PreemptionByScheduler", text)


def terminating(run: Run) -> Body:
    """Deleted by a person while it ran; it is gone next."""
    pod = _pod(run, "Failed", state=_terminated(run, 143, "Error"))
    _ask_to_delete(pod, run)
    return pod


def node_lost(run: Run) -> Body:
    """Its node has not answered for long."""
    pod = _pod(run, "Failed", state={"running": {"startedAt": rfc3339(run.started_at)}})
    text = "Taint manager: deleting due to NoExecute taint"
    return _disrupted(pod, run, "DeletionByTaintManager", text, pod_reason="NodeLost")


def deadline_exceeded(run: Run) -> Body:
    """Ran longer than its activeDeadlineSeconds."""
    pod = _pod(run, "Failed", state=_terminated(run, 143, "Error"))
    pod["status"] |= {
        "reason": "DeadlineExceeded",
        "message": "Pod was active on the node longer than the specified deadline",
    }
    return pod


def not_admitted(run: Run, reason: str = "UnexpectedAdmissionError", message: str | None = None) -> Body:
    """Refused by its node before it started."""
    gpus = run.workload.gpus
    text = message or (
        f"Allocate failed due to requested number of devices unavailable for nvidia.com/gpu. Requested: {gpus}, "
        f"Available: {max(gpus - 1, 0)}, which is unexpected"
    )
    pod = _pod(run, "Failed", state=None)
    pod["status"] |= {"reason": reason, "message": f"Pod was rejected: {text}"}
    return pod


def _pod(
    run: Run,
    phase: str,
    *,
    state: Body | None,
    last: Body | None = None,
    restarts: int = 0,
    restart_policy: str | None = None,
) -> Body:
    metadata = metadata_of(run.member) | {"creationTimestamp": rfc3339(run.created)}
    spec = _spec(run, restart_policy or run.workload.restart_policy)
    status: Body = {"phase": phase, "conditions": list(_conditions(run, phase)), "qosClass": "Guaranteed"}
    if state is not None:
        status["startTime"] = rfc3339(run.created + timedelta(seconds=1))
        status["hostIP"], status["podIP"] = "10.0.0.1", "10.244.0.1"
        status["containerStatuses"] = list(_container_statuses(run, phase, state, last, restarts))
    return {"metadata": metadata, "spec": spec, "status": status}


def _spec(run: Run, restart_policy: str) -> Body:
    job = run.workload
    resources = {"cpu": job.cpu, "memory": job.memory}
    if job.gpus:
        resources["nvidia.com/gpu"] = str(job.gpus)
    env = [{"name": "RANK", "value": str(run.index)}, {"name": "WORLD_SIZE", "value": str(job.pods)}]
    containers: list[Body] = [
        {
            "name": MAIN,
            "image": job.image,
            "command": list(job.command),
            "env": env + [{"name": name, "value": "1"} for name in job.env],
            "resources": {"requests": resources, "limits": resources},
            "volumeMounts": [{"name": "data", "mountPath": "/data"}, {"name": "shm", "mountPath": "/dev/shm"}],  # noqa: S108 a path in the pod
            "imagePullPolicy": "IfNotPresent",
            "terminationMessagePath": "/dev/termination-log",
            "terminationMessagePolicy": "File",
        }
    ]
    if job.sidecar is not None:
        containers.append({"name": job.sidecar, "image": "registry.example/proxy:1.27", "resources": {}})
    spec: Body = {
        "containers": containers,
        "volumes": [
            {"name": "data", "persistentVolumeClaim": {"claimName": f"{job.project}-data"}},
            {"name": "shm", "emptyDir": {"medium": "Memory"}},
        ],
        "restartPolicy": restart_policy,
        "nodeSelector": {"nvidia.com/gpu.product": job.gpu_product} if job.gpus else {},
        "schedulerName": "runai-scheduler" if job.runs_under_runai else "default-scheduler",
        "serviceAccountName": "default",
        "priority": 50,
        "terminationGracePeriodSeconds": 30,
        "tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}],
    }
    if job.pull_secrets:
        spec["imagePullSecrets"] = [{"name": name} for name in job.pull_secrets]
    if run.node is not None:
        spec["nodeName"] = run.node
    return spec


def _container_statuses(run: Run, phase: str, state: Body, last: Body | None, restarts: int) -> Iterable[Body]:
    image, is_up = run.workload.image, phase == "Running" and "running" in state
    status: Body = {
        "name": MAIN,
        "image": image,
        "imageID": "" if "waiting" in state and last is None else f"{image}@sha256:{'5f' * 32}",
        "state": state,
        "lastState": last or {},
        "ready": is_up,
        "started": is_up,
        "restartCount": restarts,
    }
    yield status
    if run.workload.sidecar is not None:
        beside = {"terminated": {"exitCode": 143, "reason": "Error"}} if "terminated" in state else state
        yield {**status, "name": run.workload.sidecar, "image": "registry.example/proxy:1.27", "state": beside}


def _conditions(run: Run, phase: str) -> Iterable[Body]:
    scheduled = run.created + timedelta(seconds=1)
    yield _condition("PodScheduled", scheduled)
    yield _condition("Initialized", scheduled)
    reason = {"Succeeded": "PodCompleted", "Failed": "PodFailed"}.get(phase, "ContainersNotReady")
    if phase == "Running":
        yield _condition("Ready", run.started_at)
    else:
        yield _condition("Ready", run.finished_at if phase in {"Succeeded", "Failed"} else scheduled, "False", reason)


def _condition(
    kind: str, at: datetime, status: str = "True", reason: str | None = None, message: str | None = None
) -> Body:
    condition: Body = {"type": kind, "status": status, "lastProbeTime": None, "lastTransitionTime": rfc3339(at)}
    if reason is not None:
        condition["reason"] = reason
    if message is not None:
        condition["message"] = message
    return condition


def _ask_to_delete(pod: Body, run: Run) -> None:
    """Its deletion was asked for a moment before its container ended; it has not been cleaned up yet."""
    grace = pod["spec"]["terminationGracePeriodSeconds"]
    over = run.finished_at + timedelta(seconds=grace) - _TO_STOP
    pod["metadata"] |= {"deletionTimestamp": rfc3339(over), "deletionGracePeriodSeconds": grace}


def _disrupted(pod: Body, run: Run, reason: str, message: str, *, pod_reason: str | None = None) -> Body:
    pod["status"]["conditions"].append(_condition("DisruptionTarget", run.finished_at, "True", reason, message))
    if pod_reason is not None:
        pod["status"] |= {"reason": pod_reason, "message": message}
    return pod


def _terminated(run: Run, exit_code: int, reason: str, message: str | None = None) -> Body:
    ended: Body = {
        "exitCode": exit_code,
        "reason": reason,
        "startedAt": rfc3339(run.started_at),
        "finishedAt": rfc3339(run.finished_at),
        "containerID": "containerd://" + "0a" * 32,
    }
    if message is not None:
        ended["message"] = message
    return {"terminated": ended}
