"""That the bot saw a job run after a change: what its owner is asked about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FixSeen:
    """A job failed, something was changed, and it ran. Times in UTC."""

    job: str
    project: str | None
    cluster: str
    failure_id: int
    failure_type: str
    solution_id: int
    changed: str
    """What differs between the two tries: "memory limit 8Gi → 16Gi"."""
    failed_at: datetime
    finished_at: datetime
    also: tuple[str, ...] = ()
    """The person's other jobs that ran after the same change."""
