"""What a visitor lets happen in the simulated cluster happens in its pods and nodes, as the bot will see it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from playground.kube.cluster import SimulatedCluster
from playground.kube.director import MISHAPS, Director, NotStaged
from playground.kube.nodes import node
from playground.kube.resources import EVENTS, JOBS, NODES
from playground.kube.scenario import NODES as NODES_BY_NAME
from playground.kube.server import serve_cluster
from playground.kube.simulation import LiveTrickle

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


class Stage:
    """A cluster that lives by a clock that the test turns."""

    def __init__(self, cluster: SimulatedCluster, director: Director, trickle: LiveTrickle) -> None:
        self.cluster = cluster
        self.director = director
        self.trickle = trickle
        self._now = NOW

    def live(self, seconds: float) -> None:
        """Let time pass in steps of half a second."""
        until = self._now + timedelta(seconds=seconds)
        while self._now < until:
            self._now += timedelta(seconds=0.5)
            self.trickle.step(self._now)

    def pods(self, job: str) -> list[str]:
        """The phases of a job's pods."""
        return [pod["status"]["phase"] for pod in self.cluster.pods() if pod["metadata"]["name"].startswith(job)]

    def logs_on(self, node: str) -> list[str]:
        """The logs of the pods that failed on a node."""
        failed = [pod for pod in self.cluster.pods() if pod["status"]["phase"] == "Failed"]
        return [
            self.cluster.logs(pod["metadata"]["uid"], "main") or "" for pod in failed if pod["spec"]["nodeName"] == node
        ]

    def node(self, name: str) -> dict[str, object]:
        (found,) = [node for node in self.director.look()["nodes"] if node["name"] == name]
        return dict(found)


@pytest.fixture
def stage() -> Iterator[Stage]:
    cluster = SimulatedCluster(history=5_000)
    for name, product in NODES_BY_NAME.items():
        cluster.add_node(node(name, at=NOW, product=product))
    trickle = LiveTrickle(cluster, now=NOW)
    trickle.pace = 0.0
    with serve_cluster(cluster) as server:
        yield Stage(cluster, Director(server, trickle, clock=lambda: NOW), trickle)


def test_a_job_fails_when_somebody_lets_it_fail(stage: Stage) -> None:
    stage.director.fail_job("memory")
    stage.live(1)
    assert stage.pods("train-bert") == ["Running"]
    stage.live(4)
    assert stage.pods("train-bert") == ["Failed"]
    (job,) = [job for job in stage.director.look()["jobs"] if job["job"] == "train-bert"]
    assert (job["state"], job["reason"]) == ("Failed", "OOMKilled")


@pytest.mark.parametrize("mishap", MISHAPS)
def test_every_mishap_shows_as_trouble(stage: Stage, mishap: str) -> None:
    stage.director.fail_job(mishap)
    stage.live(8)
    states = {job["state"] for job in stage.director.look()["jobs"] if job["job"].startswith(MISHAPS[mishap].job)}
    assert states & {"Failed", "Waiting"}


def test_the_job_succeeds_with_twice_the_memory(stage: Stage) -> None:
    assert "8Gi → 16Gi" in stage.director.fix_memory()
    stage.live(5)
    assert stage.pods("train-bert") == ["Succeeded"]
    (pod,) = [pod for pod in stage.cluster.pods() if pod["metadata"]["name"].startswith("train-bert")]
    assert pod["spec"]["containers"][0]["resources"]["limits"]["memory"] == "16Gi"


def test_the_job_that_ran_out_of_memory_can_be_submitted_again_and_succeeds_with_more(stage: Stage) -> None:
    stage.director.fail_job("memory")
    stage.live(8)
    job = stage.cluster.get(JOBS, "runai-ml-team", "train-bert")
    assert [each["type"] for each in job["status"]["conditions"]] == ["FailureTarget", "Failed"]
    template = job["spec"]["template"]
    del template["metadata"]["labels"]
    for name, memory in (("again", "8Gi"), ("with-more", "16Gi")):
        resources = template["spec"]["containers"][0]["resources"]
        resources["limits"]["memory"] = resources["requests"]["memory"] = memory
        spec = {"backoffLimit": 0, "template": template}
        stage.trickle.plane.create(JOBS, {"metadata": {"name": name, "namespace": "runai-ml-team"}, "spec": spec})
        stage.live(40)
    assert (stage.pods("again"), stage.pods("with-more")) == (["Failed"], ["Succeeded"])


