"""What people ask in Slack is answered where and to whom it should be."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bot.store.store import open_store
from playground.workspace import NotThere, Person, Workspace
from tests.promises.slack_bot import answer_context, connected, fill


@dataclass
class Place:
    workspace: Workspace
    ana: Person
    ben: Person
    room: str = ""
    """A channel that nobody wrote in yet."""


@pytest.fixture(scope="module")
def team(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A workspace with two people, and a bot that may show all but the project `secret`."""
    store = open_store(f"sqlite:///{shutil.copy(sqlite_template, tmp_path_factory.mktemp('answers') / 'failures.db')}")
    fill(store)
    with Workspace().serve() as workspace, connected(workspace, answer_context(store, allowed=("ml-team", "research"))):
        yield Place(workspace, workspace.person("ana", tz="Europe/Berlin"), workspace.person("ben"))
    store.close()


@pytest.fixture
def place(team: Place, request: pytest.FixtureRequest) -> Place:
    room = team.workspace.channel(f"room-{abs(hash(request.node.name))}", team.ana, team.ben)
    return replace(team, room=room.name)


def test_a_command_is_answered_to_the_person_alone_with_denominators(place: Place) -> None:
    answer = place.ana.slash("/failures", "analyze ml-team", channel=place.room).answer()
    assert answer.seen_by == place.ana.id
    assert "3 of 11 jobs failed (27 %" in answer.words
    assert "hours in Berlin" in answer.words
    assert "3 of 11 jobs failed" in answer.text
    assert place.workspace.messages(place.room) == []


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("stats 30d", "OOMKilled"),
        ("fix oom", "By the book"),
        ("job train-bert", "exceeded its memory limit"),
        ("help", "What you can ask"),
        ("", "All projects · last 7 days"),
        ("anlyze", "Did you mean `/failures analyze`?"),
        ("analyze 9999d", "between 1 hour and 366 days"),
        ("analyze ml-taem", "Did you mean `ml-team`?"),
        ("job train-brt", "I know no job `train-brt`"),
        ("fix flux capacitor", "I know no failure type `flux capacitor`"),
        ("x" * 3000, "I don't know"),
        ("analyze in ml-team", "ml-team · last 7 days"),
        ("node gpu-9", "`gpu-9` had too few jobs to tell: 1 of 1 job failed in the last 7 days"),
        ("node gpu-99", "I know no node `gpu-99`. Did you mean `gpu-9`"),
        ("image bert", "`bert:2.1` has no other image to compare with: 1 of 1 job failed"),
        ("image tensorflow", "I know no image `tensorflow`"),
    ],
)
def test_every_command_gets_a_helpful_answer(place: Place, asked: str, says: str) -> None:
    answer = place.ana.slash("/failures", asked, channel=place.room).answer()
    assert says in answer.words
    assert answer.seen_by == place.ana.id


@pytest.mark.parametrize(
    ("sentence", "says"),
    [
        ("Analyze failures from the last 7 days", "All projects · last 7 days"),
        ("Show me failure statistics for the last 30 days", "last 30 days: 5 failures"),
        ("How do I fix OOMKilled failures?", "By the book"),
        ("Analyze failures in project ml-team", "ml-team · last 7 days"),
        ("What is wrong with gpu-9?", "`gpu-9` had too few jobs to tell"),
        ("what's wrong with train-bert", "exceeded its memory limit"),
        ("what is wrong with Research?", "research · last 7 days"),
        ("what is wrong with trian-bert", "I know no job `trian-bert`"),
        ("what is wrong with bert:2.1", "`bert:2.1` has no other image"),
    ],
)
def test_a_mention_is_answered_in_its_thread_for_everybody(place: Place, sentence: str, says: str) -> None:
    asked = place.ana.mention(sentence, place.room)
    answer = asked.answer()
    assert says in answer.words
    assert answer.seen_by is None
    assert answer.thread_ts == asked.thread_ts
    assert "Share to channel" not in str(answer.blocks)


def test_a_mention_in_a_thread_is_answered_in_that_thread(place: Place) -> None:
    first = place.ben.say("look at this", place.room)
    assert place.ana.mention("stats", place.room, thread_ts=first.thread_ts).answer().thread_ts == first.thread_ts


def test_a_direct_message_is_answered_there(place: Place) -> None:
    answer = place.ana.dm("How do I fix OOMKilled failures?").answer()
    assert "By the book" in answer.words
    assert answer.thread_ts is None


def test_other_messages_are_not_answered(place: Place) -> None:
    place.ana.say("fix OOMKilled", place.room)
    assert "stats" in place.ana.dm("help").answer().words
    assert [message.user for message in place.workspace.messages(place.room)] == [place.ana.id]


def test_an_answer_is_shared_once_with_the_name_of_who_shared_it(place: Place) -> None:
    answer = place.ana.slash("/failures", "analyze ml-team", channel=place.room).answer()
    place.ana.press(answer, "Share to channel").acknowledged()
    place.ana.press(answer, "Share to channel").acknowledged()
    (shared,) = place.workspace.wait_for(lambda: place.workspace.messages(place.room))
    assert f"shared by <@{place.ana.id}>" in shared.words
    assert shared.words.splitlines()[0] == answer.words.splitlines()[0]
    with pytest.raises(NotThere):
        place.ben.press(shared, "Share to channel")


def test_an_answer_can_be_shared_where_the_bot_is_no_member(place: Place) -> None:
    place.workspace.channel("elsewhere", place.ana, bot=False)
    answer = place.ana.slash("/failures", "stats", channel="elsewhere").answer()
    place.ana.press(answer, "Share to channel").acknowledged()
    place.workspace.wait_for(lambda: place.workspace.messages("elsewhere"))
    assert "shared by" in place.workspace.messages("elsewhere")[-1].words


def test_see_fixes_answers_whoever_pressed_it(place: Place) -> None:
    report = place.ana.mention("analyze ml-team", place.room).answer()
    fixes = place.ben.press(report, "See fixes").answer(saying="By the book")
    assert fixes.seen_by == place.ben.id
    assert place.workspace.message(report) == report


def test_30_days_answers_for_the_same_project(place: Place) -> None:
    report = place.ana.slash("/failures", "analyze ml-team", channel=place.room).answer()
    assert "ml-team · last 30 days" in place.ana.press(report, "30 days").answer(saying="last 30 days").words


@pytest.mark.parametrize(
    ("hidden", "missing"),
    [
        ("analyze {}", "project"),
        ("stats {}", "project"),
        ("job train-2 in {}", "project"),
        ("fix oom in {}", "project"),
        ("what is wrong with {}", "job"),
    ],
)
def test_a_project_that_may_not_be_shown_looks_like_one_that_does_not_exist(
    place: Place, hidden: str, missing: str
) -> None:
    told = [
        place.ana.slash("/failures", hidden.format(name), channel=place.room).answer().words.replace(name, "X")
        for name in ("secret", "nobody")
    ]
    assert told[0] == told[1]
    assert f"I know no {missing}" in told[0]


def test_what_may_not_be_shown_is_in_no_total_and_no_story(place: Place) -> None:
    stats = place.ana.slash("/failures", "stats", channel=place.room).answer().words
    assert "5 failures" in stats
    assert "secret" not in stats
    assert "I know no job" in place.ana.slash("/failures", "job train-2", channel=place.room).answer().words


def test_the_buttons_cannot_ask_for_more_than_may_be_shown(place: Place) -> None:
    answer = place.ana.slash("/failures", "analyze secrat", channel=place.room).answer()
    assert "secret" not in answer.words
