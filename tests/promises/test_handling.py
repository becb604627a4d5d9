"""People acknowledge, snooze, resolve and dismiss: at the press, by right, in place, and with a reason where not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.domain.incidents.incident import IncidentKind
from bot.domain.scope import Scope
from bot.store.store import Store
from playground.workspace import Message
from tests.promises.telling import HOUR, MINUTE, Telling, telling


@pytest.fixture
def bot(sqlite_store: Store) -> Iterator[Telling]:
    with telling(sqlite_store, connected=True) as bot:
        bot.a_hot_node()
        bot.sweep()
        yield bot


def now_says(bot: Telling, words: str) -> Message:
    bot.workspace.wait_for(lambda: words in bot.root().words, what=f"a message that says {words!r}")
    return bot.root()


def test_an_acknowledged_incident_says_by_whom_and_the_thread_has_one_line(bot: Telling) -> None:
    bot.dana.press(bot.root(), "Acknowledge")
    taken = now_says(bot, "Acknowledged")
    assert f"<@{bot.dana.id}>" in taken.words
    assert taken.attachments[0]["color"] == "#daa038"
    bot.workspace.wait_for(lambda: any("Acknowledged" in line for line in bot.thread()), what="the line")
    bot.sweep(MINUTE)
    assert sum("Acknowledged" in line for line in bot.thread()) == 1


def test_a_snoozed_incident_is_silent_and_still_counts(bot: Telling) -> None:
    bot.dana.choose(bot.root(), "incident:menu", "4 hours")
    now_says(bot, "Snoozed")
    bot.workspace.wait_for(lambda: "Snoozed" in bot.thread()[-1], what="the line")
    bot.a_hot_node(15, start=10)
    before = len(bot.thread())
    bot.sweep(HOUR)
    assert "25 of 25" in bot.root().words
    assert len(bot.thread()) == before
    bot.a_hot_node(1, start=25)
    bot.sweep(3 * HOUR + MINUTE)
    assert "No longer snoozed" in bot.thread()[-1]


def test_resolve_is_in_the_overflow_menu_and_reopen_takes_it_back(bot: Telling) -> None:
    bot.dana.choose(bot.root(), "incident:more", "Resolve")
    resolved = now_says(bot, "Resolved")
    bot.sweep(MINUTE)
    assert "Resolved" in bot.root().words, "no failure is newer than the press"
    bot.dana.press(resolved, "Reopen")
    bot.workspace.wait_for(lambda: bot.root().attachments[0]["color"] == "#a30200", what="the red message")


def dismissed(bot: Telling, because: str) -> Message:
    bot.dana.choose(bot.root(), "incident:more", "Not a problem…")
    bot.workspace.wait_for(lambda: bot.dana.modal, what="the question why")
    assert bot.dana.modal is not None
    bot.dana.submit(bot.dana.modal, {"because": because})
    return now_says(bot, "Not a problem:")


def test_what_is_not_a_problem_stays_quiet_until_there_is_twice_as_much_and_why_says_so(bot: Telling) -> None:
    assert "the finding was wrong" in dismissed(bot, "wrong").words
    bot.workspace.wait_for(lambda: "nothing was broken" in bot.thread()[-1], what="the line")
    bot.now += 2 * HOUR
    bot.a_hot_node(5, start=10)
    bot.sweep(MINUTE)
    assert "Not a problem:" in bot.root().words
    said = bot.dana.slash("/failures", "why 1", channel="on-call").answer().words
    assert "with 10 failed jobs" in said
    assert "only from 20 failed jobs in 24 hours on" in said
    bot.a_hot_node(5, start=15)
    bot.sweep(MINUTE)
    assert "It is back" in bot.thread()[-1]


def test_a_dismissal_by_somebody_who_may_not_or_of_what_is_dismissed_says_why(sqlite_store: Store) -> None:
    with telling(sqlite_store, connected=True, responders=("S00000009",)) as bot:
        bot.a_hot_node()
        bot.sweep()
        refused = bot.dana.choose(bot.root(), "incident:more", "Not a problem…").answer(saying="not among the people")
        assert refused.seen_by == bot.dana.id
        assert bot.dana.modal is None


def test_two_people_who_dismiss_the_same_incident_are_not_both_told_that_they_did(bot: Telling) -> None:
    lee = bot.workspace.person("lee")
    for person in (lee, bot.dana):
        person.choose(bot.root(), "incident:more", "Not a problem…")
        bot.workspace.wait_for(lambda: person.modal, what="the question why")  # noqa: B023 waited for at once
    assert lee.modal is not None
    assert bot.dana.modal is not None
    lee.submit(lee.modal, {"because": "expected"})
    now_says(bot, "it is expected")
    late = bot.dana.submit(bot.dana.modal, {"because": "wrong"})
    bot.workspace.wait_for(lambda: "faster" in str(late.errors), what="the reason")


def test_a_press_that_comes_too_late_says_what_the_state_is(bot: Telling) -> None:
    old = bot.root()
    bot.dana.press(old, "Acknowledge")
    now_says(bot, "Acknowledged")
    bot.workspace.wait_for(lambda: len(bot.thread()) > 1, what="the line")
    stale = replace(bot.root(), attachments=old.attachments)
    bot.workspace.state.edit(stale, attachments=old.attachments)
    answer = bot.dana.press(stale, "Acknowledge").answer(saying="Somebody was faster")
    assert "acknowledged now" in answer.words


def test_a_forged_number_of_an_incident_does_nothing(bot: Telling) -> None:
    root = bot.root()
    attachments = json.loads(json.dumps(root.attachments))
    attachments[0]["blocks"][-1]["elements"][0]["value"] = json.dumps({"incident": 99, "do": "resolve"})
    bot.workspace.state.edit(root, attachments=tuple(attachments))
    assert bot.dana.press(root, "Acknowledge").answer(saying="no such incident").seen_by == bot.dana.id


def test_why_lists_the_decisions_of_this_channel(bot: Telling) -> None:
    bot.sweep(MINUTE)
    said = bot.dana.slash("/failures", "why 1", channel="on-call").answer().words
    assert "nobody here had been told of it" in said
    assert "the message already said just that" in said
    assert "nothing about it here" in bot.dana.slash("/failures", "why 1").answer().words


def test_incidents_lists_what_is_open(bot: Telling) -> None:
    assert "1 open incident" in bot.dana.slash("/failures", "incidents", channel="on-call").answer().words


def test_somebody_without_the_right_gets_a_reason_and_changes_nothing(sqlite_store: Store) -> None:
    with telling(sqlite_store, connected=True, responders=("U0NOBODY", "S00000009")) as bot:
        bot.a_hot_node()
        bot.sweep()
        refused = bot.dana.press(bot.root(), "Acknowledge").answer(saying="not among the people")
        assert refused.seen_by == bot.dana.id
        said = bot.dana.slash("/failures", "maintenance node gpu-node-03", channel="on-call").answer()
        assert "not among the people" in said.words
        bot.sweep(MINUTE)
        assert bot.root().edited_ts is None


def test_the_members_of_a_user_group_have_its_right(sqlite_store: Store) -> None:
    with telling(sqlite_store, connected=True, responders=("S00000004",)) as bot:
        group = bot.workspace.group("gpu-oncall", bot.dana)
        assert group.id == "S00000004"
        bot.a_hot_node()
        bot.sweep()
        bot.dana.press(bot.root(), "Acknowledge")
        now_says(bot, "Acknowledged")


def test_a_node_in_maintenance_calls_nobody(sqlite_store: Store) -> None:
    with telling(sqlite_store, connected=True) as bot:
        said = bot.dana.slash("/failures", "maintenance node gpu-node-03 for 2h", channel="on-call").answer()
        assert "Nobody is called for node" in said.words
        bot.a_hot_node()
        bot.now += MINUTE
        bot.sweep()
        assert bot.roots() == []
        over = bot.dana.slash("/failures", "maintenance end node gpu-node-03", channel="on-call").answer()
        assert "is over" in over.words
        bot.sweep(MINUTE)
        assert len(bot.roots()) == 1


def test_a_project_in_maintenance_calls_nobody_of_that_project(sqlite_store: Store) -> None:
    with telling(sqlite_store, connected=True) as bot:
        team = bot.workspace.channel("teams", bot.dana)
        for project in ("ml-team", "research"):
            bot.a_failure_of(project)
            bot.dana.slash("/failures", f"subscribe {project} failures", channel=team)
        bot.workspace.wait_for(lambda: len(bot.roots(team)) == 2, what="two subscriptions")
        said = bot.dana.slash("/failures", "maintenance project ml-team for 2h", channel=team).answer()
        assert "Nobody is called for project `ml-team`" in said.words
        bot.sweep(MINUTE)
        (told,) = bot.roots(team)[2:]
        assert "research" in told.words
        bot.dana.slash("/failures", "maintenance end project ml-team", channel=team).answer(saying="is over")
        bot.sweep(MINUTE)
        assert "ml-team" in bot.roots(team)[-1].words


def test_a_cluster_in_maintenance_calls_nobody_not_even_for_what_has_no_node(sqlite_store: Store) -> None:
    with telling(sqlite_store, connected=True) as bot:
        said = bot.dana.slash("/failures", "maintenance cluster prod-eu for 2h", channel="on-call").answer()
        assert "Nobody is called for cluster `prod-eu`" in said.words
        bot.now = bot.now.replace(minute=30) + HOUR  # a spike is looked for by whole hours
        bot.a_spike()
        bot.sweep()
        assert {one.finding.kind for one in bot.store.incidents.live(Scope(), ended_since=bot.now)} >= {
            IncidentKind.SPIKE
        }
        assert bot.roots() == []
        assert "in maintenance" in bot.dana.slash("/failures", "why 1", channel="on-call").answer().words
        bot.dana.slash("/failures", "maintenance end cluster prod-eu", channel="on-call").answer(saying="is over")
        bot.sweep(MINUTE)
        assert any("Spike" in told.words and "prod-eu" in told.words for told in bot.roots())
