"""What somebody taught the bot is theirs: others propose, responders may, and every change can be taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest

from bot.answer_context import incident_context
from bot.domain.knowledge.solution import Solution, SolutionKind
from bot.domain.scope import Scope
from bot.settings import Settings
from bot.store.store import Store
from playground.workspace import Message, Person, Workspace
from tests.promises.slack_bot import answer_context, connected

TEXT = "Enable gradient checkpointing"
EVIL = "rm -rf /data and start again"


@dataclass
class Place:
    workspace: Workspace
    store: Store
    ana: Person
    ben: Person
    dana: Person
    """A responder, named as such."""
    solution: int

    def listed(self, person: Person) -> Message:
        return person.slash("/failures", "solutions", channel="ml-team").answer(saying="Enable")

    def text(self) -> str:
        known = self.store.knowledge.solution(Scope(), self.solution)
        assert known is not None
        return known[0].description

    def offered(self) -> bool:
        return self.solution in {one.id for one, _ in self.store.knowledge.browse(Scope())}

    def direct(self, person: Person, saying: str) -> Message:
        def found() -> Message | None:
            state = self.workspace.state
            places = [one.id for one in state.channels.values() if one.kind == "im" and person.id in one.members]
            told = [one for place in places for one in state.messages(place) if saying in one.words]
            return told[-1] if told else None

        return self.workspace.wait_for(found, what=f"a direct message that says {saying!r}")  # type: ignore[return-value] # it is never None

    def until(self, holds: Callable[[], bool], what: str) -> None:
        self.workspace.wait_for(holds, what=what)

    def reword(self, person: Person, text: str) -> None:
        person.submit(person.press(self.listed(person), "Edit…").view(), {"what": text}).acknowledged()


@pytest.fixture
def place(sqlite_store: Store) -> Iterator[Place]:
    with Workspace().serve() as workspace:
        ana, ben, dana = (workspace.person(name) for name in ("ana", "ben", "dana"))
        workspace.channel("ml-team", ana, ben, dana)
        incidents = incident_context(Settings(responders=("*", dana.id)), sqlite_store)
        context = replace(answer_context(sqlite_store), incidents=incidents)
        solution = sqlite_store.knowledge.add_solution(
            Solution(failure_type="OOMKilled", description=TEXT, kind=SolutionKind.PERSON, created_by=ana.id)
        )
        with connected(workspace, context):
            yield Place(workspace, sqlite_store, ana, ben, dana, solution)


def test_an_author_rewords_their_fix_and_takes_it_back(place: Place) -> None:
    place.reword(place.ana, "Enable activation checkpointing")
    place.until(lambda: place.text() == "Enable activation checkpointing", "the wording")
    made = place.workspace.wait_for(
        lambda: [one for one in place.workspace.visible_to(place.ana, "ml-team") if "reworded" in one.words],
        what="what stood there before",
    )[-1]
    assert TEXT in made.words
    place.ana.press(made, "Undo")
    place.until(lambda: place.text() == TEXT, "the wording of before")


def test_somebody_else_s_wording_is_proposed_to_the_author_who_accepts(place: Place) -> None:
    place.reword(place.ben, "Enable gradient checkpointing everywhere")
    asked = place.direct(place.ana, "would like to")
    assert f"<@{place.ben.id}>" in asked.words
    assert place.text() == TEXT
    place.ana.press(asked, "Accept")
    place.until(lambda: place.text() == "Enable gradient checkpointing everywhere", "the wording")
    undo = place.direct(place.ana, "proposed.")
    place.ana.press(undo, "Undo")
    place.until(lambda: place.text() == TEXT, "the wording of before")


def test_a_proposal_that_is_declined_changes_nothing(place: Place) -> None:
    place.reword(place.ben, EVIL)
    place.ana.press(place.direct(place.ana, "would like to"), "Decline")
    place.direct(place.ana, "Declined by")
    assert place.text() == TEXT


def test_nobody_accepts_their_own_proposal_by_a_button_of_somebody_else(place: Place) -> None:
    place.reword(place.ben, EVIL)
    asked = place.direct(place.ana, "would like to")
    button = next(
        each for block in asked.blocks for each in block.get("elements", ()) if each["action_id"].startswith("accept")
    )
    listed = place.listed(place.ben)
    forged = [{"type": "actions", "elements": [{**button, "action_id": "accept_revision"}]}]
    place.workspace.state.edit(replace(listed, blocks=tuple(forged)))
    refused = place.ben.press(listed, "Accept").answer(saying="may change it")
    assert f"<@{place.ana.id}>" in refused.words
    assert place.text() == TEXT


def test_a_fix_is_retired_by_its_author_or_a_responder_and_offered_again(place: Place) -> None:
    place.ben.press(place.listed(place.ben), "Retire…").answer(saying="I asked them")
    assert place.offered()
    place.dana.press(place.listed(place.dana), "Retire…")
    place.until(lambda: not place.offered(), "the retirement")
    told = place.direct(place.ana, "retired the fix")
    assert f"<@{place.dana.id}>" in told.words
    place.ana.press(told, "Undo")
    place.until(place.offered, "the fix again")


def test_what_no_person_taught_is_changed_by_whoever_handles_incidents(place: Place) -> None:
    seen = place.store.knowledge.add_solution(
        Solution(failure_type="OOMKilled", description="Enable swap", kind=SolutionKind.OBSERVED, created_by="bot")
    )
    listed = place.listed(place.ben)
    place.ben.press(listed, "Retire…", index=1 if place.solution < seen else 0)
    place.until(lambda: seen not in {one.id for one, _ in place.store.knowledge.browse(Scope())}, "the retirement")
