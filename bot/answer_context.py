"""Puts together what answers are made from: the store, the catalogue and the installation's rules."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from bot import catalogue
from bot.domain.incidents.subscription import Subscription, Wants
from bot.domain.scope import Scope
from bot.services.answers.answer import AnswerContext
from bot.services.incidents.acknowledge import IncidentContext
from bot.services.knowledge.fixes import Sources
from bot.settings import Settings
from bot.store.migrate import check, current, head, upgrade
from bot.store.store import Store, open_store


@contextmanager
def opened(settings: Settings) -> Iterator[tuple[Store, AnswerContext]]:
    """The migrated store and the context over it, until the block ends. Raises Unavailable."""
    if current(settings.store_url) != head():  # a question does not wait for a writer
        upgrade(settings.store_url)
    check(settings.store_url)
    store = open_store(settings.store_url)
    try:
        known = catalogue.load()
        store.knowledge.sync_rules(known.rules())
        yield (
            store,
            AnswerContext(
                evidence=store.evidence,
                ledger=store.ledger,
                retries=store.retries,
                sources=Sources(
                    history=store.history, knowledge=store.knowledge, catalogue=known, names=store.named_causes
                ),
                allowed_projects=settings.allowed_projects,
                lookback=timedelta(days=settings.lookback_days),
                pattern_threshold=settings.pattern_threshold,
                gpu_prices=settings.gpu_prices,
                predict_precision=settings.predict_precision,
                clusters=tuple(cluster.name for cluster in settings.watched),
                incidents=incident_context(settings, store),
                digest=Subscription(
                    channel="",
                    wants=Wants.DIGEST,
                    weekday=settings.digest_weekday,
                    hour=settings.digest_hour,
                    time_zone=settings.time_zone,
                ),
            ),
        )
    finally:
        store.close()


def incident_context(settings: Settings, store: Store) -> IncidentContext:
    """What incidents are handled with; whoever has Slack adds the members of user groups."""
    return IncidentContext(
        incidents=store.incidents,
        notices=store.incident_notices,
        outages=store.outages,
        subscriptions=store.subscriptions,
        homes=store.homes,
        responders=settings.responders,
        on_call=settings.on_call_group,
        scope=Scope.of(settings.allowed_projects),
        from_settings=tuple(_from_settings(settings)),
    )


def _from_settings(settings: Settings) -> Iterator[Subscription]:
    """The subscriptions that stand in the settings."""
    if settings.on_call_channel is not None:
        yield Subscription(channel=settings.on_call_channel, wants=Wants.ALERTS)
    may_see = Scope.of(settings.allowed_projects).may_see
    if settings.digest_channel is not None and (settings.digest_project is None or may_see(settings.digest_project)):
        yield Subscription(
            channel=settings.digest_channel,
            wants=Wants.DIGEST,
            project=settings.digest_project,
            weekday=settings.digest_weekday,
            hour=settings.digest_hour,
            time_zone=settings.time_zone,
        )
