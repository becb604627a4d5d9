"""Times as Kubernetes writes them: UTC, whole seconds, a Z at the end."""

from __future__ import annotations

from datetime import datetime


def rfc3339(at: datetime) -> str:
    """`2026-11-23T12:00:00Z`, from an aware time in UTC."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def micro(at: datetime) -> str:
    """`2026-11-23T12:00:00.123456Z`, a MicroTime, from an aware time in UTC."""
    return f"{at:%Y-%m-%dT%H:%M:%S.%fZ}"
