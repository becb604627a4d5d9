"""How many pod events a second one core decodes and classifies. Run: `python benchmarks/decode.py [events]`.

The events are as large as real ones (managedFields, volumes, tolerations, conditions), in the mix of a busy cluster:
most are about pods that start or run, a quarter is about runs that have ended, a few are odd.
"""

from __future__ import annotations

import json
import random
import sys
from collections import Counter
from datetime import UTC, datetime
from time import perf_counter, process_time
from typing import Any

from bot.cluster.file_cluster import Shelf
from bot.cluster.submission import Place
from bot.cluster.translator import Translator
from bot.cluster.waiting import WaitingRoom
from bot.cluster.witnesses import Witnesses

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MIX = {"running": 45, "pending": 15, "creating": 15, "succeeded": 12, "failed": 8, "crash-looping": 4, "odd": 1}


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    draw = random.Random(7)
    kinds = draw.choices(list(MIX), weights=list(MIX.values()), k=2000)
    lines = [line(kind, number) for number, kind in enumerate(kinds)]
    translator = Translator(Place("bench", ("runai/queue",)), WaitingRoom(), Witnesses(Shelf()))
    told: Counter[str] = Counter()
    began, began_cpu = perf_counter(), process_time()
    for start in range(0, count, 100):
        at = start % len(lines)
        batch = translator.lines(lines[at : at + 100], "1", NOW)
        told += Counter(events=batch.pods, attempts=len(batch.attempts), failures=len(batch.sightings), odd=batch.odd)
    wall, cpu = perf_counter() - began, process_time() - began_cpu
    size = sum(map(len, lines)) / len(lines)
    print(
        f"{told['events']} events of {size / 1024:.1f} KiB: {told['attempts']} attempts, {told['failures']} sightings,"
    )
    print(
        f"{told['odd']} odd; {wall:.2f} s, {cpu:.2f} s of CPU: {told['events'] / cpu:,.0f} events a second on one core"
    )


def line(kind: str, number: int) -> bytes:
    """One line of a watch."""
    event = {"type": "MODIFIED", "object": pod(kind, number)}
    return json.dumps(event, separators=(",", ":")).encode()


def pod(kind: str, number: int) -> dict[str, Any]:
    """A pod of a PyTorchJob as an API server shows it."""
    name = f"train-{number}-worker-0"
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "namespace": "runai-ml-team",
            "uid": f"00000000-0000-0000-0000-{number:012d}",
            "resourceVersion": str(1_000_000 + number),
            "creationTimestamp": "2026-11-23T10:00:00Z",
            "labels": {"runai/queue": "ml-team", "training.kubeflow.org/job-name": f"train-{number}"},
            "annotations": {"pod-group-name": f"pg-train-{number}", "run.ai/user": "ana@example.com"},
            "ownerReferences": [{"kind": "PyTorchJob", "name": f"train-{number}", "uid": "u", "controller": True}],
            "managedFields": [
                {
                    "manager": "kubelet",
                    "operation": "Update",
                    "fieldsV1": {f"f:field-{i}": {".": {}} for i in range(60)},
                }
            ],
        },
        "spec": _spec(),
        "status": _status(kind),
    }


def _spec() -> dict[str, Any]:
    return {
        "nodeName": "gpu-node-07",
        "restartPolicy": "Never",
        "containers": [
            {
                "name": "pytorch",
                "image": "registry.example/team/train:2026.11",
                "command": ["python", "-m", "torch.distributed.run", "train.py"],
                "env": [{"name": f"VARIABLE_{i}", "value": "some value"} for i in range(20)],
                "resources": {"limits": {"nvidia.com/gpu": "8"}, "requests": {"cpu": "32", "memory": "256Gi"}},
                "volumeMounts": [{"name": f"volume-{i}", "mountPath": f"/mnt/{i}"} for i in range(6)],
            },
            {"name": "istio-proxy", "image": "istio/proxyv2:1.27"},
        ],
        "tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}] * 3,
        "volumes": [{"name": f"volume-{i}", "persistentVolumeClaim": {"claimName": f"claim-{i}"}} for i in range(6)],
    }


def _status(kind: str) -> dict[str, Any]:
    conditions = [
        {"type": each, "status": "True", "lastTransitionTime": "2026-11-23T10:00:05Z"}
        for each in ("PodScheduled", "Initialized", "ContainersReady", "Ready")
    ]
    phase, state, last, restarts = _PHASES[kind]
    statuses = [
        {"name": name, "restartCount": restarts, "image": "i", "state": state, "lastState": last}
        for name in ("pytorch", "istio-proxy")
    ]
    status = {"phase": phase, "startTime": "2026-11-23T10:00:05Z", "conditions": conditions}
    return {**status, "containerStatuses": "oops" if kind == "odd" else statuses}


def _ended(exit_code: int, reason: str) -> dict[str, Any]:
    times = {"startedAt": "2026-11-23T10:01:00Z", "finishedAt": "2026-11-23T11:30:00Z"}
    return {"terminated": {"exitCode": exit_code, "reason": reason, **times}}


_RUNNING = {"running": {"startedAt": "2026-11-23T10:01:00Z"}}
_PHASES: dict[str, tuple[str, dict[str, Any], dict[str, Any], int]] = {
    "running": ("Running", _RUNNING, {}, 0),
    "pending": ("Pending", {}, {}, 0),
    "creating": ("Pending", {"waiting": {"reason": "ContainerCreating"}}, {}, 0),
    "succeeded": ("Succeeded", _ended(0, "Completed"), {}, 0),
    "failed": ("Failed", _ended(1, "Error"), {}, 0),
    "crash-looping": ("Running", {"waiting": {"reason": "CrashLoopBackOff"}}, _ended(137, "OOMKilled"), 6),
    "odd": ("Running", _RUNNING, {}, 0),
}


if __name__ == "__main__":
    main()
