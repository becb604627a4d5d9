from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from bot.domain.knowledge.solution import OutcomeSource, Record, Solution, SolutionKind, SolutionOutcome
from bot.domain.scope import Scope
from bot.store.store import Store
from tests.contract.seen import at, failure

DOUBLE = Solution(
    failure_type="OOMKilled",
    description="Increase memory request/limit by 2x",
    kind=SolutionKind.RULE,
    parameters={"multiplier": 2.0, "cap": "512Gi", "limit_too": True},
    automatic=True,
)
PROFILE = Solution(failure_type="OOMKilled", description="Profile memory", kind=SolutionKind.RULE)
CHECKPOINT = Solution(
    failure_type="Error",
    signature="cuda-out-of-memory",
    description="Enable gradient checkpointing",
    kind=SolutionKind.PERSON,
    condition="framework=pytorch",
    created_by="U1",
)


def said(
    solution: int, *, worked: bool = True, by: str = "U1", minute: float = 0, failure: int | None = 7
) -> SolutionOutcome:
    return SolutionOutcome(solution_id=solution, worked=worked, by=by, at=at(minute), failure_id=failure)


def record_of(store: Store, solution: int) -> Record:
    found = store.knowledge.solution(Scope(), solution)
    assert found is not None
    return found[1]


def test_rules_are_kept_as_the_catalogue_has_them(store: Store) -> None:
    store.knowledge.sync_rules([DOUBLE, PROFILE])
    found = [replace(solution, id=None) for solution, _ in store.knowledge.solutions(Scope(), "OOMKilled")]
    assert found == [DOUBLE, PROFILE]
    assert store.knowledge.solutions(Scope(), "Error") == []


def test_unchanged_rules_keep_their_ids_and_records(store: Store) -> None:
    store.knowledge.sync_rules([DOUBLE, PROFILE])
    ids = [solution.id for solution, _ in store.knowledge.solutions(Scope(), "OOMKilled")]
    assert ids[0] is not None
    store.knowledge.vote(said(ids[0]))
    store.knowledge.sync_rules([PROFILE, replace(DOUBLE, parameters={"multiplier": 1.5})])
    assert [solution.id for solution, _ in store.knowledge.solutions(Scope(), "OOMKilled")] == ids
    changed, record = store.knowledge.solutions(Scope(), "OOMKilled")[0]
    assert changed.parameters == {"multiplier": 1.5}
    assert record.worked == 1


def test_a_rule_that_vanished_is_offered_no_more_and_comes_back_with_its_record(store: Store) -> None:
    store.knowledge.sync_rules([DOUBLE, PROFILE])
    double = store.knowledge.solutions(Scope(), "OOMKilled")[0][0].id
    assert double is not None
    store.knowledge.sync_rules([PROFILE])
    assert [solution.description for solution, _ in store.knowledge.solutions(Scope(), "OOMKilled")] == [
        PROFILE.description
    ]
    assert store.knowledge.vote(said(double))
    store.knowledge.sync_rules([DOUBLE, PROFILE])
    assert store.knowledge.solutions(Scope(), "OOMKilled")[0][1].worked == 1


def test_rules_leave_peoples_solutions_alone(store: Store) -> None:
    store.knowledge.add_solution(CHECKPOINT)
    store.knowledge.sync_rules([DOUBLE])
    store.knowledge.sync_rules([])
    assert [kept.description for kept, _ in store.knowledge.solutions(Scope(), "Error", "cuda-out-of-memory")] == [
        CHECKPOINT.description
    ]


def test_the_same_solution_again_is_the_same_one(store: Store) -> None:
    first = store.knowledge.add_solution(CHECKPOINT)
    assert store.knowledge.add_solution(replace(CHECKPOINT, created_by="U2")) == first
    assert store.knowledge.add_solution(replace(CHECKPOINT, condition=None)) != first
    assert store.knowledge.add_solution(replace(CHECKPOINT, signature=None)) != first
    found = store.knowledge.solution(Scope(), first)
    assert found is not None
    assert found[0] == replace(CHECKPOINT, id=first)


