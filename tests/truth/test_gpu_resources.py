from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest

from bot.cluster.claims import claims_by_name
from bot.cluster.pods import Pod
from bot.cluster.submission import Place, attempt_of
from bot.domain.workload.accelerator_units import GpuNode
from bot.domain.workload.accelerators import PodRequests, gpu_count
from bot.domain.workload.attempt import Outcome
from tests.truth import truth

ROWS = [row for row in truth("gpu_resources.tsv") if not row["mechanism"].startswith("DRA claim")]


def pairs(said: str) -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in said.split())


def counted(asked: str, of_node: str = "") -> float | None:
    """The count of a pod that asks for this; what has no slash is an annotation of KAI's or Run:ai's."""
    resources = {name: amount for name, amount in pairs(asked).items() if "/" in name or name in {"cpu", "memory"}}
    annotations = {name: amount for name, amount in pairs(asked).items() if name.startswith("gpu-")}
    said: dict[str, str] = pairs(of_node)
    return gpu_count(PodRequests(mains=[resources]), annotations, GpuNode(said, said))


def number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"[\d.]+", text) else None


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["mechanism"])
def test_a_share_is_a_share_and_what_cannot_be_known_is_not_zero(row: dict[str, str]) -> None:
    assert counted(row["asked"]) == number(row["count"])


@pytest.mark.parametrize("row", [row for row in ROWS if row["of_node"]], ids=lambda row: row["mechanism"])
def test_the_node_says_what_a_share_is_of(row: dict[str, str]) -> None:
    assert counted(row["asked"], row["of_node"]) == number(row["then"])


GPU = {"requests": {"nvidia.com/gpu": "1"}}


def of_pod(
    spec: dict[str, Any], status: dict[str, Any] | None = None, claims: list[dict[str, Any]] | None = None
) -> Any:
    body = {"metadata": {"name": "p", "namespace": "ml", "uid": "u"}, "spec": spec, "status": status or {}}
    pod = msgspec.json.decode(msgspec.json.encode(body), type=Pod)
    known = claims_by_name(msgspec.Raw(msgspec.json.encode(claim)) for claim in claims or ())
    return attempt_of(pod, Place("c", claims=known), "main", outcome=Outcome.SUCCEEDED)


@pytest.mark.parametrize(
    ("spec", "count"),
    [
        ({"containers": [{"name": "main", "resources": GPU}, {"name": "eval", "resources": GPU}]}, 2.0),
        ({"containers": [{"name": "main", "resources": {"limits": {"nvidia.com/gpu": 8}}}]}, 8.0),
        (
            {
                "containers": [{"name": "main", "resources": GPU}],
                "initContainers": [{"name": "cache", "restartPolicy": "Always", "resources": GPU}],
            },
            2.0,
        ),
        (
            {
                "containers": [{"name": "main", "resources": GPU}],
                "initContainers": [{"name": "warm-up", "resources": {"requests": {"nvidia.com/gpu": "4"}}}],
            },
            4.0,
        ),
        (
            {
                "containers": [{"name": "main", "resources": GPU}],
                "initContainers": [
                    {"name": "cache", "restartPolicy": "Always", "resources": GPU},
                    {"name": "warm-up", "resources": {"requests": {"nvidia.com/gpu": "4"}}},
                ],
            },
            5.0,
        ),
        ({"resources": {"requests": {"nvidia.com/gpu": "2"}}, "containers": [{"name": "main"}]}, 2.0),
        ({"containers": [{"name": "main"}]}, 0.0),
        ({"containers": [{"name": "main"}], "nodeSelector": {"nvidia.com/gpu.replicas": "4"}}, 0.0),
        (
            {
                "containers": [{"name": "main", "resources": GPU}],
                "nodeSelector": {"cloud.google.com/gke-max-shared-clients-per-gpu": "2"},
            },
            0.5,
        ),
    ],
)
def test_gpus_are_counted_as_the_scheduler_counts_them(spec: dict[str, Any], count: float) -> None:
    assert of_pod(spec).gpu_count == count


