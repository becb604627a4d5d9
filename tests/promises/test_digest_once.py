"""Two digests never: whatever restarts, and whoever was away at nine on Monday."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.incidents.subscription import Subscription, Wants
from bot.domain.workload.attempt import Outcome
from bot.services.errors import Undelivered
from bot.store.store import Store
from tests.promises.telling import failed, run, telling

MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)
"""Nine in Berlin."""


def test_a_digest_is_posted_once_with_a_chart_and_the_rest_in_its_thread(sqlite_store: Store) -> None:
    with telling(sqlite_store) as bot:
        team = bot.workspace.channel("ml-team")
        wanted = Subscription(channel=team.id, wants=Wants.DIGEST, time_zone="Europe/Berlin", created_by="U0ANA1234")
        bot.store.subscriptions.subscribe(replace(wanted, created_at=MONDAY - timedelta(days=30)))
        for number in range(30):
            one = run(
                f"job-{number}", MONDAY - timedelta(hours=12 + 4 * number), "n1", Outcome.FAILED, pod=f"p{number}"
            )
            bot.store.recorder.record([one], [failed(one, "OOMKilled")])
        bot.tasks.digests(MONDAY - timedelta(minutes=1))
        early = len(bot.workspace.messages(team))
        bot.workspace.cut()
        with pytest.raises(Undelivered):
            bot.tasks.digests(MONDAY)
        bot.workspace.restore()
        for hours in (1, 2, 30, 100):
            bot.tasks.digests(MONDAY + timedelta(hours=hours))
        roots = [said for said in bot.roots(team) if "week 47" in said.words]
        (digest,) = roots
        assert any(block["type"] == "data_visualization" for block in digest.blocks)
        assert "U0ANA1234" in digest.words
        assert "subscribed this channel" in digest.words
        (rest,) = bot.workspace.messages(team, thread_ts=digest.ts)
        assert "Detected patterns" in rest.words
        assert len(bot.workspace.messages(team)) == early + 2
