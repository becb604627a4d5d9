from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cluster.nodes import versions
from bot.domain.workload.version import DRIVER, GPU, KERNEL, KUBELET, RUNTIME, SYSTEM
from playground.kube.nodes import node

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
NEW, OLD = "nvidia.com/cuda.driver-version", "nvidia.com/cuda.driver"


def read(*nodes: Any) -> dict[tuple[str, str], str]:
    raw = [msgspec.Raw(json.dumps(each).encode()) for each in nodes]
    return {(one.subject, one.what): one.value for one in versions(raw, "prod", NOW)}


def test_a_node_tells_its_driver_kernel_system_runtime_kubelet_and_gpu() -> None:
    assert read(node("n1", at=NOW, driver="570.12", product="H100")) == {
        ("n1", DRIVER): "570.12",
        ("n1", KERNEL): "6.8.0-87-generic",
        ("n1", SYSTEM): "Ubuntu 24.04.3 LTS",
        ("n1", RUNTIME): "containerd://2.1.4",
        ("n1", KUBELET): "v1.34.2",
        ("n1", GPU): "H100",
    }


@pytest.mark.parametrize(
    ("labels", "driver"),
    [
        ({f"{NEW}.full": "570.12", f"{OLD}.major": "550"}, "570.12"),
        ({f"{NEW}.major": "570", f"{NEW}.minor": "12", f"{NEW}.revision": "03"}, "570.12.03"),
        ({f"{OLD}.major": "550", f"{OLD}.minor": "90", f"{OLD}.rev": ""}, "550.90"),
        ({"amd.com/gpu.driver-version": "6.12.12"}, "6.12.12"),
        ({}, None),
    ],
)
def test_the_driver_is_read_from_the_labels_of_every_feature_discovery(
    labels: dict[str, str], driver: str | None
) -> None:
    assert read({"metadata": {"name": "n1", "labels": labels}}).get(("n1", DRIVER)) == driver


def test_what_a_node_says_in_odd_ways_is_left_out_and_the_rest_stands() -> None:
    odd = {"metadata": {"name": "n1", "labels": {f"{NEW}.full": 7, "nvidia.com/gpu.product": "H100"}}}
    odd["status"] = {
        "nodeInfo": {"kernelVersion": "6.8\u202e\x1b[2J\n8.6", "osImage": ["x"], "kubeletVersion": "v" * 999}
    }
    found = read(odd, "no node", [], {"metadata": None}, {"metadata": {"labels": {f"{NEW}.full": "1"}}})
    assert found.pop(("n1", KUBELET)) == "v" * 99 + "…"
    assert found == {("n1", GPU): "H100", ("n1", KERNEL): "6.8 8.6"}


@settings(max_examples=50, deadline=None)
@given(
    st.recursive(st.none() | st.integers() | st.text(), lambda part: st.lists(part) | st.dictionaries(st.text(), part))
)
def test_nothing_that_a_cluster_lists_stops_the_reading(body: Any) -> None:
    assert ("n1", DRIVER) in read({"metadata": body, "status": {"nodeInfo": body}}, node("n1", at=NOW))
