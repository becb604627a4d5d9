"""The JSON that scripts and dashboards read: adding a field is free, renaming or dropping one breaks them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.domain.analysis.report import Change, Count, Report, Stats
from bot.domain.answers.checkup import Checkup
from bot.domain.answers.inspection import Inspection
from bot.domain.answers.ledger import Ledger
from bot.domain.answers.node_or_image import AboutImage, AboutNode
from bot.domain.answers.unknown_failures import UnknownFailures
from bot.domain.foresight.backtest import Backtest
from bot.domain.foresight.outlook import Outlook
from bot.domain.foresight.retrying import RetryAdvice
from bot.domain.knowledge.fixes import Fixes
from bot.domain.knowledge.solution import Ranked, Solution
from bot.domain.workload.pod_evidence import Diagnosis
from bot.rendering.about_shapes import about_image, about_node
from bot.rendering.inspection_shape import inspection
from bot.rendering.ledger_shape import ledger
from bot.rendering.plain import sentence
from bot.rendering.predict_shapes import backtest, outlook, retry_advice
from bot.rendering.shape import Shape, period, time


def shape(value: object) -> Shape:
    """The JSON shape of a value. Raises KeyError for one that has none."""
    return _SHAPES[type(value)](value)


def report(value: Report) -> Shape:
    """What `failures analyze --json` prints."""
    trend, hours = value.trend, value.hours
    return {
        "period": period(value.period),
        "project": value.project,
        "cluster": value.cluster,
        "summary": _summary(value),
        "types": [
            {"type": one.type, "failures": one.failures, "jobs": one.jobs, "signatures": dict(one.signatures)}
            for one in value.types
        ],
        **_findings(value),
        "hours": {
            "peaks": list(hours.peaks),
            "p_value": hours.p_value,
            "time_zone": hours.time_zone,
            "job_failure_share": list(hours.job_failure_share),
        },
        "spikes": [
            period(one.period)
            | {"failures": one.failures, "expected": one.expected, "retry_storm_jobs": list(one.retry_storm_jobs)}
            for one in value.spikes
        ],
        "trend": {
            "previous_failures": trend.previous_failures,
            "change_ratio": trend.change_ratio,
            "ratio_low": trend.ratio_low,
            "ratio_high": trend.ratio_high,
            "previous_jobs": trend.previous_jobs,
            "previous_jobs_failed": trend.previous_jobs_failed,
        },
        "new_types": list(value.new_types),
        "returning_types": list(value.returning_types),
        "changes": [_change(one) for one in value.changes],
        "recommendations": [
            {"severity": str(one.severity), "subject": one.subject, "text": one.text} for one in value.recommendations
        ],
        "notes": list(value.notes),
    }


def _change(one: Change) -> Shape:
    return {
        "what": one.what,
        "name": one.name,
        "at": time(one.at),
        "failures": one.failures,
        "replaced": one.replaced,
        "also": list(one.also),
        "cluster": one.cluster,
        "project": one.project,
        "nodes": list(one.nodes),
        "of_nodes": one.of_nodes,
        "jobs": one.jobs,
        "jobs_failed": one.jobs_failed,
        "jobs_before": one.jobs_before,
        "jobs_failed_before": one.jobs_failed_before,
        "rate": one.rate,
        "rate_before": one.rate_before,
        "expected_rate": one.expected_rate,
        "others_rate": one.others_rate,
        "others_rate_before": one.others_rate_before,
        "q_value": one.q_value,
        "severity": str(one.severity),
    }


def stats(value: Stats) -> Shape:
    """What `failures stats --json` prints."""
    return {
        "period": period(value.period),
        "project": value.project,
        "cluster": value.cluster,
        "types": [_count(one) for one in value.types],
        "projects": [_count(one) for one in value.projects],
        "nodes": [_count(one) for one in value.nodes],
        "images": [_count(one) for one in value.images],
    }


def fixes(value: Fixes) -> Shape:
    """What `failures fix --json` prints."""
    return {
        "failure_type": value.failure_type,
        "signature": value.signature,
        "description": value.description,
        "rules": [_rule(one.solution) for one in value.rules],
        "history": [_tried(one) for one in value.history],
        "context": {
            "similar_failures": value.similar_failures,
            "similar_jobs": value.similar_jobs,
            "related": [sentence(one) for one in value.related],
            "known": dict(value.context.known()),
            "helped": None if value.helped is None else {"people": value.helped.people, "doing": value.helped.doing},
        },
    }


def unknown_failures(value: UnknownFailures) -> Shape:
    """What `failures unknown --json` prints."""
    return {
        "period": period(value.period),
        "project": value.project,
        "failures": value.total,
        "unknown": value.unknown,
        "groups": [
            {
                "number": one.number,
                "template": one.template,
                "sample": one.sample,
                "failures": one.failures,
                "jobs": one.jobs,
                "projects": list(one.projects),
            }
            for one in value.groups
        ],
        "named": [
            {"signature": one.signature.id, "name": one.signature.name, "failures": one.failures, "jobs": one.jobs}
            for one in value.named
        ],
    }


def diagnosis(value: Diagnosis) -> Shape:
    """What `failures diagnose --json` prints."""
    return {
        "failure_type": value.failure_type,
        "signature": value.signature,
        "title": value.title,
        "explanation": value.explanation,
        "owner": str(value.owner),
        "evidence_line": value.evidence_line,
        "others": [{"signature": one.signature, "evidence_line": one.evidence_line} for one in value.others],
        "confidence": str(value.confidence) if value.confidence is not None else None,
        "lines": list(value.lines),
    }


def checkup(value: Checkup) -> Shape:
    """What `failures doctor --json` prints."""
    return {
        "ok": value.ok,
        "checks": [
            {
                "name": one.name,
                "ok": one.ok,
                "detail": sentence(one),
                "remedy": None if one.remedy is None else sentence(one.remedy),
            }
            for one in value.checks
        ],
    }


def _summary(value: Report) -> Shape:
    total = value.summary
    return {
        "attempts": total.attempts,
        "failed_attempts": total.failed_attempts,
        "failures": total.failures,
        "jobs": total.jobs,
        "jobs_failed": total.jobs_failed,
        "projects_affected": total.projects_affected,
        "failure_types": total.failure_types,
        "failures_per_100_jobs": total.failures_per_100_jobs,
        "gpu_hours_lost": total.gpu_hours_lost,
        "gpu_hours_killed": total.gpu_hours_killed,
        "cost_lost": total.cost_lost,
        "mttr_minutes": {"median": total.mttr_median_minutes, "p90": total.mttr_p90_minutes},
    }


def _findings(value: Report) -> Shape:
    return {
        "projects": [
            {
                "project": one.project,
                "failures": one.failures,
                "jobs_failed": one.jobs_failed,
                "jobs": one.jobs,
                "types": dict(one.types),
                "severity": str(one.severity),
                "rate_low": one.rate_low,
                "rate_high": one.rate_high,
                "others_rate": one.others_rate,
                "previous_rate": one.previous_rate,
            }
            for one in value.projects
        ],
        "nodes": [
            {
                "node": one.node,
                "cluster": one.cluster,
                "failures": one.failures,
                "jobs_failed": one.jobs_failed,
                "jobs": one.jobs,
                "rate": one.rate,
                "rate_low": one.rate_low,
                "rate_high": one.rate_high,
                "expected_rate": one.expected_rate,
                "q_value": one.q_value,
                "severity": str(one.severity),
                "evidence": list(one.evidence),
                "projects": one.projects,
                "since": time(one.since),
                "last_at": time(one.last_at),
                "hours": one.hours,
            }
            for one in value.nodes
        ],
        "images": [
            {
                "image": one.image,
                "failures": one.failures,
                "jobs_failed": one.jobs_failed,
                "jobs": one.jobs,
                "rate": one.rate,
                "expected_rate": one.expected_rate,
                "q_value": one.q_value,
                "severity": str(one.severity),
                "common_errors": [{"signature": name, "count": number} for name, number in one.common_errors],
            }
            for one in value.images
        ],
    }


def _count(one: Count) -> Shape:
    return {"name": one.name, "failures": one.failures, "jobs_failed": one.jobs_failed, "attempts": one.attempts}


def _rule(one: Solution) -> Shape:
    return {"id": one.id, "text": one.description, "parameters": dict(one.parameters), "automatic": one.automatic}


def _tried(one: Ranked) -> Shape:
    record = one.record
    return {
        "id": one.solution.id,
        "text": one.solution.description,
        "worked": record.worked,
        "failed": record.failed,
        "observed_worked": record.observed_worked,
        "observed_failed": record.observed_failed,
        "success_rate": one.success_rate,
        "lower_bound": one.lower_bound,
        "for_other_causes": one.for_other_causes,
        "people": record.people,
        "last_used": time(record.last_used),
        "condition": one.solution.condition,
    }


_SHAPES: dict[type, Callable[[Any], Shape]] = {
    Report: report,
    Stats: stats,
    Outlook: outlook,
    RetryAdvice: retry_advice,
    Ledger: ledger,
    Backtest: backtest,
    Fixes: fixes,
    AboutNode: about_node,
    AboutImage: about_image,
    UnknownFailures: unknown_failures,
    Diagnosis: diagnosis,
    Checkup: checkup,
    Inspection: inspection,
}
