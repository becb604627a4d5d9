"""What the containers of a simulated pod do. No program runs here: a pod says in an annotation how each run of each
container goes, so that whoever creates it (a test, a Job's template, a person with kubectl) decides; a pod that says
nothing works for a minute and succeeds.

The annotation holds JSON: for each container by name a list of runs, one for each start; the last one repeats.
`main@1` is the container `main` of the pod with the completion index 1, and goes before `main`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

ANNOTATION = "simulated-cluster/script"
INDEX = "batch.kubernetes.io/job-completion-index"
_SIGTERM = 143
_Pod = Mapping[str, Any]


class ScriptedRun(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One run of one container."""

    after: float | None = 60.0
    """Seconds until it ends by itself; None never."""
    exit: int = 0
    reason: str | None = None
    """As the runtime says it: `OOMKilled`; else `Completed` or `Error`, by the exit code."""
    message: str | None = None
    """The termination message, or why it waits."""
    log: str = ""
    loses_log: bool = False
    """Nothing is left of its log when it has ended, and who asks is told so in the log's place."""
    waits: str | None = None
    """It does not start, and waits for this reason: `CreateContainerConfigError`, `ContainerCreating` ..."""
    stops_after: float = 1.5
    """Seconds from SIGTERM until it ends."""
    exit_when_stopped: int = _SIGTERM
    needs_memory: str | None = None
    """It is killed for going over its memory limit, if that is smaller."""


_NOTHING_SAID = ScriptedRun()
_DECODER = msgspec.json.Decoder(dict[str, list[ScriptedRun]])


def script(**containers: ScriptedRun | Sequence[ScriptedRun]) -> dict[str, str]:
    """The annotation for containers of these names."""
    acts = {name: [each] if isinstance(each, ScriptedRun) else list(each) for name, each in containers.items()}
    return {ANNOTATION: msgspec.json.encode(acts).decode()}


def act_of(pod: _Pod, container: str, run: int) -> ScriptedRun:
    """What the container does in its run of this number, counted from 0; nothing special where the pod does not say,
    or says it so that it cannot be read."""
    annotations = pod["metadata"].get("annotations") or {}
    try:
        said = _DECODER.decode(annotations.get(ANNOTATION, "{}"))
    except msgspec.DecodeError:
        return _NOTHING_SAID
    acts = said.get(f"{container}@{annotations.get(INDEX)}") or said.get(container, [])
    return acts[min(run, len(acts) - 1)] if acts else _NOTHING_SAID
