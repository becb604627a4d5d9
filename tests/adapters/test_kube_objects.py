"""What the simulated API server has beside lists and watches, used by the official client: single objects, logs,
events, leases, a node to cordon, rights, discovery."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kubernetes import client

from playground.kube import pods
from playground.kube.cluster import Body, SimulatedCluster
from playground.kube.events import event
from playground.kube.nodes import node
from playground.kube.pods import Run
from playground.kube.workloads import Workload
from tests.adapters.kube_peer import NOW, Peer, connected, failure_of

NAMESPACE = "runai-ml-team"


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[Peer]:
    cluster = SimulatedCluster()
    cluster.add_node(node("gpu-node-01", at=NOW))
    with connected(cluster, tmp_path) as peer:
        yield peer


def _run(name: str = "train-bert", **more: Any) -> Run:
    return Run(workload=Workload(name=name, **more), created=NOW)


def _log(peer: Peer, pod: Body, **query: object) -> str:
    text: str = peer.core.read_namespaced_pod_log(pod["metadata"]["name"], NAMESPACE, **query)
    return text


def _refusal(peer: Peer, pod: Body, **query: object) -> tuple[int, str, str]:
    with pytest.raises(client.ApiException) as caught:
        _log(peer, pod, **query)
    return failure_of(caught.value)


def test_a_log_is_cut_at_the_front_by_lines_and_then_at_the_end_by_bytes(peer: Peer) -> None:
    pod = peer.cluster.put_pod(pods.failed(_run()))
    peer.cluster.set_logs(pod, "one\ntwo\nthree\n")
    assert _log(peer, pod) == "one\ntwo\nthree\n"
    assert _log(peer, pod, tail_lines=2) == "two\nthree\n"
    assert _log(peer, pod, tail_lines=2, limit_bytes=5) == "two\nt"
    assert _log(peer, pod, tail_lines=0) == ""


def test_the_previous_run_has_its_own_log(peer: Peer) -> None:
    pod = peer.cluster.put_pod(pods.crash_looping(_run()))
    peer.cluster.set_logs(pod, "now")
    peer.cluster.set_logs(pod, "before", previous=True)
    assert (_log(peer, pod), _log(peer, pod, previous=True)) == ("now", "before")


def test_there_is_no_previous_run_of_a_container_that_ran_once(peer: Peer) -> None:
    pod = peer.cluster.put_pod(pods.failed(_run()))
    code, reason, message = _refusal(peer, pod, previous=True)
    assert (code, reason) == (400, "BadRequest")
    assert message == f'previous terminated container "main" in pod "{pod["metadata"]["name"]}" not found'


def test_a_container_that_never_started_has_no_log(peer: Peer) -> None:
    pod = peer.cluster.put_pod(pods.image_pull_backoff(_run()))
    assert _refusal(peer, pod)[0] == 400
    assert "trying and failing to pull image" in _refusal(peer, pod)[2]


def test_the_container_must_be_named_where_there_are_two(peer: Peer) -> None:
    pod = peer.cluster.put_pod(pods.failed(_run(sidecar="istio-proxy")))
    peer.cluster.set_logs(pod, "sidecar", container="istio-proxy")
    assert "choose one of: [main istio-proxy]" in _refusal(peer, pod)[2]
    assert "is not valid for pod" in _refusal(peer, pod, container="other")[2]
    assert _log(peer, pod, container="istio-proxy") == "sidecar"


def test_a_pod_that_is_gone_has_no_log(peer: Peer) -> None:
    pod = peer.cluster.put_pod(pods.failed(_run()))
    peer.cluster.delete_pod(NAMESPACE, pod["metadata"]["name"])
    assert _refusal(peer, pod)[:2] == (404, "NotFound")


def test_events_are_found_by_the_pod_they_are_about(peer: Peer) -> None:
    one, other = (peer.cluster.put_pod(pods.failed(_run(name))) for name in ("one", "other"))
    peer.cluster.add_event(event(one, "BackOff", "again", at=NOW, count=3))
    peer.cluster.add_event(event(other, "Failed", "no", at=NOW))
    selector = f"involvedObject.uid={one['metadata']['uid']}"
    (found,) = peer.core.list_namespaced_event(NAMESPACE, field_selector=selector).items
    assert (found.reason, found.message, found.count, found.last_timestamp) == ("BackOff", "again", 3, NOW)
    by_name = f"involvedObject.name={other['metadata']['name']},type=Warning"
    assert [each.reason for each in peer.core.list_event_for_all_namespaces(field_selector=by_name).items] == ["Failed"]


def test_a_dry_cordon_shows_the_change_and_makes_none(peer: Peer) -> None:
    change = {"spec": {"unschedulable": True}}
    assert peer.core.patch_node("gpu-node-01", change, dry_run="All").spec.unschedulable
    assert not peer.core.read_node("gpu-node-01").spec.unschedulable
    assert peer.core.patch_node("gpu-node-01", change).spec.unschedulable
    assert peer.core.read_node("gpu-node-01").spec.unschedulable
    peer.core.patch_node("gpu-node-01", {"spec": {"unschedulable": None}})
    assert not peer.core.read_node("gpu-node-01").spec.unschedulable


def test_a_node_shows_its_gpus_and_its_software(peer: Peer) -> None:
    (found,) = peer.core.list_node().items
    assert found.metadata.labels["nvidia.com/gpu.product"] == "NVIDIA-A100-SXM4-80GB"
    assert found.status.node_info.kernel_version
    assert {each.type: each.status for each in found.status.conditions}["Ready"] == "True"


def test_only_one_of_two_holders_takes_a_lease(peer: Peer) -> None:
    body = client.V1Lease(metadata=client.V1ObjectMeta(name="bot"), spec=client.V1LeaseSpec(holder_identity="a"))
    peer.coordination.create_namespaced_lease("failures", body)
    with pytest.raises(client.ApiException) as caught:
        peer.coordination.create_namespaced_lease("failures", body)
    assert failure_of(caught.value)[:2] == (409, "AlreadyExists")
    mine = peer.coordination.read_namespaced_lease("bot", "failures")
    theirs = peer.coordination.read_namespaced_lease("bot", "failures")
    theirs.spec.holder_identity = "b"
    peer.coordination.replace_namespaced_lease("bot", "failures", theirs)
    with pytest.raises(client.ApiException) as caught:
        peer.coordination.replace_namespaced_lease("bot", "failures", mine)
    assert failure_of(caught.value)[:2] == (409, "Conflict")
    assert peer.coordination.read_namespaced_lease("bot", "failures").spec.holder_identity == "b"


def test_a_wrong_token_lets_nobody_in(tmp_path: Path) -> None:
    with connected(SimulatedCluster(), tmp_path, client_token="stolen") as peer:
        with pytest.raises(client.ApiException) as caught:
            peer.core.list_pod_for_all_namespaces()
        assert failure_of(caught.value) == (401, "Unauthorized", "Unauthorized")


def _may(peer: Peer, verb: str, resource: str, subresource: str | None = None) -> bool:
    attributes = client.V1ResourceAttributes(verb=verb, resource=resource, subresource=subresource, group="")
    spec = client.V1SelfSubjectAccessReviewSpec(resource_attributes=attributes)
    api: Any = client.AuthorizationV1Api(peer.client)
    allowed: bool = api.create_self_subject_access_review(client.V1SelfSubjectAccessReview(spec=spec)).status.allowed
    return allowed


def test_a_right_that_was_taken_away_is_denied_and_reviewed_so(peer: Peer) -> None:
    pod = peer.cluster.put_pod(pods.failed(_run()))
    assert _may(peer, "get", "pods", "log")
    peer.server.deny("get", "pods/log")
    peer.server.deny("list", "pods")
    assert not _may(peer, "get", "pods", "log")
    assert _may(peer, "get", "pods")
    assert _refusal(peer, pod)[:2] == (403, "Forbidden")
    code, status = peer.get("/api/v1/pods")
    assert code == 403
    assert status["message"].startswith("pods is forbidden: User ")
    assert status["message"].endswith('cannot list resource "pods" in API group "" at the cluster scope')


def test_discovery_names_the_resources(peer: Peer) -> None:
    api: Any = client.VersionApi(peer.client)
    assert api.get_code().git_version.startswith("v1.")
    assert "pods" in [each.name for each in peer.core.get_api_resources().resources]
    assert [each.name for each in peer.coordination.get_api_resources().resources] == ["leases"]
    assert [each.metadata.name for each in peer.core.list_namespace().items] == []
    assert peer.get("/apis/nowhere/v1")[1]["kind"] == "Status"
    assert peer.get("/apis/nowhere")[1]["kind"] == "Status"
    _, group = peer.get("/apis/resource.k8s.io")
    assert group["preferredVersion"] == {"groupVersion": "resource.k8s.io/v1", "version": "v1"}
    assert "resourceslices" in [each["name"] for each in peer.get("/apis/resource.k8s.io/v1")[1]["resources"]]
    assert peer.get("/nowhere")[1]["code"] == 404


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"metadata": 3}', b"[" * 100_000])
def test_a_body_that_is_no_object_is_a_bad_request(peer: Peer, body: bytes) -> None:
    code, status = peer.post("/apis/coordination.k8s.io/v1/namespaces/x/leases", body)
    assert (code, status["reason"]) == (400, "BadRequest")
