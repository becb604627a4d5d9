"""Whether what was observed can be a fix of a cause at all. That a job ran after a change proves little: it may have
run in spite of it. A change that takes away what the failure lacked, mends no hardware, or belongs to other images is
no advice, whatever its record."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.domain.knowledge.context import Context, image_parts
from bot.domain.knowledge.solution import Solution, SolutionKind
from bot.domain.knowledge.spec_change import NODE, RETRY

_LACKED: tuple[tuple[re.Pattern[str], frozenset[str]], ...] = (
    (re.compile(r"OOMKilled|^oom|host-out-of-memory|heap|^evicted.*memory", re.IGNORECASE), frozenset({"memory"})),
    (re.compile(r"shm|shared-memory|bus-error", re.IGNORECASE), frozenset({"shm"})),
    (re.compile(r"cuda-out-of-memory|hip-out-of-memory", re.IGNORECASE), frozenset({"gpu_count", "gpu_type"})),
    (re.compile(r"throttl|cpu-starv", re.IGNORECASE), frozenset({"cpu"})),
)
"""What a failure type or signature says was missing."""
_MOVES = frozenset({NODE, "selector", "toleration", "gpu_type"})
"""Changes that keep a job off broken hardware."""


def is_plausible(solution: Solution, context: Context, *, hardware: bool) -> bool:
    """Whether an observed solution can be a fix in this context; what people and the catalogue say is theirs to say.
    `hardware` says that the cause is a broken device or node."""
    if solution.kind is not SolutionKind.OBSERVED or solution.parameters.get(RETRY):
        return True
    signature = context.signature or solution.signature
    if takes_away(solution.parameters, solution.failure_type, signature):
        return False
    kinds = _kinds(solution.parameters)
    if hardware and kinds and not kinds & _MOVES:
        return False
    return not _is_of_another_image(solution.parameters, context)


def takes_away(parameters: Mapping[str, object], failure_type: str, signature: str | None) -> bool:
    """Whether a change reduces what a failure of this type or signature lacked."""
    lacked = {
        kind
        for pattern, kinds in _LACKED
        if any(pattern.search(name) for name in (failure_type, signature or ""))
        for kind in kinds
    }
    multiplier = parameters.get("multiplier")
    removed = "change" in parameters and "from" in parameters and "to" not in parameters
    reduced = removed or (isinstance(multiplier, int | float) and multiplier < 1)
    return reduced and bool(_kinds(parameters) & lacked)


def _kinds(parameters: Mapping[str, object]) -> frozenset[str]:
    """What was changed: `memory`, `image`, `env` ..."""
    said = str(parameters.get("changes") or parameters.get("change") or "")
    return frozenset(kind.partition(":")[0] for kind in said.split(", ") if kind)


def _is_of_another_image(parameters: Mapping[str, object], context: Context) -> bool:
    """A change of one image is a fix only for jobs of its repository."""
    before = parameters.get("from")
    if parameters.get("change") != "image" or not isinstance(before, str) or context.repository is None:
        return False
    return image_parts(before)[1] != context.repository
