"""Failures that nothing explains are listed in groups, and people give them names."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from threading import Event
from typing import Any

import pytest

from bot.clock import utc_now
from bot.domain.diagnosis.organisation import OrganisationSignature
from bot.domain.scope import Scope
from bot.domain.workload.failure import Failure
from bot.slack.guard import ANSWER_WITHIN
from bot.store.engine import writing
from bot.store.named_causes import SqlNamedCauses
from bot.store.store import Store, open_store
from playground.workspace import Interaction, Message, Person, View, Workspace
from tests.promises.slack_bot import answer_context, connected

FORM = {
    "name": "Licence server away",
    "explanation": "The licence server restarts at night, and jobs do not wait for it.",
    "owner": "platform",
    "remedy": "Submit the job again after 04:00",
}


@dataclass
class Place:
    workspace: Workspace
    store: Store
    ana: Person
    ben: Person

    def listed(self, person: Person) -> Message:
        return person.slash("/failures", "unknown", channel="ml-team").answer(saying="have no known cause")

    def form(self, person: Person) -> View:
        return person.press(self.listed(person), "Name this cause…").view()

    def signatures(self) -> dict[str, str | None]:
        failures = [one for number in range(6) for one in self.store.history.job_failures(Scope(), f"job-{number}")]
        return {one.pod_uid: one.signature for one in failures}


def unknown(number: int, **facts: Any) -> Failure:
    base = Failure(
        cluster="prod-eu",
        job=f"job-{number}",
        pod_uid=f"uid-{number}",
        failure_type="Error",
        timestamp=utc_now() - timedelta(hours=number + 1),
        project="ml-team",
        error_message=f"RuntimeError: licence server lic-{number} did not answer within {number}0 s <!channel>",
    )
    return replace(base, **facts)


@pytest.fixture
def place(sqlite_store: Store) -> Iterator[Place]:
    sqlite_store.recorder.record([], [*(unknown(number) for number in range(3)), unknown(3, project="secret")])
    with Workspace().serve() as workspace, connected(workspace, answer_context(sqlite_store, allowed=("ml-team",))):
        ana, ben = workspace.person("ana"), workspace.person("ben")
        workspace.channel("ml-team", ana, ben)
        yield Place(workspace, sqlite_store, ana, ben)


def result(place: Place, person: Person, submitted: Interaction, saying: str) -> View:
    submitted.acknowledged()

    def shown() -> View | None:
        view = person.modal
        return view if view is not None and saying in view.words else None

    return place.workspace.wait_for(shown, what=f"a form that says {saying!r}")  # type: ignore[return-value] # it is never None


def test_unknown_failures_are_listed_in_groups_with_their_shape_and_a_sample(place: Place) -> None:
    said = place.listed(place.ana).words
    assert "3 of 3 failures have no known cause" in said
    assert "unknown #1: 3 failures in 3 jobs" in said
    assert "licence server lic-&lt;n&gt; did not answer within &lt;n&gt; s" in said
    assert "licence server lic-0 did not answer" in said
    assert "secret" not in said


def test_a_name_is_given_to_past_failures_at_once_and_to_new_ones_as_they_come(place: Place) -> None:
    submitted = place.ana.submit(place.form(place.ana), FORM)
    assert "3 failures in 3 jobs" in result(place, place.ana, submitted, "licence-server-away").words
    place.store.recorder.record([], [unknown(5)])
    assert place.signatures() == {f"uid-{number}": "licence-server-away" for number in (0, 1, 2, 3, 5)}
    story = place.ben.slash("/failures", "job job-5", channel="ml-team").answer().words
    assert "Licence server away" in story
    assert "The licence server restarts at night" in story
    assert "the platform team" in story
    assert "Submit the job again after 04:00" in story
    fixes = place.ben.slash("/failures", "fix licence server away", channel="ml-team").answer()
    assert "4 failures in 4 jobs" in fixes.words
    assert "licence-server-away" in place.ana.slash("/failures", "analyze", channel="ml-team").answer().words
    assert "Everything with a line to go by is explained" in place.listed(place.ana).words


def test_the_fix_that_came_with_the_name_takes_votes(place: Place) -> None:
    result(place, place.ana, place.ana.submit(place.form(place.ana), FORM), "licence-server-away")
    story = place.ben.slash("/failures", "job job-1", channel="ml-team").answer()
    place.ben.press(story, "This fixed it").acknowledged()

    def voted() -> bool:
        return any(
            record.worked for _, record in place.store.knowledge.solutions(Scope(), "Error", "licence-server-away")
        )

    place.workspace.wait_for(voted, what="the vote")


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("name", "!?", "at least three letters"),
        ("name", "CUDA out of memory", "The catalogue has a cause of the name cuda-out-of-memory"),
        ("name", "oomkilled", "The catalogue has a cause"),
        ("explanation", " \u200b ", "write something"),
    ],
)
def test_a_mistake_in_the_form_is_shown_in_the_form_and_changes_nothing(
    place: Place, field: str, value: str, says: str
) -> None:
    submitted = place.ana.submit(place.form(place.ana), FORM | {field: value}).acknowledged()
    place.workspace.wait_for(lambda: submitted.errors)
    assert says in submitted.errors[field]
    assert place.store.named_causes.signatures(Scope()) == []


def test_everything_that_is_delivered_twice_happens_once(place: Place) -> None:
    place.workspace.deliver_twice = True
    submitted = place.ana.submit(place.form(place.ana), FORM)
    result(place, place.ana, submitted, "licence-server-away")
    assert [one.name for one in place.store.named_causes.signatures(Scope())] == ["Licence server away"]
    assert (
        len(
            [
                one
                for one, _ in place.store.knowledge.solutions(Scope(), "Error", "licence-server-away")
                if one.signature
            ]
        )
        == 1
    )


def test_of_two_people_with_two_names_the_first_is_kept_and_the_second_is_told(place: Place) -> None:
    first, second = place.form(place.ana), place.form(place.ben)
    result(place, place.ana, place.ana.submit(first, FORM), "licence-server-away")
    told = result(place, place.ben, place.ben.submit(second, FORM | {"name": "Network"}), "named these failures before")
    assert "licence-server-away" in told.words
    assert place.signatures()["uid-0"] == "licence-server-away"


def test_a_failure_that_was_named_meanwhile_opens_no_form(place: Place) -> None:
    listed = place.listed(place.ana)
    result(place, place.ana, place.ana.submit(place.form(place.ana), FORM), "licence-server-away")
    assert "nothing to name here" in place.ana.press(listed, "Name this cause…").answer(saying="nothing to name").words
    assert place.ana.modal is None or "licence-server-away" in place.ana.modal.words


def test_a_button_about_a_failure_that_may_not_be_seen_opens_no_form(place: Place) -> None:
    listed = place.listed(place.ana)
    hidden = place.store.history.job_failures(Scope(), "job-3")[0]
    blocks = json.loads(json.dumps(listed.blocks))
    for element in [each for block in blocks for each in block.get("elements", ())]:
        if str(element.get("action_id", "")).startswith("name"):
            element["value"] = json.dumps({"subject": str(hidden.id)})
    place.workspace.state.edit(replace(listed, blocks=tuple(blocks)))
    told = place.ana.press(listed, "Name this cause…").answer(saying="nothing to name")
    assert told.seen_by == place.ana.id
    assert place.ana.modal is None


def test_a_named_cause_is_renamed_and_retired_by_its_buttons(place: Place) -> None:
    result(place, place.ana, place.ana.submit(place.form(place.ana), FORM), "licence-server-away")
    form = place.ana.press(place.listed(place.ana), "Rename Licence server away…").view()
    result(place, place.ana, place.ana.submit(form, {"name": "FlexLM asleep"}), "flexlm-asleep")
    assert place.signatures()["uid-0"] == "flexlm-asleep"
    told = place.ana.press(place.listed(place.ana), "Retire").answer(saying="no longer the name")
    assert told.seen_by == place.ana.id
    assert place.signatures()["uid-0"] is None
    assert "unknown #1: 3 failures" in place.listed(place.ana).words


class Broken(SqlNamedCauses):
    """Naming that fails as nobody foresaw."""

    def name(self, signature: OrganisationSignature) -> OrganisationSignature:
        raise ZeroDivisionError(signature.name)


def test_what_nobody_foresaw_is_said_in_the_form_with_a_reference_and_keeps_what_was_typed(
    sqlite_store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    store = replace(sqlite_store, named_causes=Broken(sqlite_store.engine))
    store.recorder.record([], [unknown(0)])
    with Workspace().serve() as workspace, connected(workspace, answer_context(store)):
        place = Place(workspace, store, workspace.person("ana"), workspace.person("ben"))
        workspace.channel("ml-team", place.ana)
        submitted = place.ana.submit(place.form(place.ana), FORM).acknowledged()
        workspace.wait_for(lambda: submitted.errors)
        assert place.ana.modal is not None
    (entry,) = [record for record in caplog.records if record.exc_info]
    assert str(entry.args[0] if isinstance(entry.args, tuple) else "") in submitted.errors["name"]


class Slow(SqlNamedCauses):
    """Naming that takes longer than Slack waits for a form."""

    def name(self, signature: OrganisationSignature) -> OrganisationSignature:
        Event().wait(ANSWER_WITHIN + 0.5)
        return super().name(signature)


def test_a_name_that_takes_long_to_give_is_acknowledged_in_time_and_shown_when_it_is_there(sqlite_url: str) -> None:
    store = open_store(sqlite_url)
    store = replace(store, named_causes=Slow(store.engine))
    store.recorder.record([], [unknown(0)])
    with Workspace().serve() as workspace, connected(workspace, answer_context(store)):
        place = Place(workspace, store, workspace.person("ana"), workspace.person("ben"))
        workspace.channel("ml-team", place.ana)
        submitted = place.ana.submit(place.form(place.ana), FORM)
        assert "working on it" in result(place, place.ana, submitted, "working on it").words
        assert submitted.seconds is not None
        assert submitted.seconds < 3
        assert "1 failure in 1 job" in result(place, place.ana, submitted, "licence-server-away").words
    store.close()


def test_a_database_that_is_away_is_said_in_the_form(place: Place) -> None:
    form = place.form(place.ana)
    with writing(place.store.engine) as connection:
        connection.exec_driver_sql("DROP TABLE organisation_signatures")
    submitted = place.ana.submit(form, FORM).acknowledged()
    place.workspace.wait_for(lambda: submitted.errors)
    assert "cannot reach my database" in submitted.errors["name"]


def test_hostile_names_are_harmless(place: Place) -> None:
    hostile = FORM | {"name": "<!channel> *x* \u202eevil", "explanation": "`a` <@U1> & password=hunter2secret"}
    shown = result(place, place.ana, place.ana.submit(place.form(place.ana), hostile), "channel-x-evil")
    assert "<!channel>" not in shown.words
    said = place.ben.slash("/failures", "job job-0", channel="ml-team").answer()
    assert "<!channel>" not in str([block for block in said.blocks if "preformatted" not in str(block)])
    assert "hunter2secret" not in str(said.blocks)
    assert "\u202e" not in str(said.blocks)
