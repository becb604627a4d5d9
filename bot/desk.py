"""Puts together what answers are made from: the store, the catalogue and the installation's rules."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from bot import catalogue
from bot.services.answering import Desk
from bot.services.fixing import Sources
from bot.settings import Settings
from bot.store.migrate import current, head, upgrade
from bot.store.store import Store


@contextmanager
def opened(settings: Settings) -> Iterator[tuple[Store, Desk]]:
    """The migrated store and a desk over it, until the block ends. Raises Unavailable."""
    if current(settings.store_url) != head():  # a question does not wait for a writer
        upgrade(settings.store_url)
    store = Store.open(settings.store_url)
    try:
        known = catalogue.load()
        store.sync_rules(known.rules())
        yield (
            store,
            Desk(
                evidence=store,
                sources=Sources(history=store, knowledge=store, catalogue=known),
                allowed_projects=settings.allowed_projects,
                lookback=timedelta(days=settings.lookback_days),
                pattern_threshold=settings.pattern_threshold,
                gpu_prices=settings.gpu_prices,
                clusters=tuple(cluster.name for cluster in settings.watched),
            ),
        )
    finally:
        store.close()
