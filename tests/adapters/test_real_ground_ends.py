"""How attempts end on a cluster as harsh as a real one, and what the bot records of it: who stops a pod on purpose has
no failure, what had ended cannot be brought down, and nothing is counted twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.store.store import Store
from playground.kube import deletion, eviction
from playground.kube.control.script import ScriptedRun
from playground.kube.deletion import AT_ONCE
from playground.kube.resources import JOBS, NODES, PODS
from tests.adapters.real_ground import FAILS, FOR_EVER, NAMESPACE, WELL, Ground, watched

OOM = ScriptedRun(after=8, exit=137, reason="OOMKilled")


@pytest.fixture
def ground(tmp_path: Path, sqlite_store: Store) -> Iterator[Ground]:
    with watched(sqlite_store, tmp_path) as ground:
        yield ground


# Somebody stops it on purpose


def _delete_job(ground: Ground, name: str) -> None:
    ground.live.plane.delete(JOBS, ground.cluster.get(JOBS, NAMESPACE, name))


def _delete_job_in_the_foreground(ground: Ground, name: str) -> None:
    job = ground.cluster.get(JOBS, NAMESPACE, name)
    ground.live.plane.delete(JOBS, job, options=deletion.Options(propagation="Foreground"))


def _delete_pod(ground: Ground, name: str) -> None:
    ground.live.plane.delete(PODS, ground.find(name))


def _force_delete_pod(ground: Ground, name: str) -> None:
    ground.live.plane.delete(PODS, ground.find(name), options=AT_ONCE)


def _suspend(ground: Ground, name: str) -> None:
    job = ground.cluster.get(JOBS, NAMESPACE, name)
    ground.live.plane.edit(JOBS, job, lambda body: body["spec"].update(suspend=True))


def _preempt(ground: Ground, name: str) -> None:
    node = ground.find(name)["spec"]["nodeName"]
    ground.pod("important", WELL, gpus=8, priority=1000, nodeSelector={"kubernetes.io/hostname": node})


def _evict(ground: Ground, name: str) -> None:
    pod = ground.find(name)["metadata"]["name"]
    eviction.evict(ground.cluster, NAMESPACE, pod, options=deletion.GENTLY, now=ground.live.plane.now)


def _maintain(ground: Ground, name: str) -> None:
    ground.taint(ground.find(name)["spec"]["nodeName"], key="maintenance", value="true")


STOPS: dict[str, Callable[[Ground, str], None]] = {
    "job-deleted": _delete_job,
    "job-deleted-in-the-foreground": _delete_job_in_the_foreground,
    "pod-deleted": _delete_pod,
    "pod-deleted-by-force": _force_delete_pod,
    "suspended": _suspend,
    "preempted": _preempt,
    "evicted": _evict,
    "maintained": _maintain,
}
SLOW = ScriptedRun(after=None, stops_after=60)
FAILS_WHEN_STOPPED = ScriptedRun(after=None, exit_when_stopped=1)


@pytest.mark.parametrize("as_it_goes", [False, True])
@pytest.mark.parametrize("run", [FOR_EVER, SLOW, FAILS_WHEN_STOPPED])
def test_an_attempt_that_somebody_stopped_is_killed(
    tmp_path: Path, sqlite_store: Store, run: ScriptedRun, *, as_it_goes: bool
) -> None:
    with watched(sqlite_store, tmp_path, nodes=len(STOPS)) as ground:
        for number, name in enumerate(STOPS):
            ground.job(name, run, pod={"nodeSelector": {"kubernetes.io/hostname": f"gpu-{number}"}})
        ground.after(20.4)
        for name, stop in STOPS.items():
            stop(ground, name)
        (ground.slowly if as_it_goes else ground.after)(20)
        ground.settle()
        assert {name: ground.outcomes(name) for name in STOPS} == {name: {"killed": 1} for name in STOPS}
        assert [each for name in STOPS for each in ground.failures(name)] == []


@pytest.mark.parametrize("as_it_goes", [False, True])
def test_a_scaled_down_replica_that_stops_well_is_killed_and_no_success(ground: Ground, *, as_it_goes: bool) -> None:
    ground.pod("train", ScriptedRun(after=None, exit_when_stopped=0), restartPolicy="Always")
    ground.after(20.4)
    _delete_pod(ground, "train")
    (ground.slowly if as_it_goes else ground.after)(20)
    ground.settle()
    assert ground.outcomes("train") == {"killed": 1}


@pytest.mark.parametrize("as_it_goes", [False, True])
def test_the_other_ranks_of_a_gang_are_ended_by_its_controller(ground: Ground, *, as_it_goes: bool) -> None:
    ground.job("train", {"main": FOR_EVER, "main@1": OOM}, completions=4, parallelism=4, completionMode="Indexed")
    (ground.slowly if as_it_goes else ground.after)(40)
    ground.settle()
    assert ground.outcomes("train") == {"failed": 1, "killed": 3}
    assert [each.failure_type for each in ground.failures("train")] == ["OOMKilled"]


def test_the_ranks_that_a_success_policy_makes_needless_are_killed(ground: Ground) -> None:
    ground.job(
        "train",
        {"main": FOR_EVER, "main@0": WELL},
        completions=3,
        parallelism=3,
        completionMode="Indexed",
        successPolicy={"rules": [{"succeededIndexes": "0"}]},
    )
    ground.after(40)
    ground.settle()
    assert ground.outcomes("train") == {"succeeded": 1, "killed": 2}


def test_a_job_of_five_hundred_pods_is_deleted_and_none_has_failed(tmp_path: Path, sqlite_store: Store) -> None:
    with watched(sqlite_store, tmp_path, nodes=63) as ground:
        ground.job("sweep", ScriptedRun(after=None, stops_after=0.3), completions=500, parallelism=500)
        ground.after(20)
        ground.live.plane.delete(JOBS, ground.cluster.get(JOBS, NAMESPACE, "sweep"))
        ground.after(10)
        ground.settle()
        assert ground.outcomes("sweep") == {"killed": 500}
        assert ground.failures("sweep") == []


# What had ended cannot be brought down


@pytest.mark.parametrize(("run", "outcome"), [(FAILS, "failed"), (OOM, "failed"), (WELL, "succeeded")])
def test_a_pod_that_had_ended_before_its_node_was_tainted_ended_as_it_did(
    ground: Ground, run: ScriptedRun, outcome: str
) -> None:
    ground.job("train", run)
    ground.after(30)
    ground.settle()
    before = ground.failures("train")
    _maintain(ground, "train")
    ground.after(30)
    ground.settle()
    assert ground.outcomes("train") == {outcome: 1}
    assert [each.failure_type for each in ground.failures("train")] == [each.failure_type for each in before]


@pytest.mark.parametrize("is_removed", [False, True])
def test_a_lost_node_loses_what_ran_on_it_and_nothing_else(ground: Ground, *, is_removed: bool) -> None:
    here = {"kubernetes.io/hostname": "gpu-0"}
    for name, run in (("ran", FOR_EVER), ("had-failed", FAILS), ("had-succeeded", WELL)):
        ground.job(name, run, pod={"nodeSelector": here})
    ground.after(30)
    ground.live.nodes.lose("gpu-0")
    ground.after(400)
    if is_removed:
        ground.live.plane.delete(NODES, ground.cluster.get(NODES, "", "gpu-0"))
        ground.after(120)
    ground.settle()
    assert ground.outcomes("ran") == {"failed": 1}
    assert [each.failure_type for each in ground.failures("ran")] == ["NodeLost"]
    assert ground.outcomes("had-failed") == {"failed": 1}
    assert [each.failure_type for each in ground.failures("had-failed")] == ["Error"]
    assert ground.outcomes("had-succeeded") == {"succeeded": 1}


def test_a_node_that_comes_back_after_its_pods_were_to_go_lost_them_all_the_same(ground: Ground) -> None:
    ground.job("ran", FOR_EVER, pod={"nodeSelector": {"kubernetes.io/hostname": "gpu-0"}})
    ground.after(30)
    ground.live.nodes.lose("gpu-0")
    ground.after(400)
    ground.live.nodes.find("gpu-0")
    ground.after(30)
    ground.settle()
    assert ground.outcomes("ran") == {"failed": 1}
    assert [each.failure_type for each in ground.failures("ran")] == ["NodeLost"]


# A Job's own ends


def test_a_job_that_missed_its_deadline_has_failed(ground: Ground) -> None:
    ground.job("train", FOR_EVER, activeDeadlineSeconds=20)
    ground.after(60)
    ground.settle()
    ground.wait_for(lambda: ground.outcomes("train") == {"failed": 1})
    assert [each.failure_type for each in ground.failures("train")] == ["DeadlineExceeded"]


def test_what_a_pod_failure_policy_says_changes_no_attempt(ground: Ground) -> None:
    rules = [{"action": "FailJob", "onExitCodes": {"operator": "In", "values": [42]}}]
    ground.job(
        "train",
        {"main": FOR_EVER, "main@0": ScriptedRun(after=5, exit=42)},
        completions=3,
        parallelism=3,
        completionMode="Indexed",
        podFailurePolicy={"rules": rules},
        backoffLimit=6,
    )
    ground.after(60)
    ground.settle()
    assert ground.outcomes("train") == {"failed": 1, "killed": 2}


def test_each_retry_of_each_index_is_an_attempt(ground: Ground) -> None:
    ground.job(
        "train",
        FAILS,
        completions=4,
        parallelism=4,
        completionMode="Indexed",
        backoffLimitPerIndex=1,
        maxFailedIndexes=4,
    )
    ground.after(120)
    ground.settle()
    assert ground.outcomes("train") == {"failed": 8}


# Pods that never get to work, and runs that are nobody's fault


def test_a_sidecar_that_crashes_before_the_container_starts_is_a_failure(ground: Ground) -> None:
    proxy = {"name": "proxy", "image": "registry.example/proxy:1", "restartPolicy": "Always"}
    dies = ScriptedRun(after=0.3, exit=1, log="cannot bind 0.0.0.0:15001\n")
    ground.job("train", {"main": WELL, "proxy": dies}, pod={"initContainers": [proxy]})
    ground.after(200)
    ground.settle()
    assert ground.find("train")["status"]["phase"] == "Pending"
    assert [each.phase for each in ground.failures("train")] == ["CrashLoopBackOff"]


def test_a_sidecar_that_ends_beside_a_container_that_succeeded_is_no_failure(ground: Ground) -> None:
    proxy = {"name": "proxy", "image": "registry.example/proxy:1", "restartPolicy": "Always"}
    ground.job("train", {"main": WELL, "proxy": FOR_EVER}, pod={"initContainers": [proxy]})
    ground.after(30)
    (beside,) = ground.find("train")["status"]["initContainerStatuses"]
    assert beside["state"]["terminated"]["exitCode"] == 143
    ground.settle()
    assert ground.outcomes("train") == {"succeeded": 1}


def test_a_child_that_was_killed_for_memory_in_a_run_that_succeeded_is_no_failure(ground: Ground) -> None:
    ground.job("train", ScriptedRun(after=5, exit=0, reason="OOMKilled"))
    ground.after(30)
    ground.settle()
    assert ground.outcomes("train") == {"succeeded": 1}
    assert ground.failures("train") == []


def test_containers_that_are_all_restarted_for_one_have_not_failed(ground: Ground) -> None:
    rule = {"action": "RestartAllContainers", "exitCodes": {"operator": "In", "values": [88]}}
    image = "registry.example/train:1"
    containers = [
        {"name": "main", "image": image},
        {"name": "watcher", "image": image, "restartPolicy": "Never", "restartPolicyRules": [rule]},
    ]
    watcher = [ScriptedRun(after=10, exit=88), FOR_EVER]
    ground.job("train", {"main": [FOR_EVER, WELL], "watcher": watcher}, pod={"containers": containers})
    ground.after(14)
    ground.settle()
    (status, _) = ground.find("train")["status"]["containerStatuses"]
    assert status["lastState"]["terminated"]["reason"] == "RestartingAllContainers"
    assert not [each for each in ground.attempts("train") if each.container == "main" and str(each.outcome) == "failed"]


def test_each_run_that_a_restart_rule_allows_is_an_attempt_of_its_own(ground: Ground) -> None:
    rule = {"action": "Restart", "exitCodes": {"operator": "In", "values": [42]}}
    container = {
        "name": "main",
        "image": "registry.example/train:1",
        "restartPolicy": "Never",
        "restartPolicyRules": [rule],
    }
    runs = [ScriptedRun(after=3, exit=42), ScriptedRun(after=3, exit=42), WELL]
    ground.job("train", runs, pod={"containers": [container]})
    ground.slowly(70)
    ground.settle()
    assert ground.outcomes("train") == {"failed": 2, "succeeded": 1}
