from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from bot.catalogue import load
from bot.cluster.node_health import node_signs
from bot.cluster.pods import Node
from bot.domain.diagnosis.hard_fault import hard_fault
from bot.domain.workload.attempt import Attempt, Outcome
from bot.domain.workload.hard_faults import HARD_FAULTS
from bot.domain.workload.node_signs import Sign, concerning, condition_sign, event_sign, label_signs, taint_sign
from bot.domain.workload.pod_evidence import CauseOwner, Match
from tests.truth import truth

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
CONDITIONS = truth("node_conditions.tsv")
EKS = truth("eks_reasons.tsv")
DCGM = truth("dcgm_errors.tsv")
OF_SOFTWARE = re.compile(
    r"DCGM_FR_(?:UNKNOWN|UNRECOGNIZED|NO_ACCESS_TO_FILE|NVML_API|BAD_PARAMETER|CANNOT_\w+|DENYLISTED_DRIVER|NVML_LIB_BAD"
    r"|GRAPHICS_PROCESSES|HOSTENGINE_CONN|BAD_CUDA_ENV|PERSISTENCE_MODE|INTERNAL|ECC_(?:DISABLED|UNSUPPORTED)|DCGM_API"
    r"|CONCURRENT_GPUS|GPU_OP_MODE|\w*UNSUPPORTED\w*|CUDA_UNBOUND|EUD_(?:BINARY_PERMISSIONS|NON_ROOT_USER|SPAWN_FAILURE)"
    r"|FILE_CREATE_PERMISSIONS|BINARY_PERMISSIONS)"
)
"""Codes that speak of DCGM, of the driver or of how a test was run, not of a GPU."""


def hard(sign: Sign | None) -> Match | None:
    return hard_fault(sign.line, load()) if sign is not None else None


@pytest.mark.parametrize("row", CONDITIONS, ids=lambda row: f"{row['tool']}-{row['reason']}-{row['message'][:20]}")
def test_a_condition_is_hard_evidence_where_it_speaks_of_broken_hardware(row: dict[str, str]) -> None:
    sign = condition_sign(row["type"], row["status"], row["reason"], row["message"], NOW)
    assert (hard(sign) is not None) == (row["truth"] == "hardware fault")


@pytest.mark.parametrize(
    ("kind", "status", "reason"),
    [
        ("Ready", "True", "KubeletReady"),
        ("MemoryPressure", "False", "KubeletHasSufficientMemory"),
        ("NetworkUnavailable", "False", "RouteCreated"),
        ("AcceleratedHardwareReady", "True", "NvidiaGPUIsReady"),
        ("KernelReady", "True", "KernelIsReady"),
        ("network.k8s.io/CNIReady", "True", "Configured"),
        ("EtcdIsVoter", "True", "MemberNotLearner"),
        ("GpuMemWatch", "False", "GpuMemWatchIsHealthy"),
        ("GPUMissing", "False", "NoGPUMissing"),
        ("XIDErrors", "False", "NoXIDErrors"),
        ("AMDGPUProblem", "False", "AMDGPUIsUp"),
        ("KernelDeadlock", "False", "KernelHasNoDeadlock"),
        ("FrequentKubeletRestart", "Unknown", "NodeStatusUnknown"),
        ("AcceleratedHardwareReady", "Unknown", "NodeStatusUnknown"),
        ("SomethingNobodyKnows", "True", "ItIsSo"),
        ("SomethingNobodyKnows", "False", "ItIsNot"),
    ],
)
def test_a_healthy_node_s_condition_is_no_sign_nor_is_one_of_unknown_polarity(
    kind: str, status: str, reason: str
) -> None:
    assert condition_sign(kind, status, reason, "a message", NOW) is None


@pytest.mark.parametrize("row", [row for row in EKS if row["severity"] == "Fatal"], ids=lambda row: row["reason"])
def test_eks_says_what_is_wrong_by_false(row: dict[str, str]) -> None:
    reason = row["reason"].replace("%d", "79").replace("%s", "kubelet")
    sign = condition_sign(row["condition"], "False", reason, "a message", NOW)
    assert sign is not None
    assert (hard(sign) is not None) == (row["condition"] == "AcceleratedHardwareReady")


