"""Devices in the simulated cluster: claims and their taints, health in the status, pods that change their size."""

from __future__ import annotations

from typing import Any

import pytest

from playground.kube.cluster import Body, SimulatedCluster
from playground.kube.control.claims import devices_of
from playground.kube.control.controllers import Controllers, controllers
from playground.kube.control.script import ScriptedRun, script
from playground.kube.control.statuses import condition
from playground.kube.devices import claim_template, resource_slice, taint_rule
from playground.kube.nodes import node
from playground.kube.resources import CLAIM_TEMPLATES, CLAIMS, DEVICE_TAINT_RULES, PODS, SLICES
from tests.adapters.kube_peer import NOW


@pytest.fixture
def live() -> Controllers:
    cluster = SimulatedCluster()
    live = controllers(cluster, now=NOW)
    for name in ("n0", "n1"):
        cluster.add_node(node(name, at=NOW))
        live.plane.create(SLICES, resource_slice(name, gpus=4))
    live.plane.create(CLAIM_TEMPLATES, claim_template("two-gpus", "x", count=2))
    return live


def _pod(live: Controllers, name: str, **spec: Any) -> Body:
    container = {"name": "main", "image": "train:1", "resources": {"claims": [{"name": "gpus"}]}}
    metadata = {"name": name, "namespace": "x", "annotations": script(main=ScriptedRun(after=None))}
    claims = [{"name": "gpus", "resourceClaimTemplateName": "two-gpus"}]
    body = {"containers": [container], "resourceClaims": claims, "restartPolicy": "Never", **spec}
    return live.plane.create(PODS, {"metadata": metadata, "spec": body})


def _claim(live: Controllers) -> Body:
    (claim,) = live.plane.all_of(CLAIMS)
    return claim


def test_a_pod_gets_a_claim_of_its_own_and_devices_where_it_runs(live: Controllers) -> None:
    _pod(live, "a")
    live.plane.advance(5)
    pod, claim = live.plane.cluster.pod("x", "a"), _claim(live)
    assert pod["status"]["phase"] == "Running"
    assert pod["status"]["resourceClaimStatuses"] == [{"name": "gpus", "resourceClaimName": claim["metadata"]["name"]}]
    assert {(each.pool, each.name) for _, each in devices_of(claim)} == {
        (pod["spec"]["nodeName"], "gpu-0"), (pod["spec"]["nodeName"], "gpu-1")
    }  # fmt: skip
    assert claim["status"]["reservedFor"][0]["uid"] == pod["metadata"]["uid"]
    live.plane.delete(PODS, pod)
    live.plane.advance(60)
    assert live.plane.all_of(CLAIMS) == []


def test_no_device_is_given_twice_and_who_gets_none_waits(live: Controllers) -> None:
    for name in "abcde":
        _pod(live, name)
    live.plane.advance(5)
    given = [device for claim in live.plane.all_of(CLAIMS) for _, device in devices_of(claim)]
    assert len(given) == len(set(given)) == 8
    (waits,) = [pod for pod in live.plane.cluster.pods() if "nodeName" not in pod["spec"]]
    assert "2 cannot allocate all claims" in (condition(waits, "PodScheduled") or {})["message"]


@pytest.mark.parametrize("by", ["driver", "admin"])
def test_a_tainted_device_loses_the_pod_that_has_it_and_gets_no_other(live: Controllers, by: str) -> None:
    for name in "abcd":
        _pod(live, name)
    live.plane.advance(5)
    if by == "driver":
        taint = {"key": "gpu.nvidia.com/xid", "value": "79", "effect": "NoExecute"}
        (body,) = [each for each in live.plane.all_of(SLICES) if each["spec"]["nodeName"] == "n0"]
        live.plane.edit(SLICES, body, lambda one: one["spec"]["devices"][3].update(taints=[taint]))
    else:
        live.plane.create(DEVICE_TAINT_RULES, taint_rule("broken", "gpu-3", "n0", at=NOW))
    live.plane.advance(2)
    (gone,) = [pod for pod in live.plane.cluster.pods() if condition(pod, "DisruptionTarget")]
    assert (condition(gone, "DisruptionTarget") or {})["reason"] == "DeletionByDeviceTaintManager"
    assert gone["spec"]["nodeName"] == "n0"
    live.plane.advance(60)
    _pod(live, "e")
    live.plane.advance(5)
    assert "nodeName" not in live.plane.cluster.pod("x", "e")["spec"]


def test_what_a_device_plugin_says_of_a_device_stands_in_the_status_of_the_container(live: Controllers) -> None:
    pod = _pod(live, "a")
    live.plane.advance(5)
    live.kubelet.tell_health(pod, "GPU-4f1c", "Unhealthy")
    (status,) = live.plane.cluster.pod("x", "a")["status"]["containerStatuses"]
    assert status["allocatedResourcesStatus"] == [
        {"name": "nvidia.com/gpu", "resources": [{"resourceID": "GPU-4f1c", "health": "Unhealthy"}]}
    ]


@pytest.mark.parametrize(
    ("memory", "has", "pending"), [("2Gi", "2Gi", None), ("900Gi", "1Gi", "Deferred"), ("2Ti", "1Gi", "Infeasible")]
)
def test_a_pod_has_its_old_size_until_its_kubelet_grants_the_new_one(
    live: Controllers, memory: str, has: str, pending: str | None
) -> None:
    def ask(size: str) -> dict[str, Any]:
        return {"requests": {"memory": size}, "limits": {"memory": size}}

    def container(size: str) -> list[Body]:
        return [{"name": "main", "image": "train:1", "resources": ask(size)}]

    _pod(live, "neighbour", containers=container("500Gi"), resourceClaims=[], nodeName="n0")
    pod = _pod(live, "a", containers=container("1Gi"), resourceClaims=[], nodeName="n0")
    live.plane.advance(5)
    live.plane.edit(PODS, pod, lambda body: body["spec"]["containers"][0].update(resources=ask(memory)))
    live.plane.advance(5)
    known = live.plane.cluster.pod("x", "a")
    assert known["status"]["containerStatuses"][0]["resources"] == ask(has)
    assert (condition(known, "PodResizePending") or {}).get("reason") == pending
