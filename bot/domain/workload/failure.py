"""Failure events: a failed attempt, or a pod that cannot start; one value per episode."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class Resolution(StrEnum):
    """How a failure came to its end."""

    RETRIED = "retried"
    """The job's own controller tried again and succeeded: a failed attempt, but not a failed job."""
    SUCCEEDED_LATER = "succeeded later"
    """The job was submitted again and succeeded."""
    FIXED = "fixed"
    """A person said what fixed it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One episode of failing: a crash-looping container is one Failure with `occurrences`, not one per restart.

    (cluster, pod_uid, container, failure_type) identifies the episode. Times are aware and in UTC; None is unknown.
    Text fields are masked and bounded before they get here.
    """

    cluster: str
    job: str
    pod_uid: str
    failure_type: str
    """The coarse class: `OOMKilled`, `ImagePullBackOff`, `Evicted`, `Pending`, `Error` ..."""
    timestamp: datetime
    """When the episode began: the end of its first failed attempt, or when the pod was first seen stuck."""
    project: str | None = None
    kind: str | None = None
    owner: str | None = None
    job_uid: str | None = None
    gang: str | None = None
    pod_name: str | None = None
    container: str = ""
    node: str | None = None
    nodes: tuple[str, ...] = ()
    image: str | None = None
    gpu_count: float | None = None
    gpu_type: str | None = None
    memory_request: str | None = None
    cpu_request: str | None = None
    phase: str | None = None
    """What Kubernetes showed: `OOMKilled`, `CrashLoopBackOff`, `Failed`, `Pending` ..."""
    exit_code: int | None = None
    signature: str | None = None
    """The finer cause: `cuda-out-of-memory`, `nccl-timeout` ...; None while unknown."""
    error_message: str | None = None
    """The line that decided, or Kubernetes' own message."""
    logs_snippet: str | None = None
    events_snippet: str | None = None
    first_fault: bool = True
    """False for the victims of a gang: only the first fault is charged to its node."""
    occurrences: int = 1
    id: int | None = None
    """The store's number for it, once it is stored."""
    resolution: Resolution | None = None
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    evidence_at: datetime | None = None
    """When the run ended whose evidence decided; None where none has decided yet. Of a crash loop the newest leads."""
    earlier_signature: str | None = None
    """The cause that earlier runs of the episode failed of, where that was another one."""
    earlier_at: datetime | None = None
    """When the last of those ended."""

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What makes this episode the same one when it is seen again."""
        return (self.cluster, self.pod_uid, self.container, self.failure_type)
