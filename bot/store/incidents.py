"""Incidents, their steps, and the decisions about them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Engine, Row, RowMapping, func, insert, or_, select, update

from bot.domain.analysis.report import Severity
from bot.domain.incidents.detect import FailureGroup
from bot.domain.incidents.incident import Because, Did, Dismissal, Finding, Incident, IncidentKind, IncidentState, Step
from bot.domain.incidents.lifecycle import Transition
from bot.domain.incidents.notify import Act, Decision, Kept, Reason
from bot.domain.scope import Scope
from bot.services.incidents.ports import Incidents
from bot.store.engine import reading, writing
from bot.store.scoped import allowed_text, may_see_all_of, within
from bot.store.storable import clean
from bot.store.tables import DECISIONS, FAILURES, INCIDENTS, STEPS

_MOST_NAMES = 10
_LONGEST_KEY = 600
"""An index row of PostgreSQL holds 2704 bytes, a character is up to 4."""
_COLUMNS = ("kind", "subject", "cluster", "project", "severity", "failures", "jobs")
"""Fields of a finding that have a column."""
_OWN = (
    "state", "opened_at", "seen_at", "loud_at", "loud_failures", "episode", "acknowledged_at", "acknowledged_by",
    "snoozed_until", "snoozed_by", "resolved_at", "resolved_by", "dismissed",
)  # fmt: skip
_TIMES = ("since", "last_at")
_DETAIL = tuple(each.name for each in fields(Finding) if each.name not in _COLUMNS)


class SqlIncidents(Incidents):
    """Incidents, their steps, and the decisions about them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def observe(
        self,
        scope: Scope,
        keys: Sequence[str],
        apply: Callable[[Sequence[Incident]], Sequence[Transition]],
        *,
        now: datetime,
    ) -> None:
        made_from = {"allowed": allowed_text(scope)}
        with writing(self._engine) as connection:
            known = {each.id: each for each in (*_live(connection, scope, now), *_by_keys(connection, keys))}
            for change in apply(list(known.values())):
                seen_now = made_from if change.incident.key in keys else {}
                _save(connection, change.incident, change.step, now, **seen_now)

    def change(
        self, scope: Scope, incident_id: int, apply: Callable[[Incident], Transition], *, now: datetime
    ) -> Transition | None:
        with writing(self._engine) as connection:
            known = _incident_of(connection, scope, incident_id)
            if known is None:
                return None
            change = apply(known)
            if change.incident != known or change.step is not None:
                _save(connection, change.incident, change.step, now)
            return change

    def live(self, scope: Scope, *, ended_since: datetime) -> list[Incident]:
        with reading(self._engine) as connection:
            return _live(connection, scope, ended_since)

    def incident(self, scope: Scope, incident_id: int) -> Incident | None:
        with reading(self._engine) as connection:
            return _incident_of(connection, scope, incident_id)

    def keep(self, decisions: Sequence[tuple[int, str, Decision]], *, now: datetime) -> None:
        if not decisions:
            return
        with writing(self._engine) as connection:
            for incident_id, channel, decision in decisions:
                _keep(connection, incident_id, channel, decision, now)

    def steps(self, scope: Scope, incident_ids: Iterable[int]) -> dict[int, list[Step]]:
        found: dict[int, list[Step]] = {number: [] for number in incident_ids}
        of = STEPS.c
        taken = (
            select(of.id, of.incident_id, of.did, of.by, of.at, of.said, of.allowed, INCIDENTS.c.project)
            .join(INCIDENTS, INCIDENTS.c.id == of.incident_id)
            .where(of.incident_id.in_(list(found)))
            .order_by(of.id)
        )
        with reading(self._engine) as connection:
            for row in connection.execute(taken).mappings():
                if _is_seen(row, scope):
                    step = Step(id=row["id"], did=Did(row["did"]), by=row["by"], at=row["at"], said=row["said"])
                    found[row["incident_id"]].append(step)
        return found

    def kept(self, scope: Scope, incident_id: int, limit: int = 50) -> list[Kept]:
        with reading(self._engine) as connection:
            if _incident_of(connection, scope, incident_id) is None:
                return []
            of = DECISIONS.c
            chosen = select(DECISIONS).where(of.incident_id == incident_id).order_by(of.id.desc()).limit(limit)
            return [
                Kept(
                    channel=row["channel"],
                    decision=Decision(Act(row["act"]), Reason(row["reason"])),
                    first_at=row["first_at"],
                    last_at=row["last_at"],
                    times=row["times"],
                )
                for row in reversed(connection.execute(chosen).mappings().all())
            ]

    def failure_groups(self, scope: Scope, since: datetime, settled: datetime) -> list[FailureGroup]:
        with reading(self._engine) as connection:
            of = FAILURES.c
            cause = func.coalesce(of.signature, of.failure_type)
            these = (
                of.timestamp >= since,
                or_(of.timestamp < settled, of.signature.is_not(None)),
                of.first_fault.is_(True),
                of.resolution.is_(None),
                within(scope, FAILURES),
            )
            by_job = (
                select(
                    of.cluster,
                    of.project,
                    cause.label("cause"),
                    of.job_name,
                    func.count().label("failures"),
                    func.min(of.timestamp).label("first_at"),
                    func.max(of.timestamp).label("last_at"),
                )
                .where(*these)
                .group_by(of.cluster, of.project, cause, of.job_name)
                .order_by(func.max(of.timestamp).desc())
            )
            groups: dict[tuple[str, str | None, str], list[Row[Any]]] = {}
            for row in connection.execute(by_job):
                groups.setdefault((row.cluster, row.project, row.cause), []).append(row)
            return [
                FailureGroup(
                    cluster=cluster,
                    project=project,
                    cause=why,
                    failures=sum(row.failures for row in rows),
                    jobs=len(rows),
                    first_at=min(row.first_at for row in rows),
                    last_at=max(row.last_at for row in rows),
                    job_names=tuple(row.job_name for row in rows[:_MOST_NAMES]),
                )
                for (cluster, project, why), rows in groups.items()
            ]


