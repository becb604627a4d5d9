"""The attempts of jobs, for what their retries came to."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Engine

from bot.domain.foresight.retrying import JobTry
from bot.domain.period import Period
from bot.domain.scope import Scope
from bot.domain.workload.attempt import Outcome
from bot.services.answers.retry import RetrySource
from bot.store.attempt_causes import with_causes
from bot.store.engine import reading
from bot.store.tables import ATTEMPTS

_OF = ATTEMPTS.c
_MADE_OF = (_OF.image, _OF.memory_request, _OF.cpu_request, _OF.gpu_count, _OF.gpu_type)
_BATCH = 10_000


class SqlRetries(RetrySource):
    """The attempts of jobs."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def tries(self, scope: Scope, period: Period) -> Iterator[JobTry]:
        columns = (_OF.cluster, _OF.project, _OF.job, _OF.outcome, _OF.started_at, _OF.ended_at, *_MADE_OF)
        query = with_causes(scope, *columns).where(_OF.ended_at >= period.since, _OF.ended_at < period.until)
        with reading(self._engine) as connection:
            for row in connection.execution_options(yield_per=_BATCH).execute(query).mappings():
                yield JobTry(
                    cluster=row["cluster"],
                    project=row["project"],
                    job=row["job"],
                    outcome=Outcome(row["outcome"]),
                    began_at=row["started_at"] or row["ended_at"],
                    ended_at=row["ended_at"],
                    cause=row["signature"] or row["failure_type"],
                    made_of=tuple(row[column.name] for column in _MADE_OF),
                )
