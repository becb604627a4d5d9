"""Pods that wait too long. Time passes without an event of Kubernetes, so somebody has to look at the clock; and a pod
that is only slow (a large image) must not be taken for one that is stuck."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.domain.workload.sighting import Waiting

CANNOT_START = frozenset(
    {
        "ErrImagePull",
        "ImagePullBackOff",
        "ErrImageNeverPull",
        "InvalidImageName",
        "ImageInspectError",
        "RegistryUnavailable",
        "SignatureValidationFailed",
        "CreateContainerConfigError",
        "CreateContainerError",
        "PreCreateHookError",
        "PreStartHookError",
        "PostStartHookError",
        "RunContainerError",
    }
)
"""Reasons of a waiting container that no time will heal."""
_HOLDING_UP = (
    "FailedMount",
    "FailedAttachVolume",
    "FailedMapVolume",
    "FailedCreatePodSandBox",
    "NetworkNotReady",
    "FailedPrepareDynamicResources",
)
_REASON = re.compile(r"^\s*(\w+):", re.MULTILINE)


def overdue(waiting: Mapping[str, Waiting], *, now: datetime, limit: timedelta) -> list[str]:
    """The uids of the pods that have waited for `limit` or longer, the longest first."""
    late = [(pod.since, uid) for uid, pod in waiting.items() if now - pod.since >= limit]
    return [uid for _, uid in sorted(late)]


def holding_up(events: str) -> str | None:
    """The reason that keeps a scheduled pod from starting, read from its events ("Reason: message", one a line, the
    newest last); None where nothing speaks against it being only slow."""
    said = [reason for reason in _REASON.findall(events) if reason in _HOLDING_UP]
    return said[-1] if said else None
