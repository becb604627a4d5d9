"""Slack is away for an hour, slow, or closed in one channel: nothing is lost, order is kept, and its owner hears."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.services.errors import Undelivered
from bot.store.store import Store
from tests.promises.telling import HOUR, MINUTE, telling


def test_after_an_hour_without_slack_all_is_told_in_order(sqlite_store: Store) -> None:
    with telling(sqlite_store) as bot:
        bot.workspace.cut()
        bot.a_hot_node()
        with pytest.raises(Undelivered):
            bot.sweep()
        bot.a_hot_node(14, start=10)
        with pytest.raises(Undelivered):
            bot.sweep(HOUR)
        bot.workspace.restore()
        bot.sweep(MINUTE)
        assert "24 of 24" in bot.root().words
        lines = bot.thread()
        assert [line.split()[0] for line in lines] == ["Opened", "🔺"]


def test_the_owner_reads_once_how_long_slack_was_away_and_how_much_came_late(sqlite_store: Store) -> None:
    with telling(sqlite_store) as bot:
        owner = bot.workspace.channel("owners")
        object.__setattr__(bot.tasks._settings, "owner", owner.id)
        bot.workspace.cut()
        bot.a_hot_node()
        with pytest.raises(Undelivered):
            bot.sweep()
        assert bot.messenger.undelivered_since is not None
        with pytest.raises(Undelivered):
            bot.sweep(HOUR)
        bot.workspace.restore()
        for _ in range(3):
            bot.sweep(MINUTE)
            bot.tasks.gaps(bot.now)
        (said,) = bot.roots(owner)
        assert "(1 h 1 min): *2 messages came late*" in said.words, "the message and the first line of its thread"


def test_a_rate_limit_is_waited_for(sqlite_store: Store) -> None:
    with telling(sqlite_store) as bot:
        bot.a_hot_node()
        bot.workspace.rate_limit("chat.postMessage", times=1, retry_after=1)
        bot.sweep()
        assert len(bot.roots()) == 1


def test_an_archived_channel_is_reported_to_the_owner_and_told_once_it_is_back(sqlite_store: Store) -> None:
    with telling(sqlite_store) as bot:
        owner = bot.workspace.channel("owners")
        object.__setattr__(bot.tasks._settings, "owner", owner.id)
        bot.workspace.archive(bot.on_call)
        bot.a_hot_node()
        bot.sweep()
        bot.sweep(MINUTE)
        (said,) = bot.roots(owner)
        assert "is_archived" in said.words
        bot.workspace.state.alter_channel(bot.on_call.id, archived=False)
        bot.sweep(timedelta(hours=2))
        assert len(bot.roots()) == 1
