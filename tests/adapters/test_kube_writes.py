"""What a client may change in the simulated cluster, and what the server makes of it: the four sorts of patches, dry
runs, conflicts, fields that must not change, Jobs that run, suspend and go with their pods."""

from __future__ import annotations

import json
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
from playground.kube.resources import JOBS, NODES
from tests.adapters.kube_peer import NOW, Peer, connected, failure_of

NODE, JOBS_PATH = "/api/v1/nodes/n0", "/apis/batch/v1/namespaces/x/jobs"
MERGE, STRATEGIC = "application/merge-patch+json", "application/strategic-merge-patch+json"
JSON_PATCH, APPLY = "application/json-patch+json", "application/apply-patch+yaml"
WELL = ScriptedRun(after=5)
TAINT = {"key": "a", "effect": "NoSchedule"}


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


def job(name: str = "train", run: ScriptedRun = WELL, **spec: Any) -> Body:
    container = {"name": "main", "image": "train:1", "resources": {"limits": {"nvidia.com/gpu": "1", "memory": "8Gi"}}}
    template = {
        "metadata": {"annotations": script(main=run)},
        "spec": {"restartPolicy": "Never", "containers": [container]},
    }
    return {"metadata": {"name": name}, "spec": {"backoffLimit": 0, "template": template, **spec}}


# Patches