def test_who_deletes_the_job_of_a_pod_deletes_the_pod(stage: Stage) -> None:
    stage.director.fail_job("module")
    stage.live(1)
    (pod,) = stage.cluster.pods()
    owner = pod["metadata"]["ownerReferences"][0]["name"]
    stage.trickle.plane.delete(JOBS, stage.cluster.get(JOBS, pod["metadata"]["namespace"], owner))
    stage.live(15)
    assert stage.pods("tune-ranker") == []


def test_a_bad_node_fails_most_of_its_jobs_until_it_is_mended(stage: Stage) -> None:
    stage.director.spoil("gpu-node-07")
    stage.live(30)
    bad = stage.node("gpu-node-07")
    assert "Xid 79" in str(bad["trouble"])
    assert _failed(bad) >= 8
    stage.director.mend("gpu-node-07")
    stage.live(60)
    mended = stage.node("gpu-node-07")
    assert mended["trouble"] is None
    assert _failed(mended) <= 2  # of anything but its GPU
    assert stage.pods("burn-in") == ["Succeeded"] * 80


def test_what_runs_on_a_node_when_it_is_mended_ends_well(stage: Stage) -> None:
    stage.director.spoil("gpu-node-07")
    stage.live(1)
    stage.director.mend("gpu-node-07")
    stage.live(60)
    gpu_faults = [name for name in stage.logs_on("gpu-node-07") if "Xid" in name or "NCCL" in name]
    assert gpu_faults == []


def _failed(node: dict[str, object]) -> int:
    ends = node["ends"]
    assert isinstance(ends, list)
    return ends.count(False)


def test_a_broken_image_fails_many_jobs_on_many_nodes(stage: Stage) -> None:
    stage.director.push_image()
    stage.live(10)
    failed = [pod for pod in stage.cluster.pods() if pod["status"]["phase"] == "Failed"]
    assert len(failed) == 8
    assert {pod["spec"]["containers"][0]["image"] for pod in failed} == {"registry.example/vision:1.6"}
    assert len({pod["spec"]["nodeName"] for pod in failed}) > 1


def test_jobs_come_at_the_pace_that_was_chosen(stage: Stage) -> None:
    stage.live(15)
    paused = len(stage.cluster.pods())
    stage.director.set_pace("calm")
    stage.live(30)
    calm = len(stage.cluster.pods()) - paused
    stage.director.set_pace("rush")
    stage.live(30)
    assert paused == 0
    assert len(stage.cluster.pods()) > 10 * calm > 0


def test_a_cordoned_node_gets_no_jobs(stage: Stage) -> None:
    closed = stage.cluster.get(NODES, "", "gpu-node-05")
    closed["spec"]["unschedulable"] = True
    stage.cluster.put(NODES, closed)
    stage.director.set_pace("rush")
    stage.live(20)
    used = {pod["spec"].get("nodeName") for pod in stage.cluster.pods()}
    assert len(used) > 10
    assert "gpu-node-05" not in used
    assert stage.node("gpu-node-05")["cordoned"]


def test_ten_busy_minutes_leave_no_more_behind_than_four(stage: Stage) -> None:
    stage.director.set_pace("busy")
    stage.live(220)
    after_minutes = len(stage.cluster.pods())
    stage.live(400)
    assert len(stage.cluster.pods()) < 1.5 * after_minutes
    assert len(stage.cluster.select(EVENTS)[1]) < 2_500


def test_a_look_shows_what_changed_even_after_the_history_was_lost(stage: Stage) -> None:
    stage.director.look()
    stage.director.fail_job("module")
    stage.live(5)
    stage.cluster.expire_history()
    stage.director.look()
    stage.director.fail_job("memory")
    stage.live(5)
    assert "train-bert" in {job["job"] for job in stage.director.look()["jobs"]}


def test_the_glance_says_when_the_server_is_cut(stage: Stage) -> None:
    stage.director.server.cut()
    assert stage.director.look()["away"]
    stage.director.server.restore()
    assert not stage.director.look()["away"]


@pytest.mark.parametrize(
    "act", [lambda one: one.fail_job("x"), lambda one: one.spoil("x"), lambda one: one.set_pace("x")]
)
def test_what_is_not_there_cannot_happen(stage: Stage, act: object) -> None:
    assert callable(act)
    with pytest.raises(NotStaged):
        act(stage.director)
