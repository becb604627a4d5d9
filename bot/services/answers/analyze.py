"""Answers `analyze` and `stats`: reads the evidence of a period and has the domain find what is in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from bot.domain.analysis import findings, raw_counts
from bot.domain.analysis.attempt_table import Before, PeriodEvidence
from bot.domain.analysis.changes import Past, looked_at
from bot.domain.analysis.identity import job_number
from bot.domain.analysis.report import Report, Stats
from bot.domain.analysis.spikes import Surge, surges
from bot.domain.period import Period
from bot.domain.scope import Scope
from bot.domain.workload.failure import Failure
from bot.domain.workload.version import Inventory, Version


class EvidenceSource(Protocol):
    """What the analysis reads. Every question has a Scope, and sees nothing outside it."""

    def evidence(self, scope: Scope, period: Period) -> PeriodEvidence:
        """All attempts that ended and failure events that began in the period."""

    def failing_jobs(self, scope: Scope, period: Period) -> list[tuple[str, str | None, str]]:
        """Cluster, project and name of each job with a failure event in the period."""

    def types_before(self, scope: Scope, types: Iterable[str], before: datetime) -> dict[str, datetime]:
        """When each of these failure types occurred last before a time; one that never did has no place."""

    def inventory(self, scope: Scope, period: Period) -> Inventory:
        """Which versions replaced others in the period, of nodes and of services in the scope, and how many nodes there
        are."""

    def recorded_since(self, scope: Scope) -> datetime | None:
        """When the oldest attempt that is kept ended, or failure event began; None where nothing is kept."""

    def nodes(self, scope: Scope) -> list[tuple[str, str]]:
        """The nodes that were looked at, as (cluster, node), whatever ran on them; none for those who may not see all
        projects."""

    def versions(self, scope: Scope, cluster: str, node: str) -> list[Version]:
        """Every version that was seen on a node, the oldest first."""

    def failures_at(self, scope: Scope, moments: Sequence[datetime], limit: int = 500) -> list[Failure]:
        """The failure events that began within a millisecond from one of these times, newest first, without their logs
        and events; of too many those of the first times."""


@dataclass(frozen=True, slots=True)
class Study:
    """A report and what it was made from."""

    evidence: PeriodEvidence
    previous: PeriodEvidence
    """Of the period of the same length just before."""
    report: Report


def analyze(
    history: EvidenceSource,
    scope: Scope,
    period: Period,
    *,
    pattern_threshold: int,
    gpu_prices: Mapping[str, float],
    time_zone: str,
    now: datetime,
) -> Report:
    """The report of a period, up to `now` at most. Prices are per GPU hour by GPU type; hours are in the time zone.

    Raises Unavailable where the store is away.
    """
    if period.since < now < period.until:
        period = Period(period.since, now)
    return study(
        history,
        scope,
        history.evidence(scope, period),
        pattern_threshold=pattern_threshold,
        gpu_prices=gpu_prices,
        time_zone=time_zone,
    ).report


def study(
    history: EvidenceSource,
    scope: Scope,
    evidence: PeriodEvidence,
    *,
    pattern_threshold: int,
    gpu_prices: Mapping[str, float],
    time_zone: str,
) -> Study:
    """The report of a period of which the evidence has been read. Raises Unavailable where the store is away."""
    found = surges(evidence)
    previous = history.evidence(scope, evidence.period.before)
    before, past = _before(history, scope, evidence, previous)
    report = findings.report(
        evidence,
        before,
        past,
        found,
        _names(history, scope, found),
        scope=scope,
        pattern_threshold=pattern_threshold,
        gpu_prices=gpu_prices,
        time_zone=time_zone,
    )
    return Study(evidence, previous, report)


def stats(history: EvidenceSource, scope: Scope, period: Period) -> Stats:
    """The raw counts of a period. Raises Unavailable where the store is away."""
    return raw_counts.stats(history.evidence(scope, period), scope)


def _before(
    history: EvidenceSource, scope: Scope, evidence: PeriodEvidence, previous: PeriodEvidence
) -> tuple[Before, Past]:
    """What the analysis compares the period with."""
    before = replace(
        findings.before_of(previous),
        recorded_since=history.recorded_since(scope),
        types_seen=history.types_before(scope, evidence.names.types, evidence.period.since),
    )
    return before, Past.of(previous, history.inventory(scope, looked_at(evidence.period)))


def _names(history: EvidenceSource, scope: Scope, found: Sequence[Surge]) -> dict[int, str]:
    """The names of the jobs behind retry storms."""
    names: dict[int, str] = {}
    for surge in found:
        wanted = set(surge.storm_jobs) - names.keys()
        if wanted:
            for cluster, project, job in history.failing_jobs(scope, surge.period):
                number = job_number(cluster, project, job)
                if number in wanted:
                    names[number] = job
    return names
