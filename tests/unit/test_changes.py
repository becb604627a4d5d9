from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.knowledge.context import Context, context_of, image_parts
from bot.domain.knowledge.family import family
from bot.domain.knowledge.lesson import Trial, lessons
from bot.domain.knowledge.parameters import doing
from bot.domain.knowledge.similar import nearest, overlap
from bot.domain.knowledge.spec import WorkloadSpec, shown_env
from bot.domain.knowledge.spec_change import changes, fits, parameters_of, words_of
from bot.domain.workload.failure import Failure
from bot.domain.workload.quantity import amount, ratio

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SPEC = WorkloadSpec(
    memory="8Gi", cpu="8", gpu_count=4, image="ghcr.io/team/bert:1", command=("python", "t.py", "--batch-size", "64")
)


@pytest.mark.parametrize(
    ("after", "words"),
    [
        (replace(SPEC, memory="16Gi"), "Increase memory limit from 8Gi to 16Gi"),
        (replace(SPEC, cpu="4"), "Reduce CPU request from 8 to 4"),
        (replace(SPEC, gpu_count=2), "Reduce number of GPUs from 4 to 2"),
        (replace(SPEC, shm="16Gi"), "Add size of /dev/shm 16Gi"),
        (replace(SPEC, image="ghcr.io/team/bert:2"), "Change image from ghcr.io/team/bert:1 to ghcr.io/team/bert:2"),
        (replace(SPEC, pull_secrets=("ecr",)), "Add image pull secret ecr"),
        (replace(SPEC, env=(("NCCL_DEBUG", "INFO"),)), "Add environment variable NCCL_DEBUG=INFO"),
        (replace(SPEC, env=(("HF_TOKEN", None),)), "Add environment variable HF_TOKEN"),
        (replace(SPEC, command=("python", "t.py", "--batch-size=32")), "Reduce option batch-size from 64 to 32"),
        (replace(SPEC, tolerations=("gpu:NoSchedule",)), "Add toleration gpu:NoSchedule"),
        (replace(SPEC, command=("python", "other.py")), "Change the command"),
        (SPEC, "Retry as it is"),
    ],
)
def test_a_difference_is_said_as_what_somebody_did(after: WorkloadSpec, words: str) -> None:
    assert words_of(changes(SPEC, after)) == words


def test_several_differences_are_a_set_and_no_proof_of_one() -> None:
    made = changes(SPEC, replace(SPEC, memory="16Gi", image="x:2"))
    assert parameters_of(made) == {"changes": "image, memory"}
    assert not fits({"multiplier": 2.0}, "Increase memory request/limit by 2x", made)


def test_another_node_counts_only_where_nothing_else_differs() -> None:
    one, other = replace(SPEC, node="a"), replace(SPEC, node="b")
    assert [each.kind for each in changes(one, other)] == ["node"]
    assert [each.kind for each in changes(one, replace(other, memory="16Gi"))] == ["memory"]


@pytest.mark.parametrize(("after", "credited"), [("16Gi", True), ("17Gi", True), ("64Gi", False), ("4Gi", False)])
def test_a_suggested_multiplier_gets_the_credit_of_what_is_near_to_it(after: str, credited: bool) -> None:  # noqa: FBT001 a parameter of the test
    made = changes(SPEC, replace(SPEC, memory=after))
    assert fits({"multiplier": 2.0}, "Increase memory request/limit by 2x", made) is credited


def test_values_of_unknown_variables_and_of_secrets_are_not_kept() -> None:
    kept = dict(shown_env({"HF_TOKEN": "hf_x", "NCCL_DEBUG": "INFO", "MY": "x", "RANK": "3", "NCCL_AUTH_KEY": "y"}))
    assert kept == {"HF_TOKEN": None, "NCCL_DEBUG": "INFO", "MY": None, "NCCL_AUTH_KEY": None}


@pytest.mark.parametrize(
    ("job", "name"),
    [
        ("train-bert", "train-bert"),
        ("train-bert-2", "train-bert"),
        ("train-bert-retry-2", "train-bert"),
        ("train-bert-20261123-1402", "train-bert"),
        ("train-bert-x7k2p", "train-bert"),
        ("finetune-llama3", "finetune-llama3"),
        ("llm-70b", "llm-70b"),
        ("2", "2"),
    ],
)
def test_a_family_is_the_name_without_counters_and_times(job: str, name: str) -> None:
    assert family(job) == name


