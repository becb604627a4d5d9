"""The simulated month: what the demo's story rests on must be in the data, whatever the day it starts on."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import pytest

from playground.kube import scenario
from playground.kube.cluster import SimulatedCluster
from playground.kube.nodes import node
from playground.kube.resources import EVENTS, NODES, PODS
from playground.kube.simulation import LiveTrickle, simulate_history
from tests.adapters.kube_peer import NOW


@lru_cache
def _history(seed: int = 1) -> SimulatedCluster:
    cluster = SimulatedCluster()
    simulate_history(cluster, now=NOW, seed=seed)
    return cluster


def _ended(pod: dict[str, Any]) -> str | None:
    """`succeeded` or `failed`; None for what was killed or is not at its end."""
    if "deletionTimestamp" in pod["metadata"]:
        return None
    phase: str = pod["status"]["phase"]
    return {"Succeeded": "succeeded", "Failed": "failed"}.get(phase)


def _created(pod: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(pod["metadata"]["creationTimestamp"])


def _failed_share(pods: list[dict[str, Any]]) -> float:
    ends = Counter(end for pod in pods if (end := _ended(pod)) is not None)
    return ends["failed"] / ends.total()


@pytest.fixture(scope="module")
def cluster() -> SimulatedCluster:
    return _history()


def test_the_month_has_its_size_and_its_projects(cluster: SimulatedCluster) -> None:
    listed = cluster.pods()
    assert len({pod["metadata"]["labels"].get("job-name") for pod in listed}) > 300
    assert 1500 <= len(listed) <= 2500
    projects = {pod["metadata"]["labels"]["project"] for pod in listed}
    assert projects == {"ml-team", "data-science", "research", "production"}
    assert len(cluster.select(NODES)[1]) == 16


def test_nothing_ends_after_now_or_begins_before_the_month(cluster: SimulatedCluster) -> None:
    for pod in cluster.pods():
        created = _created(pod)
        assert NOW - timedelta(days=scenario.DAYS) <= created <= NOW
        for status in pod["status"].get("containerStatuses", []):
            ended = status["state"].get("terminated")
            if ended is not None:
                assert created <= datetime.fromisoformat(ended["startedAt"])
                assert datetime.fromisoformat(ended["finishedAt"]) <= NOW


@pytest.mark.parametrize("seed", range(3))
def test_the_hot_node_fails_most_of_what_it_gets_since_it_broke(seed: int) -> None:
    pods = [pod for pod in _history(seed=seed).pods() if _created(pod) > NOW - timedelta(days=7)]
    hot = [pod for pod in pods if pod["spec"].get("nodeName") == scenario.HOT_NODE]
    assert _failed_share(hot) >= 0.55
    assert len({pod["metadata"]["labels"]["project"] for pod in hot if _ended(pod) == "failed"}) >= 2


@pytest.mark.parametrize("seed", range(3))
def test_elsewhere_few_jobs_fail(seed: int) -> None:
    gangs_and_storm = {"JobSet", "RayCluster"}
    alone = [
        pod
        for pod in _history(seed=seed).pods()
        if pod["spec"].get("nodeName") != scenario.HOT_NODE
        and pod["metadata"]["ownerReferences"][0]["kind"] not in gangs_and_storm
        and pod["metadata"]["labels"].get("job-name") != scenario.STORM.name
    ]
    assert 0.015 <= _failed_share(alone) <= 0.08


def test_a_job_that_ran_out_of_memory_later_runs_with_more(cluster: SimulatedCluster) -> None:
    bert = [pod for pod in cluster.pods() if pod["metadata"]["labels"].get("job-name") == "train-bert"]
    memory = {
        pod["spec"]["containers"][0]["resources"]["limits"]["memory"] for pod in bert if _ended(pod) == "succeeded"
    }
    assert {"8Gi", "16Gi"} <= memory
    assert any(
        pod["status"]["containerStatuses"][0]["state"].get("terminated", {}).get("reason") == "OOMKilled"
        for pod in bert
    )


def test_the_bad_image_the_storm_and_the_crash_loop_are_there(cluster: SimulatedCluster) -> None:
    listed = cluster.pods()
    waiting = Counter(
        status["state"].get("waiting", {}).get("reason")
        for pod in listed
        for status in pod["status"].get("containerStatuses", [])
    )
    assert waiting["ImagePullBackOff"] >= 3
    assert waiting["CrashLoopBackOff"] == 1
    storm = [pod for pod in listed if pod["metadata"]["labels"].get("job-name") == scenario.STORM.name]
    assert len(storm) == scenario.STORM_RETRIES


def test_failures_left_logs_and_events(cluster: SimulatedCluster) -> None:
    failed = [pod for pod in cluster.pods() if _ended(pod) == "failed"]
    told = {stored.fields["involvedObject.uid"] for stored in cluster.select(EVENTS)[1]}
    for pod in failed:
        uid = pod["metadata"]["uid"]
        assert cluster.logs(uid, "main") or uid in told


def test_the_same_seed_gives_the_same_month() -> None:
    again = SimulatedCluster()
    simulate_history(again, now=NOW, seed=2)
    assert again.pods() == _history(seed=2).pods()
    assert again.pods() != _history(seed=1).pods()


def test_live_jobs_end_every_second_or_two_and_some_fail() -> None:
    cluster = SimulatedCluster()
    trickle = LiveTrickle(cluster, now=NOW, upcoming=simulate_history(cluster, now=NOW))
    version = cluster.resource_version
    for second in range(600):
        trickle.step(NOW + timedelta(seconds=second))
    changes = cluster.since(PODS, version)[1]
    ends = {(change.after.uid, change.after.fields["status.phase"]) for change in changes}
    phases = Counter(phase for _, phase in ends)
    assert 300 <= phases["Succeeded"] + phases["Failed"] <= 900
    assert phases["Failed"] >= 20
    assert any(change.gone for change in changes)


def test_what_is_gone_leaves_nothing_behind_however_long_the_cluster_lives() -> None:
    cluster = SimulatedCluster(history=500)
    for name, product in scenario.NODES.items():
        cluster.add_node(node(name, at=NOW, product=product))
    trickle = LiveTrickle(cluster, now=NOW)
    trickle.pace = 1.5

    def held_after(minutes: int) -> tuple[int, int, int, int]:
        for step in range((minutes - 5) * 12, minutes * 12):
            trickle.step(NOW + timedelta(seconds=5 * step))
        logs = sum(len(each) for each in cluster._logs.values())
        return len(cluster.pods()), logs, len(cluster.select(EVENTS)[1]), len(trickle._queue)

    held_after(5)
    soon, later = held_after(10), held_after(15)
    assert all(before / 2 < after < before * 2 for before, after in zip(soon, later, strict=True)), (soon, later)
    assert later[1] <= later[0]


def test_live_jobs_stop_when_told_to() -> None:
    cluster, stop = SimulatedCluster(), threading.Event()
    trickle = LiveTrickle(cluster, now=NOW)
    ticks = iter(NOW + timedelta(minutes=minute) for minute in range(2))

    def clock() -> datetime:
        stop.set()
        return next(ticks)

    trickle.run(stop, clock=clock)
    assert next(ticks) == NOW + timedelta(minutes=1)


def _ends_in_ten_minutes(speed: int) -> int:
    """How many pods end within ten minutes of whoever looks, while the clock runs so fast."""
    cluster = SimulatedCluster()
    for name, product in scenario.NODES.items():
        cluster.add_node(node(name, at=NOW, product=product))
    trickle, version = LiveTrickle(cluster, now=NOW), cluster.resource_version
    trickle.keep_pace(speed)
    for tick in range(600):
        trickle.step(NOW + timedelta(seconds=tick) * speed)
    changes = cluster.since(PODS, version)[1]
    return sum(not change.gone and change.after.fields["status.phase"] in {"Succeeded", "Failed"} for change in changes)


def test_a_fast_clock_brings_no_more_jobs() -> None:
    assert _ends_in_ten_minutes(60) == pytest.approx(_ends_in_ten_minutes(1), rel=0.3)


def test_what_ran_in_a_skipped_week_is_there_with_its_own_times() -> None:
    cluster = SimulatedCluster()
    trickle = LiveTrickle(cluster, now=NOW, upcoming=simulate_history(cluster, now=NOW))
    trickle.step(NOW)
    before, later = {pod["metadata"]["uid"] for pod in cluster.pods()}, NOW + timedelta(days=7)
    trickle.step(later)
    new = [pod for pod in cluster.pods() if pod["metadata"]["uid"] not in before]
    assert 250 <= len(new) <= 700
    assert sum(_created(pod) < later - timedelta(days=1) for pod in new) > len(new) / 2
    failed = [pod for pod in new if _ended(pod) == "failed"]
    assert len(failed) > 20
    assert all(pod["status"]["containerStatuses"][0]["state"]["terminated"]["finishedAt"] for pod in failed[:5])
    for tick in range(6):
        trickle.step(later + timedelta(seconds=50 * tick))
    left = {pod["metadata"]["uid"] for pod in cluster.pods()}
    assert not {pod["metadata"]["uid"] for pod in failed} & left
    trickle.step(NOW + timedelta(days=3))  # a clock that has not got there yet
    trickle.step(later + timedelta(minutes=6))
    assert len({pod["metadata"]["uid"] for pod in cluster.pods()} - left) < 100


def test_nothing_was_submitted_in_a_skipped_day_while_the_pace_is_paused() -> None:
    cluster = SimulatedCluster()
    trickle = LiveTrickle(cluster, now=NOW)
    trickle.pace = 0.0
    trickle.step(NOW + timedelta(days=1))
    assert [pod["metadata"]["labels"]["app"] for pod in cluster.pods()] == ["serve-recommender"]
