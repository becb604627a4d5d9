"""Attempts: one run of one pod of a job, up to its end. They are the denominator of every rate."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class Outcome(StrEnum):
    """How an attempt ended; `killed` means that somebody or the scheduler stopped it, which is no failure."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    KILLED = "killed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One run of one container of one pod. Times are aware and in UTC; None everywhere means unknown.

    (cluster, pod_uid, container, restart) identifies an attempt: seen twice, it is the same one.
    """

    cluster: str
    job: str
    """What the person submitted: the top-level workload's name."""
    pod_uid: str
    outcome: Outcome
    project: str | None = None
    kind: str | None = None
    """The job's Kubernetes kind: `Job`, `PyTorchJob`, `RayJob` ..."""
    owner: str | None = None
    """The person who submitted it, as far as labels and annotations tell."""
    job_uid: str | None = None
    """One submission of the job. A retry by the job's own controller keeps it, a resubmission has a new one."""
    gang: str | None = None
    """Names the pods that run together and fail together; None for a pod that stands alone."""
    pod_name: str | None = None
    container: str = ""
    restart: int = 0
    node: str | None = None
    nodes: tuple[str, ...] = ()
    """All nodes of a gang that was recorded as one attempt (imports); then `node` is None."""
    image: str | None = None
    gpu_count: float | None = None
    gpu_type: str | None = None
    memory_request: str | None = None
    """As written in the pod: "16Gi"."""
    cpu_request: str | None = None
    created_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    reason: str | None = None
    """Kubernetes' word for why it ended so: `OOMKilled`, `PreemptionByScheduler`, `JobSuspended`, `Deleted` ...; None
    where it simply succeeded."""

    @property
    def key(self) -> tuple[str, str, str, int]:
        """What makes this attempt the same one when it is seen again."""
        return (self.cluster, self.pod_uid, self.container, self.restart)

    @property
    def ended_at(self) -> datetime:
        """When it counts: its end, or the best that is known of it. At least one of the three times is set."""
        at = self.finished_at or self.started_at or self.created_at
        if at is None:
            raise ValueError(f"attempt {self.key} has no time at all")
        return at
