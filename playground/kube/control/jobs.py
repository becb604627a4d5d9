"""The Job controller: it keeps as many pods as a Job wants, counts how they end, and ends the others when the Job has
failed, has succeeded, has run too long or is suspended.

All of its deletions look like anybody's: the ranks of a gang that it ends because one of them failed have nothing that
says so but their deletionTimestamp, and exit with 143. What happened is said on the Job, in its conditions and events.
The pods of a Job that is gone are the garbage collector's; only their finalizer is taken away here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from playground.kube import deletion
from playground.kube.cluster import Body
from playground.kube.control.job_pods import TRACKING, pod_of
from playground.kube.control.job_rules import (
    DEADLINE,
    Finding,
    Tally,
    failed_indexes,
    failure,
    index_of,
    is_indexed,
    succeeded_indexes,
    success,
    tally,
)
from playground.kube.control.job_status import FINAL, is_finished, status_of_job, target_of, uncounted, with_condition
from playground.kube.control.plane import ControlPlane, Observed
from playground.kube.control.recorder import NORMAL, WARNING, EventRecorder
from playground.kube.control.statuses import OVER, condition
from playground.kube.resources import JOBS, PODS

_TO_SYNC = 0.1
_FIRST_BACK_OFF, _LONGEST_BACK_OFF = 10, 600
_SUSPENDED = Finding("JobSuspended", "Job suspended")
_RESUMED = Finding("JobResumed", "Job resumed")


@dataclass(slots=True)
class _Record:
    """One Job, with every pod it ever had in its last state."""

    job: Body
    pods: dict[str, Body] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    spared: set[str] = field(default_factory=set)
    """Pods that were ended without a fault of the Job: they do not count."""
    failed_at: dict[str, datetime] = field(default_factory=dict)
    started: datetime | None = None
    is_due: bool = False

    def counts(self) -> Tally:
        counted = {uid: pod for uid, pod in self.pods.items() if uid not in self.spared}
        return tally(self.job, [_last_of(pod) if uid in self.gone else pod for uid, pod in counted.items()])

    def leaving(self) -> int:
        """Pods that are spared and have not ended."""
        alive = (self.pods[uid]["status"].get("phase") not in OVER for uid in self.spared - self.gone)
        return sum(alive)


class Jobs:
    """The controller of all Jobs."""

    resources = (JOBS, PODS)

    def __init__(self, plane: ControlPlane) -> None:
        self._plane = plane
        self._recorder = EventRecorder(plane, "job-controller")
        self._records: dict[str, _Record] = {}

    def changed(self, seen: Observed) -> None:
        """Something of a Job changed: look at it a moment later."""
        if seen.resource is JOBS:
            self._follow_job(seen)
        else:
            self._follow_pod(seen)

    def _follow_job(self, seen: Observed) -> None:
        uid = seen.after["metadata"]["uid"]
        if seen.gone:
            record = self._records.pop(uid, None)
            for pod in record.pods.values() if record else ():
                self._plane.after(_TO_SYNC * self._plane.rng.random(), partial(self._release, pod))
            return
        if uid not in self._records:
            self._records[uid] = _Record(seen.after)
        self._records[uid].job = seen.after
        self._soon(uid)

    def _follow_pod(self, seen: Observed) -> None:
        pod, uid = seen.after, seen.after["metadata"]["uid"]
        record = self._records.get(_job_of(pod))
        if record is None:
            return
        record.pods[uid] = pod
        if seen.gone:
            record.gone.add(uid)
        if pod["status"].get("phase") == "Failed" or "deletionTimestamp" in pod["metadata"]:
            record.failed_at.setdefault(uid, self._plane.now)
        self._soon(record.job["metadata"]["uid"])

    def _soon(self, uid: str, seconds: float = _TO_SYNC) -> None:
        record = self._records[uid]
        if not record.is_due or seconds > _TO_SYNC:
            record.is_due = record.is_due or seconds <= _TO_SYNC
            self._plane.after(seconds, partial(self._sync, uid))

    def _sync(self, uid: str) -> None:
        record = self._records.get(uid)
        if record is None:
            return
        record.is_due = False
        if "deletionTimestamp" in record.job["metadata"] or is_finished(record.job):
            for pod in list(record.pods.values()):
                self._release(pod)
            return
        conditions, event = self._decide(record)
        self._write(record, conditions)
        if event is not None:
            self._recorder.record(record.job, *event)
        self._count(record)

    def _decide(self, record: _Record) -> tuple[list[Body], tuple[str, str] | None]:
        """Act on what the Job needs; gives its conditions, and an event."""
        job, counts, now = record.job, record.counts(), self._plane.now
        if target_of(job) is not None:
            self._end_active(record)
            return list(job["status"]["conditions"]), None
        kind, finding = "FailureTarget", failure(job, counts, 0) or self._late(record)
        if finding is None:
            kind, finding = "SuccessCriteriaMet", success(job, counts, 0)
        if finding is not None:
            if kind == "SuccessCriteriaMet":
                record.spared |= {pod["metadata"]["uid"] for pod in counts.active}
            self._end_active(record)
            return with_condition(job, kind, finding, now), None
        suspended = condition(job, "Suspended")
        if job["spec"].get("suspend"):
            if suspended is not None and suspended["status"] == "True":
                return list(job["status"]["conditions"]), None
            record.spared |= {pod["metadata"]["uid"] for pod in counts.active}
            self._end_active(record)
            record.started = None
            return with_condition(job, "Suspended", _SUSPENDED, now), ("Suspended", _SUSPENDED.message)
        if record.started is None:
            self._start(record)
        self._create_missing(record, counts)
        if suspended is not None and suspended["status"] == "True":
            return with_condition(job, "Suspended", _RESUMED, now, is_true=False), ("Resumed", _RESUMED.message)
        return list(job["status"].get("conditions") or ()), None

    def _start(self, record: _Record) -> None:
        record.started = self._plane.now
        deadline = record.job["spec"].get("activeDeadlineSeconds")
        if deadline is not None:
            self._soon(record.job["metadata"]["uid"], deadline + _TO_SYNC)

    def _late(self, record: _Record) -> Finding | None:
        deadline = record.job["spec"].get("activeDeadlineSeconds")
        if deadline is None or record.started is None:
            return None
        return DEADLINE if self._plane.now - record.started >= timedelta(seconds=deadline) else None

    def _end_active(self, record: _Record) -> None:
        for pod in record.counts().active + tuple(_alive(record, record.spared)):
            name = pod["metadata"]["name"]
            self._plane.delete(PODS, pod)
            self._recorder.record(record.job, "SuccessfulDelete", f"Deleted pod: {name}")
            self._read_again(record, pod)
            if pod["metadata"]["uid"] in record.spared:
                self._release(pod)

    def _read_again(self, record: _Record, pod: Body) -> None:
        uid = pod["metadata"]["uid"]
        known = self._plane.find(PODS, pod)
        if known is None:
            record.gone.add(uid)
        else:
            record.pods[uid] = known

    def _create_missing(self, record: _Record, counts: Tally) -> None:
        spec, uid = record.job["spec"], record.job["metadata"]["uid"]
        missing = self._wanted(record, counts)[: max(spec["parallelism"] - len(counts.active), 0)]
        for index in missing:
            wait = self._back_off(record, counts, index)
            if wait > 0:
                self._soon(uid, wait + _TO_SYNC)
                continue
            created = self._plane.create(PODS, pod_of(record.job, index))
            record.pods[created["metadata"]["uid"]] = created
            self._recorder.record(record.job, "SuccessfulCreate", f"Created pod: {created['metadata']['name']}")

    def _wanted(self, record: _Record, counts: Tally) -> list[int]:
        """The indexes that need a pod; for a Job without indexes as many zeros as it needs pods."""
        spec = record.job["spec"]
        if is_indexed(record.job):
            taken = {index_of(pod) for pod in counts.active} | succeeded_indexes(counts)
            taken |= set(failed_indexes(record.job, counts))
            return [index for index in range(spec["completions"]) if index not in taken]
        completions, succeeded = spec.get("completions"), len(counts.succeeded)
        if completions is None:
            return [] if succeeded else [0] * (spec["parallelism"] - len(counts.active))
        return [0] * max(completions - succeeded - len(counts.active), 0)

    def _back_off(self, record: _Record, counts: Tally, index: int) -> float:
        """Seconds until the next pod may be made: 10, doubled with each failure, since the last one."""
        per_index = record.job["spec"].get("backoffLimitPerIndex") is not None
        failed = [pod for pod in counts.failed if not per_index or index_of(pod) == index]
        if not failed:
            return 0.0
        last = max(record.failed_at.get(pod["metadata"]["uid"], self._plane.now) for pod in failed)
        wait = min(_FIRST_BACK_OFF << min(len(failed) - 1, 10), _LONGEST_BACK_OFF)
        return wait - (self._plane.now - last).total_seconds()

    def _write(self, record: _Record, conditions: list[Body]) -> None:
        counts = record.counts()
        status = status_of_job(record.job, counts, started=record.started, conditions=conditions)
        status["terminating"] += record.leaving()

        def write(job: Body) -> None:
            job["status"] = status

        record.job = self._plane.edit(JOBS, record.job, write) or record.job

    def _count(self, record: _Record) -> None:
        """Take the finalizers of what was noted, then count it; the last condition comes with the last pod's end."""
        counts = record.counts()
        noted = [pod for pod in (*counts.failed, *counts.succeeded) if uncounted([pod])]
        for pod in noted:
            self._release(pod)
            self._read_again(record, pod)
        target, conditions = target_of(record.job), list(record.job["status"].get("conditions") or ())
        if target is None or counts.terminating or record.leaving():
            self._write(record, conditions)
            return
        kind, finding = target
        final = FINAL[kind]
        self._write(record, with_condition(record.job, final, finding, self._plane.now))
        if final == "Failed":
            self._recorder.record(record.job, finding.reason, finding.message, kind=WARNING)
        else:
            self._recorder.record(record.job, "Completed", "Job completed", kind=NORMAL)
        self._forget_after_ttl(record)

    def _forget_after_ttl(self, record: _Record) -> None:
        seconds = record.job["spec"].get("ttlSecondsAfterFinished")
        if seconds is not None:
            options = deletion.Options(propagation="Foreground")
            self._plane.after(seconds, partial(self._plane.delete, JOBS, record.job, options=options))

    def _release(self, pod: Body) -> None:
        """Take the tracking finalizer away."""

        def release(body: Body) -> None:
            kept = [each for each in body["metadata"].get("finalizers", ()) if each != TRACKING]
            body["metadata"]["finalizers"] = kept
            if not kept:
                del body["metadata"]["finalizers"]

        if TRACKING in pod["metadata"].get("finalizers", ()):
            self._plane.edit(PODS, pod, release)


def _job_of(pod: Body) -> str:
    owners = pod["metadata"].get("ownerReferences") or ()
    return next((each["uid"] for each in owners if each.get("controller") and each["kind"] == "Job"), "")


def _alive(record: _Record, uids: set[str]) -> list[Body]:
    alive = (record.pods[uid] for uid in sorted(uids - record.gone))
    return [
        pod for pod in alive if pod["status"].get("phase") not in OVER and "deletionTimestamp" not in pod["metadata"]
    ]


def _last_of(pod: Body) -> Body:
    """A pod that is gone: without having ended it counts as failed."""
    metadata = {key: value for key, value in pod["metadata"].items() if key != "finalizers"}
    phase = pod["status"].get("phase")
    return {**pod, "metadata": metadata, "status": {**pod["status"], "phase": phase if phase in OVER else "Failed"}}
