"""What the Job controller remembers of one Job: every pod it ever had, in its last state, and what they count for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from playground.kube.cluster import Body
from playground.kube.control.job_rules import Tally, index_of, tally
from playground.kube.control.statuses import OVER

_FIRST_BACK_OFF, _LONGEST_BACK_OFF = 10, 600


@dataclass(slots=True)
class JobRecord:
    """One Job. Times are UTC."""

    job: Body
    pods: dict[str, Body] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    spared: set[str] = field(default_factory=set)
    """Pods that were ended without a fault of the Job: they do not count."""
    failed_at: dict[str, datetime] = field(default_factory=dict)
    started: datetime | None = None
    is_due: bool = False

    @property
    def uid(self) -> str:
        """The Job's."""
        return str(self.job["metadata"]["uid"])

    def saw(self, pod: Body, now: datetime, *, gone: bool) -> None:
        """One of its pods, as it is now."""
        uid = pod["metadata"]["uid"]
        self.pods[uid] = pod
        if gone:
            self.gone.add(uid)
        if pod["status"].get("phase") == "Failed" or "deletionTimestamp" in pod["metadata"]:
            self.failed_at.setdefault(uid, now)

    def counts(self) -> Tally:
        """What the pods count for."""
        counted = {uid: pod for uid, pod in self.pods.items() if uid not in self.spared}
        return tally(self.job, [_last_of(pod) if uid in self.gone else pod for uid, pod in counted.items()])

    def spared_alive(self) -> list[Body]:
        """Pods that are spared and have not ended."""
        there = (self.pods[uid] for uid in sorted(self.spared - self.gone))
        return [pod for pod in there if pod["status"].get("phase") not in OVER]

    def back_off(self, counts: Tally, index: int, now: datetime) -> float:
        """Seconds until the next pod may be made: 10, doubled with each failure, since the last one."""
        per_index = self.job["spec"].get("backoffLimitPerIndex") is not None
        failed = [pod for pod in counts.failed if not per_index or index_of(pod) == index]
        if not failed:
            return 0.0
        last = max(self.failed_at.get(pod["metadata"]["uid"], now) for pod in failed)
        wait = min(_FIRST_BACK_OFF << min(len(failed) - 1, 10), _LONGEST_BACK_OFF)
        return wait - (now - last).total_seconds()


def job_of(pod: Body) -> str:
    """The uid of the Job that controls a pod; empty where none does."""
    owners = pod["metadata"].get("ownerReferences") or ()
    return next((each["uid"] for each in owners if each.get("controller") and each["kind"] == "Job"), "")


def _last_of(pod: Body) -> Body:
    """A pod that is gone: without having ended it counts as failed."""
    metadata = {key: value for key, value in pod["metadata"].items() if key != "finalizers"}
    phase = pod["status"].get("phase")
    return {**pod, "metadata": metadata, "status": {**pod["status"], "phase": phase if phase in OVER else "Failed"}}
