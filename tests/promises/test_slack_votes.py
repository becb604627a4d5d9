"""People say which fix helped: recorded once for each, checked at the press, shown in place."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from bot.domain.knowledge.solution import Record
from bot.domain.scope import Scope
from bot.domain.workload.failure import Resolution
from bot.store.store import Store
from playground.workspace import Message, Person, Workspace
from tests.promises.slack_bot import answer_context, connected, fill

FIX = "Increase memory request/limit by 2x"


@dataclass
class Place:
    workspace: Workspace
    store: Store
    ana: Person
    ben: Person

    def record(self) -> Record:
        """What the store knows of the fix."""
        return next(
            record
            for solution, record in self.store.knowledge.solutions(Scope(), "OOMKilled")
            if solution.description == FIX
        )

    def story(self, person: Person) -> Message:
        return person.slash("/failures", "job train-bert", channel="ml-team").answer()

    def now(self, message: Message, saying: str) -> Message:
        """The message once it says this."""

        def told() -> Message | None:
            seen = self.workspace.message(message)
            return seen if seen is not None and saying in seen.words else None

        return self.workspace.wait_for(told, what=f"a message that says {saying!r}")  # type: ignore[return-value] # it is never None


@pytest.fixture
def place(sqlite_store: Store) -> Iterator[Place]:
    fill(sqlite_store)
    with Workspace().serve() as workspace, connected(workspace, answer_context(sqlite_store, allowed=("ml-team",))):
        ana, ben = workspace.person("ana"), workspace.person("ben")
        workspace.channel("ml-team", ana, ben)
        yield Place(workspace, sqlite_store, ana, ben)


def tampered(place: Place, message: Message, value: str, action_id: str = "worked:1") -> Message:
    """The message with another value behind its first button of this kind, as an old or a forged message has."""
    blocks = json.loads(json.dumps(message.blocks))
    for block in blocks:
        for element in block.get("elements", ()):
            if str(element.get("action_id", "")).startswith("worked"):
                element |= {"value": value, "action_id": action_id}
                action_id = f"{action_id}0"
    changed = replace(message, blocks=tuple(blocks))
    place.workspace.state.edit(changed)
    return changed


def test_a_press_is_recorded_and_the_message_edited_in_place(place: Place) -> None:
    story = place.story(place.ana)
    place.ana.press(story, "This fixed it")
    edited = place.now(story, "you said it worked")
    assert "100.0 % (1 success, 0 failures)" in edited.words
    assert place.record() == replace(place.record(), worked=1, failed=0, people=1)
    failure = place.store.history.job_failures(Scope(), "train-bert")[-1]
    assert (failure.resolution, failure.resolved_by) == (Resolution.FIXED, place.ana.id)


def test_a_second_press_by_the_same_person_changes_the_vote(place: Place) -> None:
    story = place.story(place.ana)
    place.ana.press(story, "This fixed it")
    place.ana.press(place.now(story, "you said it worked"), "Change")
    assert "0.0 % (0 successes, 1 failure)" in place.now(story, "you said it did not help").words
    assert (place.record().worked, place.record().failed) == (0, 1)


def test_two_people_are_two_votes(place: Place) -> None:
    for person in (place.ana, place.ben):
        story = place.story(person)
        person.press(story, "This fixed it")
        place.now(story, "you said it worked")
    assert (place.record().worked, place.record().people) == (2, 2)


def test_a_message_in_a_channel_says_who_voted_and_stays_open_to_others(place: Place) -> None:
    story = place.ana.mention("why did train-bert fail?", "ml-team").answer()
    place.ana.press(story, "This fixed it")
    edited = place.now(story, f"<@{place.ana.id}> said it worked")
    place.ben.press(edited, "This fixed it")
    place.now(story, f"<@{place.ben.id}> said it worked")
    assert place.record().worked == 2


def test_a_shared_message_still_says_who_shared_it_after_a_vote(place: Place) -> None:
    place.ana.press(place.story(place.ana), "Share to channel")
    (shared,) = place.workspace.wait_for(lambda: place.workspace.messages("ml-team"))
    place.ben.press(shared, "Didn't help")
    assert f"Shared by <@{place.ana.id}>" in place.now(shared, "did not help").words


def test_a_press_that_is_delivered_twice_counts_once(place: Place) -> None:
    story = place.story(place.ana)
    place.workspace.deliver_twice = True
    place.ana.press(story, "This fixed it")
    place.now(story, "you said it worked")
    assert (place.record().worked, place.record().failed) == (1, 0)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("rubbish", "cannot read this button"),
        ({"solution": 99999, "failure": None, "worked": True, "ask": "fix OOMKilled"}, "no longer in the catalogue"),
        ({"solution": 1, "failure": 99999, "worked": True, "ask": "fix OOMKilled"}, "no such failure"),
        ({"solution": 1, "failure": None, "worked": True, "ask": "analyze"}, "has no fixes"),
    ],
)
def test_a_button_that_means_nothing_any_more_says_why_and_changes_nothing(
    place: Place, value: object, says: str
) -> None:
    story = place.ana.mention("fix OOMKilled", "ml-team").answer()
    forged = tampered(place, story, value if isinstance(value, str) else json.dumps(value))
    refused = place.ana.press(forged, "This fixed it").answer(saying=says)
    assert refused.seen_by == place.ana.id
    assert place.record() == Record()


def test_a_button_of_another_version_says_so(place: Place) -> None:
    story = place.ana.mention("fix OOMKilled", "ml-team").answer()
    old = tampered(place, story, "{}", action_id="approve:1")
    assert "another version" in place.ana.press(old, "This fixed it").answer(saying="another version").words


def test_a_failure_of_a_project_that_may_not_be_shown_takes_no_vote(place: Place) -> None:
    hidden = place.store.history.job_failures(Scope(), "train-5")[0]
    assert hidden.project == "secret"
    story = place.ana.mention("fix OOMKilled", "ml-team").answer()
    value = {"solution": 1, "failure": hidden.id, "worked": True, "ask": "fix OOMKilled"}
    forged = tampered(place, story, json.dumps(value))
    assert "no such failure" in place.ana.press(forged, "This fixed it").answer(saying="no such failure").words
    assert place.record() == Record()
