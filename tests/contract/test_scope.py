"""What a scope sees of solutions, verdicts, incidents, subscriptions, windows and named causes, on both databases."""

from __future__ import annotations

import inspect
from dataclasses import replace
from typing import get_type_hints

import pytest

from bot.domain.diagnosis.organisation import OrganisationSignature
from bot.domain.incidents.incident import Finding, IncidentKind
from bot.domain.incidents.lifecycle import acknowledge, opened, seen
from bot.domain.incidents.maintenance import Maintenance, MaintenanceKind
from bot.domain.incidents.subscription import Subscription, Wants
from bot.domain.knowledge.context import Context
from bot.domain.knowledge.solution import OutcomeSource, Record, Solution, SolutionKind, SolutionOutcome
from bot.domain.scope import Scope
from bot.domain.workload.pod_evidence import CauseOwner
from bot.services.answers.analyze import EvidenceSource
from bot.services.incidents.ports import Homes, Incidents, Subscriptions
from bot.services.knowledge.name_causes import NamedCauses
from bot.services.knowledge.ports import History, Knowledge
from bot.store.store import Store
from tests.contract.seen import at, failure
from tests.unit.incidents.made import DAY, HOUR, NOW, hot

ALL, MINE = Scope(), Scope(frozenset({"ml-team"}))
TWICE = Solution(
    failure_type="OOMKilled",
    description="Increase memory limit from 8Gi to 16Gi",
    kind=SolutionKind.OBSERVED,
    parameters={"change": "memory", "multiplier": 2.0, "from": "8Gi", "to": "16Gi"},
    created_by="bot",
    origins=frozenset({"secret"}),
)
RULE = Solution(failure_type="OOMKilled", description="Profile memory", kind=SolutionKind.RULE)
WRITES = {"add_solution", "sync_rules", "vote", "suggest", "suggested", "resolve", "name", "rename_signature"}
WRITES |= {"retire_signature", "keep", "choose", "subscribe", "take_back", "begin"}
"""What asks nothing of the store that a reader is told; `suggested` is asked by the bot while it learns."""


@pytest.mark.parametrize("port", [EvidenceSource, History, Homes, Incidents, Knowledge, NamedCauses, Subscriptions])
def test_no_question_can_be_asked_without_a_scope(port: type) -> None:
    questions = {name: ask for name, ask in inspect.getmembers(port, inspect.isfunction) if not name.startswith("_")}
    assert questions
    for name in questions.keys() - WRITES:
        _, first, *_ = inspect.signature(questions[name]).parameters.values()
        assert (first.name, first.default) == ("scope", inspect.Parameter.empty), f"{port.__name__}.{name}"
        assert get_type_hints(questions[name])["scope"] is Scope


def said(store: Store, solution: int, project: str | None, *, by: str = "bot", failure: int | None = 7) -> None:
    source = OutcomeSource.OBSERVED if by == "bot" else OutcomeSource.PERSON
    store.knowledge.vote(
        SolutionOutcome(
            solution_id=solution,
            worked=True,
            by=by,
            at=at(failure or 0),
            source=source,
            failure_id=failure,
            context=Context(project=project),
            seen="memory limit 8Gi → 16Gi" if by == "bot" else None,
        )
    )


def told(store: Store, scope: Scope) -> dict[str, Record]:
    return {solution.description: record for solution, record in store.knowledge.solutions(scope, "OOMKilled")}


def test_verdicts_of_other_projects_are_not_in_the_record_and_those_at_large_are(store: Store) -> None:
    store.knowledge.sync_rules([RULE])
    ((rule, _),) = store.knowledge.solutions(ALL, "OOMKilled")
    assert rule.id is not None
    for number, project in enumerate(("secret", "secret", "ml-team", None)):
        said(store, rule.id, project, by=f"U{number}", failure=number + 1)
    said(store, rule.id, None, by="U9", failure=None)
    assert (told(store, ALL)["Profile memory"].worked, told(store, MINE)["Profile memory"].worked) == (5, 2)
    assert {one.by for one in store.knowledge.outcomes(MINE, [rule.id])} == {"U2", "U9"}
    assert store.knowledge.verdicts(MINE, 1, "U0") == {}
    assert store.knowledge.verdicts(ALL, 1, "U0") == {rule.id: True}


