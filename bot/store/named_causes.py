"""Causes that people named, and the failures that carry them. Naming and recording are transactions of one writer, so
no failure of the shape slips between the two."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, and_, case, func, insert, select, update

from bot.domain.diagnosis.organisation import OrganisationSignature, by_template, named
from bot.domain.diagnosis.template import template_of
from bot.domain.period import Period
from bot.domain.scope import Scope
from bot.domain.workload.failure import Failure
from bot.domain.workload.pod_evidence import CauseOwner
from bot.services.knowledge.name_causes import MOST_LOOKED_AT, NamedCauses
from bot.store import counts, rows
from bot.store.chunks import chunks
from bot.store.engine import reading, writing
from bot.store.scoped import within
from bot.store.storable import clean
from bot.store.tables import FAILURES, NAMED, SOLUTIONS

_IT, _OF = NAMED.c, FAILURES.c
_BETWEEN = re.compile(r"<\w+>|\s+|…")


class SqlNamedCauses(NamedCauses):
    """The causes that people named."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def signatures(self, scope: Scope) -> list[OrganisationSignature]:
        with reading(self._engine) as connection:
            named = _in_use(connection)
            if scope.allowed is None or not named:
                return named
            these = (_OF.signature.in_({one.id for one in named}), within(Scope(scope.allowed), FAILURES))
            seen = set(connection.execute(select(_OF.signature).where(*these).distinct()).scalars())
            return [one for one in named if one.id in seen]

    def unknown(self, scope: Scope, period: Period, limit: int = MOST_LOOKED_AT) -> list[Failure]:
        with reading(self._engine) as connection:
            found = connection.execute(
                select(*rows.WITHOUT_TEXTS)
                .where(_in_period(scope, period), _OF.signature.is_(None), _OF.error_message.is_not(None))
                .order_by(_OF.timestamp.desc(), _OF.id.desc())
                .limit(limit)
            )
            return [rows.failure(row) for row in found.mappings()]

    def failures_in(self, scope: Scope, period: Period) -> tuple[int, int]:
        with reading(self._engine) as connection:
            is_unknown = and_(_OF.signature.is_(None), _OF.error_message.is_not(None))
            counted = select(func.count(), func.count(case((is_unknown, 1)))).select_from(FAILURES)
            total, without = connection.execute(counted.where(_in_period(scope, period))).one()
            return int(total), int(without)

    def carrying(self, scope: Scope, signature: str) -> tuple[int, int]:
        with reading(self._engine) as connection:
            by_job = (
                select(func.count().label("failures"))
                .where(_OF.signature == clean(signature), within(scope, FAILURES))
                .group_by(_OF.cluster, _OF.project, _OF.job_name)
                .subquery()
            )
            failures, jobs = connection.execute(
                select(func.coalesce(func.sum(by_job.c.failures), 0), func.count()).select_from(by_job)
            ).one()
            return int(failures), int(jobs)

    def name(self, signature: OrganisationSignature) -> OrganisationSignature:
        with writing(self._engine) as connection:
            template = clean(signature.template)
            known = connection.execute(select(NAMED).where(_IT.template == template, _IT.retired_at.is_(None)))
            row = known.mappings().one_or_none()
            if row is not None:
                return _signature(row)
            connection.execute(insert(NAMED), _row(signature))
            _relabel(connection, _of_shape(connection, template), signature.id)
            return signature

    def rename_signature(self, signature: str, new: str, shown: str, *, by: str, at: datetime) -> bool:
        with writing(self._engine) as connection:
            old = [one for one in _in_use(connection) if one.id == clean(signature)]
            if not old or (old[0].id, old[0].name) == (new, shown):
                return bool(old)
            _end(connection, signature, by, at)
            renamed = [replace(one, id=new, name=shown, created_at=at) for one in old]
            connection.execute(insert(NAMED), [_row(one) for one in renamed])
            _relabel(connection, _carriers(connection, signature), new)
            connection.execute(
                update(SOLUTIONS).where(SOLUTIONS.c.signature == clean(signature)).values(signature=clean(new))
            )
            return True

    def retire_signature(self, signature: str, *, by: str, at: datetime) -> bool:
        with writing(self._engine) as connection:
            if not _end(connection, signature, by, at):
                return False
            _relabel(connection, _carriers(connection, signature), None)
            return True


def _in_use(connection: Connection) -> list[OrganisationSignature]:
    """The named causes in use, oldest first."""
    found = connection.execute(select(NAMED).where(_IT.retired_at.is_(None)).order_by(_IT.id))
    return [_signature(row) for row in found.mappings()]


def recognised(connection: Connection, failures: Sequence[Failure]) -> Sequence[Failure]:
    """The failures, those of a named shape with its signature."""
    if not any(failure.signature is None and failure.error_message for failure in failures):
        return failures
    known = by_template(_in_use(connection))
    return [named(failure, known) for failure in failures] if known else failures


def _end(connection: Connection, signature: str, by: str, at: datetime) -> bool:
    in_use = (_IT.signature == clean(signature), _IT.retired_at.is_(None))
    retired = connection.execute(update(NAMED).where(*in_use).values(retired_by=clean(by), retired_at=at))
    return bool(retired.rowcount)


def _of_shape(connection: Connection, template: str) -> list[int]:
    """Ids of the unknown failures of this shape. The longest word of the shape finds the few to look at."""
    word = max(_BETWEEN.split(template), key=len)
    found = connection.execute(
        select(_OF.id, _OF.error_message).where(
            _OF.signature.is_(None), _OF.error_message.contains(word, autoescape=True)
        )
    )
    return [key for key, message in found if template_of(message) == template]


def _carriers(connection: Connection, signature: str) -> list[int]:
    return list(connection.execute(select(_OF.id).where(_OF.signature == clean(signature))).scalars())


def _relabel(connection: Connection, ids: Iterable[int], signature: str | None) -> None:
    """Give these failures a signature, and count them under it."""
    signature = None if signature is None else clean(signature)
    for some in chunks(sorted(ids)):
        found = connection.execute(select(*rows.WITHOUT_TEXTS).where(_OF.id.in_(some))).mappings()
        before = [rows.failure(row) for row in found]
        counts.restate(connection, [], [(one, replace(one, signature=signature)) for one in before])
        connection.execute(update(FAILURES).where(_OF.id.in_(some)).values(signature=signature))


def _in_period(scope: Scope, period: Period) -> Any:  # noqa: ANN401 sqlalchemy's own type is longer than the function
    return within(scope, FAILURES) & (_OF.timestamp >= period.since) & (_OF.timestamp < period.until)


def _row(signature: OrganisationSignature) -> dict[str, Any]:
    return {
        "signature": clean(signature.id),
        "name": clean(signature.name),
        "template": clean(signature.template),
        "failure_type": clean(signature.failure_type),
        "explanation": clean(signature.explanation),
        "owner": signature.owner.value,
        "created_by": clean(signature.created_by),
        "created_at": signature.created_at,
    }


def _signature(row: RowMapping) -> OrganisationSignature:
    return OrganisationSignature(
        id=row["signature"],
        name=row["name"],
        template=row["template"],
        failure_type=row["failure_type"],
        explanation=row["explanation"],
        owner=CauseOwner(row["owner"]),
        created_by=row["created_by"],
        created_at=row["created_at"],
    )
