"""The JSON of `failures inspect`: what would be recorded of some Kubernetes objects."""

from __future__ import annotations

from bot.domain.answers.inspection import Counted, Inspection
from bot.domain.workload.attempt import Attempt
from bot.rendering.shape import Shape, time


def inspection(value: Inspection) -> Shape:
    """What `failures inspect --json` prints."""
    return {
        "attempts": [_attempt(one) for one in value.attempts],
        "failures": [_failure(one) for one in value.failures],
        "pods": [_pod(one) for one in value.pods],
        "nodes": [
            {
                "node": node.node,
                "hard": [
                    {"signature": one.match.signature, "evidence_line": one.match.evidence_line, "device": one.device}
                    for one in node.hard
                ],
            }
            for node in value.nodes
        ],
        "notes": list(value.notes),
    }


def _pod(one: Attempt) -> Shape:
    return {
        "pod": one.pod_name,
        "job": one.job,
        "kind": one.kind,
        "owner": one.owner,
        "project": one.project,
        "gang": one.gang,
        "gpu_count": one.gpu_count,
    }


def _attempt(one: Attempt) -> Shape:
    return _pod(one) | {
        "container": one.container,
        "restart": one.restart,
        "node": one.node,
        "image": one.image,
        "gpu_type": one.gpu_type,
        "memory_request": one.memory_request,
        "outcome": str(one.outcome),
        "reason": one.reason,
        "started_at": time(one.started_at),
        "finished_at": time(one.finished_at),
    }


def _failure(one: Counted) -> Shape:
    failure = one.failure
    return {
        "job": failure.job,
        "pod": failure.pod_name,
        "container": failure.container,
        "failure_type": failure.failure_type,
        "signature": failure.signature,
        "earlier_signature": failure.earlier_signature,
        "title": one.title,
        "owner": str(one.owner),
        "phase": failure.phase,
        "exit_code": failure.exit_code,
        "evidence_line": failure.error_message,
        "first_fault": failure.first_fault,
        "occurrences": failure.occurrences,
        "resolution": None if failure.resolution is None else str(failure.resolution),
    }
