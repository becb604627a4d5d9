"""A burst is one message: 800 failures of one cause within a minute."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.incidents.subscription import Subscription, Wants
from bot.domain.workload.attempt import Outcome
from bot.store.store import Store
from tests.promises.telling import MINUTE, failed, run, telling


def test_800_failures_of_one_cause_in_a_minute_are_one_message(sqlite_store: Store) -> None:
    with telling(sqlite_store) as bot:
        team = bot.workspace.channel("ml-team")
        bot.store.subscriptions.subscribe(
            Subscription(channel=team.id, wants=Wants.FAILURES, project="ml-team", created_at=bot.now)
        )
        quiet = [
            run(f"fine-{n}", bot.now - timedelta(hours=1 + n % 22), f"node-{n % 40}", Outcome.SUCCEEDED, pod=f"q{n}")
            for n in range(400)
        ]
        bot.store.recorder.record(quiet, [])
        for tick in range(4):  # a sweep in the middle of it, too
            at = bot.now - timedelta(seconds=45)
            burst = [
                run(f"job-{tick}-{n}", at, f"node-{n % 40}", Outcome.FAILED, pod=f"{tick}-{n}") for n in range(200)
            ]
            bot.store.recorder.record(burst, [failed(one, "OOMKilled", "container-memory-limit") for one in burst])
            bot.sweep(timedelta(seconds=15))
        bot.sweep(MINUTE)
        assert len(bot.roots()) == 1
        (single,) = bot.roots(team)
        assert "400 failures with `container-memory-limit` in 400 jobs" in single.words
        assert bot.workspace.calls["chat.postMessage"] < 12