@pytest.mark.parametrize(
    ("sort", "patch"),
    [
        (MERGE, {"spec": {"unschedulable": True}}),
        (STRATEGIC, {"spec": {"unschedulable": True}}),
        (JSON_PATCH, [{"op": "add", "path": "/spec/unschedulable", "value": True}]),
        (APPLY, {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n0"}, "spec": {"unschedulable": True}}),
    ],
)
def test_a_node_is_cordoned_by_any_sort_of_patch_and_by_none_that_is_tried(peer: Peer, sort: str, patch: Any) -> None:
    code, tried = peer.send("PATCH", NODE, patch, sort, dryRun="All", fieldManager="bot")
    assert (code, tried["spec"]["unschedulable"]) == (200, True)
    assert "unschedulable" not in peer.cluster.get(NODES, "", "n0")["spec"]
    assert peer.send("PATCH", NODE, patch, sort, fieldManager="bot")[0] == 200
    assert peer.cluster.get(NODES, "", "n0")["spec"]["unschedulable"]


def test_a_patch_with_an_old_version_is_a_conflict_and_one_without_is_none(peer: Peer) -> None:
    version = peer.get(NODE)[1]["metadata"]["resourceVersion"]
    stale = {"metadata": {"resourceVersion": version}, "spec": {"taints": [TAINT]}}
    assert peer.send("PATCH", NODE, stale, MERGE)[0] == 200
    code, status = peer.send("PATCH", NODE, stale, MERGE)
    assert (code, status["reason"]) == (409, "Conflict")
    assert "please apply your changes to the latest version" in status["message"]
    assert peer.send("PATCH", NODE, {"spec": {"taints": []}}, MERGE)[0] == 200


def test_a_strategic_patch_merges_what_has_keys_and_replaces_taints(peer: Peer) -> None:
    peer.send("PATCH", NODE, {"spec": {"taints": [TAINT]}}, STRATEGIC)
    other = {"key": "b", "effect": "NoExecute"}
    _, body = peer.send("PATCH", NODE, {"spec": {"taints": [other]}}, STRATEGIC)
    assert body["spec"]["taints"] == [other]
    ill = {"type": "Ready", "status": "False", "reason": "KubeletNotReady"}
    _, body = peer.send("PATCH", f"{NODE}/status", {"status": {"conditions": [ill]}}, STRATEGIC)
    assert len(body["status"]["conditions"]) > 1
    ready = condition(body, "Ready") or {}
    assert (ready["status"], ready["message"]) == ("False", "kubelet is posting ready status")
    gone = {"status": {"conditions": [{"type": "DiskPressure", "$patch": "delete"}]}}
    _, body = peer.send("PATCH", f"{NODE}/status", gone, STRATEGIC)
    assert condition(body, "DiskPressure") is None


def test_a_json_patch_tests_what_it_rests_on(peer: Peer) -> None:
    add = {"op": "add", "path": "/metadata/labels/example.com~1bad", "value": "yes"}
    assert peer.send("PATCH", NODE, [add], JSON_PATCH)[1]["metadata"]["labels"]["example.com/bad"] == "yes"
    for operation in ({"op": "test", "path": add["path"], "value": "no"}, {"op": "remove", "path": "/spec/nothing"}):
        assert peer.send("PATCH", NODE, [operation], JSON_PATCH)[0] == 422


def test_the_status_is_written_apart(peer: Peer) -> None:
    _, body = peer.send("PATCH", NODE, {"status": {"phase": "x"}, "spec": {"podCIDR": "y"}}, MERGE)
    assert ("phase" in body["status"], body["spec"]["podCIDR"]) == (False, "y")
    _, body = peer.send("PATCH", f"{NODE}/status", {"status": {"phase": "x"}, "spec": {"podCIDR": "z"}}, MERGE)
    assert (body["status"]["phase"], body["spec"]["podCIDR"]) == ("x", "y")


def test_an_unknown_sort_of_patch_is_refused(peer: Peer) -> None:
    assert peer.send("PATCH", NODE, {}, "application/json")[0] == 415
    assert peer.send("PATCH", NODE, [], MERGE)[0] == 400
    assert peer.send("PATCH", NODE, {}, APPLY)[0] == 422


# Server-side apply


def _apply(peer: Peer, manager: str, spec: Body, **query: str) -> tuple[int, Any]:
    wish = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n0"}, "spec": spec}
    return peer.send("PATCH", NODE, wish, APPLY, fieldManager=manager, **query)


def test_two_who_apply_the_same_field_differently_are_in_conflict_until_one_forces_it(peer: Peer) -> None:
    assert _apply(peer, "bot", {"unschedulable": True})[0] == 200
    code, status = _apply(peer, "remediator", {"unschedulable": False})
    assert (code, status["reason"]) == (409, "Conflict")
    assert status["details"]["causes"] == [
        {
            "reason": "FieldManagerConflict",
            "message": 'conflict with "bot" using v1',
            "field": ".spec.unschedulable",
        }
    ]
    code, body = _apply(peer, "remediator", {"unschedulable": False}, force="true")
    assert (code, body["spec"]["unschedulable"]) == (200, False)
    assert [each["manager"] for each in body["metadata"]["managedFields"]] == ["remediator"]


def test_what_is_applied_no_more_is_taken_away_unless_somebody_else_wants_it(peer: Peer) -> None:
    _apply(peer, "bot", {"unschedulable": True, "podCIDR": "10.0.0.0/24"}, force="true")
    _apply(peer, "other", {"podCIDR": "10.0.0.0/24"})
    _, body = _apply(peer, "bot", {})
    assert body["spec"] == {"podCIDR": "10.0.0.0/24"}


def test_who_applies_is_in_conflict_with_who_patched(peer: Peer) -> None:
    peer.send("PATCH", NODE, {"spec": {"unschedulable": True}}, MERGE, fieldManager="kubectl-cordon")
    code, status = _apply(peer, "bot", {"unschedulable": False})
    assert (code, "kubectl-cordon" in status["message"]) == (409, True)


def test_what_is_not_there_is_created_by_applying_it(peer: Peer) -> None:
    wish = {"apiVersion": "batch/v1", "kind": "Job", **job()}
    assert peer.send("PATCH", f"{JOBS_PATH}/train", wish, APPLY, fieldManager="bot")[0] == 201
    assert peer.cluster.get(JOBS, "x", "train")["spec"]["completions"] == 1


# What must not be


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("/api/v1/namespaces/x/pods", {"metadata": {"name": "p"}, "spec": {"containers": []}}, "spec.containers"),
        ("/api/v1/namespaces/x/pods", {"metadata": {}, "spec": {"containers": [{"name": "a", "image": "b"}]}}, "name"),
        (JOBS_PATH, {"metadata": {"name": "A_b"}, "spec": job()["spec"]}, "metadata.name"),
        (JOBS_PATH, {"metadata": {"name": "j"}, "spec": {}}, "template.spec.containers"),
        (
            "/api/v1/namespaces/x/events",
            {"metadata": {"name": "e"}, "involvedObject": {"namespace": "y"}},
            "involvedObject.namespace",
        ),
    ],
)
def test_an_object_that_lacks_something_is_invalid(peer: Peer, path: str, body: Body, said: str) -> None:
    code, status = peer.send("POST", path, body)
    assert (code, status["reason"]) == (422, "Invalid")
    assert said in status["message"]


