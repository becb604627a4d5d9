"""What the API server adds to an object before it is stored: a name where only its beginning is given, a uid, the
defaults of its kind, and for a Job the selector and labels that tie its pods to it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from playground.kube.cluster import Body
from playground.kube.resources import JOBS, PODS, Resource
from playground.kube.times import rfc3339
from playground.kube.workloads import SUFFIX_LETTERS

_UNREACHABLE_SECONDS = 300
_NOT_HERE = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
_CONTAINER = {
    "imagePullPolicy": "IfNotPresent",
    "resources": {},
    "terminationMessagePath": "/dev/termination-log",
    "terminationMessagePolicy": "File",
}
_POD = {
    "dnsPolicy": "ClusterFirst",
    "enableServiceLinks": True,
    "preemptionPolicy": "PreemptLowerPriority",
    "priority": 0,
    "restartPolicy": "Always",
    "schedulerName": "default-scheduler",
    "serviceAccountName": "default",
    "terminationGracePeriodSeconds": 30,
}
_GATED = {
    "type": "PodScheduled",
    "status": "False",
    "reason": "SchedulingGated",
    "message": "Scheduling is blocked due to non-empty scheduling gates",
    "lastProbeTime": None,
    "lastTransitionTime": None,
}
_JOB = {
    "backoffLimit": 6,
    "completionMode": "NonIndexed",
    "manualSelector": False,
    "parallelism": 1,
    "podReplacementPolicy": "TerminatingOrFailed",
    "suspend": False,
}


def admitted(resource: Resource, body: Body, *, uid: str, now: datetime, rng: random.Random) -> Body:
    """The object as it is stored. `rng` gives generated names their end."""
    metadata = {**(body.get("metadata") or {}), "uid": uid, "creationTimestamp": rfc3339(now), "generation": 1}
    if not metadata.get("name") and metadata.get("generateName"):
        metadata["name"] = str(metadata["generateName"]) + "".join(rng.choices(SUFFIX_LETTERS, k=5))
    kept = {"apiVersion": resource.api_version, "kind": resource.kind, **body, "metadata": metadata}
    return _BY_RESOURCE.get(resource, _as_it_is)(kept)


def _as_it_is(body: Body) -> Body:
    return body


def _pod(pod: Body) -> Body:
    spec = _POD | pod.get("spec", {})
    for key in ("containers", "initContainers"):
        if key in spec:
            spec[key] = [_CONTAINER | each for each in spec[key]]
    spec["tolerations"] = [*(spec.get("tolerations") or ()), *_default_tolerations(spec.get("tolerations") or ())]
    status: Body = {"phase": "Pending", "qosClass": _quality(spec.get("containers", ()))}
    if spec.get("schedulingGates"):
        status["conditions"] = [_GATED]
    return {**pod, "spec": spec, "status": status}


def _default_tolerations(given: Iterable[Body]) -> Iterable[Body]:
    """Every pod stays five minutes on a node that cannot be reached, unless it says otherwise."""
    for key in _NOT_HERE:
        if not any(each.get("key") in {key, None} and each.get("effect") in {"NoExecute", None} for each in given):
            yield {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": _UNREACHABLE_SECONDS}


def _quality(containers: Iterable[Body]) -> str:
    asked = [each.get("resources") or {} for each in containers]
    if all(_is_exact(each) for each in asked):
        return "Guaranteed"
    return "Burstable" if any(each.get("requests") or each.get("limits") for each in asked) else "BestEffort"


def _is_exact(resources: Body) -> bool:
    limits = resources.get("limits") or {}
    requests = limits | (resources.get("requests") or {})
    return {"cpu", "memory"} <= limits.keys() and requests == limits


def _job(job: Body) -> Body:
    metadata, spec = job["metadata"], _JOB | job.get("spec", {})
    own: dict[str, Any] = {
        "batch.kubernetes.io/controller-uid": metadata["uid"],
        "controller-uid": metadata["uid"],
        "batch.kubernetes.io/job-name": metadata["name"],
        "job-name": metadata["name"],
    }
    template = spec.get("template") or {}
    labels = own | ((template.get("metadata") or {}).get("labels") or {}) | own
    spec["template"] = {**template, "metadata": {**(template.get("metadata") or {}), "labels": labels}}
    spec["selector"] = {"matchLabels": {"batch.kubernetes.io/controller-uid": metadata["uid"]}}
    if "completions" not in spec and "parallelism" not in job.get("spec", {}):
        spec["completions"] = 1
    metadata["labels"] = own | (metadata.get("labels") or {})
    return {**job, "metadata": metadata, "spec": spec, "status": {}}


_BY_RESOURCE: dict[Resource, Callable[[Body], Body]] = {PODS: _pod, JOBS: _job}
