"""How the simulated cluster brings pods down from outside: evictions within budgets, taints, nodes that are lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kubernetes import client

from playground.kube.cluster import Body, SimulatedCluster
from playground.kube.control.controllers import Controllers, controllers
from playground.kube.control.script import ScriptedRun, script
from playground.kube.control.statuses import condition
from playground.kube.nodes import node
from playground.kube.resources import NODES, PDBS, PODS
from tests.adapters.kube_peer import NOW, Peer, connected, failure_of

FOR_EVER = ScriptedRun(after=None)


@pytest.fixture
def live() -> Controllers:
    cluster = SimulatedCluster()
    for number in range(3):
        cluster.add_node(node(f"n{number}", at=NOW))
    return controllers(cluster, now=NOW)


@pytest.fixture
def peer(tmp_path: Path, live: Controllers) -> Iterator[Peer]:
    with connected(live.plane.cluster, tmp_path, clock=live.plane.clock) as peer:
        yield peer


def _pod(live: Controllers, name: str, run: ScriptedRun = FOR_EVER, **spec: Any) -> Body:
    container = {"name": "main", "image": "train:1", "resources": {"limits": {"nvidia.com/gpu": "1"}}}
    metadata = {"name": name, "namespace": "x", "labels": {"app": "serve"}, "annotations": script(main=run)}
    body = {"metadata": metadata, "spec": {"restartPolicy": "Never", "containers": [container], **spec}}
    return live.plane.create(PODS, body)


def _reason(pod: Body) -> str | None:
    return (condition(pod, "DisruptionTarget") or {}).get("reason")


def _evict(peer: Peer, name: str) -> None:
    body = client.V1Eviction(metadata=client.V1ObjectMeta(name=name, namespace="x"))
    peer.core.create_namespaced_pod_eviction(name, "x", body)


def test_an_eviction_marks_the_pod_and_deletes_it_with_its_grace(peer: Peer, live: Controllers) -> None:
    _pod(live, "a")
    live.plane.advance(5)
    _evict(peer, "a")
    pod = live.plane.cluster.pod("x", "a")
    assert _reason(pod) == "EvictionByEvictionAPI"
    assert pod["metadata"]["deletionGracePeriodSeconds"] == 30
    live.plane.advance(60)
    assert live.plane.cluster.pods() == []


def test_an_eviction_that_a_budget_does_not_allow_is_refused_for_now(peer: Peer, live: Controllers) -> None:
    for name in "abc":
        _pod(live, name)
    budget = {"minAvailable": "60%", "selector": {"matchLabels": {"app": "serve"}}}
    live.plane.create(PDBS, {"metadata": {"name": "serve", "namespace": "x"}, "spec": budget})
    live.plane.advance(5)
    _evict(peer, "a")
    with pytest.raises(client.ApiException) as caught:
        _evict(peer, "b")
    assert failure_of(caught.value)[:2] == (429, "TooManyRequests")
    assert caught.value.headers is not None
    assert caught.value.headers["Retry-After"] == "10"
    assert _reason(live.plane.cluster.pod("x", "b")) is None


def test_what_ends_is_evicted_whatever_the_budget_says(peer: Peer, live: Controllers) -> None:
    _pod(live, "a", ScriptedRun(after=1, exit=1))
    budget = {"maxUnavailable": 0, "selector": {"matchLabels": {"app": "serve"}}}
    live.plane.create(PDBS, {"metadata": {"name": "serve", "namespace": "x"}, "spec": budget})
    live.plane.advance(5)
    _evict(peer, "a")
    assert live.plane.cluster.pods() == []


def test_the_pods_of_a_lost_node_hang_until_it_is_removed(live: Controllers) -> None:
    _pod(live, "runs", nodeName="n1")
    _pod(live, "failed", ScriptedRun(after=2, exit=1), nodeName="n1")
    live.plane.advance(30)
    live.nodes.lose("n1")
    live.plane.advance(60)
    assert _keys(live, "n1") == ["node.kubernetes.io/unreachable"] * 2
    assert [pod["status"]["phase"] for pod in live.plane.cluster.pods()] == ["Failed", "Running"]
    live.plane.advance(300)
    (runs,) = live.plane.cluster.pods()
    assert (runs["metadata"]["name"], runs["status"]["phase"], _reason(runs)) == (
        "runs",
        "Running",
        "DeletionByTaintManager",
    )
    live.plane.delete(NODES, live.plane.cluster.get(NODES, "", "n1"))
    live.plane.advance(60)
    assert live.plane.cluster.pods() == []


def test_a_node_that_comes_back_in_time_keeps_its_pods(live: Controllers) -> None:
    _pod(live, "runs", nodeName="n1")
    _pod(live, "ends", ScriptedRun(after=100, exit=3), nodeName="n1")
    live.plane.advance(10)
    live.nodes.lose("n1")
    live.plane.advance(200)
    live.nodes.find("n1")
    live.plane.advance(300)
    assert _keys(live, "n1") == []
    ends, runs = live.plane.cluster.pods()
    assert runs["status"]["phase"] == "Running"
    (status,) = ends["status"]["containerStatuses"]
    assert (ends["status"]["phase"], status["state"]["terminated"]["exitCode"]) == ("Failed", 3)


def test_a_cordoned_node_is_tainted_and_gets_nothing_new(peer: Peer, live: Controllers) -> None:
    for number in range(2):
        peer.core.patch_node(f"n{number}", {"spec": {"unschedulable": True}})
    live.plane.advance(1)
    for name in "abc":
        _pod(live, name)
    live.plane.advance(5)
    assert _keys(live, "n0") == ["node.kubernetes.io/unschedulable"]
    assert {pod["spec"]["nodeName"] for pod in live.plane.cluster.pods()} == {"n2"}
    peer.core.patch_node("n0", {"spec": {"unschedulable": False}})
    live.plane.advance(1)
    assert _keys(live, "n0") == []


def _keys(live: Controllers, name: str) -> list[str]:
    return [each["key"] for each in live.plane.cluster.get(NODES, "", name)["spec"].get("taints", ())]
