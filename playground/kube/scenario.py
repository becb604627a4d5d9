"""The simulated month as tables: who runs what, how often, and what is wrong: a hot node, a new image that needs more
memory, images that do not work, a storm of retries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from playground.kube.causes import HEALTHY_IMAGE
from playground.kube.workloads import DEFAULT_GPU, DEFAULT_IMAGE, Workload

DAYS = 30
A100, H100 = DEFAULT_GPU, "NVIDIA-H100-80GB-HBM3"
NODES: Mapping[str, str] = {f"gpu-node-{number:02d}": A100 if number <= 10 else H100 for number in range(1, 17)}
"""GPU product of each node."""

HOT_NODE = "gpu-node-03"
HOT_SINCE = timedelta(days=8)
"""How long before now it broke."""
HOT_RISK = 0.75
HOT_CAUSES = ("xid-79", "nccl-hardware")

HOURLY_LOAD = (2, 2, 1, 1, 1, 2, 3, 5, 9, 12, 12, 11, 9, 11, 12, 12, 11, 9, 6, 5, 4, 4, 3, 3)
"""How many jobs start in each hour of the day (UTC), relative to each other; their risk is the same in all."""
WEEKEND_LOAD = 0.4

CHANCE_OF_KILL = 0.04
"""Share of runs that are preempted or deleted by their owner."""
CHANCE_OF_RESUBMISSION = 0.75
"""How often people submit a failed job again soon after."""

_MISHAPS = {"missing-file": 0.005, "missing-module": 0.003, "nan-loss": 0.003, "disk-full": 0.002, "segfault": 0.001}
"""What happens to any job once in a while."""


@dataclass(frozen=True, slots=True)
class Turn:
    """From so long before now, a recipe has another image and other risks."""

    ago: timedelta
    image: str
    risks: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Jobs of one sort, one after the other. `risks` gives each cause's probability in a run on a good node."""

    workload: Workload
    runs: int
    """How often one of them is submitted in 30 days."""
    jobs: int = 1
    """How many they are in 30 days, numbered; each is submitted several times before the next one has its turn."""
    minutes: float
    """Median length of a run."""
    risks: Mapping[str, float] = field(default_factory=lambda: _MISHAPS)
    turn: Turn | None = None

    def at(self, ago: timedelta, jitter: float) -> tuple[Workload, Mapping[str, float]]:
        """What is submitted so long before now, and what may happen to it; jobs next to each other overlap by the
        jitter, between -1 and 1. After now, when `ago` is negative, the numbers go on."""
        workload, risks = self.workload, self.risks
        if self.jobs > 1:
            number = int(self.jobs * (1 - ago / timedelta(days=DAYS)) + jitter)
            workload = replace(workload, name=f"{workload.name}-{max(0, number) + 1:02d}")
        if self.turn is not None and ago <= self.turn.ago:
            workload, risks = replace(workload, image=self.turn.image), self.turn.risks
        return workload, risks


def _job(
    name: str,
    project: str,
    owner: str,
    *,
    kind: str = "Job",
    pods: int = 1,
    gpus: int = 1,
    memory: str = "64Gi",
    image: str = DEFAULT_IMAGE,
    gpu_product: str = A100,
    command: str = "python train.py",
) -> Workload:
    return Workload(
        name=name,
        project=project,
        owner=owner,
        kind=kind,
        pods=pods,
        gpus=gpus,
        memory=memory,
        image=image,
        gpu_product=gpu_product,
        command=tuple(command.split()),
    )


_OLD_BERT, _NEW_BERT = "registry.example/bert:2.0", "registry.example/bert:2.1"
_NEEDS_MORE = Turn(timedelta(days=9), _NEW_BERT, {"host-oom": 0.4, **_MISHAPS})
_LOST_CUDNN = Turn(timedelta(days=5), "registry.example/vision:1.4", {"missing-libcudnn": 0.9})