def claim(*results: dict[str, Any], requests: list[dict[str, Any]] | None = None, pods: int = 1) -> dict[str, Any]:
    return {
        "metadata": {"name": "gpus", "namespace": "ml"},
        "spec": {"devices": {"requests": requests or []}},
        "status": {
            "allocation": {"devices": {"results": results}},
            "reservedFor": [{"resource": "pods", "uid": str(n)} for n in range(pods)],
        },
    }


CLAIMS = {"containers": [{"name": "main"}], "resourceClaims": [{"name": "g", "resourceClaimName": "gpus"}]}
DEVICE = {"request": "g", "driver": "gpu.nvidia.com", "pool": "n1", "device": "gpu-0"}
SLICE = {**DEVICE, "device": "gpu-0-mig-9-4-4"}
CHANNEL = {**DEVICE, "driver": "compute-domain.nvidia.com", "device": "channel-0"}
ASKS_SLICE = {
    "name": "g",
    "exactly": {
        "deviceClassName": "mig.nvidia.com",
        "selectors": [{"cel": {"expression": "device.attributes['gpu.nvidia.com'].profile == '3g.40gb'"}}],
    },
}


@pytest.mark.parametrize(
    ("claims", "count"),
    [
        ([], None),
        ([claim(DEVICE, {**DEVICE, "device": "gpu-1"})], 2.0),
        ([claim(DEVICE, {**DEVICE, "device": "gpu-1", "adminAccess": True})], 1.0),
        ([claim(DEVICE, pods=2)], 0.5),
        ([claim(CHANNEL)], 0.0),
        ([claim(SLICE)], None),
        ([claim(SLICE, requests=[ASKS_SLICE])], 0.429),
        ([claim(requests=[{"name": "g", "exactly": {"deviceClassName": "gpu.nvidia.com", "count": 4}}])], 4.0),
        ([claim(requests=[{"name": "g", "deviceClassName": "gpu.nvidia.com"}])], 1.0),
        ([claim(requests=[{"name": "g", "exactly": {"deviceClassName": "the-good-ones"}}])], None),
    ],
)
def test_devices_are_counted_by_the_claim(claims: list[dict[str, Any]], count: float | None) -> None:
    assert of_pod(CLAIMS, claims=claims).gpu_count == count


def test_a_claim_that_a_template_made_is_found_by_the_pods_status() -> None:
    spec = {**CLAIMS, "resourceClaims": [{"name": "g", "resourceClaimTemplateName": "t"}]}
    status = {"resourceClaimStatuses": [{"name": "g", "resourceClaimName": "gpus"}]}
    assert of_pod(spec, status, [claim(DEVICE)]).gpu_count == 1.0
    assert of_pod(spec, {}, [claim(DEVICE)]).gpu_count is None


def test_an_extended_resource_that_a_claim_fulfils_is_counted_once() -> None:
    status = {"extendedResourceClaimStatus": {"resourceClaimName": "gpus", "requestMappings": []}}
    assert of_pod({"containers": [{"name": "main", "resources": GPU}]}, status, [claim(DEVICE)]).gpu_count == 1.0


def test_what_a_resize_has_not_done_yet_is_not_what_runs() -> None:
    spec = {"containers": [{"name": "main", "resources": {"requests": {"memory": "64Gi", "cpu": "8"}}}]}
    status = {"containerStatuses": [{"name": "main", "resources": {"requests": {"memory": "16Gi", "cpu": "4"}}}]}
    assert (of_pod(spec, status).memory_request, of_pod(spec, status).cpu_request) == ("16Gi", "4")
    whole = {"containers": [{"name": "main"}], "resources": {"requests": {"memory": "8Gi"}}}
    assert of_pod(whole).memory_request == "8Gi"