def _live(connection: Connection, scope: Scope, ended_since: datetime) -> list[Incident]:
    """All incidents that are not resolved, and those that ended since; the oldest first."""
    of = INCIDENTS.c
    chosen = select(INCIDENTS).where(or_(of.state != IncidentState.RESOLVED.value, of.resolved_at >= ended_since))
    found = connection.execute(chosen.order_by(of.id)).mappings()
    return [_incident(row) for row in found if _is_seen(row, scope)]


def _incident_of(connection: Connection, scope: Scope, incident_id: int) -> Incident | None:
    row = connection.execute(select(INCIDENTS).where(INCIDENTS.c.id == incident_id)).mappings().one_or_none()
    return _incident(row) if row is not None and _is_seen(row, scope) else None


def _is_seen(row: RowMapping, scope: Scope) -> bool:
    """Whether the scope sees an incident, or a step of it."""
    return scope.may_see(row["project"]) if row["project"] is not None else may_see_all_of(scope, row["allowed"])


def _by_keys(connection: Connection, keys: Sequence[str]) -> list[Incident]:
    """The incidents under these keys."""
    found = connection.execute(select(INCIDENTS).where(INCIDENTS.c.key.in_([_key(key) for key in keys])))
    return [_incident(row) for row in found.mappings()]


def _save(connection: Connection, changed: Incident, step: Step | None, now: datetime, **made_from: str | None) -> None:
    """Write an incident as it is, with the step that was taken, and what it was made from where that is known anew."""
    of = INCIDENTS.c
    row = _row(changed) | {"updated_at": now} | made_from
    number = changed.id
    if number is None:
        number = int(connection.execute(insert(INCIDENTS).returning(of.id), row).scalar_one())
    else:
        connection.execute(update(INCIDENTS).where(of.id == number).values(row))
    if step is not None:
        allowed = select(of.allowed).where(of.id == number).scalar_subquery()
        values = {"did": step.did.value, "by": step.by, "at": step.at, "said": clean(step.said), "allowed": allowed}
        connection.execute(insert(STEPS).values(incident_id=number, **values))


def _keep(connection: Connection, incident_id: int, channel: str, decision: Decision, now: datetime) -> None:
    """Keep a decision; where it is the one before again, count it."""
    of = DECISIONS.c
    last = connection.execute(
        select(of.id, of.act, of.reason)
        .where(of.incident_id == incident_id, of.channel == channel)
        .order_by(of.id.desc())
        .limit(1)
    ).one_or_none()
    if last is not None and (last.act, last.reason) == (decision.act.value, decision.reason.value):
        again = update(DECISIONS).where(of.id == last.id).values(last_at=now, times=of.times + 1)
        connection.execute(again)
        return
    said = {"act": decision.act.value, "reason": decision.reason.value, "first_at": now, "last_at": now, "times": 1}
    connection.execute(insert(DECISIONS).values(incident_id=incident_id, channel=channel, **said))


def _key(key: str) -> str:
    """The key as it is stored: a long one ends in a digest of the whole."""
    key = clean(key)
    return key if len(key) <= _LONGEST_KEY else f"{key[:_LONGEST_KEY]}~{sha256(key.encode()).hexdigest()[:16]}"


def _row(of: Incident) -> dict[str, Any]:
    found = of.finding
    detail = {name: getattr(found, name) for name in _DETAIL}
    detail |= {name: at and at.isoformat() for name in _TIMES if (at := getattr(found, name)) is not None}
    own = {name: getattr(of, name) for name in _OWN} | {"state": of.state.value}
    columns = {name: getattr(found, name) for name in _COLUMNS}
    columns |= {"kind": found.kind.value, "severity": found.severity.value, "subject": clean(found.subject)}
    own["dismissal"] = None if of.dismissal is None else _dismissal(of.dismissal)
    return {"key": _key(of.key), **own, **columns, "detail": clean(json.dumps(detail, ensure_ascii=True))}


def _dismissal(said: Dismissal) -> str:
    return json.dumps(asdict(said) | {"because": said.because.value, "at": said.at.isoformat()})


def _dismissed(said: dict[str, Any]) -> Dismissal:
    return Dismissal(**said | {"because": Because(said["because"]), "at": datetime.fromisoformat(said["at"])})


def _incident(row: RowMapping) -> Incident:
    said: dict[str, Any] = json.loads(row["detail"])
    detail = {name: said[name] for name in _DETAIL if name in said}  # another version may have had other fields
    detail |= {name: datetime.fromisoformat(detail[name]) for name in _TIMES if detail.get(name)}
    detail |= {name: tuple(detail[name]) for name in ("lines", "job_names")}
    columns = {name: row[name] for name in _COLUMNS}
    columns |= {"kind": IncidentKind(row["kind"]), "severity": Severity(row["severity"])}
    own = {name: row[name] for name in _OWN} | {"state": IncidentState(row["state"])}
    own["dismissal"] = None if row["dismissal"] is None else _dismissed(json.loads(row["dismissal"]))
    return Incident(finding=Finding(**columns, **detail), **own, id=row["id"])