def test_the_template_of_a_job_and_the_spec_of_a_pod_stay_as_they_are(peer: Peer, live: Controllers) -> None:
    assert peer.send("POST", JOBS_PATH, job())[0] == 201
    live.plane.advance(2)
    image = {"spec": {"template": {"spec": {"containers": [{"name": "main", "image": "train:2"}]}}}}
    assert peer.send("PATCH", f"{JOBS_PATH}/train", image, STRATEGIC)[0] == 422
    (pod,) = live.plane.cluster.pods()
    path = f"/api/v1/namespaces/x/pods/{pod['metadata']['name']}"
    assert peer.send("PATCH", path, {"spec": {"nodeName": "n2"}}, MERGE)[0] == 422
    bigger = {"spec": {"containers": [{"name": "main", "resources": {"limits": {"memory": "16Gi"}}}]}}
    assert peer.send("PATCH", path, bigger, STRATEGIC)[0] == 422
    assert peer.send("PATCH", f"{path}/resize", bigger, STRATEGIC)[0] == 200
    live.plane.advance(2)
    (status,) = live.plane.cluster.pod("x", pod["metadata"]["name"])["status"]["containerStatuses"]
    assert status["resources"]["limits"]["memory"] == "16Gi"


def test_the_same_name_twice_is_there_already_and_a_wrong_kind_is_a_bad_request(peer: Peer) -> None:
    assert peer.send("POST", JOBS_PATH, job())[0] == 201
    code, status = peer.send("POST", JOBS_PATH, job())
    assert (code, status["reason"]) == (409, "AlreadyExists")
    assert peer.send("POST", JOBS_PATH, {"kind": "Pod", **job("b")})[0] == 400
    elsewhere = {**job("b"), "metadata": {"name": "b", "namespace": "y"}}
    assert peer.send("POST", JOBS_PATH, elsewhere)[0] == 400


def test_a_lease_is_not_updated_without_its_version(peer: Peer) -> None:
    path = "/apis/coordination.k8s.io/v1/namespaces/x/leases"
    lease = {"metadata": {"name": "bot"}, "spec": {"holderIdentity": "a"}}
    _, made = peer.send("POST", path, lease)
    assert peer.send("PUT", f"{path}/bot", lease)[0] == 422
    mine = {**lease, "metadata": made["metadata"]}
    assert peer.send("PUT", f"{path}/bot", {**mine, "spec": {"holderIdentity": "b"}})[0] == 200
    assert peer.send("PUT", f"{path}/bot", {**mine, "spec": {"holderIdentity": "c"}})[0] == 409


# Jobs


def test_a_job_that_is_created_runs_and_tells_its_end(peer: Peer, live: Controllers) -> None:
    batch: Any = client.BatchV1Api(peer.client)
    batch.create_namespaced_job("x", {**job(), "apiVersion": "batch/v1", "kind": "Job"})
    live.plane.advance(30)
    read = batch.read_namespaced_job("train", "x").status
    assert (read.succeeded, [each.type for each in read.conditions]) == (1, ["SuccessCriteriaMet", "Complete"])


def test_a_job_that_lacked_memory_succeeds_with_more(peer: Peer, live: Controllers) -> None:
    hungry = ScriptedRun(after=5, needs_memory="12Gi")
    peer.send("POST", JOBS_PATH, job("little", hungry))
    more = job("more", hungry)
    more["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"]["memory"] = "16Gi"
    peer.send("POST", JOBS_PATH, more)
    live.plane.advance(30)
    phases = {pod["metadata"]["labels"]["job-name"]: pod["status"]["phase"] for pod in live.plane.cluster.pods()}
    assert phases == {"little": "Failed", "more": "Succeeded"}


def test_a_job_is_tried_without_being_made(peer: Peer) -> None:
    code, tried = peer.send("POST", JOBS_PATH, {**job(), "metadata": {"generateName": "train-"}}, dryRun="All")
    assert (code, tried["metadata"]["name"].startswith("train-")) == (201, True)
    assert tried["spec"]["selector"]["matchLabels"] == {"batch.kubernetes.io/controller-uid": tried["metadata"]["uid"]}
    assert peer.get(JOBS_PATH)[1]["items"] == []


