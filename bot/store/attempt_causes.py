"""Attempts beside the cause of their failure: the newest failure event of the same container of the same pod."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select

from bot.domain.scope import Scope
from bot.domain.workload.attempt import Outcome
from bot.store.scoped import within
from bot.store.tables import ATTEMPTS, FAILURES

_OF, _EVENT = ATTEMPTS.c, FAILURES.c


def with_causes(scope: Scope, *columns: ColumnElement[Any]) -> Select[Any]:
    """The columns of every attempt in the scope, with `signature`, `failure_type` and `first_fault` of its
    failure; all None where there is none."""
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
    return (
        select(*columns, _EVENT.signature, _EVENT.failure_type, _EVENT.first_fault)
        .select_from(ATTEMPTS.outerjoin(newest, same).outerjoin(FAILURES, newest.c.id == _EVENT.id))
        .where(within(scope, ATTEMPTS))
    )
