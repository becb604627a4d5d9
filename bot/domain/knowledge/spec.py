"""What a pod was asked to be, as far as it decides whether it runs: the facts that are compared when a job that failed
succeeds. Names of environment variables, but values only of those that are known to be harmless."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.domain.text.masking import mask
from bot.domain.text.masking.names import Surety, surety
from bot.domain.workload.attempt import Attempt

LONGEST = 300
"""Characters of one text."""
MOST = 64
"""Entries of one list."""
_TELLING = (
    "NCCL_", "CUDA_", "PYTORCH_", "TORCH_", "TORCHELASTIC_", "OMP_", "MKL_", "UCX_", "GLOO_", "XLA_", "TF_", "JAX_",
    "HSA_", "HIP_", "ROCR_", "AMD_", "MALLOC_", "TOKENIZERS_", "RAY_", "VLLM_", "PYTHONFAULTHANDLER",
)  # fmt: skip
"""Beginnings of the names whose values are settings of libraries."""
_VOLATILE = frozenset({
    "RANK", "LOCAL_RANK", "NODE_RANK", "GROUP_RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT", "HOSTNAME",
    "JOB_COMPLETION_INDEX", "POD_NAME", "POD_IP", "POD_UID", "NODE_NAME", "NODE_IP", "HOST_IP", "CUDA_VISIBLE_DEVICES",
    "NVIDIA_VISIBLE_DEVICES",
})  # fmt: skip
"""Names that a controller sets anew for each pod."""

Pairs = tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkloadSpec:
    """The facts of one pod's main container and its surroundings; None and empty are unset."""

    memory: str | None = None
    """The limit, else the request, as written: "8Gi"."""
    cpu: str | None = None
    gpu_count: float | None = None
    gpu_type: str | None = None
    shm: str | None = None
    """Size of the volume at /dev/shm; "unlimited" for one without a size; None for the runtime's own 64 MiB."""
    image: str | None = None
    command: tuple[str, ...] = ()
    """Command and arguments, masked."""
    env: Pairs = ()
    """Names, each with its value where that is harmless, sorted."""
    pull_secrets: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    """What is mounted where: "/data persistentVolumeClaim/ml-data", sorted."""
    node: str | None = None
    node_selector: Pairs = ()
    tolerations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenSpec:
    """The spec of a pod whose try is over, or that cannot start, and whose attempt it was."""

    attempt: Attempt
    failed: bool
    read: Callable[[], WorkloadSpec | None]
    """Gives the spec; None where it cannot be read. Reading takes longer than all else that a pod tells, and few specs
    are kept, so it is left to whoever keeps them. For one thread, at any time later."""


def shown_env(env: Mapping[str, str | None]) -> Pairs:
    """Environment variables as they may be kept: names that a person chose, values of libraries' settings, masked."""
    kept = {mask(name).first(LONGEST): _shown(name, value) for name, value in env.items() if name not in _VOLATILE}
    return tuple(sorted(kept.items()))[:MOST]


def _shown(name: str, value: str | None) -> str | None:
    """The value, where the name says that it is a library's setting and not that it is a secret."""
    if value is None or not name.startswith(_TELLING) or surety(name) is not Surety.NONE:
        return None
    return mask(value).first(LONGEST)
