"""Somebody asks for the digest: they alone read it, as the channel would have, and may share it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.knowledge.solution import SolutionOutcome
from bot.domain.period import Period
from bot.domain.scope import Scope
from bot.domain.workload.attempt import Outcome
from bot.store.store import Store
from tests.promises.telling import HOUR, Telling, failed, run, telling


@pytest.fixture
def bot(sqlite_store: Store) -> Iterator[Telling]:
    """The week before last and last week: two owners, two causes, one hot node that dana took."""
    with telling(sqlite_store, connected=True, time_zone="UTC") as bot:
        bot.workspace.person("ana")
        yield bot


def last_week(bot: Telling) -> Period:
    """The last full week, Monday to Sunday, in UTC."""
    midnight = bot.now.replace(hour=0, minute=0, second=0)
    monday = midnight - timedelta(days=midnight.weekday())
    return Period.last(timedelta(days=7), until=monday if bot.now >= monday + 9 * HOUR else monday - timedelta(days=7))


def fail(bot: Telling, cause: str, jobs: int, *, owner: str | None, week: Period) -> None:
    ends = [week.since + (5 + number) * HOUR for number in range(jobs)]
    runs = [
        replace(run(f"{cause}-{at.hour}1", at, f"n{at.hour}", Outcome.FAILED, pod=f"{cause}{at}"), owner=owner)
        for at in ends
    ]
    bot.store.recorder.record(runs, [replace(failed(one, "Error", cause), owner=owner) for one in runs])


def test_a_digest_says_what_failed_most_with_its_trend_and_whose_it_was(bot: Telling) -> None:
    week = last_week(bot)
    fail(bot, "cuda-out-of-memory", 5, owner="ana", week=week)
    fail(bot, "cuda-out-of-memory", 2, owner="ana", week=week.before)
    fail(bot, "nccl-timeout", 3, owner="nobody-in-slack", week=week)
    solution = next(
        one.id for one, _ in bot.store.knowledge.solutions(Scope(), "Error", "cuda-out-of-memory") if one.id is not None
    )
    bot.store.knowledge.vote(SolutionOutcome(solution_id=solution, worked=True, by="U1", at=week.since + HOUR))
    answer = bot.dana.slash("/failures", "digest", channel="on-call").answer(timeout=10)
    said = answer.words
    assert answer.seen_by == bot.dana.id
    assert "8 of 8 jobs failed" in said
    assert f"cuda-out-of-memory`: 5 jobs ▲ (was 2) · <@{bot.workspace.person('ana').id}>" in said
    assert "nccl-timeout`: 3 jobs (new) · `nobody-in-slack`" in said
    assert "· new" in said
    assert "Failures rose from 2 to 8" in said
    bot.dana.press(answer, "Share to channel")
    (shared,) = bot.workspace.wait_for(bot.roots)
    assert f"Shared by <@{bot.dana.id}>" in shared.words


def test_a_hot_node_is_told_with_who_took_it(bot: Telling) -> None:
    bot.now = last_week(bot).until - 20 * HOUR
    bot.a_hot_node()
    bot.sweep()
    bot.dana.press(bot.root(), "Acknowledge")
    bot.workspace.wait_for(lambda: "Acknowledged" in bot.root().words, what="the acknowledged message")
    said = bot.dana.slash("/failures", "digest", channel="on-call").answer(saying="Hot nodes").words
    assert "gpu-node-03` failed 10 of the 10 jobs it got (the same jobs elsewhere: 2 %)" in said
    assert f"acknowledged by <@{bot.dana.id}>" in said
    assert "I told of 1 finding" in said


def test_a_project_that_does_not_exist_has_no_digest(bot: Telling) -> None:
    assert "I know no project" in bot.dana.slash("/failures", "digest ml-teem", channel="on-call").answer().words
