"""The Home tab: how things are, for each person who opens it, and anew when they ask."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.domain.incidents.outage import Outage
from bot.domain.scope import Scope
from bot.domain.workload.attempt import Outcome
from bot.services.incidents import outages
from bot.store.store import Store
from playground.workspace import View
from tests.promises.telling import HOUR, MINUTE, Telling, failed, run, telling


@pytest.fixture
def bot(sqlite_store: Store) -> Iterator[Telling]:
    with telling(sqlite_store, connected=True) as bot:
        yield bot


def home(bot: Telling, says: str) -> View:
    def seen() -> bool:
        return bot.dana.home is not None and says in bot.dana.home.words

    bot.workspace.wait_for(seen, what=f"a Home tab that says {says!r}")
    assert bot.dana.home is not None
    return bot.dana.home


def test_home_shows_what_is_open_and_what_is_still_to_set_up(bot: Telling) -> None:
    bot.dana.open_home()
    first = home(bot, "Nothing stands out")
    assert "Get a weekly digest" in first.words
    bot.a_hot_node()
    bot.sweep(MINUTE)
    bot.dana.press(first, "Refresh")
    assert "gpu-node-03" in home(bot, "1 open incident").words


def test_a_question_asked_on_the_home_tab_is_answered_in_a_direct_message(bot: Telling) -> None:
    bot.dana.open_home()
    bot.dana.press(home(bot, "as of"), "Analyze all")
    bot.workspace.wait_for(bot.dana.sees, what="the answer")


def test_my_projects_are_those_whose_jobs_are_mine_until_i_choose_others(bot: Telling) -> None:
    mine = [run(f"mine-{n}1", bot.now - HOUR, "n1", Outcome.FAILED, pod=f"m{n}") for n in range(3)]
    fine = run("mine-51", bot.now - HOUR, "n1", Outcome.SUCCEEDED, pod="m5")
    other = run("other-2", bot.now - HOUR, "n2", Outcome.FAILED, pod="o")
    bot.store.recorder.record(
        [*mine, fine, other], [replace(failed(one, "OOMKilled", "cuda-oom"), owner="dana") for one in mine]
    )
    bot.store.recorder.record([], [replace(failed(other, "Error"), owner="lee")])
    bot.dana.open_home()
    seen = home(bot, "My projects")
    assert "ml-team`*: 3 of 4 jobs failed (75 %)" in seen.words
    assert "Mostly `cuda-oom`: 3 jobs" in seen.words
    assert "research`*: 1 of 1" not in seen.words
    bot.dana.choose(seen, "home_projects", ["research"])
    chosen = home(bot, "research`*: 1 of 1 job failed (100 %)")
    assert "ml-team`*: 3 of 4 jobs failed (75 %)" not in chosen.words
    bot.dana.press(chosen, "Analyze")
    assert "research" in bot.workspace.wait_for(bot.dana.sees, what="the answer")[-1].words
    bot.dana.choose(bot.dana.home or chosen, "home_projects", [])
    home(bot, "ml-team`*: 3 of 4 jobs failed (75 %)")


def test_a_project_that_may_not_be_shown_is_neither_offered_nor_kept(sqlite_store: Store) -> None:
    with telling(sqlite_store, connected=True) as bot:
        sqlite_store.homes.choose(bot.dana.id, ["secret"])
        bot.a_hot_node()
        bot.dana.open_home()
        assert "secret" not in home(bot, "My projects").words


def test_a_subscription_is_ended_on_the_home_tab_by_who_made_it(bot: Telling) -> None:
    team = bot.workspace.channel("ml-team", bot.dana)
    bot.dana.slash("/failures", "subscribe alerts", channel=team)
    bot.workspace.wait_for(lambda: bot.store.subscriptions.subscriptions(Scope()))
    lee = bot.workspace.person("lee")
    lee.open_home()
    bot.workspace.wait_for(lambda: lee.home is not None, what="the Home tab of somebody else")
    assert lee.home is not None
    assert "Unsubscribe" not in lee.home.words
    bot.dana.open_home()
    bot.dana.press(home(bot, "Alerts of all projects in"), "Unsubscribe")
    home(bot, "None. `/failures subscribe`")
    assert bot.store.subscriptions.subscriptions(Scope()) == []


def test_blind_spells_and_what_was_told_last_are_shown(bot: Telling) -> None:
    outages.remember(Outage("prod-eu", bot.now - HOUR, bot.now - 53 * MINUTE, 31), bot.store.outages)
    bot.dana.open_home()
    assert "recovered 31 failures" in home(bot, "Outage in").words
