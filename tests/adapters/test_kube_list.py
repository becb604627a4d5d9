"""Lists of the simulated API server, read by the official client."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kubernetes import client

from playground.kube import pods
from playground.kube.bulk import fill
from playground.kube.cluster import SimulatedCluster
from playground.kube.pods import Run
from playground.kube.workloads import KINDS, Workload
from tests.adapters.kube_peer import NOW, Peer, connected, failure_of


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[Peer]:
    cluster = SimulatedCluster()
    for number in range(7):
        cluster.put_pod(pods.succeeded(Run(workload=Workload(name=f"job-{number}"), created=NOW)))
    with connected(cluster, tmp_path) as peer:
        yield peer


def _jobs(listed: Any) -> list[str]:
    return [pod.metadata.labels["job-name"] for pod in listed.items]


def test_a_list_has_every_pod_once_in_the_order_of_names(peer: Peer) -> None:
    listed = peer.core.list_pod_for_all_namespaces()
    assert _jobs(listed) == [f"job-{number}" for number in range(7)]
    assert listed.metadata.resource_version == str(peer.cluster.resource_version)
    assert listed.metadata._continue is None


def test_pages_show_the_cluster_as_it_was_at_the_first_page(peer: Peer) -> None:
    first = peer.core.list_pod_for_all_namespaces(limit=3)
    assert first.metadata.remaining_item_count == 4
    gone = peer.core.list_pod_for_all_namespaces().items[-1].metadata
    peer.cluster.delete_pod(gone.namespace, gone.name)
    peer.cluster.put_pod(pods.succeeded(Run(workload=Workload(name="job-45"), created=NOW)))
    second = peer.core.list_pod_for_all_namespaces(limit=3, _continue=first.metadata._continue)
    third = peer.core.list_pod_for_all_namespaces(limit=3, _continue=second.metadata._continue)
    assert _jobs(first) + _jobs(second) + _jobs(third) == [f"job-{number}" for number in range(7)]
    assert third.metadata._continue is None
    assert third.metadata.resource_version == first.metadata.resource_version


def test_an_old_page_is_expired(peer: Peer) -> None:
    first = peer.core.list_pod_for_all_namespaces(limit=3)
    peer.cluster.expire_history()
    with pytest.raises(client.ApiException) as caught:
        peer.core.list_pod_for_all_namespaces(limit=3, _continue=first.metadata._continue)
    assert failure_of(caught.value)[:2] == (410, "Expired")


def test_a_made_up_page_is_refused(peer: Peer) -> None:
    with pytest.raises(client.ApiException) as caught:
        peer.core.list_pod_for_all_namespaces(limit=3, _continue="bm9uc2Vuc2U=")
    assert failure_of(caught.value)[:2] == (400, "BadRequest")


def test_a_version_from_the_future_is_not_there_yet(peer: Peer) -> None:
    code, status = peer.get("/api/v1/pods", resourceVersion=10**9)
    assert (code, status["reason"]) == (504, "Timeout")
    assert status["details"]["causes"][0]["reason"] == "ResourceVersionTooLarge"


def test_a_list_can_be_narrowed(peer: Peer) -> None:
    peer.cluster.put_pod(pods.oom_killed(Run(workload=Workload(name="bert", project="nlp"), created=NOW, node="n2")))
    listed = peer.core.list_pod_for_all_namespaces
    assert _jobs(peer.core.list_namespaced_pod("runai-nlp")) == ["bert"]
    assert _jobs(listed(label_selector="job-name in (job-1, job-2), project=ml-team")) == ["job-1", "job-2"]
    assert _jobs(listed(field_selector="status.phase=Failed")) == ["bert"]
    assert _jobs(listed(field_selector="status.phase!=Succeeded,spec.nodeName=n2")) == ["bert"]
    assert _jobs(listed(field_selector="spec.nodeName=n2,status.phase=Succeeded")) == []
    narrowed = listed(label_selector="project", limit=2)
    assert narrowed.metadata.remaining_item_count is None


@pytest.mark.parametrize(
    "query",
    [
        {"labelSelector": "a in b"},
        {"labelSelector": "=x"},
        {"fieldSelector": "spec.hostname=x"},
        {"fieldSelector": "metadata.name"},
        {"limit": "many"},
        {"limit": "-1"},
        {"resourceVersionMatch": "Exact"},
    ],
)
def test_a_query_without_sense_is_a_bad_request(peer: Peer, query: dict[str, str]) -> None:
    code, status = peer.get("/api/v1/pods", **query)
    assert (code, status["reason"]) == (400, "BadRequest")
    assert status["message"]


@pytest.mark.parametrize("kind", KINDS)
def test_pods_of_every_kind_fit_the_official_models(tmp_path: Path, kind: str) -> None:
    workload = Workload(name="train", kind=kind, owner="ana", pods=2, sidecar="istio-proxy", pull_secrets=("r",))
    builders = (
        pods.running, pods.succeeded, pods.failed, pods.oom_killed, pods.crash_looping, pods.image_pull_backoff,
        pods.unschedulable, pods.evicted, pods.preempted, pods.terminating, pods.node_lost, pods.deadline_exceeded,
        pods.not_admitted,
    )  # fmt: skip
    cluster = SimulatedCluster()
    for number, build in enumerate(builders):
        for index in range(2):
            cluster.put_pod(build(Run(workload=workload, created=NOW, index=index, attempt=number)))
    with connected(cluster, tmp_path) as peer:
        listed = peer.core.list_pod_for_all_namespaces()
    assert listed.items
    for pod in listed.items:
        assert pod.metadata.uid
        assert pod.metadata.creation_timestamp == NOW
        assert pod.metadata.owner_references[0].controller
        assert pod.spec.containers[0].resources.limits["nvidia.com/gpu"] == "1"
        assert pod.status.phase in {"Pending", "Running", "Succeeded", "Failed"}


def test_a_bulk_of_pods_can_be_read_to_its_end(tmp_path: Path) -> None:
    cluster = SimulatedCluster()
    fill(cluster, 230, now=NOW, failing=0.5)
    with connected(cluster, tmp_path) as peer:
        names, token = set(), ""
        while True:
            _, page = peer.get("/api/v1/pods", limit=100, **({"continue": token} if token else {}))
            names |= {(pod["metadata"]["namespace"], pod["metadata"]["name"]) for pod in page["items"]}
            token = page["metadata"].get("continue", "")
            if not token:
                break
        failed = peer.core.list_pod_for_all_namespaces(field_selector="status.phase=Failed").items
    assert len(names) == 230
    assert 60 < len(failed) < 170
