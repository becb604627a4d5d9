"""Kubernetes objects as `kubectl get -o json` prints them, cut down to what a test is about, and what is recorded of
them."""

from __future__ import annotations

import io
import json
from typing import Any

from bot.domain.answers.inspection import Inspection
from bot.inspecting import inspected
from bot.settings import Settings

CREATED, STARTED, ENDED = "2026-11-23T10:00:00Z", "2026-11-23T10:01:00Z", "2026-11-23T11:00:00Z"
RUNNING = {"running": {"startedAt": STARTED}}
Body = dict[str, Any]


def recorded(*objects: Body) -> Inspection:
    """What the bot would record of these objects, or changes, in their order."""
    text = "\n".join(map(json.dumps, objects))
    return inspected(io.BytesIO(text.encode()), Settings())


def pod(name: str, *containers: Body, phase: str = "Running", **parts: Any) -> Body:
    """A pod; `metadata`, `spec` and `status` add to what every pod has."""
    names = [each["name"] for each in containers] or ["main"]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "namespace": "ml",
            "uid": f"uid-{name}",
            "creationTimestamp": CREATED,
            **parts.get("metadata", {}),
        },
        "spec": {
            "nodeName": "n1",
            "containers": [{"name": each, "image": f"{each}:1"} for each in names],
            **parts.get("spec", {}),
        },
        "status": {
            "phase": phase,
            "startTime": CREATED,
            "containerStatuses": list(containers),
            **parts.get("status", {}),
        },
    }


def container(state: Body, *, name: str = "main", last: Body | None = None, restarts: int = 0, **more: Any) -> Body:
    return {"name": name, "state": state, "lastState": last or {}, "restartCount": restarts, **more}


def ended(exit_code: int = 1, reason: str = "Error", at: str = ENDED, **more: Any) -> Body:
    return {"terminated": {"exitCode": exit_code, "reason": reason, "startedAt": STARTED, "finishedAt": at, **more}}


def held(reason: str, message: str | None = None) -> Body:
    return {"waiting": {"reason": reason, "message": message}}


def condition(kind: str, status: str, reason: str, message: str = "", at: str = ENDED) -> Body:
    return {"type": kind, "status": status, "reason": reason, "message": message, "lastTransitionTime": at}


def node(name: str, *, ready: str = "True", **spec: Any) -> Body:
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name},
        "spec": spec,
        "status": {"conditions": [condition("Ready", ready, "KubeletReady")]},
    }


def job(name: str, *conditions: Body) -> Body:
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name, "namespace": "ml", "uid": f"uid-{name}"},
        "status": {"conditions": list(conditions)},
    }


def event(about: Body, reason: str, message: str, *, kind: str = "Warning", at: str = ENDED) -> Body:
    metadata = about["metadata"]
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": f"{metadata['name']}.{reason}.{at}", "namespace": "ml"},
        "involvedObject": {"kind": about["kind"], "name": metadata["name"], "namespace": "ml", "uid": metadata["uid"]},
        "type": kind,
        "reason": reason,
        "message": message,
        "lastTimestamp": at,
    }


def of_job(name: str) -> Body:
    """The metadata of a Job's pod."""
    owner = {"apiVersion": "batch/v1", "kind": "Job", "name": name, "uid": f"uid-{name}", "controller": True}
    return {"ownerReferences": [owner], "labels": {"batch.kubernetes.io/job-name": name}}


def deleted(at: str = ENDED, grace: int = 30) -> Body:
    """The metadata of a pod that is deleted; `at` is its deletionTimestamp."""
    return {"deletionTimestamp": at, "deletionGracePeriodSeconds": grace}


def change(kind: str, body: Body) -> Body:
    return {"type": kind, "object": body}
