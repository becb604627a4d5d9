"""What to do about each finding, in the words people know from the tool before this one, with the next step."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.domain.analysis.report import (
    Change,
    ImageFinding,
    NodeFinding,
    ProjectFinding,
    Recommendation,
    Severity,
    Spike,
)
from bot.domain.workload.version import DRIVER, GPU, INSTANCE, KERNEL, KUBELET, ROLLOUT, RUNTIME, SYSTEM

_EACH = 5
"""Most recommendations of one kind."""
_RANK = {Severity.CRITICAL: 0, Severity.WARNING: 1, Severity.INFO: 2}


_LOOK = "See which nodes have it: kubectl get nodes "
_GO_BACK = "Stop rolling it out, and go back on one node to see whether its jobs run again."
_CHANGED: Mapping[str, tuple[str, str]] = {
    DRIVER: (DRIVER, f"{_GO_BACK} {_LOOK}-L nvidia.com/cuda.driver-version.full"),
    KERNEL: (KERNEL, f"{_GO_BACK} {_LOOK}-o wide"),
    SYSTEM: (SYSTEM, f"{_GO_BACK} {_LOOK}-o wide"),
    RUNTIME: (RUNTIME, f"{_GO_BACK} {_LOOK}-o wide"),
    KUBELET: (KUBELET, f"{_GO_BACK} {_LOOK}-o wide"),
    GPU: (GPU, f"Compare one of them with a node that kept its GPUs. {_LOOK}-L nvidia.com/gpu.product"),
    INSTANCE: (INSTANCE, f"Compare one of them with a node of before. {_LOOK}-L node.kubernetes.io/instance-type"),
    ROLLOUT: ("job", "Look at what it changed, or go back: kubectl rollout undo"),
}
"""By what changed: how a recommendation names its subject, and what to do."""


def recommendations(
    *,
    nodes: tuple[NodeFinding, ...],
    images: tuple[ImageFinding, ...],
    changes: tuple[Change, ...],
    projects: tuple[ProjectFinding, ...],
    spikes: tuple[Spike, ...],
    threshold: int,
) -> tuple[Recommendation, ...]:
    """One for each finding that somebody can act on, most urgent first."""
    found = [
        *map(_of_change, [one for one in changes if one.what in _CHANGED][:_EACH]),
        *map(_of_node, nodes[:_EACH]),
        *map(_of_image, images[:_EACH]),
        *map(_of_storm, _storms(spikes)[:_EACH]),
        *map(_of_project, _marked(projects, threshold)[:_EACH]),
    ]
    return tuple(sorted(found, key=lambda one: _RANK[one.severity]))


def _marked(projects: tuple[ProjectFinding, ...], threshold: int) -> list[ProjectFinding]:
    """Those that fail more than others, or than before."""
    return [
        one
        for one in projects
        if one.project is not None and one.severity is not Severity.INFO and one.jobs_failed >= threshold
    ]


def _storms(spikes: tuple[Spike, ...]) -> list[Spike]:
    """The retry storms, of the same jobs only the heaviest."""
    heaviest: dict[tuple[str, ...], Spike] = {}
    for spike in spikes:
        if spike.retry_storm_jobs:
            heaviest.setdefault(spike.retry_storm_jobs, spike)
    return list(heaviest.values())


def _of_node(one: NodeFinding) -> Recommendation:
    if one.ended is not None:
        return _of_past_node(one, one.ended)
    return Recommendation(
        severity=one.severity,
        subject=f"node/{one.node}",
        text=f"Node '{one.node}' has {one.rate:.1%} failure rate ({one.jobs_failed} of {one.jobs} jobs; "
        f"{one.expected_rate:.1%} expected). Consider cordoning this node for maintenance: "
        f"kubectl cordon {one.node}",
    )


def _of_past_node(one: NodeFinding, ended: datetime) -> Recommendation:
    """A node that was bad for a time: nobody has to keep jobs away from it any more."""
    fine = (
        f"{one.successes_since_failure} jobs went well on it since"
        if one.successes_since_failure
        else "no job went well on it since"
    )
    then = "See what mended it." if one.successes_since_failure else "Try it with a test job before it gets others."
    return Recommendation(
        severity=Severity.INFO,
        subject=f"node/{one.node}",
        text=f"Node '{one.node}' had {one.rate:.1%} failure rate ({one.jobs_failed} of {one.jobs} jobs; "
        f"{one.expected_rate:.1%} expected) until {ended:%Y-%m-%d %H:%M} UTC; {fine}. {then}",
    )


def _of_change(one: Change) -> Recommendation:
    """Of nodes and services; a new image or node has its own."""
    subject, text = _CHANGED[one.what]
    shown = f"{one.what} {one.name}" if one.nodes else f"the rollout of '{one.name}'"
    counted = f"{one.jobs_failed} of {one.jobs} {'jobs' if one.nodes else 'pods'} failed since"
    return Recommendation(
        severity=one.severity,
        subject=f"{subject}/{one.name}",
        text=f"Failures rose with {shown} ({counted}). {text}",
    )


def _of_image(one: ImageFinding) -> Recommendation:
    return Recommendation(
        severity=one.severity,
        subject=f"image/{one.image}",
        text=f"Image '{one.image}' is associated with {one.failures} failures ({one.jobs_failed} of {one.jobs} jobs). "
        "Verify image compatibility and dependencies, or go back to the tag before it.",
    )


def _of_storm(one: Spike) -> Recommendation:
    jobs = " and ".join(f"'{job}'" for job in one.retry_storm_jobs[:2])
    more = f" and {len(one.retry_storm_jobs) - 2} more" if len(one.retry_storm_jobs) > 2 else ""
    return Recommendation(
        severity=Severity.WARNING,
        subject=f"job/{one.retry_storm_jobs[0]}",
        text=f"{jobs}{more} failed again and again: {one.failures} failures where {one.expected:.1f} are usual. "
        f"Stop the retries (lower backoffLimit), then see /failures job {one.retry_storm_jobs[0]}",
    )


def _of_project(one: ProjectFinding) -> Recommendation:
    kind = next(iter(one.types))
    return Recommendation(
        severity=one.severity,
        subject=f"project/{one.project}",
        text=f"Project '{one.project}' has {one.failures} failures ({one.jobs_failed} of {one.jobs} jobs; "
        f"{_beside(one)}). "
        f"Review project resources and job configurations, {kind} first: /failures fix {kind} in {one.project}",
    )


def _beside(one: ProjectFinding) -> str:
    """What a marked project is compared with."""
    others = None if one.others_rate is None else f"other projects {one.others_rate:.1%}"
    before = None if one.previous_rate is None else f"{one.previous_rate:.1%} before"
    return ", ".join(each for each in (others, before) if each is not None)
