"""Answers `retry`: whether an unchanged retry of a job will help, by what such retries came to here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from bot.domain.foresight.retrying import JobTry, RetryAdvice, advise, counts
from bot.domain.period import Period
from bot.domain.scope import Scope
from bot.services.knowledge.ports import History


class RetrySource(Protocol):
    """The attempts of jobs, with the causes of those that failed."""

    def tries(self, scope: Scope, period: Period) -> Iterator[JobTry]:
        """Every attempt that ended in the period, within the scope, in any order. May raise Unavailable."""


def retry(source: RetrySource, history: History, scope: Scope, period: Period, job: str) -> RetryAdvice | None:
    """The advice for a job of this name, of the newest where several have it; None where none is known in the period.
    Raises Unavailable where the store is away."""
    tries = list(source.tries(scope, period))
    named = [one for one in tries if one.job == job]
    if not named:
        return None
    newest = max(named, key=lambda one: one.ended_at)
    of_job = [one for one in named if (one.cluster, one.project) == (newest.cluster, newest.project)]
    logs = [one.logs_snippet or "" for one in history.job_failures(scope, job)]
    return advise(of_job, counts(tries), logs)
