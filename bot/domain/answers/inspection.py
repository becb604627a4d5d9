"""What would be recorded of some Kubernetes objects: the answer to "why is my job counted so?"."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.workload.attempt import Attempt
from bot.domain.workload.failure import Failure
from bot.domain.workload.pod_evidence import CauseOwner, Match


@dataclass(frozen=True, slots=True)
class Counted:
    """A failure, with what is known of its cause."""

    failure: Failure
    title: str
    owner: CauseOwner
    """Who can mend it."""


@dataclass(frozen=True, slots=True)
class HardEvidence:
    """What of a node is proof of broken hardware."""

    match: Match
    device: str | None = None
    """Which of its devices; None for the node as a whole, or where it is not said."""


@dataclass(frozen=True, slots=True)
class InspectedNode:
    """A node, and what of it is hard evidence."""

    node: str
    hard: tuple[HardEvidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What would be recorded, and what of the nodes would be evidence."""

    attempts: tuple[Attempt, ...]
    failures: tuple[Counted, ...]
    pods: tuple[Attempt, ...]
    """Each pod that was seen, as an attempt of its main container names it; its outcome says nothing."""
    nodes: tuple[InspectedNode, ...]
    notes: tuple[str, ...] = ()