def test_what_was_seen_elsewhere_is_told_as_a_transformation_once_it_was_seen_here_too(store: Store) -> None:
    solution = store.knowledge.add_solution(TWICE)
    said(store, solution, "secret")
    assert told(store, MINE) == {}
    assert store.knowledge.solution(MINE, solution) is None
    assert store.knowledge.observed(MINE, at(0)) == []
    assert store.knowledge.remedies(MINE, [7]) == {}
    assert not store.knowledge.edit(MINE, solution, "Mine now", None, by="U1", at=at(9))
    assert not store.knowledge.retire(MINE, solution, by="U1", at=at(9))
    said(store, solution, "ml-team", failure=8)
    assert told(store, MINE) == {"Increase the memory limit ×2": Record(observed_worked=1, last_used=at(8))}
    assert store.knowledge.remedies(MINE, [7, 8]) == {8: "Increase the memory limit ×2"}
    assert not store.knowledge.edit(MINE, solution, "Mine now", None, by="U1", at=at(9))
    assert told(store, ALL)["Increase memory limit from 8Gi to 16Gi"].observed_worked == 2


def test_the_same_values_seen_here_are_told_with_their_words(store: Store) -> None:
    solution = store.knowledge.add_solution(TWICE)
    assert store.knowledge.add_solution(replace(TWICE, origins=frozenset({"ml-team"}))) == solution
    assert list(told(store, MINE)) == [TWICE.description]
    found = store.knowledge.solution(ALL, solution)
    assert found is not None
    assert found[0].origins == {"ml-team", "secret"}
    assert store.knowledge.edit(MINE, solution, "Twice the memory", None, by="U1", at=at(9))


def test_what_somebody_typed_is_seen_where_it_is_from_or_was_meant_for_everybody(store: Store) -> None:
    theirs = Solution(failure_type="OOMKilled", description="Ask Ana", kind=SolutionKind.PERSON, created_by="U1")
    store.knowledge.add_solution(replace(theirs, origins=frozenset({"secret"})))
    store.knowledge.add_solution(replace(theirs, description="Ask Ben", origins=frozenset({"ml-team"})))
    store.knowledge.add_solution(replace(theirs, description="Ask anybody", origins=frozenset({None})))
    assert list(told(store, MINE)) == ["Ask Ben", "Ask anybody"]
    assert [one.description for one, _ in store.knowledge.browse(MINE)] == ["Ask Ben", "Ask anybody"]


BAD_IMAGE = hot(kind=IncidentKind.BAD_IMAGE, subject="secret/bert:1", cluster=None)
OF_SECRET = hot(kind=IncidentKind.FAILURES, subject="OOMKilled", project="secret")


def observe(store: Store, scope: Scope, *findings: Finding) -> None:
    keys = [one.key for one in findings]

    def apply(known: object) -> list[object]:
        before = {one.key: one for one in known}  # type: ignore[attr-defined] # incidents
        return [
            seen(before[one.key], one, repeat_after=DAY, now=NOW + HOUR) if one.key in before else opened(one, now=NOW)
            for one in findings
        ]

    store.incidents.observe(scope, keys, apply, now=NOW)  # type: ignore[arg-type] # as above


def subjects(store: Store, scope: Scope) -> list[str]:
    return [one.finding.subject for one in store.incidents.live(scope, ended_since=NOW)]


