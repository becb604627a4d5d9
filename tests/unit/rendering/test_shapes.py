"""The JSON that scripts and dashboards read has the keys they rely on."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.domain.analysis.report import Report
from bot.domain.answers.checkup import Checkup
from bot.rendering import shapes
from tests.unit.rendering.values import (
    ABOUT_IMAGE,
    ABOUT_NODE,
    DIAGNOSIS,
    EXAMPLES,
    FIXES,
    INSPECTION,
    NOW,
    REPORT,
    STATS,
    WEEK,
)

CHECKUP = next(value for value in EXAMPLES if isinstance(value, Checkup))
KEYS: list[tuple[object, str, str]] = [
    (
        REPORT,
        "",
        "period project cluster summary types projects nodes images hours spikes trend recommendations notes",
    ),
    (REPORT, "period", "from until"),
    (
        REPORT,
        "summary",
        "attempts failed_attempts failures jobs jobs_failed projects_affected failure_types gpu_hours_lost",
    ),
    (REPORT, "summary", "failures_per_100_jobs mttr_minutes"),
    (REPORT, "summary.mttr_minutes", "median p90"),
    (REPORT, "types.0", "type failures jobs"),
    (REPORT, "projects.0", "project failures jobs_failed jobs types severity"),
    (
        REPORT,
        "nodes.0",
        "node cluster failures jobs_failed jobs rate rate_low rate_high expected_rate q_value severity evidence",
    ),
    (REPORT, "images.0", "image failures jobs_failed jobs rate expected_rate q_value common_errors"),
    (REPORT, "images.0.common_errors.0", "signature count"),
    (REPORT, "hours", "peaks p_value time_zone job_failure_share"),
    (REPORT, "spikes.0", "from until failures expected retry_storm_jobs"),
    (REPORT, "trend", "previous_failures change_ratio ratio_low ratio_high"),
    (
        REPORT,
        "changes.0",
        "what name at failures replaced also cluster nodes of_nodes jobs jobs_failed rate rate_before",
    ),
    (REPORT, "changes.0", "others_rate others_rate_before expected_rate q_value severity"),
    (REPORT, "recommendations.0", "severity subject text"),
    (STATS, "", "types projects nodes images"),
    (STATS, "types.0", "name failures jobs_failed attempts"),
    (FIXES, "", "failure_type signature description rules history context"),
    (FIXES, "rules.0", "id text parameters automatic"),
    (
        FIXES,
        "history.0",
        "id text worked failed observed_worked observed_failed success_rate lower_bound last_used condition",
    ),
    (FIXES, "context", "similar_failures related"),
    (DIAGNOSIS, "", "failure_type signature title explanation owner evidence_line others"),
    (DIAGNOSIS, "others.0", "signature evidence_line"),
    (INSPECTION, "", "attempts failures pods nodes notes"),
    (
        INSPECTION,
        "attempts.0",
        "job kind owner project gang pod container restart node image gpu_count gpu_type memory_request outcome",
    ),
    (INSPECTION, "attempts.0", "finished_at"),
    (INSPECTION, "failures.0", "job pod failure_type signature owner phase exit_code evidence_line first_fault"),
    (INSPECTION, "pods.0", "pod job kind owner project gang gpu_count"),
    (INSPECTION, "nodes.0", "node hard"),
    (INSPECTION, "nodes.0.hard.0", "signature evidence_line device"),
    (ABOUT_NODE, "", "node cluster period standing finding attempts jobs jobs_failed rate rate_low rate_high"),
    (ABOUT_NODE, "", "all_nodes_rate causes failed_jobs hardware_faults versions changed_before incident"),
    (ABOUT_NODE, "finding", "jobs jobs_failed rate rate_low rate_high expected_rate q_value severity since evidence"),
    (ABOUT_NODE, "failed_jobs.0", "job project cluster cause at failures node image"),
    (ABOUT_NODE, "hardware_faults.0", "signature title times"),
    (ABOUT_IMAGE, "", "image cluster period standing finding attempts jobs jobs_failed rate rate_low rate_high"),
    (ABOUT_IMAGE, "", "other_images first_seen is_new causes failed_jobs nodes carrier best_fix incident"),
    (ABOUT_IMAGE, "carrier", "node cluster jobs jobs_failed"),
    (CHECKUP, "checks.0", "name ok detail remedy"),
]


def at(shape: Any, path: str) -> Any:
    for step in filter(None, path.split(".")):
        shape = shape[int(step)] if step.isdigit() else shape[step]
    return shape


@pytest.mark.parametrize(
    ("value", "path", "keys"), KEYS, ids=[f"{type(value).__name__}.{path}" for value, path, _ in KEYS]
)
def test_a_shape_has_every_key_that_others_rely_on(value: object, path: str, keys: str) -> None:
    assert set(keys.split()) <= set(at(shapes.shape(value), path))


@pytest.mark.parametrize(
    "value", [REPORT, STATS, FIXES, ABOUT_NODE, ABOUT_IMAGE, DIAGNOSIS, CHECKUP, Report(period=WEEK)]
)
def test_a_shape_is_json_with_times_in_utc(value: object) -> None:
    assert json.loads(json.dumps(shapes.shape(value), allow_nan=False)) == shapes.shape(value)


def test_unknown_is_null_and_not_zero() -> None:
    summary = shapes.report(Report(period=WEEK))["summary"]
    assert summary["gpu_hours_lost"] is None
    assert summary["mttr_minutes"] == {"median": None, "p90": None}


def test_the_numbers_are_those_of_the_value() -> None:
    shape = shapes.report(REPORT)
    assert shape["period"]["until"] == "2026-11-23T12:05:00Z"
    assert shape["nodes"][0]["rate"] == 0.75
    assert shape["nodes"][0]["severity"] == "critical"
    first = shapes.fixes(FIXES)["history"][0]
    assert (first["worked"], first["failed"], round(first["success_rate"], 3)) == (6, 1, 0.857)
    assert first["last_used"] == NOW.isoformat().replace("+00:00", "Z")
