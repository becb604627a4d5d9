"""The JSON of `failures node --json` and `failures image --json`."""

from __future__ import annotations

from bot.domain.answers.node_or_image import AboutImage, AboutNode, Conduct, Share
from bot.domain.incidents.incident import Incident
from bot.domain.workload.version import Version
from bot.rendering.shape import Shape, period, time


def about_node(value: AboutNode) -> Shape:
    """What `failures node --json` prints."""
    finding = value.finding
    return {
        "node": value.node,
        "cluster": value.cluster,
        "period": period(value.period),
        "standing": str(value.standing),
        "finding": finding
        and {
            "jobs": finding.jobs,
            "jobs_failed": finding.jobs_failed,
            "rate": finding.rate,
            "rate_low": finding.rate_low,
            "rate_high": finding.rate_high,
            "expected_rate": finding.expected_rate,
            "q_value": finding.q_value,
            "severity": str(finding.severity),
            "since": time(finding.since),
            "hardware": finding.hard,
            "evidence": list(finding.evidence),
        },
        **_conduct(value.conduct),
        "all_nodes_rate": value.all_nodes,
        "hardware_faults": [
            {"signature": one.signature, "title": one.title, "times": [time(at) for at in one.times]}
            for one in value.faults
        ],
        "versions": [_version(one) for one in value.versions],
        "changed_before": [_version(one) for one in value.changed],
        "blamed_change": None if value.blamed is None else {"what": value.blamed.what, "name": value.blamed.name},
        "incident": _incident(value.incident),
    }


def about_image(value: AboutImage) -> Shape:
    """What `failures image --json` prints."""
    finding, carrier, fix = value.finding, value.carrier, value.best_fix
    return {
        "image": value.image,
        "cluster": value.cluster,
        "period": period(value.period),
        "standing": str(value.standing),
        "finding": finding
        and {
            "jobs": finding.jobs,
            "jobs_failed": finding.jobs_failed,
            "rate": finding.rate,
            "expected_rate": finding.expected_rate,
            "q_value": finding.q_value,
            "severity": str(finding.severity),
            "since": time(finding.since),
        },
        **_conduct(value.conduct),
        "other_images": None if value.others is None else _share(value.others),
        "first_seen": time(value.first_seen),
        "is_new": value.is_new,
        "nodes": value.nodes,
        "carrier": carrier
        and {
            "node": carrier.node,
            "cluster": carrier.cluster,
            "jobs": carrier.jobs,
            "jobs_failed": carrier.failed,
        },
        "best_fix": fix
        and {
            "id": fix.solution.id,
            "text": fix.solution.description,
            "worked": fix.record.worked,
            "failed": fix.record.failed,
            "observed_worked": fix.record.observed_worked,
            "observed_failed": fix.record.observed_failed,
            "lower_bound": fix.lower_bound,
        },
        "incident": _incident(value.incident),
    }


def _conduct(value: Conduct) -> Shape:
    return {
        **_share(value.share),
        "causes": [
            {"type": one.failure_type, "signature": one.signature, "jobs": one.jobs, "failures": one.failures}
            for one in value.causes
        ],
        "failed_jobs": [
            {
                "job": one.job,
                "project": one.project,
                "cluster": one.cluster,
                "cause": one.cause,
                "at": time(one.at),
                "failures": one.failures,
                "node": one.node,
                "image": one.image,
            }
            for one in value.failed_jobs
        ],
        "first_failed_at": time(value.first_failed_at),
        "last_failed_at": time(value.last_failed_at),
        "successes_since_failure": value.successes_since_failure,
        "last_seen": time(value.last_seen),
    }


def _share(value: Share) -> Shape:
    return {
        "attempts": value.attempts,
        "jobs": value.jobs,
        "jobs_failed": value.failed,
        "rate": value.rate,
        "rate_low": value.low,
        "rate_high": value.high,
    }


def _version(one: Version) -> Shape:
    return {"what": one.what, "value": one.value, "first_seen": time(one.first_seen), "replaced": one.replaced}


def _incident(one: Incident | None) -> Shape | None:
    return None if one is None else {"id": one.id, "state": str(one.state), "opened_at": time(one.opened_at)}
