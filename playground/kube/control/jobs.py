"""The Job controller: it keeps as many pods as a Job wants, counts how they end, and ends the others when the Job has
failed, has succeeded, has run too long or is suspended.

All of its deletions look like anybody's: the ranks of a gang that it ends because one of them failed have nothing that
says so but their deletionTimestamp, and exit with 143. What happened is said on the Job, in its conditions and events.
The pods of a Job that is gone are the garbage collector's; only their finalizer is taken away here.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from playground.kube import deletion
from playground.kube.cluster import Body
from playground.kube.control.job_pods import TRACKING, pod_of
from playground.kube.control.job_record import JobRecord, job_of
from playground.kube.control.job_rules import (
    DEADLINE,
    Finding,
    Tally,
    failure,
    missing_indexes,
    success,
)
from playground.kube.control.job_status import FINAL, is_finished, status_of_job, target_of, uncounted, with_condition
from playground.kube.control.plane import ControlPlane, Observed
from playground.kube.control.recorder import NORMAL, WARNING, EventRecorder
from playground.kube.control.statuses import condition
from playground.kube.resources import JOBS, PODS

_TO_SYNC = 0.1
_SUSPENDED = Finding("JobSuspended", "Job suspended")
_RESUMED = Finding("JobResumed", "Job resumed")


class Jobs:
    """The controller of all Jobs."""

    resources = (JOBS, PODS)

    def __init__(self, plane: ControlPlane) -> None:
        self._plane = plane
        self._recorder = EventRecorder(plane, "job-controller")
        self._records: dict[str, JobRecord] = {}

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
        if seen.before is not None and seen.before["metadata"]["uid"] != uid:
            self._records.pop(seen.before["metadata"]["uid"], None)
        if uid not in self._records:
            self._records[uid] = JobRecord(seen.after)
        self._records[uid].job = seen.after
        self._soon(uid)

    def _follow_pod(self, seen: Observed) -> None:
        pod = seen.after
        record = self._records.get(job_of(pod))
        if record is None:
            return
        record.saw(pod, self._plane.now, gone=seen.gone)
        self._soon(record.uid)

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

    def _decide(self, record: JobRecord) -> tuple[list[Body], tuple[str, str] | None]:
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

    def _start(self, record: JobRecord) -> None:
        record.started = self._plane.now
        deadline = record.job["spec"].get("activeDeadlineSeconds")
        if deadline is not None:
            self._soon(record.uid, deadline + _TO_SYNC)

    def _late(self, record: JobRecord) -> Finding | None:
        deadline = record.job["spec"].get("activeDeadlineSeconds")
        if deadline is None or record.started is None:
            return None
        return DEADLINE if self._plane.now - record.started >= timedelta(seconds=deadline) else None

    def _end_active(self, record: JobRecord) -> None:
        for pod in (*record.counts().active, *_not_told(record.spared_alive())):
            name = pod["metadata"]["name"]
            self._plane.delete(PODS, pod)
            self._recorder.record(record.job, "SuccessfulDelete", f"Deleted pod: {name}")
            self._read_again(record, pod)
            if pod["metadata"]["uid"] in record.spared:
                self._release(pod)

    def _read_again(self, record: JobRecord, pod: Body) -> None:
        uid = pod["metadata"]["uid"]
        known = self._plane.find(PODS, pod)
        if known is None:
            record.gone.add(uid)
        else:
            record.pods[uid] = known

    def _create_missing(self, record: JobRecord, counts: Tally) -> None:
        spec = record.job["spec"]
        missing = missing_indexes(record.job, counts)[: max(spec["parallelism"] - len(counts.active), 0)]
        for index in missing:
            wait = record.back_off(counts, index, self._plane.now)
            if wait > 0:
                self._soon(record.uid, wait + _TO_SYNC)
                continue
            created = self._plane.create(PODS, pod_of(record.job, index))
            record.pods[created["metadata"]["uid"]] = created
            self._recorder.record(record.job, "SuccessfulCreate", f"Created pod: {created['metadata']['name']}")

    def _write(self, record: JobRecord, conditions: list[Body]) -> None:
        counts = record.counts()
        status = status_of_job(record.job, counts, started=record.started, conditions=conditions)
        status["terminating"] += len(record.spared_alive())

        def write(job: Body) -> None:
            job["status"] = status

        record.job = self._plane.edit(JOBS, record.job, write) or record.job

    def _count(self, record: JobRecord) -> None:
        """Take the finalizers of what was noted, then count it; the last condition comes with the last pod's end."""
        counts = record.counts()
        noted = [pod for pod in (*counts.failed, *counts.succeeded) if uncounted([pod])]
        for pod in noted:
            self._release(pod)
            self._read_again(record, pod)
        target, conditions = target_of(record.job), list(record.job["status"].get("conditions") or ())
        if target is None or counts.terminating or record.spared_alive():
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

    def _forget_after_ttl(self, record: JobRecord) -> None:
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


def _not_told(pods: list[Body]) -> list[Body]:
    return [pod for pod in pods if "deletionTimestamp" not in pod["metadata"]]
