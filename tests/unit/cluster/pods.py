"""Pods as an API server shows them, cut down to what a test is about."""

from __future__ import annotations

from typing import Any

import msgspec

from bot.cluster.pods import Pod

CREATED, STARTED, ENDED = "2026-11-23T10:00:00Z", "2026-11-23T10:01:00Z", "2026-11-23T11:00:00Z"
RUNNING: dict[str, Any] = {"running": {"startedAt": STARTED}}


def ended(exit_code: int = 1, reason: str = "Error", at: str = ENDED, **more: Any) -> dict[str, Any]:
    return {"terminated": {"exitCode": exit_code, "reason": reason, "startedAt": STARTED, "finishedAt": at, **more}}


def held(reason: str, message: str | None = None) -> dict[str, Any]:
    return {"waiting": {"reason": reason, "message": message}}


def container(
    state: dict[str, Any], *, name: str = "main", last: dict[str, Any] | None = None, restarts: int = 0
) -> dict[str, Any]:
    return {"name": name, "state": state, "lastState": last or {}, "restartCount": restarts}


def pod(
    *containers: dict[str, Any],
    phase: str = "Running",
    init: list[dict[str, Any]] | None = None,
    metadata: dict[str, Any] | None = None,
    spec: dict[str, Any] | None = None,
    status: dict[str, Any] | None = None,
) -> Pod:
    names = [each["name"] for each in containers] or ["main"]
    body = {
        "metadata": {"name": "p", "namespace": "ml", "uid": "u", "creationTimestamp": CREATED, **(metadata or {})},
        "spec": {
            "nodeName": "n1",
            "containers": [{"name": name, "image": f"{name}:1"} for name in names],
            "initContainers": [{"name": each["name"], "image": "init:1"} for each in init or []],
            **(spec or {}),
        },
        "status": {
            "phase": phase,
            "startTime": CREATED,
            "containerStatuses": list(containers),
            "initContainerStatuses": init or [],
            **(status or {}),
        },
    }
    return msgspec.convert(body, Pod)


def condition(kind: str, status: str, reason: str, message: str = "", at: str = ENDED) -> dict[str, Any]:
    return {"type": kind, "status": status, "reason": reason, "message": message, "lastTransitionTime": at}
