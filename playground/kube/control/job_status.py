"""The status of a Job as its controller writes it. Pure functions; times are UTC.

A finished pod is counted in three steps, so that a crash of the controller counts none twice: its uid is noted in
`uncountedTerminatedPods`, its finalizer is taken away, the counter grows. A Job that has failed or succeeded gets
FailureTarget or SuccessCriteriaMet first, and Failed or Complete only when the last of its pods has ended.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from playground.kube.cluster import Body
from playground.kube.control.job_pods import TRACKING
from playground.kube.control.job_rules import Finding, Tally, failed_indexes, is_indexed, ranges, succeeded_indexes
from playground.kube.control.statuses import condition
from playground.kube.times import rfc3339

FINAL = {"FailureTarget": "Failed", "SuccessCriteriaMet": "Complete"}
_Object = Mapping[str, Any]


def uncounted(pods: Iterable[_Object]) -> list[str]:
    """The uids of the pods that still have the finalizer."""
    return [pod["metadata"]["uid"] for pod in pods if TRACKING in pod["metadata"].get("finalizers", ())]


def status_of_job(job: _Object, counts: Tally, *, started: datetime | None, conditions: Sequence[Body]) -> Body:
    """What the controller knows now; counters are of pods without the finalizer."""
    waiting = {
        kind: uids
        for kind, pods in (("failed", counts.failed), ("succeeded", counts.succeeded))
        if (uids := uncounted(pods))
    }
    numbers = {
        "active": len(counts.active),
        "failed": len(counts.failed) - len(waiting.get("failed", ())),
        "succeeded": len(counts.succeeded) - len(waiting.get("succeeded", ())),
    }
    status: Body = {kind: count for kind, count in numbers.items() if count}
    status |= {"ready": counts.ready, "terminating": counts.terminating, "uncountedTerminatedPods": waiting}
    if started is not None:
        status["startTime"] = rfc3339(started)
    if conditions:
        status["conditions"] = list(conditions)
    if is_indexed(job) and (done := succeeded_indexes(counts)):
        status["completedIndexes"] = ranges(sorted(done))
    if job["spec"].get("backoffLimitPerIndex") is not None:
        status["failedIndexes"] = ranges(failed_indexes(job, counts))
    if (ended := condition({"status": status}, "Complete")) is not None:
        status["completionTime"] = ended["lastTransitionTime"]
    return status


def with_condition(job: _Object, kind: str, finding: Finding, now: datetime, *, is_true: bool = True) -> list[Body]:
    """The Job's conditions with this one."""
    others = [each for each in job["status"].get("conditions") or () if each["type"] != kind]
    at = rfc3339(now)
    fresh = {"type": kind, "status": "True" if is_true else "False", "lastProbeTime": at, "lastTransitionTime": at}
    return [*others, fresh | {"reason": finding.reason, "message": finding.message}]


def target_of(job: _Object) -> tuple[str, Finding] | None:
    """What has been decided of the Job, and why; None while nothing has."""
    for kind in FINAL:
        found = condition(job, kind)
        if found is not None and found["status"] == "True":
            return kind, Finding(found["reason"], found["message"])
    return None


def is_finished(job: _Object) -> bool:
    """Whether the Job has its last condition."""
    return any((condition(job, kind) or {}).get("status") == "True" for kind in FINAL.values())
