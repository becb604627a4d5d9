from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.workload.failure import Failure
from bot.domain.workload.gang import FALLOUT, Faults, first_faults, gang_of
from bot.domain.workload.pod_meta import Owner, PodMeta

START = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def failure(number: int, seconds: float, *, pod: str = "", uid: str = "", signature: str | None = None) -> Failure:
    return Failure(
        cluster="c",
        job="bert",
        pod_uid=uid or f"uid-{number}",
        pod_name=pod or f"bert-worker-{number}",
        failure_type="Error",
        timestamp=START + timedelta(seconds=seconds),
        signature=signature,
        id=number,
    )


def split(*failures: Failure, starts: dict[str, datetime] | None = None) -> tuple[set[int], set[int]]:
    faults = first_faults(failures, starts=starts or {})
    return set(faults.first), set(faults.victims)


def test_the_first_to_fail_is_the_fault_and_the_others_are_its_victims() -> None:
    assert split(failure(1, 60), failure(2, 0), failure(3, 599)) == ({2}, {1, 3})


def test_long_after_is_another_fault() -> None:
    assert split(failure(1, 0), failure(2, FALLOUT.total_seconds() + 1)) == ({1, 2}, set())


def test_a_pod_that_started_after_the_fault_is_the_next_try() -> None:
    starts = {"uid-2": START + timedelta(seconds=30), "uid-3": START + timedelta(seconds=31)}
    assert split(failure(1, 0), failure(2, 120), failure(3, 130), starts=starts) == ({1, 2}, {3})


def test_a_pod_that_ran_already_is_a_victim() -> None:
    assert split(failure(1, 0), failure(2, 120), starts={"uid-2": START - timedelta(hours=1)}) == ({1}, {2})


def test_the_same_rank_as_a_new_pod_is_the_next_try() -> None:
    again = failure(3, 90, pod="bert-worker-1", uid="uid-new")
    assert split(failure(1, 0), failure(2, 5), again, failure(4, 95)) == ({1, 3}, {2, 4})


def test_the_same_pod_is_no_victim_of_its_own() -> None:
    twice = failure(2, 30, pod="bert-worker-1", uid="uid-1")
    assert split(failure(1, 0), twice) == ({1, 2}, set())


def test_a_member_nearer_to_the_root_is_the_fault_though_it_was_reaped_later() -> None:
    failures = [failure(1, 0, signature="nccl-timeout"), failure(2, 5, signature="cuda-out-of-memory")]
    depth = {"nccl-timeout": 2.0, "cuda-out-of-memory": 1.0}
    faults = first_faults(failures, starts={}, depth=lambda each: depth[each.signature or ""])
    assert faults == Faults(frozenset({2}), frozenset({1}))


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 5)), max_size=12, unique_by=lambda each: each[0]),
    st.randoms(use_true_random=False),
)
def test_every_failure_is_one_or_the_other_whatever_the_order(rows: list[tuple[int, int]], draw: object) -> None:
    failures = [failure(n, seconds, uid=f"uid-{pod}", pod=f"p-{pod}") for n, (seconds, pod) in enumerate(rows, 1)]
    shuffled = list(failures)
    draw.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis' random.Random
    faults = first_faults(failures, starts={})
    assert first_faults(shuffled, starts={}) == faults
    assert faults.first | faults.victims == {each.id for each in failures}
    assert not faults.first & faults.victims
    assert bool(faults.first) is bool(failures)


@pytest.mark.parametrize(
    ("kind", "labels", "annotations", "subdomain", "expected"),
    [
        ("Job", {}, {}, False, None),
        ("Job", {}, {"pod-group-name": "pg"}, False, None),
        ("Job", {"batch.kubernetes.io/job-completion-index": "0"}, {}, False, None),
        ("Job", {"batch.kubernetes.io/job-completion-index": "0"}, {}, True, "ns/bert/u"),
        ("Job", {"scheduling.x-k8s.io/pod-group": "mine"}, {}, False, "ns/mine"),
        ("PyTorchJob", {}, {"pod-group-name": "pg-bert"}, False, "ns/bert/u"),
        ("PyTorchJob", {}, {}, False, "ns/bert/u"),
        ("HyperPodPyTorchJob", {}, {}, False, "ns/bert/u"),
        ("NewJob", {"replica-type": "worker"}, {}, False, "ns/bert/u"),
        ("NewKind", {}, {"pod-group-name": "pg-bert"}, False, "ns/pg-bert"),
        ("NewKind", {}, {}, False, None),
        ("JobSet", {"jobset.sigs.k8s.io/restart-attempt": "2"}, {}, False, "ns/bert/u/2"),
        ("LeaderWorkerSet", {"leaderworkerset.sigs.k8s.io/group-index": "1"}, {}, False, "ns/bert/u/1"),
        ("StatefulSet", {}, {"scheduling.k8s.io/group-name": "podgroup-x"}, False, None),
    ],
)
def test_pods_that_run_together_have_one_gang(
    kind: str, labels: dict[str, str], annotations: dict[str, str], *, subdomain: bool, expected: str | None
) -> None:
    owners = [Owner(kind, "bert", "u", controller=True)]
    pod = PodMeta(
        name="bert-0",
        namespace="ns",
        labels=labels,
        annotations=annotations,
        owners=owners,
        has_subdomain=subdomain,
    )
    assert gang_of(pod) == expected


def test_a_gang_of_the_scheduler_is_a_gang_whoever_made_its_pods() -> None:
    assert gang_of(PodMeta(name="a", namespace="ns", scheduling_group="ring")) == "ns/ring"


def test_what_wraps_a_gang_does_not_hide_it() -> None:
    labels = {"workload.codeflare.dev/appwrapper": "aw", "training.kubeflow.org/job-name": "bert"}
    owners = [Owner("PyTorchJob", "bert", "u", controller=True)]
    assert gang_of(PodMeta(name="bert-0", namespace="ns", labels=labels, owners=owners)) == "ns/bert/u"