@pytest.mark.parametrize(
    ("image", "registry", "repository"),
    [
        ("pytorch/pytorch:2.9", "docker.io", "docker.io/pytorch/pytorch"),
        ("ghcr.io/a/b@sha256:00", "ghcr.io", "ghcr.io/a/b"),
        ("localhost:5000/x:1", "localhost:5000", "localhost:5000/x"),
        ("ubuntu", "docker.io", "docker.io/ubuntu"),
        (None, None, None),
    ],
)
def test_an_image_has_a_registry_and_a_repository(image: str | None, registry: str, repository: str) -> None:
    assert image_parts(image) == (registry, repository)


@pytest.mark.parametrize(("text", "value"), [("8Gi", 2.0**33), ("500m", 0.5), ("1e3", 1000.0), ("x", None), ("", None)])
def test_a_quantity_is_read_as_kubernetes_does(text: str, value: float | None) -> None:
    assert amount(text) == value
    assert ratio("8Gi", "16384Mi") == 2.0


@pytest.mark.parametrize(
    ("instruction", "words"),
    [
        ("Increase memory by 2x", "increasing memory by 2x"),
        ("Run on another node", "running on another node"),
        ("Retry as it is", "retrying as it is"),
        ("Two words", "“Two words”"),
    ],
)
def test_an_instruction_reads_as_what_somebody_did(instruction: str, words: str) -> None:
    assert doing(instruction) == words


def failure(uid: str, minute: int, *, kind: str = "OOMKilled", job: str = "bert") -> Failure:
    return Failure(
        cluster="c",
        job=job,
        pod_uid=uid,
        failure_type=kind,
        timestamp=NOW + timedelta(minutes=minute),
        error_message="CUDA out of memory",
        image="ghcr.io/a/b:1",
        id=minute + 1,
    )


def trial(
    uid: str, minute: int, memory: str, *, kind: str | None = "OOMKilled", job: str = "bert", owner: str | None = "ana"
) -> Trial:
    return Trial(
        cluster="c",
        project="p",
        job=job,
        pod_uid=uid,
        job_uid=uid,
        began_at=NOW + timedelta(minutes=minute),
        ended_at=NOW + timedelta(minutes=minute + 5),
        spec=replace(SPEC, memory=memory),
        owner=owner,
        failure=None if kind is None else failure(uid, minute + 5, kind=kind, job=job),
    )


def taught(*trials: Trial) -> list[tuple[str, bool]]:
    return [(words_of(one.changes), one.worked) for one in lessons(trials)]


def test_each_try_is_compared_with_the_next_one() -> None:
    assert taught(trial("a", 0, "8Gi"), trial("b", 10, "16Gi"), trial("c", 20, "32Gi", kind=None)) == [
        ("Increase memory limit from 8Gi to 16Gi", False),
        ("Increase memory limit from 16Gi to 32Gi", True),
    ]


def test_a_later_failure_of_another_type_says_nothing() -> None:
    assert taught(trial("a", 0, "8Gi"), trial("b", 10, "16Gi", kind="Error")) == []


def test_a_success_that_ran_already_when_the_other_failed_is_no_answer() -> None:
    assert taught(trial("a", 0, "8Gi"), trial("b", 2, "16Gi", kind=None)) == []


def test_another_name_is_the_same_job_only_for_the_same_person() -> None:
    again = trial("b", 10, "16Gi", kind=None, job="bert-2")
    assert len(taught(trial("a", 0, "8Gi"), again)) == 1
    assert taught(trial("a", 0, "8Gi", owner="ben"), again) == []
    assert taught(trial("a", 0, "16Gi"), again) == []


def test_the_most_alike_failures_come_first() -> None:
    one = failure("x", 0, job="one")
    same, other = failure("a", 1, job="same"), replace(failure("b", 2, job="other"), error_message="disk is full")
    assert [each.job for each in nearest(one, [other, same])] == ["same"]


def test_near_wordings_overlap() -> None:
    assert overlap("Increase the memory limit 2x", "Increase memory request/limit by 2x") > 0.6
    assert overlap("Stream the dataset", "Increase memory request/limit by 2x") == 0


def test_the_framework_is_read_from_image_and_error() -> None:
    assert context_of(failure("a", 0)) == Context(registry="ghcr.io", repository="ghcr.io/a/b")
    torch = replace(failure("a", 0), error_message="torch.OutOfMemoryError: CUDA out of memory")
    assert context_of(torch).framework == "pytorch"
