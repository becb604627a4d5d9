"""Incidents and subscriptions in memory, under the contract of the store's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.domain.incidents.detect import FailureGroup
from bot.domain.incidents.incident import Incident, Step
from bot.domain.incidents.lifecycle import Transition
from bot.domain.incidents.notify import Decision, Kept
from bot.domain.scope import Scope


@dataclass(slots=True)
class FakeIncidents:
    kept_incidents: dict[int, Incident] = field(default_factory=dict)
    said: dict[int, list[Step]] = field(default_factory=dict)
    decided: list[tuple[int, Kept]] = field(default_factory=list)
    groups: list[FailureGroup] = field(default_factory=list)

    def observe(
        self,
        scope: Scope,
        keys: Sequence[str],
        apply: Callable[[Sequence[Incident]], Sequence[Transition]],
        *,
        now: datetime,  # noqa: ARG002 the port has it
    ) -> None:
        live = [one for one in self._seen(scope) if one.is_live]
        known = [*live, *(one for one in self.kept_incidents.values() if one.key in keys and one not in live)]
        for change in apply(known):
            self._save(change)

    def change(
        self,
        scope: Scope,
        incident_id: int,
        apply: Callable[[Incident], Transition],
        *,
        now: datetime,  # noqa: ARG002 the port has it
    ) -> Transition | None:
        known = self.incident(scope, incident_id)
        if known is None:
            return None
        change = apply(known)
        self._save(change)
        return change

    def live(self, scope: Scope, *, ended_since: datetime) -> list[Incident]:
        return [
            one
            for one in self._seen(scope)
            if one.is_live or (one.resolved_at is not None and one.resolved_at >= ended_since)
        ]

    def incident(self, scope: Scope, incident_id: int) -> Incident | None:
        return next((one for one in self._seen(scope) if one.id == incident_id), None)

    def steps(self, scope: Scope, incident_ids: Iterable[int]) -> dict[int, list[Step]]:
        seen = {one.id for one in self._seen(scope)}
        return {number: list(self.said.get(number, ())) if number in seen else [] for number in incident_ids}

    def keep(self, decisions: Sequence[tuple[int, str, Decision]], *, now: datetime) -> None:
        for number, channel, decision in decisions:
            before = [i for i, (of, kept) in enumerate(self.decided) if (of, kept.channel) == (number, channel)]
            last = self.decided[before[-1]][1] if before else None
            if last is not None and last.decision == decision:
                self.decided[before[-1]] = (number, replace(last, last_at=now, times=last.times + 1))
            else:
                kept = Kept(channel=channel, decision=decision, first_at=now, last_at=now)
                self.decided.append((number, kept))

    def kept(self, scope: Scope, incident_id: int, limit: int = 50) -> list[Kept]:
        seen = self.incident(scope, incident_id) is not None
        return [kept for number, kept in self.decided if seen and number == incident_id][-limit:]

    def failure_groups(
        self,
        scope: Scope,
        since: datetime,
        settled: datetime,  # noqa: ARG002 what fails here has failed just now
    ) -> list[FailureGroup]:
        return [one for one in self.groups if scope.project in {None, one.project} and one.last_at >= since]

    def _seen(self, scope: Scope) -> list[Incident]:
        """Those of all projects only where all may be seen: nothing here was made from less."""
        every = scope.allowed is None
        return [one for one in self.kept_incidents.values() if every or scope.may_see(one.finding.project)]

    def _save(self, change: Transition) -> None:
        number = change.incident.id or len(self.kept_incidents) + 1
        self.kept_incidents[number] = replace(change.incident, id=number)
        if change.step is not None:
            total = sum(map(len, self.said.values()))
            self.said.setdefault(number, []).append(replace(change.step, id=total + 1))
