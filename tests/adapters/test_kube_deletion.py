"""The simulated API server deletes as a real one does: a pod twice, and never more at once than Kubernetes would."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from kubernetes import client

from playground.kube import pods
from playground.kube.cluster import Body, SimulatedCluster
from playground.kube.control.controllers import Controllers, controllers
from playground.kube.control.script import ScriptedRun, script
from playground.kube.pods import Run
from playground.kube.resources import PODS
from playground.kube.times import rfc3339
from playground.kube.workloads import Workload
from tests.adapters.kube_peer import NOW, Peer, connected, failure_of

PLACE = ("runai-ml-team", "train-bert-0-0")


@pytest.fixture
def live() -> Controllers:
    return controllers(SimulatedCluster(), now=NOW)


@pytest.fixture
def peer(tmp_path: Path, live: Controllers) -> Iterator[Peer]:
    with connected(live.plane.cluster, tmp_path, clock=live.plane.clock) as peer:
        yield peer


def _put(live: Controllers, build: Any = pods.running, **more: Any) -> Body:
    run = Run(workload=Workload(name="train-bert", kind="TrainingWorkload"), created=NOW - timedelta(hours=1), **more)
    return live.plane.cluster.put_pod(build(run))


def _told(live: Controllers, since: int) -> list[tuple[str, str, str | None, int | None]]:
    """The changes of pods: type, phase, deletionTimestamp, grace."""
    told = []
    for change in live.plane.cluster.since(PODS, since)[1]:
        body = json.loads(change.after.body)
        when, grace = (body["metadata"].get(f"deletion{what}") for what in ("Timestamp", "GracePeriodSeconds"))
        told.append((str(change.seen_by(lambda _: True)), body["status"]["phase"], when, grace))
    return told


def _after(seconds: float, since: datetime = NOW) -> str:
    return rfc3339(since + timedelta(seconds=seconds))


def test_a_running_pod_is_deleted_twice(peer: Peer, live: Controllers) -> None:
    _put(live)
    since = live.plane.cluster.resource_version
    answer = peer.core.delete_namespaced_pod(PLACE[1], PLACE[0])
    assert answer.metadata.deletion_grace_period_seconds == 30
    live.plane.advance(60)
    told = _told(live, since)
    assert [each[:2] for each in told] == [
        ("MODIFIED", "Running"), ("MODIFIED", "Failed"), ("MODIFIED", "Failed"), ("DELETED", "Failed")
    ]  # fmt: skip
    assert [each[3] for each in told] == [30, 30, 0, 0]
    first, _, second, _ = (each[2] for each in told)
    assert first == _after(30)
    assert second is not None
    assert _after(0) < second < _after(10)


def test_containers_that_stop_well_leave_a_pod_that_succeeded(peer: Peer, live: Controllers) -> None:
    pod = _put(live)
    pod["metadata"]["annotations"] |= script(main=ScriptedRun(exit_when_stopped=0))
    live.plane.cluster.put_pod(pod)
    since = live.plane.cluster.resource_version
    peer.core.delete_namespaced_pod(PLACE[1], PLACE[0])
    live.plane.advance(60)
    assert [each[1] for each in _told(live, since)] == ["Running", "Succeeded", "Succeeded", "Succeeded"]


def test_containers_that_do_not_listen_are_killed_when_their_grace_is_over(peer: Peer, live: Controllers) -> None:
    pod = _put(live)
    pod["metadata"]["annotations"] |= script(main=ScriptedRun(stops_after=600))
    live.plane.cluster.put_pod(pod)
    peer.core.delete_namespaced_pod(PLACE[1], PLACE[0], grace_period_seconds=20)
    live.plane.advance(20.5)
    (status,) = live.plane.cluster.pod(*PLACE)["status"]["containerStatuses"]
    assert status["state"]["terminated"]["exitCode"] == 137
    live.plane.advance(10)
    assert live.plane.cluster.pods() == []


@pytest.mark.parametrize("build", [pods.failed, pods.succeeded, pods.unschedulable])
def test_a_pod_that_has_ended_or_has_no_node_goes_at_once(peer: Peer, live: Controllers, build: Any) -> None:
    _put(live, build)
    since = live.plane.cluster.resource_version
    peer.core.delete_namespaced_pod(PLACE[1], PLACE[0])
    told = _told(live, since)
    assert [(kind, when, grace) for kind, _, when, grace in told] == [
        ("MODIFIED", _after(0), 0), ("DELETED", _after(0), 0)
    ]  # fmt: skip


def test_a_forced_deletion_does_not_wait_for_the_containers(peer: Peer, live: Controllers) -> None:
    _put(live)
    since = live.plane.cluster.resource_version
    peer.core.delete_namespaced_pod(PLACE[1], PLACE[0], grace_period_seconds=0)
    live.plane.advance(60)
    assert _told(live, since) == [("MODIFIED", "Running", _after(0), 0), ("DELETED", "Running", _after(0), 0)]


def test_a_later_request_may_only_shorten_the_grace_period(peer: Peer, live: Controllers) -> None:
    _put(live)
    delete = peer.core.delete_namespaced_pod
    assert delete(PLACE[1], PLACE[0], grace_period_seconds=30).metadata.deletion_grace_period_seconds == 30
    assert delete(PLACE[1], PLACE[0], grace_period_seconds=90).metadata.deletion_grace_period_seconds == 30
    assert delete(PLACE[1], PLACE[0]).metadata.deletion_grace_period_seconds == 30
    shorter = delete(PLACE[1], PLACE[0], grace_period_seconds=4).metadata
    assert (shorter.deletion_grace_period_seconds, shorter.deletion_timestamp) == (4, NOW + timedelta(seconds=4))


def test_a_deletion_of_another_pod_of_that_name_is_a_conflict(peer: Peer, live: Controllers) -> None:
    _put(live)
    only = client.V1DeleteOptions(preconditions=client.V1Preconditions(uid="another"))
    with pytest.raises(client.ApiException) as caught:
        peer.core.delete_namespaced_pod(PLACE[1], PLACE[0], body=only)
    assert failure_of(caught.value)[:2] == (409, "Conflict")
    assert len(live.plane.cluster.pods()) == 1


def test_a_dry_deletion_shows_the_mark_and_leaves_none(peer: Peer, live: Controllers) -> None:
    _put(live)
    dry = peer.core.delete_namespaced_pod(PLACE[1], PLACE[0], dry_run="All")
    assert dry.metadata.deletion_timestamp == NOW + timedelta(seconds=30)
    assert "deletionTimestamp" not in live.plane.cluster.pod(*PLACE)["metadata"]


def test_a_pod_with_a_finalizer_stays_until_it_is_taken_away(peer: Peer, live: Controllers) -> None:
    pod = _put(live, pods.failed)
    pod["metadata"]["finalizers"] = ["batch.kubernetes.io/job-tracking"]
    live.plane.cluster.put_pod(pod)
    since = live.plane.cluster.resource_version
    peer.core.delete_namespaced_pod(PLACE[1], PLACE[0])
    live.plane.advance(60)
    assert [each[0] for each in _told(live, since)] == ["MODIFIED"]
    peer.core.patch_namespaced_pod(PLACE[1], PLACE[0], {"metadata": {"finalizers": None}})
    assert [each[0] for each in _told(live, since)] == ["MODIFIED", "DELETED"]


def test_a_node_whose_kubelet_is_cut_off_keeps_its_deleted_pods(peer: Peer, live: Controllers) -> None:
    _put(live)
    live.kubelet.cut_off("gpu-node-01")
    peer.core.delete_namespaced_pod(PLACE[1], PLACE[0])
    live.plane.advance(3600)
    assert live.plane.cluster.pod(*PLACE)["status"]["phase"] == "Running"
    live.kubelet.reconnect("gpu-node-01")
    live.plane.advance(60)
    assert live.plane.cluster.pods() == []
