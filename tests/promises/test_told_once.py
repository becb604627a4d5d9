"""One message for each incident, edited through its life: told once, kept current, ended when it is over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.workload.attempt import Outcome
from bot.services.errors import Undelivered
from bot.store.store import Store
from playground.workspace import Installation
from tests.promises.telling import HOUR, MINUTE, NODE, Telling, failed, run, telling


@pytest.fixture
def bot(sqlite_store: Store) -> Iterator[Telling]:
    with telling(sqlite_store, on_call_group="S0ONCALL1") as bot:
        yield bot


def test_a_hot_node_is_told_once_and_its_counters_are_edited(bot: Telling) -> None:
    bot.a_hot_node()
    bot.sweep()
    first = bot.root()
    assert NODE in first.words
    assert "10 of 10" in first.words
    assert "<!subteam^S0ONCALL1>" in first.words
    assert first.attachments[0]["color"] == "#a30200"
    for _ in range(3):
        bot.sweep(MINUTE)
    assert bot.root().edited_ts is None, "nothing changed, so nothing was edited"
    bot.a_hot_node(3, start=10)
    bot.sweep(MINUTE)
    assert "13 of 13" in bot.root().words
    assert bot.root().ts == first.ts


def test_a_node_with_healthy_runs_again_is_edited_to_resolved(bot: Telling) -> None:
    bot.a_mended_node()
    resolved = bot.root()
    assert "Resolved" in resolved.words
    assert resolved.attachments[0]["color"] == "#2eb886"
    assert "12 of 12 jobs went well" in bot.thread()[-1]
    bot.sweep(HOUR)
    assert len(bot.roots()) == 1


def test_a_node_that_fails_again_after_its_end_is_back_in_the_same_message(bot: Telling) -> None:
    bot.a_mended_node()
    bot.now += timedelta(hours=3)
    bot.a_hot_node(12, start=40)
    bot.sweep()
    assert "It is back" in bot.thread()[-1]
    assert bot.root().attachments[0]["color"] == "#a30200"


def test_what_slack_does_not_let_the_bot_look_for_is_said_all_the_same(sqlite_store: Store) -> None:
    blind = replace(Installation(), scopes=Installation().scopes - {"channels:history", "groups:history"})
    with telling(sqlite_store, installation=blind) as bot:
        bot.a_hot_node()
        bot.workspace.rate_limit("chat.postMessage", times=9, retry_after=0)  # so that what was said is in doubt
        with pytest.raises(Undelivered):
            bot.sweep()
        bot.workspace.rate_limit("chat.postMessage", times=0, retry_after=0)
        bot.sweep(MINUTE)
        assert "10 of 10" in bot.root().words
        assert len(bot.thread()) == 1


def test_one_job_that_fails_on_a_mended_node_does_not_bring_it_back(bot: Telling) -> None:
    bot.a_mended_node()
    stray = run("typo-1", bot.now + HOUR, NODE, Outcome.FAILED, pod="typo")
    bot.store.recorder.record([stray], [failed(stray, "Error", "python-import-error")])
    bot.sweep(HOUR + MINUTE)
    assert "Resolved" in bot.root().words
    assert "12 of 12 jobs went well" in bot.thread()[-1]


def test_a_node_with_a_hardware_fault_is_over_once_it_was_mended_although_a_job_failed_there_since(
    bot: Telling,
) -> None:
    fine = [run(f"before-{n}", bot.now - 6 * HOUR, NODE, Outcome.SUCCEEDED, pod=f"w{n}") for n in range(40)]
    bad = run("train-1", bot.now - HOUR, NODE, Outcome.FAILED, pod="xid")
    bot.store.recorder.record([*fine, bad], [failed(bad, "Error", "gpu-xid-79")])
    bot.sweep()
    assert "gpu-xid-79 1×" in bot.root().words
    later = run("typo-2", bot.now + HOUR, NODE, Outcome.FAILED, pod="typo")
    bot.now += HOUR
    bot.healthy_runs(7)
    bot.now += 2 * MINUTE
    bot.store.recorder.record([later], [failed(later, "Error", "python-import-error")])
    bot.sweep()
    bot.sweep(10 * MINUTE)
    assert "Resolved" in bot.root().words
    assert "7 jobs went well on it since its hardware reported a fault" in bot.thread()[-1]


def test_a_node_that_fails_a_little_too_often_is_told_by_the_month_and_says_so(bot: Telling) -> None:
    bot.a_month_of(NODE, rate=0.3)
    bot.sweep()
    assert "failures in 28 days, since" in bot.root().words
    bot.sweep(10 * MINUTE)
    assert len(bot.roots()) == 1


def test_a_node_that_was_bad_for_a_day_ten_days_ago_is_history(bot: Telling) -> None:
    attempts = []
    for number in range(2000):
        at = bot.now - timedelta(minutes=20 * number)
        where = f"gpu-node-{20 + number % 8}"
        attempts.append(run(f"daily-{number}", at, where, Outcome.SUCCEEDED, pod=f"d{number}"))
    for number in range(24):
        at = bot.now - timedelta(days=10, hours=number)
        attempts.append(run(f"victim-{number}", at, NODE, Outcome.FAILED, pod=f"v{number}"))
        attempts.append(run(f"victim-{number}", at + HOUR, "gpu-node-21", Outcome.SUCCEEDED, pod=f"w{number}"))
    bot.store.recorder.record(attempts, [failed(one, "Error") for one in attempts if one.outcome is Outcome.FAILED])
    bot.sweep()
    assert bot.roots() == []
