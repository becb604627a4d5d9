"""Answers `predict`: what will most likely fail next, and how right the bot has been."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np

from bot.domain.analysis.attempt_table import PeriodEvidence, Runs
from bot.domain.analysis.identity import job_number
from bot.domain.foresight.backtest import backtest
from bot.domain.foresight.history import Attempts
from bot.domain.foresight.outlook import Likely, Outlook, next_attempts
from bot.domain.period import Period
from bot.domain.scope import Scope
from bot.services.answers.analyze import EvidenceSource

LOOK_BACK = timedelta(days=7)
"""A job that has not failed for longer is not looked at."""
MOST_ATTEMPTS = 300_000
"""The newest ones are read: older ones say little of what comes next."""
_SHOWN = 20


def predict(history: EvidenceSource, scope: Scope, name: str | None, *, threshold: float, now: datetime) -> Outlook:
    """What will most likely fail next in the scope; with `name` only the job of that name. Raises Unavailable."""
    evidence = _everything(history, scope, now)
    attempts = _attempts(evidence)
    told, forecast = backtest(attempts, evidence.period, threshold=threshold)
    outlook = Outlook(name=name, period=evidence.period, score=told, threshold=threshold)
    place = {number: code for code, number in enumerate(np.unique(evidence.runs.job).tolist())}
    lately = {
        place[number]: (project, job)
        for cluster, project, job in history.failing_jobs(scope, Period.last(LOOK_BACK, until=now))
        if (number := job_number(cluster, project, job)) in place and name in {None, job}
    }
    if not lately or not told.speaks:
        return replace(outlook, looked_at=len(lately))
    jobs = np.array(sorted(lately), dtype=np.int64)
    ahead = next_attempts(attempts, forecast, jobs, now=now)
    likely = [
        Likely(project=lately[code][0], job=lately[code][1], chance=float(chance), failed=int(failed), of=int(of))
        for code, chance, failed, of in zip(jobs.tolist(), ahead.chance, ahead.failed, ahead.of, strict=True)
        if chance >= threshold
    ]
    likely.sort(key=lambda one: (-one.chance, one.job))
    return replace(outlook, looked_at=len(lately), likely=tuple(likely[:_SHOWN]))


def _attempts(evidence: PeriodEvidence) -> Attempts:
    return Attempts.of(evidence.runs, [gpus.number for gpus in evidence.names.gpus])


def _everything(history: EvidenceSource, scope: Scope, now: datetime) -> PeriodEvidence:
    """All that is stored up to now, or the newest of it."""
    evidence = history.evidence(scope, Period(history.recorded_since(scope) or now - LOOK_BACK, now))
    if len(evidence.runs) <= MOST_ATTEMPTS:
        return evidence
    return replace(evidence, runs=_newest(evidence.runs))


def _newest(runs: Runs) -> Runs:
    return runs.where(np.sort(np.argsort(runs.ended, kind="stable")[-MOST_ATTEMPTS:]))
