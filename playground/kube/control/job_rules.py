"""The rules by which a Job fails or succeeds, as its spec gives them: backoffLimit and backoffLimitPerIndex,
podFailurePolicy, successPolicy, activeDeadlineSeconds. Pure functions over the Job's and its pods' JSON.

A pod that is being deleted counts as failed at once, unless the Job's podReplacementPolicy is `Failed`: so a Job may
have failed pods that still run. Reasons and messages: kubernetes pkg/controller/job.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from playground.kube.cluster import Body
from playground.kube.control.script import INDEX
from playground.kube.control.statuses import OVER, condition

_Object = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Finding:
    """Why a Job is over: the reason and message of its condition."""

    reason: str
    message: str


BACKOFF = Finding("BackoffLimitExceeded", "Job has reached the specified backoff limit")
DEADLINE = Finding("DeadlineExceeded", "Job was active longer than specified deadline")
COMPLETED = Finding("CompletionsReached", "Reached expected number of succeeded pods")


@dataclass(frozen=True, slots=True)
class Tally:
    """A Job's pods as they count."""

    active: tuple[Body, ...]
    succeeded: tuple[Body, ...]
    failed: tuple[Body, ...]
    """Those whose failure counts; a rule of the podFailurePolicy may ignore some."""
    terminating: int
    ready: int


def tally(job: _Object, pods: Iterable[Body]) -> Tally:
    """Sort the pods."""
    early = job["spec"].get("podReplacementPolicy") != "Failed"
    known = list(pods)
    alive = [pod for pod in known if pod["status"].get("phase") not in OVER]
    active = [pod for pod in alive if "deletionTimestamp" not in pod["metadata"]]
    leaving = [pod for pod in alive if "deletionTimestamp" in pod["metadata"]]
    failed = [pod for pod in known if pod["status"].get("phase") == "Failed"] + (leaving if early else [])
    return Tally(
        active=tuple(active),
        succeeded=tuple(pod for pod in known if pod["status"].get("phase") == "Succeeded"),
        failed=tuple(pod for pod in failed if action_for(job, pod)[0] != "Ignore"),
        terminating=len(leaving),
        ready=sum((condition(pod, "Ready") or {}).get("status") == "True" for pod in active),
    )


def failure(job: _Object, counts: Tally, failed_before: int) -> Finding | None:
    """Why the Job has failed; None where it has not. `failed_before` are those counted whose pods are gone."""
    for pod in counts.failed:
        action, rule = action_for(job, pod)
        if action == "FailJob":
            return Finding("PodFailurePolicy", f"{_what(pod)} matching FailJob rule at index {rule}")
    spec = job["spec"]
    if spec.get("backoffLimitPerIndex") is not None:
        return _failed_by_indexes(job, counts)
    if len(counts.failed) + failed_before > spec.get("backoffLimit", 6):
        return BACKOFF
    return None


def failed_indexes(job: _Object, counts: Tally) -> tuple[int, ...]:
    """The indexes that are not tried again."""
    limit = job["spec"].get("backoffLimitPerIndex")
    if limit is None:
        return ()
    tries = Counter(index_of(pod) for pod in counts.failed)
    given_up = {index for index, count in tries.items() if count > limit}
    given_up |= {index_of(pod) for pod in counts.failed if action_for(job, pod)[0] == "FailIndex"}
    return tuple(sorted(given_up - succeeded_indexes(counts)))


def succeeded_indexes(counts: Tally) -> set[int]:
    """The indexes that are done."""
    return {index_of(pod) for pod in counts.succeeded}


def success(job: _Object, counts: Tally, succeeded_before: int) -> Finding | None:
    """Why the Job has succeeded; None where it has not."""
    for number, rule in enumerate((job["spec"].get("successPolicy") or {}).get("rules", ())):
        done = succeeded_indexes(counts)
        wanted = _parsed(rule["succeededIndexes"]) if "succeededIndexes" in rule else done
        if len(done & wanted) >= rule.get("succeededCount", len(wanted)) and done & wanted:
            return Finding("SuccessPolicy", f"Matched rules at index {number}")
    completions = job["spec"].get("completions")
    succeeded = len(counts.succeeded) + succeeded_before
    if completions is None:
        return COMPLETED if succeeded and not counts.active else None
    reached = len(succeeded_indexes(counts)) if is_indexed(job) else succeeded
    return COMPLETED if reached >= completions else None


