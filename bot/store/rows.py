"""Attempts and failures as rows, and back: the only place that knows which column holds which field."""

from __future__ import annotations

import json
from operator import attrgetter
from typing import Any

from sqlalchemy import RowMapping, null

from bot.domain.workload.attempt import Attempt, Outcome
from bot.domain.workload.failure import Failure, Resolution
from bot.store.tables import FAILURES

_ATTEMPT = (
    "cluster", "project", "job", "kind", "owner", "job_uid", "gang", "pod_uid", "pod_name", "container", "restart",
    "node", "image", "gpu_count", "gpu_type", "memory_request", "cpu_request", "created_at", "started_at",
    "finished_at", "ended_at", "reason",
)  # fmt: skip
"""Fields that are columns of the same name."""
_FAILURE = (
    "cluster", "project", "job", "kind", "owner", "job_uid", "gang", "failure_type", "signature", "phase", "exit_code",
    "pod_uid", "pod_name", "container", "node", "image", "error_message", "logs_snippet", "events_snippet",
    "gpu_count", "gpu_type", "memory_request", "cpu_request", "timestamp", "first_fault", "occurrences",
    "resolved_at", "resolved_by", "evidence_at", "earlier_signature", "earlier_at",
)  # fmt: skip
_RENAMED = {"job": "job_name", "kind": "job_type", "node": "node_name", "image": "container_image"}
"""Fields of a failure whose column has another name."""
ATTEMPT_COLUMNS = (*_ATTEMPT, "nodes", "outcome")
FAILURE_COLUMNS = (*(_RENAMED.get(field, field) for field in _FAILURE), "nodes", "resolution")
WITHOUT_TEXTS = [null().label(each.name) if each.name.endswith("_snippet") else each for each in FAILURES.c]
"""What to select of failures whose logs and events nobody asks for: they are long."""
_attempt_fields = attrgetter(*_ATTEMPT)
_failure_fields = attrgetter(*_FAILURE)


def attempt_row(attempt: Attempt) -> tuple[Any, ...]:
    """An attempt's values, in the order of ATTEMPT_COLUMNS."""
    return (*_attempt_fields(attempt), _as_json(attempt.nodes), attempt.outcome.value)


def attempt(row: RowMapping) -> Attempt:
    """The attempt in a row."""
    fields: dict[str, Any] = {field: row[field] for field in _ATTEMPT if field != "ended_at"}
    return Attempt(**fields, nodes=_as_tuple(row["nodes"]), outcome=Outcome(row["outcome"]))


def failure_row(failure: Failure) -> tuple[Any, ...]:
    """A failure's values, in the order of FAILURE_COLUMNS."""
    resolution = None if failure.resolution is None else failure.resolution.value
    return (*_failure_fields(failure), _as_json(failure.nodes), resolution)


def failure(row: RowMapping) -> Failure:
    """The failure in a row, with its id."""
    fields: dict[str, Any] = {field: row[_RENAMED.get(field, field)] for field in _FAILURE}
    resolution = None if row["resolution"] is None else Resolution(row["resolution"])
    return Failure(**fields, nodes=_as_tuple(row["nodes"]), resolution=resolution, id=row["id"])


def _as_json(nodes: tuple[str, ...]) -> str | None:
    return json.dumps(nodes) if nodes else None


def _as_tuple(text: str | None) -> tuple[str, ...]:
    return tuple(json.loads(text)) if text else ()
