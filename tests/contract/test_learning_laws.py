"""Laws of what is learnt, on both databases: votes commute, replays change nothing, nobody counts twice."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import count

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.knowledge.context import Context
from bot.domain.knowledge.solution import OutcomeSource, Record, Solution, SolutionKind, SolutionOutcome
from bot.domain.knowledge.spec import SeenSpec, WorkloadSpec
from bot.domain.scope import Scope
from bot.domain.workload.attempt import Attempt, Outcome
from bot.services.knowledge import learn
from bot.services.knowledge.carry import ImportedKnowledge, exported, imported
from bot.store.store import Store
from tests.contract.seen import at, failure

CHECKPOINT = Solution(failure_type="OOMKilled", description="Use less memory", kind=SolutionKind.PERSON)
votes = st.lists(
    st.tuples(st.sampled_from(["U1", "U2", "U3"]), st.integers(1, 3), st.booleans(), st.integers(0, 9)), max_size=8
)
_names = count()


def record_of(store: Store, told: list[tuple[str, int, bool, int]], name: str) -> Record:
    """The record of a new solution after these votes: by whom, for which failure, worked, in which minute."""
    solution = store.knowledge.add_solution(replace(CHECKPOINT, description=name))
    for by, about, worked, minute in told:
        store.knowledge.vote(
            SolutionOutcome(solution_id=solution, worked=worked, by=by, at=at(minute), failure_id=about)
        )
    found = store.knowledge.solution(Scope(), solution)
    assert found is not None
    return found[1]


@given(votes, st.randoms(use_true_random=False))
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_votes_commute_and_replays_change_nothing(
    sqlite_store: Store, told: list[tuple[str, int, bool, int]], chance: random.Random
) -> None:
    name = next(_names)
    again = [*told, *told]
    chance.shuffle(again)
    one, other = record_of(sqlite_store, told, f"a{name}"), record_of(sqlite_store, again, f"b{name}")
    assert one == other
    assert one.worked + one.failed == len({(by, about) for by, about, _, _ in told})
    assert one.people <= 3


def spec(uid: str, minute: float, memory: str, *, failed: bool, job: str = "train-bert") -> SeenSpec:
    attempt = Attempt(
        cluster="prod",
        project="ml-team",
        job=job,
        job_uid=uid,
        owner="ana",
        pod_uid=uid,
        outcome=Outcome.FAILED if failed else Outcome.SUCCEEDED,
        created_at=at(minute),
        finished_at=at(minute + 5),
    )
    return SeenSpec(attempt=attempt, failed=failed, read=lambda: WorkloadSpec(memory=memory))


def test_only_specs_of_failures_and_of_what_answers_them_are_kept(store: Store) -> None:
    assert store.recorder.record_specs([spec("other", 0, "8Gi", failed=False, job="fine")]) == 0
    assert store.recorder.record_specs([spec("a", 10, "8Gi", failed=True)]) == 1
    assert store.recorder.record_specs([spec("before", 0, "8Gi", failed=False)]) == 0
    assert store.recorder.record_specs([spec("b", 20, "16Gi", failed=False), spec("c", 21, "16Gi", failed=False)]) == 2
    assert store.recorder.record_specs([spec("d", 40, "16Gi", failed=False)]) == 0
    assert store.recorder.record_specs([spec("a", 10, "8Gi", failed=True), spec("b", 20, "16Gi", failed=False)]) == 0


def test_a_spec_is_read_only_to_be_kept_and_kept_only_if_it_can_be_read(store: Store) -> None:
    def never() -> WorkloadSpec:
        raise AssertionError("nobody keeps it")

    assert store.recorder.record_specs([replace(spec("other", 0, "8Gi", failed=False, job="fine"), read=never)]) == 0
    assert store.recorder.record_specs([replace(spec("a", 10, "8Gi", failed=True), read=lambda: None)]) == 0
    assert store.recorder.record_specs([spec("a", 10, "8Gi", failed=True)]) == 1
    assert store.recorder.record_specs([replace(spec("a", 10, "8Gi", failed=True), read=never)]) == 0


def test_studying_again_teaches_nothing_new(store: Store) -> None:
    store.recorder.record([], [replace(failure("a", 15), job="train-bert", project="ml-team")])
    store.recorder.record_specs([spec("a", 10, "8Gi", failed=True), spec("b", 20, "16Gi", failed=False)])
    assert learn.study(store.trials, store.knowledge, now=at(60)) == learn.Learnt(1, 1)
    assert learn.study(store.trials, store.knowledge, now=at(61)) == learn.Learnt()
    store.recorder.record_specs([spec("later", 70, "16Gi", failed=True)])
    learn.study(store.trials, store.knowledge, now=at(80))
    (known,) = store.knowledge.solutions(Scope(), "OOMKilled")
    assert known[0].description == "Increase memory limit from 8Gi to 16Gi"
    assert known[1].observed_worked == 1


def test_an_export_is_the_same_knowledge_elsewhere_and_counts_once(store: Store, sqlite_store: Store) -> None:
    solution = store.knowledge.add_solution(
        replace(CHECKPOINT, condition="registry=ghcr.io", parameters={"multiplier": 2.0})
    )
    context = Context(registry="ghcr.io", project="ml-team")
    for number in range(7):
        said = SolutionOutcome(
            solution_id=solution, worked=number > 0, by=f"U{number}", at=at(number), failure_id=1, context=context
        )
        store.knowledge.vote(said)
    store.knowledge.vote(
        SolutionOutcome(
            solution_id=solution, worked=True, by="bot", at=at(9), failure_id=1, source=OutcomeSource.OBSERVED
        )
    )
    document = yaml.safe_load(yaml.safe_dump(exported(store.knowledge, Scope())))
    assert "U1" not in str(document)
    other = store if store is sqlite_store else sqlite_store
    before = len(other.knowledge.browse(Scope()))
    assert imported(document, other.knowledge, source="eu") == ImportedKnowledge(1, 8)
    assert imported(document, other.knowledge, source="eu") == ImportedKnowledge(1, 0)
    assert len(other.knowledge.browse(Scope())) == max(before, 1)
    ((brought, record),) = other.knowledge.browse(Scope())
    assert record.observed_worked >= 1
    assert {each.context for each in other.knowledge.outcomes(Scope(), [brought.id or 0])} >= {context}