RECIPES: tuple[Recipe, ...] = (
    Recipe(
        workload=_job("train-bert", "ml-team", "ana", gpus=4, memory="8Gi", image=_OLD_BERT),
        runs=60,
        minutes=75,
        risks={"host-oom": 0.03, **_MISHAPS},
        turn=_NEEDS_MORE,
    ),
    Recipe(
        workload=_job("train-bert-large", "ml-team", "ben", gpus=8, memory="16Gi", image=_OLD_BERT),
        runs=24,
        minutes=150,
        risks={"host-oom": 0.03, **_MISHAPS},
        turn=_NEEDS_MORE,
    ),
    Recipe(
        workload=_job("embed-bert", "ml-team", "ben", gpus=2, memory="8Gi", image=_OLD_BERT),
        runs=36,
        jobs=18,
        minutes=45,
        risks={"host-oom": 0.02, **_MISHAPS},
        turn=_NEEDS_MORE,
    ),
    Recipe(workload=_job("rank-ads", "ml-team", "ben", gpus=2), runs=90, jobs=45, minutes=40),
    Recipe(workload=_job("tune-ranker", "ml-team", "ana"), runs=110, jobs=55, minutes=25),
    Recipe(
        workload=_job("llm-pretrain", "ml-team", "ana", kind="JobSet", pods=4, gpus=8, gpu_product=H100),
        runs=22,
        jobs=12,
        minutes=300,
        risks={"cuda-oom": 0.10, "nccl-timeout": 0.04},
    ),
    Recipe(workload=_job("churn-model", "data-science", "dana"), runs=140, jobs=70, minutes=20),
    Recipe(workload=_job("forecast-demand", "data-science", "emil", memory="32Gi"), runs=130, jobs=65, minutes=30),
    Recipe(
        workload=_job("embed-catalog", "data-science", "emil", kind="RayJob", pods=3, gpus=2),
        runs=26,
        jobs=13,
        minutes=60,
        risks={"host-oom": 0.04, "nccl-timeout": 0.03},
    ),
    Recipe(
        workload=_job("notebook-gpu", "data-science", "dana", image=HEALTHY_IMAGE),
        runs=60,
        jobs=30,
        minutes=90,
        turn=Turn(timedelta(days=6), "registry.example/cuda:12.9", {"image-not-found": 0.55}),
    ),
    Recipe(
        workload=_job("segment-train", "research", "farah", gpus=2, image="registry.example/vision:1.3"),
        runs=70,
        jobs=35,
        minutes=50,
        turn=_LOST_CUDNN,
    ),
    Recipe(
        workload=_job("label-frames", "data-science", "emil", image="registry.example/vision:1.3"),
        runs=50,
        jobs=25,
        minutes=15,
        turn=_LOST_CUDNN,
    ),
    Recipe(
        workload=_job("finetune-llama", "research", "goran", gpus=8, gpu_product=H100, command="torchrun finetune.py"),
        runs=70,
        jobs=35,
        minutes=120,
        risks={"cuda-oom": 0.07, **_MISHAPS},
    ),
    Recipe(workload=_job("diffusion-sweep", "research", "farah", gpus=2), runs=120, jobs=60, minutes=45),
    Recipe(workload=_job("protein-fold", "research", "goran", gpus=4), runs=80, jobs=40, minutes=90),
    Recipe(
        workload=_job("moe-ablation", "research", "goran", kind="JobSet", pods=2, gpus=8),
        runs=26,
        jobs=13,
        minutes=180,
        risks={"nccl-timeout": 0.05, "unschedulable": 0.04},
    ),
    Recipe(
        workload=_job("score-nightly", "production", "hana", command="python score.py"), runs=150, jobs=75, minutes=15
    ),
    Recipe(
        workload=_job("refresh-index", "production", "ivo", command="python refresh.py"),
        runs=130,
        jobs=65,
        minutes=12,
        risks={"evicted": 0.02, **_MISHAPS},
    ),
    Recipe(workload=_job("safety-eval", "production", "hana", gpus=2, gpu_product=H100), runs=90, jobs=45, minutes=35),
)

STORM = _job("ingest-embeddings", "production", "ivo", gpus=1, command="python ingest.py --all")
STORM_AGO = timedelta(days=2, hours=3)
STORM_RETRIES = 60
STORM_PACE = timedelta(minutes=1)

CRASH_LOOP = replace(
    _job("serve-recommender", "production", "hana", kind="Deployment", command="python serve.py"),
    restart_policy="Always",
)
CRASH_LOOP_AGO = timedelta(hours=5)
CRASH_LOOP_RESTARTS = 41
