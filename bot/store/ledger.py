"""What attempts used, with the cause of those that failed."""

from __future__ import annotations

import json
from collections.abc import Iterator

from sqlalchemy import Engine, RowMapping

from bot.domain.answers.ledger import MIXED, Spent
from bot.domain.period import Period
from bot.domain.scope import Scope
from bot.domain.workload.attempt import Outcome
from bot.services.answers.cost import LedgerSource
from bot.store.attempt_causes import with_causes
from bot.store.engine import reading
from bot.store.tables import ATTEMPTS

_OF = ATTEMPTS.c
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
        these = (_OF.ended_at >= period.since, _OF.ended_at < period.until)
        query = with_causes(scope, *_READ).where(*these)
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
