"""What recording needs from the store."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.knowledge.spec import SeenSpec
from bot.domain.workload.attempt import Attempt
from bot.domain.workload.failure import Failure
from bot.domain.workload.version import VersionSeen


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a write changed: nothing, where all was known before."""

    attempts: int = 0
    """Those that were not known before."""
    failures: int = 0
    """Those that were not known before."""
    resolved: int = 0
    changed: int = 0
    """Known attempts and failures of which more is known now."""


class Recorder(Protocol):
    """Writes what the watchers see. Every write is idempotent: the same history seen twice changes nothing."""

    def record(self, attempts: Sequence[Attempt], failures: Sequence[Failure]) -> Recorded:
        """Store all in one transaction. A known attempt or episode is kept; `occurrences` only grows; a masked text
        never replaces a longer one with nothing. A succeeded attempt resolves the failures of its job that happened
        before it began: `retried` within the same job_uid (or where uids are unknown), else `succeeded later`."""

    def record_specs(self, specs: Sequence[SeenSpec]) -> int:
        """Keep the specs of pods that failed, and of those that succeeded after a failure of their job's family; the
        others are not kept. Those that were known stay as they are. How many were new."""

    def evidence_at(self, failure: Failure) -> datetime | None:
        """When the run of this episode ended (UTC) whose evidence has decided; None where none has."""

    def gang_failures(self, cluster: str, gangs: Iterable[str]) -> list[Failure]:
        """All failure events of these gangs, oldest first, without their logs and events."""

    def pod_starts(self, cluster: str, pod_uids: Iterable[str]) -> dict[str, datetime]:
        """When each of these pods first began to run (UTC), of those with a recorded attempt."""

    def set_first_faults(self, first: Iterable[int], victims: Iterable[int]) -> None:
        """Mark failure events, by id, as the first fault or a victim of their gang."""

    def resource_version(self, cluster: str) -> str | None:
        """Where the cluster's watch was last known to be; None before the first list."""

    def save_cursor(self, cluster: str, resource_version: str, seen_at: datetime) -> None:
        """Note where the watch is, and when it was last alive (UTC)."""

    def last_seen(self, cluster: str) -> datetime | None:
        """When the cluster's watch was last alive (UTC): the start of a blind spell, if that is long ago."""

    def record_versions(self, seen: Sequence[VersionSeen]) -> int:
        """Note which versions are in use; how many were never seen before. Of two of one subject the later one
        replaces the earlier; one that was known is not new again."""
