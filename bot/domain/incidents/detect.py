"""From what the analysis and the records say to findings that may be incidents. Bursts are one finding: what a node, an
image or a job explains is not told a second time as a spike or a new type."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.analysis.nodes import Q_VALUE
from bot.domain.analysis.report import Count, ImageFinding, NodeFinding, Report, Severity, Spike, TypeCount
from bot.domain.analysis.severity import severity
from bot.domain.analysis.statistics import binomial, upper_tail
from bot.domain.incidents.incident import Finding, IncidentKind

WINDOW = timedelta(hours=24)
"""Everything is counted over so long before now."""
LONG_WINDOW = timedelta(days=28)
"""Nodes that fail a little too often, day by day, are seen over so long before now."""
_LATELY = timedelta(days=3)
"""What has not failed for longer is nothing to tell anybody of."""
GROUP_WINDOW = timedelta(hours=1)
"""Failures of one cause are over when none of them is so young."""
_SPIKE_LASTS = timedelta(hours=1)
_CHANCE = 0.01
"""A hot node counts as healthy once its luck, at its old rate, would be less likely than this."""
_FEWEST_FINE = 3
_FEWEST_FAILED = 3
_LOWEST_RATE = 0.2
_LOWEST_LASTING_RATE = 0.01
_RATE_OF_A_FAULT = 0.5
"""Broken hardware that fails fewer of the jobs on its node than every second one is not told from mended hardware."""
_MOST_NAMES = 10
_EXPLAINS = 0.5
"""Share of a burst's failures from which another finding is the burst."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureGroup:
    """Unresolved failures of one project with one cause."""

    cluster: str
    project: str | None
    cause: str
    """The signature, or the failure type where no signature is known."""
    failures: int
    jobs: int
    first_at: datetime
    last_at: datetime
    job_names: tuple[str, ...] = ()
    """Some of the jobs, the newest first."""


@dataclass(frozen=True, slots=True)
class Detected:
    """What is wrong now, and what went well again: a word about each node that recovered, by key."""

    findings: tuple[Finding, ...] = ()
    recovered: Mapping[str, str] | None = None

    def beside(self, longer: Detected) -> Detected:
        """This with what a longer window shows: the shorter one has the last word on whatever it sees."""
        known = {one.key for one in self.findings} | (self.recovered or {}).keys()
        more = (one for one in longer.findings if one.key not in known)
        return Detected((*self.findings, *more), {**(longer.recovered or {}), **(self.recovered or {})})


def detected(report: Report, *, now: datetime) -> Detected:
    """The findings of a report over `WINDOW`. The report's project is theirs: None looks at all of them."""
    nodes = [(one, _of_node(one, report.project)) for one in report.nodes]
    recovered = {finding.key: _recovery(one) for one, finding in nodes if has_recovered(one)}
    causes = [
        *(finding for _, finding in nodes if finding.key not in recovered),
        *(_of_image(one, report) for one in report.images),
        *(_of_storm(one, report) for one in report.spikes if one.retry_storm_jobs and _is_current(one, now)),
    ]
    bursts = [
        *(_of_type(one, report) for one in report.types if one.type in report.new_types),
        *(_of_spike(one, report) for one in report.spikes if not one.retry_storm_jobs and _is_current(one, now)),
    ]
    told: list[Finding] = _heaviest(causes)
    for burst in _heaviest(bursts):
        if not any(one.failures >= _EXPLAINS * burst.failures for one in told):
            told.append(burst)
    return Detected(tuple(told), recovered)


def lasting(report: Report) -> Detected:
    """The nodes that stand out by their numbers over `LONG_WINDOW`, or by its last days, and have failed lately; what
    ended before is history. What hardware says speaks for a day only: nothing is known of its repair."""
    hours = round(LONG_WINDOW / timedelta(hours=1))
    findings = [
        replace(_of_node(one, report.project), hours=one.hours or hours, hard=False, severity=one.severity)
        for one in report.nodes
        if one.q_value < Q_VALUE and one.ended is None and one.last_at is not None
        if report.period.until - one.last_at < _LATELY
    ]
    well = {
        one.key: gone_well(one.successes_since_failure)
        for one in findings
        if has_gone_well(one.successes_since_failure, one.rate, lowest=_LOWEST_LASTING_RATE)
    }
    return Detected(tuple(one for one in findings if one.key not in well), well)


def grouped(groups: Iterable[FailureGroup]) -> list[Finding]:
    """A finding for each group of failures."""
    return [
        Finding(
            kind=IncidentKind.FAILURES,
            subject=one.cause,
            cluster=one.cluster,
            project=one.project,
            severity=severity(one.failures, one.jobs),
            failures=one.failures,
            jobs=one.jobs,
            since=one.first_at,
            last_at=one.last_at,
            job_names=one.job_names[:_MOST_NAMES],
        )
        for one in groups
    ]


