"""The controllers as a whole: they follow a clock, lose nothing when the history is gone, and the same seed gives the
same cluster."""

from __future__ import annotations

import threading
from typing import Any

from bot.clock import utc_now
from playground.kube.cluster import SimulatedCluster
from playground.kube.control.controllers import Controllers, controllers, living
from playground.kube.control.script import ScriptedRun, script
from playground.kube.nodes import node
from playground.kube.resources import JOBS, PODS
from tests.adapters.kube_peer import NOW

JOB: dict[str, Any] = {
    "metadata": {"name": "train", "namespace": "x"},
    "spec": {
        "completions": 6,
        "parallelism": 3,
        "template": {
            "metadata": {"annotations": script(main=ScriptedRun(after=0.2))},
            "spec": {"restartPolicy": "Never", "containers": [{"name": "main", "image": "train:1"}]},
        },
    },
}


def _live(now: Any = NOW, seed: int = 0) -> Controllers:
    cluster = SimulatedCluster()
    for number in range(2):
        cluster.add_node(node(f"n{number}", at=NOW))
    return controllers(cluster, now=now, seed=seed)


def _phases(live: Controllers) -> list[str]:
    return [pod["status"]["phase"] for pod in live.plane.cluster.pods()]


def test_a_cluster_that_lives_by_a_clock_runs_what_is_submitted() -> None:
    live = _live(utc_now())
    live.plane.create(JOBS, JOB)
    with living(live.plane):
        for _ in range(400):
            if _phases(live) == ["Succeeded"] * 6:
                return
            threading.Event().wait(0.05)
    raise AssertionError(_phases(live))


def test_controllers_that_were_told_410_look_at_everything_again() -> None:
    live = _live()
    live.plane.create(JOBS, JOB)
    for _ in range(20):
        live.plane.advance(0.5)
        live.plane.cluster.expire_history()
    live.plane.advance(60)
    assert _phases(live) == ["Succeeded"] * 6


def test_the_same_seed_gives_the_same_life() -> None:
    told = []
    for seed in (1, 1, 2):
        live = _live(seed=seed)
        live.plane.create(JOBS, JOB)
        live.plane.advance(30)
        told.append([change.after.body for change in live.plane.cluster.since(PODS, 0)[1]])
    assert told[0] == told[1] != told[2]