def missing_indexes(job: _Object, counts: Tally) -> list[int]:
    """The indexes that need a pod; for a Job without indexes as many zeros as it needs pods."""
    spec = job["spec"]
    if is_indexed(job):
        taken = {index_of(pod) for pod in counts.active} | succeeded_indexes(counts) | set(failed_indexes(job, counts))
        return [index for index in range(spec["completions"]) if index not in taken]
    completions, succeeded = spec.get("completions"), len(counts.succeeded)
    if completions is None:
        return [] if succeeded else [0] * (spec["parallelism"] - len(counts.active))
    return [0] * max(completions - succeeded - len(counts.active), 0)


def is_indexed(job: _Object) -> bool:
    """Whether each pod has its index."""
    return bool(job["spec"].get("completionMode") == "Indexed")


def index_of(pod: _Object) -> int:
    """The completion index of a pod; -1 where it has none."""
    return int((pod["metadata"].get("annotations") or {}).get(INDEX, -1))


def ranges(numbers: Sequence[int]) -> str:
    """`0-3,7`, as the Job's status lists indexes."""
    parts: list[list[int]] = []
    for number in sorted(numbers):
        if parts and number == parts[-1][-1] + 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    return ",".join(str(part[0]) if len(part) == 1 else f"{part[0]}-{part[-1]}" for part in parts)


def action_for(job: _Object, pod: _Object) -> tuple[str, int]:
    """What the podFailurePolicy says of a failed pod, and by which of its rules; `Count` where none matches."""
    if pod["status"].get("phase") != "Failed":
        return "Count", -1
    for number, rule in enumerate((job["spec"].get("podFailurePolicy") or {}).get("rules", ())):
        if _matches(rule, pod):
            return str(rule["action"]), number
    return "Count", -1


def _matches(rule: _Object, pod: _Object) -> bool:
    for pattern in rule.get("onPodConditions", ()):
        found = condition(pod, pattern["type"])
        if found is not None and found["status"] == pattern.get("status", "True"):
            return True
    codes = rule.get("onExitCodes")
    if codes is None:
        return False
    is_in = codes["operator"] == "In"
    return any(
        code != 0 and (code in codes["values"]) == is_in
        for name, code in _exit_codes(pod)
        if codes.get("containerName") in {None, name}
    )


def _exit_codes(pod: _Object) -> list[tuple[str, int]]:
    statuses = [*pod["status"].get("initContainerStatuses", ()), *pod["status"].get("containerStatuses", ())]
    ended = ((each["name"], each["state"].get("terminated")) for each in statuses)
    return [(name, state["exitCode"]) for name, state in ended if state is not None]


def _what(pod: _Object) -> str:
    metadata = pod["metadata"]
    name, code = next(((name, code) for name, code in _exit_codes(pod) if code), ("", 0))
    return f"Container {name} for pod {metadata['namespace']}/{metadata['name']} failed with exit code {code}"


def _failed_by_indexes(job: _Object, counts: Tally) -> Finding | None:
    given_up = failed_indexes(job, counts)
    most = job["spec"].get("maxFailedIndexes")
    if most is not None and len(given_up) > most:
        return Finding("MaxFailedIndexesExceeded", "Job has exceeded the specified maximal number of failed indexes")
    over = len(given_up) + len(succeeded_indexes(counts)) >= job["spec"].get("completions", 0)
    return Finding("FailedIndexes", "Job has failed indexes") if given_up and over else None


def _parsed(text: str) -> set[int]:
    found: set[int] = set()
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("-")
        found |= set(range(int(first), int(last or first) + 1))
    return found