@pytest.mark.parametrize("row", [row for row in EKS if row["severity"] == "Warning"], ids=lambda row: row["reason"])
def test_a_warning_about_a_node_is_a_sign_where_it_is_about_accelerators(row: dict[str, str]) -> None:
    sign = event_sign(row["reason"].replace("%d", "79"), "a message", NOW)
    assert (sign is not None) == row["reason"].startswith(("Nvidia", "DCGM"))


@pytest.mark.parametrize("row", DCGM, ids=lambda row: row["code"])
def test_dcgm_s_codes_are_hard_evidence_where_something_is_to_be_done_about_a_gpu(row: dict[str, str]) -> None:
    message = f"ErrorCode:{row['code']} GPU:0 Recommended Action={row['action']};"
    match = hard(condition_sign("GpuWatch", "True", "GpuWatchIsNotHealthy", message, NOW))
    assert (match is not None) == (row["action"] != "NONE" and not OF_SOFTWARE.fullmatch(row["code"]))


def test_the_device_is_told() -> None:
    message = "ErrorCode:79 PCI:0000:3b:00 GPU_UUID:GPU-1 kernel: NVRM: Xid (PCI:0000:3b:00): 79, pid=1"
    sign = condition_sign("SysLogsXIDError", "True", "SysLogsXIDErrorIsNotHealthy", message, NOW)
    assert sign is not None
    assert sign.device == "GPU-1"


@pytest.mark.parametrize(
    ("labels", "signature"),
    [
        ({"dgxc.nvidia.com/nvsentinel-state": "quarantined"}, "node-quarantined"),
        ({"dgxc.nvidia.com/nvsentinel-state": "remediation-succeeded"}, None),
        ({"sagemaker.amazonaws.com/node-health-status": "UnschedulablePendingReplacement"}, "node-quarantined"),
        ({"sagemaker.amazonaws.com/node-health-status": "Schedulable"}, None),
        ({"sagemaker.amazonaws.com/deep-health-check-status": "Failed"}, "gpu-diagnostics-failed"),
        ({"sagemaker.amazonaws.com/deep-health-check-status": "Passed"}, None),
        ({"sagemaker.amazonaws.com/fault-types": "NvidiaErrorReboot"}, "node-quarantined"),
        ({"metricsexporter.amd.com.gpu.3.state": "unhealthy"}, "amdgpu-unhealthy"),
        ({"metricsexporter.amd.com.gpu.3.state": "healthy"}, None),
        ({"nvidia.com/gpu.deploy.driver": "true", "nvidia.com/gpu-driver-upgrade-state": "upgrade-done"}, None),
        ({"example.com/gpu-health": "unhealthy"}, "accelerator-unhealthy"),
        ({"nvidia.com/gpu.present": "true", "nvidia.com/gpu.count": "8"}, None),
    ],
)
def test_labels_of_a_sick_node_are_told(labels: dict[str, str], signature: str | None) -> None:
    found = [match.signature for sign in label_signs(labels) if (match := hard(sign)) is not None]
    assert found == ([signature] if signature else [])


@pytest.mark.parametrize(
    ("key", "value", "effect", "signature"),
    [
        ("amd-gpu-unhealthy", "", "NoSchedule", "amdgpu-unhealthy"),
        ("nvidia.com/gpu", "present", "NoSchedule", None),
        ("node.kubernetes.io/unschedulable", "", "NoSchedule", None),
        ("readiness.k8s.io/network", "", "NoSchedule", None),
        ("gpu.nvidia.com/xid", "79", "NoSchedule", "gpu-xid-79"),
        ("gpu.nvidia.com/xid", "43", "None", None),
        ("gpu.nvidia.com/gpu-lost", "", "NoExecute", "gpu-missing"),
        ("gpu.nvidia.com/unmonitored", "", "None", None),
        ("example.com/gpu", "faulty", "NoSchedule", "accelerator-unhealthy"),
    ],
)
def test_taints_of_a_sick_node_are_told(key: str, value: str, effect: str, signature: str | None) -> None:
    match = hard(taint_sign(key, value, effect, NOW))
    assert (match.signature if match else None) == signature


