"""Maintenance windows: a node, a project or a cluster that people work on, so that nobody is called for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.incidents.incident import Finding, IncidentKind


class MaintenanceKind(StrEnum):
    """What may be under maintenance."""

    NODE = "node"
    PROJECT = "project"
    CLUSTER = "cluster"


@dataclass(frozen=True, slots=True, kw_only=True)
class Maintenance:
    """Work on one part until a time (UTC)."""

    part: MaintenanceKind
    name: str
    until: datetime
    since: datetime
    by: str
    id: int | None = None

    def covers(self, finding: Finding, now: datetime) -> bool:
        """Whether a finding is about what is being worked on now."""
        if not self.since <= now < self.until:
            return False
        about = {
            MaintenanceKind.NODE: finding.subject if finding.kind is IncidentKind.HOT_NODE else None,
            MaintenanceKind.PROJECT: finding.project,
            MaintenanceKind.CLUSTER: finding.cluster,
        }
        return about[self.part] == self.name


def under(windows: Iterable[Maintenance], finding: Finding, now: datetime) -> bool:
    """Whether any of these windows covers a finding."""
    return any(window.covers(finding, now) for window in windows)
