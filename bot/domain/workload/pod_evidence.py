"""What a failed pod leaves behind, and what can be concluded from it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class CauseOwner(StrEnum):
    """Who can mend a cause."""

    USER = "user"
    PLATFORM = "platform"
    HARDWARE = "hardware"
    UNKNOWN = "unknown"


class Confidence(StrEnum):
    """How far a diagnosis may be relied on. What it means in figures is measured: see the README."""

    CERTAIN = "certain"
    """May be acted on: a fault of hardware flags its node."""
    LIKELY = "likely"
    """Told as likely; flags nothing."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Everything known of one failed container when it was first seen. Text is as it came: not yet masked."""

    phase: str | None = None
    """The pod's phase or the waiting reason: `Failed`, `CrashLoopBackOff`, `Pending` ..."""
    reason: str | None = None
    """The deciding reason of Kubernetes: `OOMKilled`, `Error`, `Evicted`, `ErrImagePull` ..."""
    message: str | None = None
    """Kubernetes' own message beside the reason."""
    exit_code: int | None = None
    """0-255 as Kubernetes shows it; 137 is SIGKILL."""
    logs: str = ""
    """Tail of the container's log."""
    previous_logs: str = ""
    """Tail of the log of the container's run before."""
    events: str = ""
    """The pod's events and the node's conditions, one a line: "Reason: message"."""
    unread: bool = False
    """Whether something of it could not be read just now, though it may be there: the API server was in trouble, or
    refused."""


@dataclass(frozen=True, slots=True)
class Match:
    """One signature that fits, and the line that says so."""

    signature: str
    evidence_line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What went wrong. `signature` is None where nothing is known: never a guess dressed as a finding."""

    failure_type: str
    signature: str | None
    title: str
    explanation: str
    owner: CauseOwner
    evidence_line: str
    others: tuple[Match, ...] = ()
    """Further signatures that fit: the symptoms beside the cause."""
    confidence: Confidence | None = None
    """None where a recorded verdict is told again, and was not judged anew."""
    lines: tuple[str, ...] = ()
    """Where nothing is known: at most three lines that are most worth reading, the best first."""

    @property
    def recorded(self) -> str | None:
        """The signature to keep: a fault of hardware only where it is certain, since one such failure flags a node."""
        return (
            None if self.owner is CauseOwner.HARDWARE and self.confidence is not Confidence.CERTAIN else self.signature
        )
