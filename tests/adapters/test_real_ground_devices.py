"""What a pod has, and which device of it is broken, on a cluster as harsh as a real one: claims, sizes that changed,
health that a device plugin reports, devices that are tainted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.store.store import Store
from playground.kube.control.script import ScriptedRun
from playground.kube.devices import claim_template, resource_slice, taint_rule
from playground.kube.resources import CLAIM_TEMPLATES, DEVICE_TAINT_RULES, PODS, SLICES
from tests.adapters.real_ground import FAILS, FOR_EVER, NAMESPACE, Ground, watched

OOM = ScriptedRun(after=20, exit=137, reason="OOMKilled")


@pytest.fixture
def ground(tmp_path: Path, sqlite_store: Store) -> Iterator[Ground]:
    with watched(sqlite_store, tmp_path) as ground:
        for number in range(4):
            ground.live.plane.create(SLICES, resource_slice(f"gpu-{number}"))
        ground.live.plane.create(CLAIM_TEMPLATES, claim_template("two-gpus", NAMESPACE, count=2))
        yield ground


def _claims(name: str = "two-gpus") -> dict[str, Any]:
    container = {"name": "main", "image": "registry.example/train:1", "resources": {"claims": [{"name": "gpus"}]}}
    return {"containers": [container], "resourceClaims": [{"name": "gpus", "resourceClaimTemplateName": name}]}


def test_a_pod_that_claims_its_devices_has_as_many_gpus_as_its_claim_got(ground: Ground) -> None:
    ground.job("train", FAILS, pod=_claims())
    ground.after(30)
    ground.settle()
    assert [each.gpu_count for each in ground.attempts("train")] == [2]


def test_claims_that_are_made_one_after_the_other_are_all_known(ground: Ground) -> None:
    for name in ("one", "two", "three"):
        ground.job(name, FAILS, pod=_claims())
        ground.after(30)
        ground.settle()
    assert [ground.attempts(name)[0].gpu_count for name in ("one", "two", "three")] == [2, 2, 2]


def test_a_device_that_was_tainted_is_a_failure_of_the_device(ground: Ground) -> None:
    ground.job("train", FOR_EVER, pod=_claims() | {"nodeSelector": {"kubernetes.io/hostname": "gpu-0"}})
    ground.after(30)
    ground.live.plane.create(DEVICE_TAINT_RULES, taint_rule("broken", "gpu-0", "gpu-0", at=ground.live.plane.now))
    ground.after(30)
    ground.settle()
    assert ground.outcomes("train") == {"failed": 1}
    (failure,) = ground.failures("train")
    assert failure.signature == "device-taken-away"


@pytest.mark.parametrize("grants", [True, False])
def test_a_container_that_was_resized_had_the_size_that_was_granted(ground: Ground, *, grants: bool) -> None:
    ground.job("train", OOM)
    ground.after(5)
    asked = "4Gi" if grants else "99Ti"
    size = {"requests": {"cpu": "1", "memory": asked}, "limits": {"cpu": "1", "memory": asked}}
    ground.live.plane.edit(
        PODS, ground.find("train"), lambda body: body["spec"]["containers"][0].update(resources=size)
    )
    ground.after(30)
    ground.settle()
    assert [each.memory_request for each in ground.attempts("train")] == ["4Gi" if grants else "1Gi"]


def test_the_resources_of_a_pod_as_a_whole_are_its_containers(ground: Ground) -> None:
    whole = {"requests": {"memory": "32Gi", "cpu": "4"}, "limits": {"memory": "32Gi", "cpu": "4"}}
    container = {"name": "main", "image": "registry.example/train:1"}
    ground.job("train", FAILS, pod={"containers": [container], "resources": whole})
    ground.after(30)
    ground.settle()
    assert [each.memory_request for each in ground.attempts("train")] == ["32Gi"]


def test_a_device_that_its_plugin_reports_unhealthy_is_named(ground: Ground) -> None:
    ground.job("train", ScriptedRun(after=20, exit=1, log="RuntimeError: CUDA error: unknown error\n"))
    ground.after(10)
    ground.live.kubelet.tell_health(ground.find("train"), "GPU-4f1c", "Unhealthy")
    ground.after(30)
    ground.settle()
    (failure,) = ground.failures("train")
    assert "GPU-4f1c" in f"{failure.error_message} {failure.events_snippet}"
