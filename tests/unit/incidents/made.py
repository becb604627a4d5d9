"""Findings and incidents as the tests need them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.domain.analysis.report import Severity
from bot.domain.incidents.incident import Finding, Incident, IncidentKind
from bot.domain.incidents.lifecycle import opened

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
HOT = Finding(
    kind=IncidentKind.HOT_NODE,
    subject="gpu-node-03",
    cluster="prod/eu",
    severity=Severity.WARNING,
    failures=12,
    jobs=12,
    of_jobs=16,
    last_at=NOW,
    lines=("gpu-xid-79 2×",),
)


def hot(**changes: Any) -> Finding:
    return replace(HOT, **changes)


def open_incident(**changes: Any) -> Incident:
    return replace(opened(HOT, now=NOW).incident, id=1, **changes)
