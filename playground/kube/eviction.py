"""The Eviction API: a deletion that asks PodDisruptionBudgets first. It is what `kubectl drain` and autoscalers use.

A budget that allows no more disruptions answers 429 with the cause DisruptionBudget, and whoever asked tries again
later; without a budget, or for a pod that has ended or does not run yet, it is granted. A granted eviction marks the
pod with DisruptionTarget and deletes it with its grace period. A budget counts the pods that its selector matches:
those whose condition Ready is true are healthy. (kubernetes registry/core/pod/storage/eviction.go)
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime

import msgspec

from playground.kube import deletion
from playground.kube.cluster import Body, SimulatedCluster
from playground.kube.control.disruption import EVICTED, mark
from playground.kube.control.statuses import OVER, condition
from playground.kube.resources import PDBS, PODS, Resource
from playground.kube.status import Refused

_OVER_BUDGET = "Cannot evict pod as it would violate the pod's disruption budget."
_TWO_BUDGETS = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."
_RETRY_SECONDS = 10


def evict(
    cluster: SimulatedCluster,
    namespace: str,
    name: str,
    *,
    options: deletion.Options,
    now: datetime,
    dry_run: bool = False,
) -> None:
    """Evict a pod. Raises NotThere, Conflict, Refused with 429 where a budget does not allow it, 500 where two budgets
    are for the same pod."""
    with cluster.exclusively():
        pod = cluster.pod(namespace, name)
        if pod["status"].get("phase") not in OVER | {"Pending"} and "deletionTimestamp" not in pod["metadata"]:
            _ask_budgets(cluster, pod)
        if dry_run:
            return
        if "deletionTimestamp" not in pod["metadata"]:
            mark(pod, EVICTED, now)
            cluster.put_pod(pod)
        deletion.delete(cluster, PODS, namespace, name, now=now, options=options)


def _ask_budgets(cluster: SimulatedCluster, pod: Body) -> None:
    namespace = pod["metadata"]["namespace"]
    budgets = [each for each in _all(cluster, PDBS, namespace) if _selects(each, pod)]
    if len(budgets) > 1:
        raise Refused(500, _TWO_BUDGETS)
    for budget in budgets:
        matched = [each for each in _all(cluster, PODS, namespace) if _selects(budget, each)]
        needed, healthy = desired_healthy(budget, matched), sum(_is_healthy(each) for each in matched)
        is_sick = not _is_healthy(pod)
        if healthy - (not is_sick) < needed:
            name = budget["metadata"]["name"]
            text = f"The disruption budget {name} needs {needed} healthy pods and has {healthy} currently"
            causes = [{"reason": "DisruptionBudget", "message": text}]
            raise Refused(429, _OVER_BUDGET, retry_after=_RETRY_SECONDS, details={"causes": causes})


def desired_healthy(budget: Body, matched: Iterable[Body]) -> int:
    """How many healthy pods the budget wants, of those that it matches; percentages are rounded up."""
    total = sum(each["status"].get("phase") not in OVER for each in matched)
    spec = budget["spec"]
    if "maxUnavailable" in spec:
        return total - _number(spec["maxUnavailable"], total)
    return _number(spec.get("minAvailable", 1), total)


def _number(given: int | str, total: int) -> int:
    if isinstance(given, str) and given.endswith("%"):
        return math.ceil(int(given.removesuffix("%")) * total / 100)
    return int(given)


def _selects(budget: Body, pod: Body) -> bool:
    wanted = (budget["spec"].get("selector") or {}).get("matchLabels") or {}
    labels = pod["metadata"].get("labels") or {}
    return all(labels.get(key) == value for key, value in wanted.items())


def _is_healthy(pod: Body) -> bool:
    is_ready: bool = (condition(pod, "Ready") or {}).get("status") == "True"
    return is_ready and "deletionTimestamp" not in pod["metadata"]


def _all(cluster: SimulatedCluster, resource: Resource, namespace: str) -> list[Body]:
    stored = cluster.select(resource, lambda one: one.namespace == namespace)[1]
    return [msgspec.json.decode(each.body) for each in stored]