def test_a_rule_that_was_dropped_becomes_the_persons_who_suggests_it(store: Store) -> None:
    store.knowledge.sync_rules([DOUBLE])
    store.knowledge.sync_rules([])
    again = store.knowledge.add_solution(replace(DOUBLE, kind=SolutionKind.PERSON, created_by="U1"))
    store.knowledge.sync_rules([])
    assert [solution.id for solution, _ in store.knowledge.solutions(Scope(), "OOMKilled")] == [again]


def test_a_signature_adds_its_own_solutions_to_those_of_the_type(store: Store) -> None:
    store.knowledge.sync_rules([DOUBLE, replace(PROFILE, failure_type="Error")])
    store.knowledge.add_solution(CHECKPOINT)
    assert len(store.knowledge.solutions(Scope(), "Error")) == 1
    assert len(store.knowledge.solutions(Scope(), "Error", "cuda-out-of-memory")) == 2
    assert len(store.knowledge.solutions(Scope(), "OOMKilled", "cuda-out-of-memory")) == 2


def test_a_second_press_changes_nothing_and_another_one_changes_the_vote(store: Store) -> None:
    solution = store.knowledge.add_solution(CHECKPOINT)
    assert store.knowledge.vote(said(solution))
    assert not store.knowledge.vote(said(solution))
    assert record_of(store, solution) == Record(worked=1, people=1, last_used=at(0))
    assert not store.knowledge.vote(said(solution, minute=1))
    assert record_of(store, solution) == Record(worked=1, people=1, last_used=at(1))
    assert store.knowledge.vote(said(solution, worked=False, minute=2))
    assert record_of(store, solution) == Record(failed=1, last_used=at(2))
    assert not store.knowledge.vote(said(solution, worked=True, minute=1))
    assert store.knowledge.verdicts(Scope(), 7, "U1") == {solution: False}


def test_people_are_counted_once_and_what_was_observed_stands_apart(store: Store) -> None:
    solution = store.knowledge.add_solution(CHECKPOINT)
    for number, by in enumerate(["U1", "U1", "U2"]):
        store.knowledge.vote(said(solution, by=by, failure=number, minute=number))
    store.knowledge.vote(replace(said(solution, by="bot", failure=1, minute=9), source=OutcomeSource.OBSERVED))
    store.knowledge.vote(replace(said(solution, by="bot", failure=2, worked=False), source=OutcomeSource.OBSERVED))
    expected = Record(worked=3, people=2, observed_worked=1, observed_failed=1, last_used=at(9))
    assert record_of(store, solution) == expected


def test_a_verdict_on_the_type_at_large_is_one_of_its_own(store: Store) -> None:
    solution = store.knowledge.add_solution(CHECKPOINT)
    store.knowledge.vote(said(solution, failure=None))
    assert not store.knowledge.vote(said(solution, failure=None))
    store.knowledge.vote(said(solution, failure=7, worked=False))
    assert store.knowledge.verdicts(Scope(), None, "U1") == {solution: True}
    assert store.knowledge.verdicts(Scope(), 7, "U1") == {solution: False}
    assert store.knowledge.verdicts(Scope(), 7, "U2") == {}


def test_a_verdict_on_an_unknown_solution_is_refused(store: Store) -> None:
    with pytest.raises(LookupError):
        store.knowledge.vote(said(4711))
    assert store.knowledge.solution(Scope(), 4711) is None


def test_the_record_outlives_the_failure(store: Store) -> None:
    store.recorder.record([], [failure()])
    solution = store.knowledge.add_solution(CHECKPOINT)
    store.knowledge.vote(said(solution, failure=1))
    store.prune(at(10_000))
    assert record_of(store, solution).worked == 1


def test_many_people_at_once_are_all_counted(store: Store) -> None:
    solution = store.knowledge.add_solution(CHECKPOINT)
    people = [threading.Thread(target=store.knowledge.vote, args=(said(solution, by=f"U{one}"),)) for one in range(8)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert record_of(store, solution).people == 8
