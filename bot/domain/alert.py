"""Hot-node alerts: what is known of a node, and whether people have to be told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.analysis.report import NodeFinding
from bot.domain.period import Period

KEY = "hot-node/"
"""What the key of every hot-node notice begins with."""
RESOLVED = "resolved"
"""What a notice says once its node is fine again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HotNode:
    """A node that fails the jobs it gets, as the on-call channel reads it."""

    finding: NodeFinding
    period: Period
    time_zone: str

    @property
    def key(self) -> str:
        """One message for each node and cluster."""
        return f"{KEY}{self.finding.cluster}/{self.finding.node}"

    @property
    def said(self) -> str:
        """The numbers the message shows: it is edited when they change."""
        return f"{self.finding.jobs_failed}/{self.finding.jobs}"


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeRecovered:
    """A node that stands out no more: what its message is edited to."""

    node: str
    cluster: str
    told_at: datetime
    recovered_at: datetime
    time_zone: str

    @classmethod
    def of(cls, key: str, *, told_at: datetime, now: datetime, time_zone: str) -> NodeRecovered:
        """The recovery of the node that was told under this key."""
        cluster, _, node = key.removeprefix(KEY).rpartition("/")
        return cls(node=node, cluster=cluster, told_at=told_at, recovered_at=now, time_zone=time_zone)


class Decision(StrEnum):
    """What to do about a node, and so why people were or were not told."""

    TELL = "tell"
    """Nobody was told of it yet, or it was resolved since."""
    EDIT = "edit"
    """People were told, but the numbers have changed."""
    REPEAT = "repeat"
    """People were told long ago and it still holds."""
    KNOWN = "known"
    """People were told just this."""
    RESOLVE = "resolve"
    """People were told, and it holds no more."""


def decide(
    said: str | None, told_at: datetime | None, now_says: str, *, now: datetime, repeat_after: timedelta
) -> Decision:
    """What to do about a node that is hot, by what was last said of it (None: nothing)."""
    if said is None or told_at is None or said == RESOLVED:
        return Decision.TELL
    if now - told_at >= repeat_after:
        return Decision.REPEAT
    return Decision.KNOWN if said == now_says else Decision.EDIT
