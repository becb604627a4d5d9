"""Tries a subscription on history: how often it would have told, before anybody is bothered by it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.analysis.report import Report
from bot.domain.commands.command import Subscribe
from bot.domain.incidents.detect import WINDOW, detected
from bot.domain.incidents.subscription import Wants
from bot.domain.period import Period
from bot.services.replies import SubscriptionTrial, Threshold

DAYS = 30
OTHERS = (3, 5, 10)
"""Thresholds that are shown beside the one that was asked for."""


def trial(wanted: Subscribe, analyze: Callable[[Period], Report], *, now: datetime) -> SubscriptionTrial:
    """How often it would have told in the last 30 days: a thing counts anew when it was not there the day before."""
    days = [_day(wanted, analyze, now - timedelta(days=number)) for number in range(DAYS - 1, -1, -1)]
    asked = wanted.threshold or 0
    others = OTHERS if wanted.wants is Wants.ALERTS else ()
    return SubscriptionTrial(
        wanted=replace(wanted, only_try=False),
        times=_times(days, asked),
        days=DAYS,
        others=tuple(Threshold(jobs, _times(days, jobs)) for jobs in others if jobs != asked),
    )


def _day(wanted: Subscribe, analyze: Callable[[Period], Report], until: datetime) -> dict[str, int]:
    """What there was to tell of one day: failed jobs by key."""
    report = analyze(Period.last(WINDOW, until=until))
    if wanted.wants is Wants.ALERTS:
        return {one.key: max(one.jobs, 1000 * one.hard) for one in detected(report, now=until).findings}
    return {cause: 1 for one in report.types for cause in one.signatures or {one.type: 1}}


def _times(days: Iterable[dict[str, int]], threshold: int) -> int:
    before: set[str] = set()
    times = 0
    for day in days:
        there = {key for key, jobs in day.items() if jobs >= threshold}
        times += len(there - before)
        before = there
    return times
