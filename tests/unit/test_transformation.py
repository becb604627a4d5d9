"""An observed fix is told to others as the change it is: no name or value of the team it was seen in."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.knowledge.solution import OutcomeSource, Record, Solution, SolutionKind, SolutionOutcome
from bot.domain.knowledge.spec import WorkloadSpec
from bot.domain.knowledge.spec_change import changes, parameters_of, words_of
from bot.domain.knowledge.transformation import as_seen, generalised, pooled, told_to
from bot.domain.scope import Scope
from tests.contract.seen import at

SPEC = WorkloadSpec(
    memory="8Gi",
    cpu="4",
    gpu_count=8,
    shm="1Gi",
    gpu_type="A100",
    image="registry.q7x.example/q7x-bert:2.1",
    command=("python train.py --q7x-lr 0.1",),
    env=(("Q7X_BUCKET", None), ("NCCL_Q7X", "1")),
    pull_secrets=("q7x-pull",),
    volumes=("/data persistentVolumeClaim/q7x-data",),
    node_selector=(("q7x.example/pool", "a"),),
    tolerations=("q7x:NoSchedule",),
    node="gpu-1",
)


def observed(after: WorkloadSpec) -> Solution:
    made = changes(SPEC, after)
    return Solution(
        failure_type="Error",
        description=words_of(made),
        kind=SolutionKind.OBSERVED,
        condition="registry=registry.q7x.example",
        parameters=parameters_of(made),
        origins=frozenset({"q7x"}),
        id=1,
    )


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"memory": "16Gi"}, "Increase the memory limit ×2"),
        ({"memory": "6Gi"}, "Reduce the memory limit ×0.75"),
        ({"cpu": "16"}, "Increase the CPU request ×4"),
        ({"gpu_count": 4}, "Reduce the number of GPUs ×0.5"),
        ({"shm": None}, "Remove the size of /dev/shm"),
        ({"gpu_type": "H100"}, "Use another GPU type"),
        ({"image": "registry.q7x.example/q7x-bert:2.2"}, "Use a newer tag of the same repository"),
        ({"image": "registry.q7x.example/q7x-bert:2.10"}, "Use a newer tag of the same repository"),
        ({"image": "registry.q7x.example/q7x-bert:1.9"}, "Use an older tag of the same repository"),
        ({"image": "registry.q7x.example/q7x-bert:fixed"}, "Use another tag of the same repository"),
        ({"image": "registry.q7x.example/q7x-other:2.1"}, "Use an image of another repository"),
        ({"image": None}, "Name no image"),
        ({"env": (("NCCL_Q7X", "1"),)}, "Remove an environment variable"),
        ({"env": (("NCCL_Q7X", "0"), ("Q7X_BUCKET", None))}, "Change an environment variable"),
        ({"env": (*SPEC.env, ("Q7X_TOKEN", None))}, "Set an environment variable"),
        ({"node_selector": ()}, "Remove a node selector"),
        ({"pull_secrets": ("q7x-pull", "q7x-too")}, "Add an image pull secret"),
        ({"volumes": ()}, "Remove a volume"),
        ({"tolerations": ("q7x:NoSchedule", "q7x:NoExecute")}, "Add a toleration"),
        ({"command": ("python train.py --q7x-lr 0.01",)}, "Change an option of the command"),
        ({"command": ("python q7x.py",)}, "Change the command"),
        ({"node": "gpu-2"}, "Retry on another node"),
        ({}, "Retry as it is"),
        (
            {"memory": "16Gi", "image": "q7x:3", "env": ()},
            "Change several things at once: an environment variable, the image and the memory limit",
        ),
    ],
)
def test_a_change_is_told_without_its_values(changed: dict[str, object], told: str) -> None:
    general = generalised(observed(replace(SPEC, **changed)))  # type: ignore[arg-type] # fields of a spec
    assert general is not None
    assert general.description == told
    assert "q7x" not in repr(general).lower()


def test_rules_and_people_are_told_in_their_own_words_or_not_at_all() -> None:
    said = Solution(failure_type="Error", description="Ask q7x", kind=SolutionKind.PERSON, origins=frozenset({"q7x"}))
    rule = replace(said, kind=SolutionKind.RULE, origins=frozenset())
    assert generalised(said) is None
    others = Scope(frozenset({"ml-team"}))
    assert as_seen(said, others, has_outcome=True) is None
    assert as_seen(rule, others, has_outcome=False) == rule
    assert as_seen(replace(said, origins=frozenset({None})), others, has_outcome=False) is not None


def test_a_scope_sees_the_words_of_its_own_projects_and_the_transformation_of_others() -> None:
    both = replace(observed(replace(SPEC, memory="16Gi")), origins=frozenset({"q7x", "ml-team"}))
    theirs = replace(both, origins=frozenset({"q7x"}))
    mine = Scope(frozenset({"ml-team"}))
    seen = as_seen(both, mine, has_outcome=False)
    assert seen == replace(both, origins=frozenset({"ml-team"})), "and does not learn who else did it"
    assert as_seen(theirs, mine, has_outcome=True) == generalised(theirs)
    assert as_seen(theirs, mine, has_outcome=False) is None
    assert as_seen(theirs, Scope(), has_outcome=False) == theirs


def test_an_answer_about_a_project_has_an_image_of_its_own_and_only_the_change_of_another_ones() -> None:
    image = observed(replace(SPEC, image="registry.q7x.example/q7x-bert:2.2"))
    assert told_to(image, "q7x") == image
    for project in ("ml-team", None):
        assert told_to(image, project).description == "Use a newer tag of the same repository"
    memory = observed(replace(SPEC, memory="16Gi"))
    assert told_to(memory, "ml-team") == memory, "an amount is nobody's"


def test_those_that_say_the_same_are_one_with_all_verdicts() -> None:
    newer, rule = observed(replace(SPEC, image="registry.q7x.example/q7x-bert:2.2")), SolutionKind.RULE
    told = [
        (replace(told_to(newer, None), id=1), Record(observed_worked=3, last_used=at(1))),
        (Solution(failure_type="Error", description="Rebuild", kind=rule, id=2), Record()),
        (replace(told_to(newer, None), id=3), Record(observed_failed=1, last_used=at(2))),
    ]
    said = [
        SolutionOutcome(solution_id=number, worked=number == 1, by="bot", at=at(number), source=OutcomeSource.OBSERVED)
        for number in (1, 3)
    ]
    known, outcomes = pooled(told, said)
    assert [(solution.id, record) for solution, record in known] == [
        (1, Record(observed_worked=3, observed_failed=1, last_used=at(2))),
        (2, Record()),
    ]
    assert [each.solution_id for each in outcomes] == [1, 1]