def test_a_suspended_job_ends_its_pods_and_goes_on_when_it_may(peer: Peer, live: Controllers) -> None:
    peer.send("POST", JOBS_PATH, job(run=ScriptedRun(after=20)))
    live.plane.advance(5)
    peer.send("PATCH", f"{JOBS_PATH}/train", {"spec": {"suspend": True}}, MERGE)
    live.plane.advance(10)
    assert live.plane.cluster.pods() == []
    assert (condition(peer.cluster.get(JOBS, "x", "train"), "Suspended") or {})["reason"] == "JobSuspended"
    peer.send("PATCH", f"{JOBS_PATH}/train", {"spec": {"suspend": False}}, MERGE)
    live.plane.advance(40)
    found = peer.cluster.get(JOBS, "x", "train")
    assert {each["type"]: each["status"] for each in found["status"]["conditions"]} == {
        "Suspended": "False", "SuccessCriteriaMet": "True", "Complete": "True"
    }  # fmt: skip
    assert "failed" not in found["status"]


@pytest.mark.parametrize(
    ("policy", "job_goes_first", "pods"), [("Background", True, 0), ("Foreground", False, 0), ("Orphan", False, 1)]
)
def test_a_deleted_job_takes_its_pods_as_the_policy_says(
    peer: Peer, live: Controllers, policy: str, pods: int, *, job_goes_first: bool
) -> None:
    peer.send("POST", JOBS_PATH, job(run=ScriptedRun(after=None)))
    live.plane.advance(5)
    code, answer = peer.send("DELETE", f"{JOBS_PATH}/train", {"propagationPolicy": policy})
    assert (code, answer["kind"]) == (200, "Status" if job_goes_first else "Job")
    live.plane.advance(0.01)
    assert (peer.get(f"{JOBS_PATH}/train")[0] == 404) is (policy != "Foreground")
    live.plane.advance(60)
    assert peer.get(f"{JOBS_PATH}/train")[0] == 404
    assert len(live.plane.cluster.pods()) == pods


def test_all_pods_of_a_selector_are_deleted_at_once(peer: Peer, live: Controllers) -> None:
    for name in ("a", "b"):
        peer.send("POST", JOBS_PATH, job(name, ScriptedRun(after=2)))
    live.plane.advance(10)
    code, answer = peer.send("DELETE", "/api/v1/namespaces/x/pods", labelSelector="job-name=a")
    assert (code, len(answer["items"])) == (200, 1)
    live.plane.advance(1)
    assert [pod["metadata"]["labels"]["job-name"] for pod in live.plane.cluster.pods()] == ["b"]


def test_an_event_that_is_posted_is_found(peer: Peer, live: Controllers) -> None:
    about = {"kind": "Node", "name": "n0", "uid": live.plane.cluster.get(NODES, "", "n0")["metadata"]["uid"]}
    event = {"metadata": {"generateName": "n0."}, "involvedObject": about, "reason": "Cordoned", "type": "Normal"}
    assert peer.send("POST", "/api/v1/namespaces/default/events", event)[0] == 201
    selector = f"involvedObject.uid={about['uid']},reason=Cordoned"
    assert len(peer.get("/api/v1/events", fieldSelector=selector)[1]["items"]) == 1


def test_every_right_can_be_taken_away_and_is_reviewed_so(peer: Peer) -> None:
    review = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    rights = (
        ("patch", "nodes", "", ""), ("create", "pods", "eviction", ""), ("create", "jobs", "", "batch"),
        ("patch", "nodes", "status", ""), ("update", "leases", "", "coordination.k8s.io"),
    )  # fmt: skip
    for verb, resource, subresource, group in rights:
        asked = {"verb": verb, "resource": resource, "subresource": subresource, "group": group}
        for allowed in (True, False):
            _, said = peer.send("POST", review, {"spec": {"resourceAttributes": asked}})
            assert said["status"]["allowed"] is allowed
            peer.server.deny(verb, f"{resource}/{subresource}" if subresource else resource, group=group)
    assert peer.send("PATCH", NODE, {}, MERGE)[0] == 403
    assert peer.send("PATCH", f"{NODE}/status", {}, MERGE)[0] == 403
    with pytest.raises(client.ApiException) as caught:
        peer.core.create_namespaced_pod_eviction("a", "x", json.loads("{}"))
    assert failure_of(caught.value)[0] == 403
