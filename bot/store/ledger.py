"""What attempts used, with the cause of those that failed."""

from __future__ import annotations

import json
from collections.abc import Iterator

from sqlalchemy import Engine, RowMapping, and_, func, select

from bot.domain.answers.ledger import MIXED, Spent
from bot.domain.period import Period
from bot.domain.scope import Scope
from bot.domain.workload.attempt import Outcome
from bot.services.answers.cost import LedgerSource
from bot.store.engine import reading
from bot.store.scoped import within
from bot.store.tables import ATTEMPTS, FAILURES

_OF, _EVENT = ATTEMPTS.c, FAILURES.c
_READ = (
    _OF.outcome, _OF.gpu_count, _OF.gpu_type, _OF.project, _OF.owner, _OF.node, _OF.nodes, _OF.image, _OF.started_at,
    _OF.finished_at,
)  # fmt: skip
_BATCH = 10_000


class SqlLedger(LedgerSource):
    """What attempts used."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def spent(self, scope: Scope, period: Period) -> Iterator[Spent]:
        newest = (
            select(func.max(_EVENT.id).label("id"), _EVENT.cluster, _EVENT.pod_uid, _EVENT.container)
            .where(within(scope, FAILURES))
            .group_by(_EVENT.cluster, _EVENT.pod_uid, _EVENT.container)
            .subquery()
        )
        same = and_(
            _OF.outcome == Outcome.FAILED,
            newest.c.cluster == _OF.cluster,
            newest.c.pod_uid == _OF.pod_uid,
            newest.c.container == _OF.container,
        )
        query = (
            select(*_READ, _EVENT.signature, _EVENT.failure_type, _EVENT.first_fault)
            .select_from(ATTEMPTS.outerjoin(newest, same).outerjoin(FAILURES, newest.c.id == _EVENT.id))
            .where(_OF.ended_at >= period.since, _OF.ended_at < period.until, within(scope, ATTEMPTS))
        )
        with reading(self._engine) as connection:
            for row in connection.execution_options(yield_per=_BATCH).execute(query).mappings():
                yield _spent(row)


def _spent(row: RowMapping) -> Spent:
    started, finished, gpus = row["started_at"], row["finished_at"], row["gpu_count"]
    known = started is not None and finished is not None and finished >= started and gpus is not None
    return Spent(
        outcome=Outcome(row["outcome"]),
        gpu_hours=gpus * (finished - started).total_seconds() / 3600 if known else None,
        gpu_type=row["gpu_type"],
        cause=row["signature"] or row["failure_type"],
        first_fault=row["first_fault"] is not False,
        project=row["project"],
        owner=row["owner"],
        node=row["node"] or (MIXED if row["nodes"] and json.loads(row["nodes"]) else None),
        image=row["image"],
    )
