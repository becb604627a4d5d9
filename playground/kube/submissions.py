"""The batch Jobs that the simulated month's pods belong to: what somebody can read, suspend, delete, or submit again. A
Job that is made from the same template runs by itself, and ends as the program would: one that lacked memory lacks it
again, unless it gets more."""

from __future__ import annotations

from typing import Any

from playground.kube.causes import CAUSES
from playground.kube.cluster import Body, NotThere, SimulatedCluster
from playground.kube.control.job_rules import BACKOFF, COMPLETED
from playground.kube.control.plane import ControlPlane
from playground.kube.control.script import ScriptedRun, script
from playground.kube.pods import MAIN, Run
from playground.kube.resources import JOBS, PODS
from playground.kube.times import rfc3339

_WELL = ScriptedRun(after=20)
_OF_TEMPLATES = ("containers", "volumes", "restartPolicy", "nodeSelector", "schedulerName", "tolerations",
                 "imagePullSecrets", "terminationGracePeriodSeconds")  # fmt: skip
_ENDS = {
    "Succeeded": (("SuccessCriteriaMet", "Complete"), COMPLETED),
    "Failed": (("FailureTarget", "Failed"), BACKOFF),
}


def submit(cluster: SimulatedCluster, run: Run, pod: Body, cause: str | None) -> None:
    """Let the Job be there that the pod belongs to, if it belongs to one. `cause` is what it fails of, and what another
    run of it would fail of, unless that was bad luck. A pod that is over already was the last of its Job. One that was
    submitted before under this name gives way, and leaves its pods, so that a skipped week can be read."""
    if run.workload.kind != "Job":
        return
    cluster.put(JOBS, _job(run, pod, _again(cause, run)))


def _known(cluster: SimulatedCluster, run: Run) -> Body | None:
    """The Job that has the name now; it may be of an earlier submission."""
    try:
        return cluster.get(JOBS, *run.workload.place)
    except NotThere:
        return None


def _again(cause: str | None, run: Run) -> ScriptedRun:
    """How a run of the same template goes."""
    known = CAUSES.get(cause or "")
    if known is None or known.change(run.workload) == run.workload:
        return _WELL
    if known is CAUSES["host-oom"]:
        return ScriptedRun(after=20, log=known.log, needs_memory=known.change(run.workload).memory)
    if known.is_stuck:
        return ScriptedRun(waits="ImagePullBackOff", message=f'Back-off pulling image "{run.workload.image}"')
    return ScriptedRun(after=20, exit=1, log=known.log)


def withdraw(plane: ControlPlane, run: Run, pod: Body) -> None:
    """Somebody deletes the Job of a pod, and the pod goes with it; the pod alone where it has no Job."""
    job = _known(plane.cluster, run)
    if job is not None and job["metadata"]["uid"] == run.workload.uid:
        plane.delete(JOBS, job)
    else:
        plane.delete(PODS, pod)


def _job(run: Run, pod: Body, again: ScriptedRun) -> Body:
    metadata, workload = pod["metadata"], run.workload
    own = {key: value for key, value in metadata["annotations"].items() if key != "runai-job-id"}
    template = {
        "metadata": {"labels": metadata["labels"], "annotations": own | script(**{MAIN: again})},
        "spec": {key: pod["spec"][key] for key in _OF_TEMPLATES if key in pod["spec"]},
    }
    return {
        "metadata": {
            "name": workload.name,
            "namespace": workload.namespace,
            "uid": workload.uid,
            "labels": metadata["labels"],
            "annotations": own,
            "creationTimestamp": rfc3339(run.created),
            "generation": 1,
        },
        "spec": {
            "backoffLimit": 0,
            "completionMode": "NonIndexed",
            "completions": 1,
            "parallelism": 1,
            "podReplacementPolicy": "TerminatingOrFailed",
            "selector": {"matchLabels": {"batch.kubernetes.io/controller-uid": workload.uid}},
            "suspend": False,
            "template": template,
        },
        "status": _status(run, pod["status"]["phase"]),
    }


def _status(run: Run, phase: str) -> dict[str, Any]:
    if phase not in _ENDS:
        return {}
    (kinds, why), at = _ENDS[phase], rfc3339(run.finished_at)
    times = {"lastProbeTime": at, "lastTransitionTime": at}
    conditions = [
        {"type": kind, "status": "True", "reason": why.reason, "message": why.message, **times} for kind in kinds
    ]
    return {"startTime": rfc3339(run.created), phase.lower(): 1, "conditions": conditions}
