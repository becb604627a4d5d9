"""A channel says what it wants to hear, sees beforehand how often that would be, and ends it again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.domain.scope import Scope
from bot.domain.workload.attempt import Outcome
from bot.store.store import Store
from playground.workspace import Channel, Person
from tests.promises.telling import MINUTE, Telling, failed, run, telling


@pytest.fixture
def bot(sqlite_store: Store) -> Iterator[Telling]:
    with telling(sqlite_store, connected=True) as bot:
        bot.a_hot_node()
        yield bot


@pytest.fixture
def ana(bot: Telling) -> Person:
    return bot.workspace.person("ana", tz="Europe/Berlin")


@pytest.fixture
def team(bot: Telling, ana: Person) -> Channel:
    return bot.workspace.channel("ml-team", ana, private=True)


def test_a_private_channel_subscribes_and_everybody_there_reads_so(bot: Telling, ana: Person, team: Channel) -> None:
    ana.slash("/failures", "subscribe alerts", channel=team)
    (said,) = bot.workspace.wait_for(lambda: bot.roots(team))
    assert "This channel now gets alerts of all projects" in said.words
    assert said.seen_by is None
    bot.sweep()
    assert "gpu-node-03" in bot.roots(team)[-1].words
    assert len(bot.roots()) == 1, "the on-call channel has its own message"


def test_failures_of_a_project_are_one_message_for_each_cause(bot: Telling, ana: Person, team: Channel) -> None:
    ana.slash("/failures", "subscribe ml-team failures", channel=team)
    bot.workspace.wait_for(lambda: bot.roots(team))
    attempts = [run(f"late-{n}", bot.now - 2 * MINUTE, f"node-{n}", Outcome.FAILED, pod=f"late-{n}") for n in (1, 3, 5)]
    bot.store.recorder.record(attempts, [failed(one, "OOMKilled") for one in attempts])
    bot.sweep(MINUTE)
    _, single = bot.roots(team)
    assert "3 failures with `OOMKilled` in 3 jobs" in single.words


def test_a_threshold_is_tried_on_history_before_it_is_saved(bot: Telling, ana: Person, team: Channel) -> None:
    tried = ana.slash("/failures", "try alerts from 5 jobs", channel=team).answer(saying="would have told")
    assert "would have told this channel 1 time in the last 30 days" in tried.words
    assert bot.store.subscriptions.subscriptions(Scope()) == []
    ana.press(tried, "Subscribe")
    bot.workspace.wait_for(lambda: bot.roots(team))
    (saved,) = bot.store.subscriptions.subscriptions(Scope())
    assert (saved.threshold, saved.created_by) == (5, ana.id)


def test_subscriptions_are_listed_and_ended_by_their_button(bot: Telling, ana: Person, team: Channel) -> None:
    ana.slash("/failures", "subscribe ml-team digest at 8:00", channel=team)
    bot.workspace.wait_for(lambda: bot.roots(team))
    listed = ana.slash("/failures", "subscriptions", channel=team).answer()
    assert "weekly at 8:00 (Berlin)" in listed.words
    assert "gets nothing" in ana.press(listed, "Unsubscribe").answer(saying="Ended").words
    assert bot.store.subscriptions.subscriptions(Scope()) == []


def test_the_options_of_a_digest_are_said_and_listed(bot: Telling, ana: Person, team: Channel) -> None:
    ana.slash("/failures", "subscribe ml-team digest at 8:00 daily even if empty", channel=team)
    (said,) = bot.workspace.wait_for(lambda: bot.roots(team))
    assert "each day at 8:00 (Berlin), even when nothing happened" in said.words
    listed = ana.slash("/failures", "subscriptions", channel=team).answer()
    assert "daily at 8:00 (Berlin), even when nothing happened" in listed.words


def test_a_channel_without_the_bot_is_not_subscribed_and_says_what_to_do(bot: Telling, ana: Person) -> None:
    bot.workspace.channel("closed", ana, bot=False)
    said = ana.slash("/failures", "subscribe alerts", channel="closed").answer()
    assert "Invite me" in said.words
    assert bot.store.subscriptions.subscriptions(Scope()) == []


def test_a_project_that_does_not_exist_is_not_subscribed(bot: Telling, ana: Person, team: Channel) -> None:
    assert "I know no project" in ana.slash("/failures", "subscribe ml-teem", channel=team).answer().words
    assert bot.store.subscriptions.subscriptions(Scope()) == []


def test_the_end_of_a_subscription_is_said_in_the_channel_with_who_did_it(
    bot: Telling, ana: Person, team: Channel
) -> None:
    ana.slash("/failures", "subscribe alerts", channel=team)
    bot.workspace.wait_for(lambda: bot.roots(team))
    ana.slash("/failures", "unsubscribe alerts", channel=team).answer(saying="Ended")
    told = bot.workspace.wait_for(
        lambda: [one for one in bot.roots(team) if f"<@{ana.id}> ended what this channel got" in one.words]
    )[-1]
    assert told.seen_by is None
    ana.press(told, "Subscribe again")
    bot.workspace.wait_for(lambda: bot.store.subscriptions.subscriptions(Scope()))


def test_only_a_member_of_a_channel_ends_its_subscription(bot: Telling, ana: Person) -> None:
    public = bot.workspace.channel("teams", ana)
    lee = bot.workspace.person("lee")
    ana.slash("/failures", "subscribe alerts", channel=public)
    said = bot.workspace.wait_for(lambda: bot.roots(public))[-1]
    lee.press(said, "Unsubscribe").answer(saying="You are not in this channel")
    assert len(bot.store.subscriptions.subscriptions(Scope())) == 1
