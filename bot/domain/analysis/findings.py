"""From the evidence of a period to its Report: each finding in its turn, each explaining what the next need not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from bot.domain.analysis import breakdown, novelty, spikes
from bot.domain.analysis.attempt_table import FAILED, Before, PeriodEvidence, milliseconds, moment
from bot.domain.analysis.changes import Past, changes, unknown_versions
from bot.domain.analysis.cost import Cost, cost
from bot.domain.analysis.exposure import kin_of
from bot.domain.analysis.grouping import distinct
from bot.domain.analysis.hours import hours
from bot.domain.analysis.images import Bad, bad_images
from bot.domain.analysis.jobs import Jobs, jobs
from bot.domain.analysis.moves import moves, with_moves
from bot.domain.analysis.nodes import Hot, hot_nodes
from bot.domain.analysis.notes import notes
from bot.domain.analysis.projects import counted, projects
from bot.domain.analysis.recommendations import recommendations
from bot.domain.analysis.report import Report, Spike, Summary
from bot.domain.analysis.spikes import Surge
from bot.domain.analysis.trend import daily, trend
from bot.domain.scope import Scope


def report(
    evidence: PeriodEvidence,
    before: Before,
    past: Past,
    surges: Sequence[Surge],
    job_names: Mapping[int, str],
    *,
    scope: Scope,
    pattern_threshold: int,
    gpu_prices: Mapping[str, float],
    time_zone: str,
) -> Report:
    """All findings of a period. `surges` are its own (`spikes.surges`), `job_names` the names of their jobs."""
    all_jobs, costs = jobs(evidence), cost(evidence, gpu_prices)
    hot, bad = blamed(evidence, surges, pattern_threshold)
    types = breakdown.types(evidence)
    by_project = projects(evidence, all_jobs, before)
    named = tuple(_named(surge, job_names, evidence) for surge in surges)
    changed = changes(evidence, before, past, images=bad.findings, nodes=hot.findings, threshold=pattern_threshold)
    found = Report(
        period=evidence.period,
        project=scope.project,
        cluster=scope.cluster,
        clusters=tuple(sorted({place.cluster for place in evidence.names.places})),
        summary=_summary(evidence, all_jobs, costs),
        types=types,
        projects=by_project,
        nodes=with_moves(hot.findings, moves(past.inventory)),
        images=bad.findings,
        hours=hours(evidence, all_jobs, time_zone),
        spikes=named,
        trend=trend(evidence, before),
        new_types=novelty.new_types(evidence, types, before),
        returning_types=novelty.returning_types(evidence, types, before),
        changes=changed,
        daily_failures=daily(evidence),
        previous_daily_failures=before.daily_failures,
        recommendations=recommendations(
            nodes=hot.findings,
            images=bad.findings,
            changes=changed,
            projects=by_project,
            spikes=named,
            threshold=pattern_threshold,
        ),
    )
    said = notes(found, threshold=pattern_threshold, nodes=hot.tested, images=bad.tested, before=before, cost=costs)
    return replace(found, notes=(*said, *unknown_versions(found, past)))


def blamed(evidence: PeriodEvidence, surges: Sequence[Surge], threshold: int) -> tuple[Hot, Bad]:
    """Hot nodes and bad images, neither for what the other or an outage of the whole cluster did.

    Both are looked for in all failures first. Then each is looked for again in what the other leaves: a bad image
    that fills one node does not make it hot, and a hot node does not spoil the images that ran there.
    """
    charged = ~spikes.during(surges, evidence.events.at)
    kin = kin_of(evidence)
    bad = bad_images(evidence, kin, charged, threshold=threshold)
    hot = hot_nodes(evidence, kin, charged, threshold=threshold)
    if bad.findings and hot.findings:
        bad = bad_images(evidence, kin, charged & ~hot.explained, threshold=threshold)
    if bad.findings:
        hot = hot_nodes(evidence, kin, charged & ~bad.explained, threshold=threshold)
    return hot, bad


def before_of(previous: PeriodEvidence) -> Before:
    """What the period before was like, as far as its own evidence says."""
    all_jobs = jobs(previous)
    names = previous.names
    return Before(
        failures=len(previous.events),
        daily_failures=daily(previous),
        jobs=all_jobs.total,
        jobs_failed=int(all_jobs.failed.sum()),
        projects=counted(previous, all_jobs),
        images=frozenset(names.images),
        nodes=frozenset((place.cluster, node) for place in names.places for node in place.nodes),
    )


def _summary(evidence: PeriodEvidence, all_jobs: Jobs, costs: Cost) -> Summary:
    events = evidence.events
    minutes = all_jobs.minutes_to_recover[~np.isnan(all_jobs.minutes_to_recover)]
    affected = {evidence.names.projects[code] for code in distinct(events.project)} - {None}
    return Summary(
        attempts=len(evidence.runs),
        failed_attempts=int((evidence.runs.outcome == FAILED).sum()),
        failures=len(events),
        jobs=all_jobs.total,
        jobs_failed=int(all_jobs.failed.sum()),
        projects_affected=len(affected),
        failure_types=len(distinct(events.type)),
        failures_per_100_jobs=100 * len(events) / all_jobs.total if all_jobs.total else None,
        gpu_hours_lost=costs.hours_lost,
        gpu_hours_killed=costs.hours_killed,
        cost_lost=costs.money_lost,
        mttr_median_minutes=float(np.median(minutes)) if len(minutes) else None,
        mttr_p90_minutes=float(np.quantile(minutes, 0.9)) if len(minutes) else None,
    )


def _named(surge: Surge, job_names: Mapping[int, str], evidence: PeriodEvidence) -> Spike:
    jobs_of = tuple(job_names[number] for number in surge.storm_jobs if number in job_names)
    at = evidence.events.at
    within = at[(at >= milliseconds(surge.period.since)) & (at < milliseconds(surge.period.until))]
    return Spike(
        period=surge.period,
        failures=surge.failures,
        expected=surge.expected,
        retry_storm_jobs=jobs_of,
        last_at=moment(int(within.max())) if len(within) else None,
    )