def test_an_incident_of_all_projects_is_seen_where_all_that_were_looked_at_may_be(store: Store) -> None:
    observe(store, ALL, hot(), BAD_IMAGE, OF_SECRET)
    assert subjects(store, ALL) == ["gpu-node-03", "secret/bert:1", "OOMKilled"]
    assert subjects(store, MINE) == []
    observe(store, MINE, hot(failures=3, jobs=3, lines=("ours",)))
    assert subjects(store, MINE) == ["gpu-node-03"]
    assert subjects(store, ALL) == ["gpu-node-03", "secret/bert:1", "OOMKilled"], "the same incident goes on"
    observe(store, Scope(frozenset({"ml-team", "research"})), hot(failures=5, jobs=5))
    assert subjects(store, MINE) == []


def test_nothing_of_a_hidden_incident_is_told_or_done(store: Store) -> None:
    observe(store, ALL, hot(), OF_SECRET)
    node, secret = (one.id or 0 for one in store.incidents.live(ALL, ended_since=NOW))
    for number in (node, secret):
        assert store.incidents.incident(MINE, number) is None
        assert store.incidents.change(MINE, number, lambda one: acknowledge(one, by="U1", now=NOW), now=NOW) is None
        assert store.incidents.kept(MINE, number) == []
    assert store.incidents.steps(MINE, [node, secret]) == {node: [], secret: []}
    observe(store, MINE, hot(failures=30, jobs=30, lines=("ours",)))
    steps = store.incidents.steps(MINE, [node])[node]
    assert steps
    assert len(steps) < len(store.incidents.steps(ALL, [node])[node]), "those of the time when all was looked at"


def test_subscriptions_windows_and_choices_that_name_a_project_are_seen_where_that_is(store: Store) -> None:
    for project in (None, "ml-team", "secret"):
        store.subscriptions.subscribe(
            Subscription(channel="C1", wants=Wants.ALERTS, project=project, created_by="U1", created_at=NOW)
        )
    assert [one.project for one in store.subscriptions.subscriptions(MINE)] == [None, "ml-team"]
    hidden = store.subscriptions.subscriptions(ALL)[-1].id
    assert hidden is not None
    assert not store.subscriptions.unsubscribe(MINE, hidden)
    for part, name in ((MaintenanceKind.PROJECT, "secret"), (MaintenanceKind.NODE, "secret")):
        store.subscriptions.begin(Maintenance(part=part, name=name, since=NOW, until=NOW + HOUR, by="U1"))
    assert [one.part for one in store.subscriptions.windows(MINE, NOW)] == [MaintenanceKind.NODE]
    assert not store.subscriptions.end(MINE, MaintenanceKind.PROJECT, "secret", NOW)
    assert store.subscriptions.end(ALL, MaintenanceKind.PROJECT, "secret", NOW)
    store.homes.choose("U1", ["secret", "ml-team"])
    assert store.homes.chosen(MINE, "U1") == ("ml-team",)


def test_a_named_cause_is_seen_where_a_failure_that_carries_it_is(store: Store) -> None:
    store.recorder.record([], [failure("a", project="secret", error_message="licence server secret-7 away")])
    named = OrganisationSignature(
        id="licence-away",
        name="Licence away",
        template="licence server <id> away",
        failure_type="OOMKilled",
        explanation="Ours.",
        owner=CauseOwner.PLATFORM,
        created_by="U1",
        created_at=NOW,
    )
    store.named_causes.name(named)
    assert store.named_causes.signatures(MINE) == []
    assert store.named_causes.signatures(ALL) == [named]
    store.recorder.record([], [failure("b", signature="licence-away")])
    assert store.named_causes.signatures(MINE) == [named]


def test_the_record_begins_where_that_of_the_scope_does(store: Store) -> None:
    store.recorder.record([], [failure("a", 5, project="secret"), failure("b", 9)])
    assert store.evidence.recorded_since(ALL) == at(5)
    assert store.evidence.recorded_since(MINE) == at(9)
    assert store.evidence.recorded_since(Scope(frozenset({"ml-team"}), project="ml-team")) == at(9)
    assert store.evidence.recorded_since(Scope(frozenset())) is None
