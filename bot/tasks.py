"""The table of timed duties: what runs, how often, and on what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.domain.analysis.report import Report
from bot.domain.period import Period
from bot.domain.scope import Scope
from bot.schedule import Task
from bot.services import alerting, asking, digesting, learning
from bot.services.analyzing import analyze
from bot.services.answering import Desk
from bot.services.asking import Directory
from bot.services.ports import Messenger
from bot.settings import Settings
from bot.store.store import Store

LEARN_EVERY = timedelta(seconds=15)
"""Nearly always there is nothing new, which is one look at an index."""
ALERT_WINDOW = timedelta(hours=24)
"""Hot nodes are looked for in the attempts of so long before now."""


def tasks(
    settings: Settings, desk: Desk, store: Store, messenger: Messenger, directory: Directory | None = None
) -> list[Task]:
    """The duties that the settings ask for. Without a directory nobody is asked about the fixes that were seen."""
    table = [
        Task("prune", timedelta(days=1), _prune(settings, store)),
        Task("learn", LEARN_EVERY, _learn(settings, store, messenger, directory)),
    ]
    if settings.on_call_channel is not None:
        table.append(
            Task(
                "hot nodes",
                timedelta(minutes=1),
                _hot_nodes(settings, settings.on_call_channel, desk, store, messenger),
            )
        )
    if settings.digest_channel is not None:
        table.append(
            Task("digest", timedelta(minutes=1), _digest(settings, settings.digest_channel, desk, store, messenger))
        )
    return table


def _prune(settings: Settings, store: Store) -> Callable[[datetime], object]:
    return lambda now: store.prune(now - timedelta(days=settings.retention_days))


def _learn(
    settings: Settings, store: Store, messenger: Messenger, directory: Directory | None
) -> Callable[[datetime], object]:
    """Study what was tried, then ask the owners: what Slack refuses is asked again, what was learnt stays."""

    def run(now: datetime) -> object:
        learnt = learning.study(store, store, now=now)
        if directory is not None and settings.ask_owners:
            scope = Scope.of(settings.allowed_projects)
            asking.ask_owners(store, store, store, messenger, directory, scope=scope, now=now)
        return learnt

    return run


def _hot_nodes(
    settings: Settings, channel: str, desk: Desk, store: Store, messenger: Messenger
) -> Callable[[datetime], object]:
    def run(now: datetime) -> object:
        period = Period.last(ALERT_WINDOW, until=now)
        findings = _analyzed(settings, desk, None, period, now).nodes
        return alerting.sweep(
            findings,
            store,
            messenger,
            channel=channel,
            period=period,
            time_zone=settings.time_zone,
            repeat_after=timedelta(hours=settings.repeat_after_hours),
            now=now,
        )

    return run


def _digest(
    settings: Settings, channel: str, desk: Desk, store: Store, messenger: Messenger
) -> Callable[[datetime], object]:
    return lambda now: digesting.digest(
        lambda period: _analyzed(settings, desk, settings.digest_project, period, now),
        store,
        messenger,
        channel=channel,
        weekday=settings.digest_weekday,
        hour=settings.digest_hour,
        time_zone=settings.time_zone,
        now=now,
    )


def _analyzed(settings: Settings, desk: Desk, project: str | None, period: Period, now: datetime) -> Report:
    return analyze(
        desk.evidence,
        Scope.of(desk.allowed_projects, project=project),
        period,
        pattern_threshold=desk.pattern_threshold,
        gpu_prices=desk.gpu_prices,
        time_zone=settings.time_zone,
        now=now,
    )