def has_recovered(one: NodeFinding) -> bool:
    """Whether enough jobs went well on a node: since its last failure, or, where nothing but its hardware spoke against
    it, since that did. What fails later for other reasons does not speak against hardware that was mended."""
    if one.hard and one.q_value >= Q_VALUE:
        return has_gone_well(one.fine_since_fault, _RATE_OF_A_FAULT)
    return has_gone_well(one.successes_since_failure, one.rate)


def has_gone_well(jobs: int, rate: float, *, lowest: float = _LOWEST_RATE) -> bool:
    """Whether so many jobs in a row went well that it would hardly be luck at the rate of failing there was before:
    (1 - rate)^n < 1 %, three jobs at least. A rate below `lowest` is taken for that."""
    rate = min(max(rate, lowest), 1 - 1e-9)
    return jobs >= max(_FEWEST_FINE, math.ceil(math.log(_CHANCE) / math.log(1 - rate)))


def _heaviest(findings: Sequence[Finding]) -> list[Finding]:
    """One finding for each key, the one with most failures."""
    kept: dict[str, Finding] = {}
    for one in findings:
        if one.key not in kept or kept[one.key].failures < one.failures:
            kept[one.key] = one
    return list(kept.values())


def _is_current(spike: Spike, now: datetime) -> bool:
    return now - spike.period.until < _SPIKE_LASTS


def is_back(finding: Finding, since: Count) -> bool:
    """Whether what failed since a node or an image was mended would hardly be luck at the rate of the same jobs
    elsewhere: three jobs at least, and less than 1 % likely."""
    usual = min(max(finding.expected or 0.0, _LOWEST_LASTING_RATE), 1.0)
    tail = upper_tail(binomial(max(since.attempts, since.jobs_failed), usual), since.jobs_failed)
    return since.jobs_failed >= _FEWEST_FAILED and tail < _CHANCE


def _recovery(one: NodeFinding) -> str:
    if one.hard and one.q_value >= Q_VALUE:
        return f"{one.fine_since_fault} jobs went well on it since its hardware reported a fault"
    return gone_well(one.successes_since_failure)


def gone_well(jobs: int) -> str:
    """What is said of a node that recovered."""
    return f"{jobs} of {jobs} jobs went well on it since its last failure"


def _cluster(report: Report) -> str | None:
    """The cluster that a report is about: the one it was asked for, or the only one there is."""
    return report.clusters[0] if report.cluster is None and len(report.clusters) == 1 else report.cluster


def _of_node(one: NodeFinding, project: str | None) -> Finding:
    return Finding(
        kind=IncidentKind.HOT_NODE,
        subject=one.node,
        cluster=one.cluster,
        project=project,
        severity=Severity.CRITICAL if one.hard else one.severity,
        failures=one.failures,
        jobs=one.jobs_failed,
        of_jobs=one.jobs,
        rate_low=one.rate_low,
        rate_high=one.rate_high,
        expected=one.expected_rate,
        since=one.since,
        last_at=one.last_at,
        hard=one.hard,
        successes_since_failure=one.successes_since_failure,
        lines=one.evidence[:3],
    )


def _of_image(one: ImageFinding, report: Report) -> Finding:
    errors = ", ".join(f"{name} {count}×" for name, count in one.common_errors[:3])
    return Finding(
        kind=IncidentKind.BAD_IMAGE,
        subject=one.image,
        cluster=_cluster(report),
        project=report.project,
        severity=one.severity,
        failures=one.failures,
        jobs=one.jobs_failed,
        of_jobs=one.jobs,
        expected=one.expected_rate,
        since=one.since,
        last_at=one.last_at,
        lines=(f"Common errors: {errors}",) if errors else (),
    )


def _of_storm(one: Spike, report: Report) -> Finding:
    jobs = tuple(sorted(one.retry_storm_jobs))
    return Finding(
        kind=IncidentKind.STORM,
        subject=jobs[0],
        cluster=_cluster(report),
        project=report.project,
        severity=Severity.WARNING,
        failures=one.failures,
        jobs=len(jobs),
        expected=one.expected,
        since=one.period.since,
        last_at=one.last_at,
        job_names=one.retry_storm_jobs[:_MOST_NAMES],
    )


def _of_spike(one: Spike, report: Report) -> Finding:
    most = tuple(f"{kind.failures} {kind.type} in {kind.jobs} jobs" for kind in report.types[:3])
    return Finding(
        kind=IncidentKind.SPIKE,
        subject="failures",
        cluster=_cluster(report),
        project=report.project,
        severity=severity(one.failures, one.failures),
        failures=one.failures,
        jobs=one.failures,
        expected=one.expected,
        since=one.period.since,
        last_at=one.last_at,
        lines=(f"In the last 24 hours: {', '.join(most)}",) if most else (),
    )


def _of_type(one: TypeCount, report: Report) -> Finding:
    return Finding(
        kind=IncidentKind.NEW_TYPE,
        subject=one.type,
        cluster=_cluster(report),
        project=report.project,
        severity=severity(one.failures, one.jobs),
        failures=one.failures,
        jobs=one.jobs,
        last_at=one.last_at,
        lines=tuple(f"{cause} {count}×" for cause, count in list(one.signatures.items())[:3]),
    )
