"""The knowledge graph as one object: it holds the connections and satisfies the ports Recorder, History, Knowledge,
Names, Trials, Notices, Incidents, Homes and Subscriptions. Each method is one transaction around one function of this
package; all may raise `ports.Unavailable`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from sqlalchemy import Engine, text

from bot.domain.analysis.attempt_table import PeriodEvidence
from bot.domain.answers.causes import FailedJob
from bot.domain.diagnosis.organisation import OrganisationSignature
from bot.domain.incidents.detect import FailureGroup
from bot.domain.incidents.incident import Incident, Step
from bot.domain.incidents.lifecycle import Transition
from bot.domain.incidents.maintenance import Maintenance, MaintenanceKind
from bot.domain.incidents.notify import Decision, Kept
from bot.domain.incidents.subscription import Subscription
from bot.domain.knowledge.solution import Record, Solution, SolutionOutcome
from bot.domain.knowledge.spec import SeenSpec
from bot.domain.period import Period
from bot.domain.scope import Scope
from bot.domain.workload.attempt import Attempt
from bot.domain.workload.failure import Failure, Resolution
from bot.domain.workload.version import Inventory, Version, VersionSeen
from bot.services.incidents.ports import Notice
from bot.services.knowledge.ports import News
from bot.services.recording.ports import Recorded
from bot.store import (
    cursors,
    editing,
    evidence,
    history,
    homes,
    incidents,
    knowledge,
    naming,
    notices,
    recording,
    retention,
    suggesting,
    versions,
)
from bot.store import gangs as together
from bot.store import specs as learning
from bot.store import subscriptions as subscribed
from bot.store.engine import connect, reading, writing


class Store:
    """A database that is migrated (see `migrate.upgrade`). Safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @classmethod
    def open(cls, url: str) -> Store:
        """The store at this URL (see `engine.connect`); it is reached for at the first question."""
        return cls(connect(url))

    def close(self) -> None:
        """Close all connections that are not in use."""
        self._engine.dispose()

    def ping(self) -> None:
        """Raise Unavailable if the database does not answer."""
        with reading(self._engine) as connection:
            connection.execute(text("SELECT 1"))

    def prune(self, before: datetime) -> int:
        """Forget attempts, failures and notices of the days (UTC) that ended before this time; how many they were."""
        return retention.prune(self._engine, before)

    # Recorder

    def record(self, attempts: Sequence[Attempt], failures: Sequence[Failure]) -> Recorded:
        """See `ports.Recorder`."""
        with writing(self._engine) as connection:
            return recording.record(connection, attempts, failures)

    def record_specs(self, specs: Sequence[SeenSpec]) -> int:
        """See `ports.Recorder`. Most batches have nothing to keep, which a reader can tell."""
        with reading(self._engine) as connection:
            if not (kept := learning.wanted(connection, specs)):
                return 0
        with writing(self._engine) as connection:
            return learning.record(connection, kept)

    def gang_failures(self, cluster: str, gangs: Iterable[str]) -> list[Failure]:
        """See `ports.Recorder`."""
        with reading(self._engine) as connection:
            return together.failures(connection, cluster, gangs)

    def pod_starts(self, cluster: str, pod_uids: Iterable[str]) -> dict[str, datetime]:
        """See `ports.Recorder`."""
        with reading(self._engine) as connection:
            return together.pod_starts(connection, cluster, pod_uids)

    def set_first_faults(self, first: Iterable[int], victims: Iterable[int]) -> None:
        """See `ports.Recorder`."""
        with writing(self._engine) as connection:
            together.set_first_faults(connection, first, victims)

    def resource_version(self, cluster: str) -> str | None:
        """See `ports.Recorder`."""
        with reading(self._engine) as connection:
            return cursors.resource_version(connection, cluster)

    def save_cursor(self, cluster: str, resource_version: str, seen_at: datetime) -> None:
        """See `ports.Recorder`."""
        with writing(self._engine) as connection:
            cursors.save(connection, cluster, resource_version, seen_at)

    def last_seen(self, cluster: str) -> datetime | None:
        """See `ports.Recorder`."""
        with reading(self._engine) as connection:
            return cursors.last_seen(connection, cluster)

    def record_versions(self, seen: Sequence[VersionSeen]) -> int:
        """See `ports.Recorder`. Nearly always there is nothing to write, which a reader can tell."""
        with reading(self._engine) as connection:
            news, new = versions.news(connection, seen)
        if news:
            with writing(self._engine) as connection:
                versions.write(connection, news)
        return new

    # History

    def projects(self, scope: Scope) -> list[str]:
        """See `ports.History`."""
        with reading(self._engine) as connection:
            return history.projects(connection, scope)

    def job_names(self, scope: Scope, like: str, limit: int = 5) -> list[str]:
        """See `ports.History`."""
        with reading(self._engine) as connection:
            return history.job_names(connection, scope, like, limit)

    def job_attempts(self, scope: Scope, job: str, limit: int = 50) -> list[Attempt]:
        """See `ports.History`."""
        with reading(self._engine) as connection:
            return history.job_attempts(connection, scope, job, limit)

    def job_failures(self, scope: Scope, job: str, limit: int = 50) -> list[Failure]:
        """See `ports.History`."""
        with reading(self._engine) as connection:
            return history.job_failures(connection, scope, job, limit)

    def failure(self, scope: Scope, failure_id: int) -> Failure | None:
        """See `ports.History`."""
        with reading(self._engine) as connection:
            return history.failure(connection, scope, failure_id)

    def similar(self, scope: Scope, period: Period, failure_type: str, signature: str | None) -> tuple[int, int]:
        """See `ports.History`."""
        with reading(self._engine) as connection:
            return history.similar(connection, scope, period, failure_type, signature)

    def failed_jobs(self, scope: Scope, period: Period) -> list[FailedJob]:
        """See `ports.History`."""
        with reading(self._engine) as connection:
            return history.failed_jobs(connection, scope, period)

    def owners(self, scope: Scope, period: Period) -> list[tuple[str, str]]:
        """See `ports.History`."""
        with reading(self._engine) as connection:
            return history.owners(connection, scope, period)

    def failure_types(self, scope: Scope) -> list[str]:
        """See `ports.History`."""
        with reading(self._engine) as connection:
            return history.failure_types(connection, scope)

    def failures_like(self, scope: Scope, failure_type: str, signature: str | None, limit: int = 300) -> list[Failure]:
        """See `ports.History`."""
        with reading(self._engine) as connection:
            return history.failures_like(connection, scope, failure_type, signature, limit)

    # EvidenceSource

    def evidence(self, scope: Scope, period: Period) -> PeriodEvidence:
        """See `analyzing.EvidenceSource`."""
        with reading(self._engine) as connection:
            return evidence.evidence(connection, scope, period)

    def failing_jobs(self, scope: Scope, period: Period) -> list[tuple[str, str | None, str]]:
        """See `analyzing.EvidenceSource`."""
        with reading(self._engine) as connection:
            return evidence.failing_jobs(connection, scope, period)

    def types_before(self, scope: Scope, types: Iterable[str], before: datetime) -> dict[str, datetime]:
        """See `analyzing.EvidenceSource`."""
        with reading(self._engine) as connection:
            return evidence.types_before(connection, scope, types, before)

    def recorded_since(self) -> datetime | None:
        """See `analyzing.EvidenceSource`."""
        with reading(self._engine) as connection:
            return evidence.recorded_since(connection)

    def inventory(self, scope: Scope, period: Period) -> Inventory:
        """See `analyzing.EvidenceSource`."""
        with reading(self._engine) as connection:
            return versions.inventory(connection, scope, period)

    def nodes(self, scope: Scope) -> list[tuple[str, str]]:
        """See `analyzing.EvidenceSource`."""
        with reading(self._engine) as connection:
            return versions.nodes(connection, scope)

    def versions(self, cluster: str, node: str) -> list[Version]:
        """See `analyzing.EvidenceSource`."""
        with reading(self._engine) as connection:
            return versions.of_node(connection, cluster, node)

    def failures_at(self, scope: Scope, moments: Sequence[datetime], limit: int = 500) -> list[Failure]:
        """See `analyzing.EvidenceSource`."""
        with reading(self._engine) as connection:
            return history.failures_at(connection, scope, moments, limit)

    # Knowledge

    def sync_rules(self, rules: Sequence[Solution]) -> None:
        """See `ports.Knowledge`."""
        with writing(self._engine) as connection:
            knowledge.sync_rules(connection, rules)

    def solutions(self, failure_type: str, signature: str | None = None) -> list[tuple[Solution, Record]]:
        """See `ports.Knowledge`."""
        with reading(self._engine) as connection:
            return knowledge.solutions(connection, failure_type, signature)

    def solution(self, solution_id: int) -> tuple[Solution, Record] | None:
        """See `ports.Knowledge`."""
        with reading(self._engine) as connection:
            return knowledge.solution(connection, solution_id)

    def add_solution(self, solution: Solution) -> int:
        """See `ports.Knowledge`."""
        with writing(self._engine) as connection:
            return knowledge.add_solution(connection, solution)

    def vote(self, outcome: SolutionOutcome) -> bool:
        """See `ports.Knowledge`."""
        with writing(self._engine) as connection:
            return knowledge.vote(connection, outcome)

    def outcomes(self, solution_ids: Iterable[int]) -> list[SolutionOutcome]:
        """See `ports.Knowledge`."""
        with reading(self._engine) as connection:
            return knowledge.outcomes(connection, solution_ids)

    def observed(self, since: datetime) -> list[SolutionOutcome]:
        """See `ports.Knowledge`."""
        with reading(self._engine) as connection:
            return knowledge.observed(connection, since)

    def remedies(self, failure_ids: Iterable[int]) -> dict[int, str]:
        """See `ports.Knowledge`."""
        with reading(self._engine) as connection:
            return knowledge.remedies(connection, failure_ids)

    def suggest(self, failure_id: int, solution_ids: Iterable[int], at: datetime) -> None:
        """See `ports.Knowledge`. What was shown before needs no writer."""
        shown = set(solution_ids)
        with reading(self._engine) as connection:
            new = shown - suggesting.suggested(connection, failure_id)
        if new:
            with writing(self._engine) as connection:
                suggesting.suggest(connection, failure_id, new, at)

    def suggested(self, failure_id: int) -> set[int]:
        """See `ports.Knowledge`."""
        with reading(self._engine) as connection:
            return suggesting.suggested(connection, failure_id)

    def browse(self, failure_type: str | None = None) -> list[tuple[Solution, Record]]:
        """See `ports.Knowledge`."""
        with reading(self._engine) as connection:
            return knowledge.browse(connection, failure_type)

    def edit(self, solution_id: int, description: str, condition: str | None, *, by: str, at: datetime) -> bool:
        """See `ports.Knowledge`."""
        with writing(self._engine) as connection:
            return editing.edit(connection, solution_id, description, condition, by=by, at=at)

    def retire(self, solution_id: int, *, by: str, at: datetime) -> bool:
        """See `ports.Knowledge`."""
        with writing(self._engine) as connection:
            return editing.retire(connection, solution_id, by=by, at=at)

    def verdicts(self, failure_id: int | None, by: str) -> dict[int, bool]:
        """See `ports.Knowledge`."""
        with reading(self._engine) as connection:
            return knowledge.verdicts(connection, failure_id, by)

    def resolve(self, failure_id: int, resolution: Resolution, *, by: str, at: datetime) -> None:
        """See `ports.Knowledge`."""
        with writing(self._engine) as connection:
            knowledge.resolve(connection, failure_id, resolution, by, at)

    # Names

    def signatures(self) -> list[OrganisationSignature]:
        """See `naming.Names`."""
        with reading(self._engine) as connection:
            return naming.signatures(connection)

    def unknown(self, scope: Scope, period: Period, limit: int = 20_000) -> list[Failure]:
        """See `naming.Names`."""
        with reading(self._engine) as connection:
            return naming.unknown(connection, scope, period, limit)

    def failures_in(self, scope: Scope, period: Period) -> tuple[int, int]:
        """See `naming.Names`."""
        with reading(self._engine) as connection:
            return naming.failures_in(connection, scope, period)

    def carrying(self, scope: Scope, signature: str) -> tuple[int, int]:
        """See `naming.Names`."""
        with reading(self._engine) as connection:
            return naming.carrying(connection, scope, signature)

    def name(self, signature: OrganisationSignature) -> OrganisationSignature:
        """See `naming.Names`."""
        with writing(self._engine) as connection:
            return naming.name(connection, signature)

    def rename_signature(self, signature: str, new: str, shown: str, *, by: str, at: datetime) -> bool:
        """See `naming.Names`."""
        with writing(self._engine) as connection:
            return naming.rename(connection, signature, new, shown, by=by, at=at)

    def retire_signature(self, signature: str, *, by: str, at: datetime) -> bool:
        """See `naming.Names`."""
        with writing(self._engine) as connection:
            return naming.retire(connection, signature, by=by, at=at)

    def audit(self) -> list[tuple[str, str, str]]:
        """What people changed about solutions, oldest first: (action, subject, by)."""
        with reading(self._engine) as connection:
            return editing.trail(connection)

    # Trials

    def unstudied(self, limit: int) -> list[News]:
        """See `ports.Trials`."""
        with reading(self._engine) as connection:
            return learning.unstudied(connection, limit)

    def studied(self, ids: Iterable[int], at: datetime) -> None:
        """See `ports.Trials`."""
        with writing(self._engine) as connection:
            learning.studied(connection, ids, at)

    # Notices

    def notice(self, key: str, channel: str) -> Notice | None:
        """See `ports.Notices`."""
        with reading(self._engine) as connection:
            return notices.notice(connection, key, channel)

    def told(self, prefix: str, channel: str) -> list[Notice]:
        """See `ports.Notices`."""
        with reading(self._engine) as connection:
            return notices.told(connection, prefix, channel)

    def note(self, notice: Notice) -> None:
        """See `ports.Notices`."""
        with writing(self._engine) as connection:
            notices.note(connection, notice)

    def forget(self, key: str, channel: str) -> None:
        """See `ports.Notices`."""
        with writing(self._engine) as connection:
            notices.forget(connection, key, channel)

    # Incidents

    def observe(
        self, keys: Sequence[str], apply: Callable[[Sequence[Incident]], Sequence[Transition]], *, now: datetime
    ) -> None:
        """See `ports.Incidents`."""
        with writing(self._engine) as connection:
            known = {each.id: each for each in (*incidents.live(connection, now), *incidents.by_keys(connection, keys))}
            for change in apply(list(known.values())):
                incidents.save(connection, change.incident, change.step, now)

    def change(self, incident_id: int, apply: Callable[[Incident], Transition], *, now: datetime) -> Transition | None:
        """See `ports.Incidents`."""
        with writing(self._engine) as connection:
            known = incidents.incident(connection, incident_id)
            if known is None:
                return None
            change = apply(known)
            if change.incident != known or change.step is not None:
                incidents.save(connection, change.incident, change.step, now)
            return change

    def live(self, *, ended_since: datetime) -> list[Incident]:
        """See `ports.Incidents`."""
        with reading(self._engine) as connection:
            return incidents.live(connection, ended_since)

    def incident(self, incident_id: int) -> Incident | None:
        """See `ports.Incidents`."""
        with reading(self._engine) as connection:
            return incidents.incident(connection, incident_id)

    def steps(self, incident_ids: Iterable[int]) -> dict[int, list[Step]]:
        """See `ports.Incidents`."""
        with reading(self._engine) as connection:
            return incidents.steps(connection, incident_ids)

    def keep(self, decisions: Sequence[tuple[int, str, Decision]], *, now: datetime) -> None:
        """See `ports.Incidents`."""
        if not decisions:
            return
        with writing(self._engine) as connection:
            for incident_id, channel, decision in decisions:
                incidents.keep(connection, incident_id, channel, decision, now)

    def kept(self, incident_id: int, limit: int = 50) -> list[Kept]:
        """See `ports.Incidents`."""
        with reading(self._engine) as connection:
            return incidents.kept(connection, incident_id, limit)

    def failure_groups(self, scope: Scope, since: datetime, settled: datetime) -> list[FailureGroup]:
        """See `ports.Incidents`."""
        with reading(self._engine) as connection:
            return incidents.failure_groups(connection, scope, since, settled)

    # Homes

    def chosen(self, user: str) -> tuple[str, ...]:
        """See `ports.Homes`."""
        with reading(self._engine) as connection:
            return homes.chosen(connection, user)

    def choose(self, user: str, projects: Sequence[str]) -> None:
        """See `ports.Homes`."""
        with writing(self._engine) as connection:
            homes.choose(connection, user, projects)

    # Subscriptions

    def subscriptions(self) -> list[Subscription]:
        """See `ports.Subscriptions`."""
        with reading(self._engine) as connection:
            return subscribed.subscriptions(connection)

    def subscribe(self, wanted: Subscription) -> None:
        """See `ports.Subscriptions`."""
        with writing(self._engine) as connection:
            subscribed.subscribe(connection, wanted)

    def unsubscribe(self, subscription_id: int) -> bool:
        """See `ports.Subscriptions`."""
        with writing(self._engine) as connection:
            return subscribed.unsubscribe(connection, subscription_id)

    def take_back(self, wanted: Subscription) -> None:
        """See `ports.Subscriptions`."""
        with writing(self._engine) as connection:
            subscribed.take_back(connection, wanted)

    def windows(self, now: datetime) -> list[Maintenance]:
        """See `ports.Subscriptions`."""
        with reading(self._engine) as connection:
            return subscribed.windows(connection, now)

    def begin(self, window: Maintenance) -> None:
        """See `ports.Subscriptions`."""
        with writing(self._engine) as connection:
            subscribed.begin(connection, window)

    def end(self, part: MaintenanceKind, name: str, now: datetime) -> bool:
        """See `ports.Subscriptions`."""
        with writing(self._engine) as connection:
            return subscribed.end(connection, part, name, now)