def test_every_hard_fault_is_a_signature_of_hardware() -> None:
    known = {signature.id: signature.owner for signature in load().signatures}
    assert {name: known.get(name) for name in HARD_FAULTS} == dict.fromkeys(HARD_FAULTS, CauseOwner.HARDWARE)


def test_a_nodes_conditions_labels_and_taints_are_read() -> None:
    body = {
        "metadata": {"name": "n1", "labels": {"dgxc.nvidia.com/nvsentinel-state": "quarantined"}},
        "spec": {"taints": [{"key": "amd-gpu-unhealthy", "effect": "NoSchedule"}]},
        "status": {
            "conditions": [
                {"type": "Ready", "status": "True", "reason": "KubeletReady"},
                {"type": "GPUMissing", "status": "True", "reason": "GPUMissing", "lastTransitionTime": NOW.isoformat()},
            ]
        },
    }
    node = msgspec.json.decode(msgspec.json.encode(body), type=Node)
    assert [(sign.line.split(":")[0], sign.since, sign.standing) for sign in node_signs(node)] == [
        ("GPUMissing", NOW, False),
        ("Label dgxc.nvidia.com/nvsentinel-state", None, True),
        ("Taint amd-gpu-unhealthy", None, True),
    ]


def attempt(*, gpus: float | None = 8.0, hours: float = 2.0) -> Attempt:
    return Attempt(
        cluster="c",
        job="j",
        pod_uid="u",
        outcome=Outcome.FAILED,
        gpu_count=gpus,
        started_at=NOW - timedelta(hours=hours),
        finished_at=NOW,
    )


def sign(minutes: float | None = -1.0, *, device: str | None = None, standing: bool = False) -> Sign:
    since = None if minutes is None else NOW + timedelta(minutes=minutes)
    return Sign(line="XIDErrors: x: 79", since=since, device=device, standing=standing, accelerators=True)


@pytest.mark.parametrize(
    ("given", "of", "reason", "devices", "speaks"),
    [
        (sign(-1), attempt(), "Error", (), True),
        (sign(5), attempt(), "Error", (), True),
        (sign(-1), attempt(gpus=0.0), "Error", (), False),
        (sign(-1), attempt(gpus=None), "Error", (), True),
        (sign(-1), attempt(), "OOMKilled", (), False),
        (sign(-1), attempt(), "Evicted", (), False),
        (sign(-60 * 24), attempt(), "Error", (), False),
        (sign(-90), attempt(hours=48), "Error", (), False),
        (sign(30), attempt(), "Error", (), False),
        (sign(-3), attempt(hours=0), "Error", (), True),
        (sign(None, standing=True), attempt(), "Error", (), False),
        (sign(-1, device="GPU-1"), attempt(), "Error", ("GPU-2",), False),
        (sign(-1, device="GPU-1"), attempt(), "Error", ("GPU-1", "GPU-2"), True),
        (sign(-1, device="0000:3b:00"), attempt(), "Error", ("GPU-2",), True),
        (sign(-1, device="gpu.nvidia.com/n1/gpu-0"), attempt(), "Error", ("gpu.nvidia.com/n1/gpu-1",), False),
    ],
)
def test_a_sign_speaks_for_the_failures_of_its_time_device_and_kind_of_job(
    given: Sign, of: Attempt, reason: str, devices: tuple[str, ...], *, speaks: bool
) -> None:
    assert list(concerning([given], of, reason, devices)) == ([given] if speaks else [])


def test_a_lost_node_speaks_for_every_pod_on_it() -> None:
    lost = condition_sign("Ready", "Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status.", NOW)
    assert lost is not None
    assert list(concerning([lost], attempt(gpus=0.0), "Error", ())) == [lost]
