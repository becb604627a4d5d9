"""Taking stock of a cluster's nodes: which driver, kernel and so on each of them runs now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.workload.version import VersionSeen
from bot.services.errors import Unavailable
from bot.services.recording.ports import Recorder


class Nodes(Protocol):
    """The nodes of one cluster."""

    def seen(self, at: datetime) -> Sequence[VersionSeen]:
        """What they run at this time. Raises Unavailable."""


def take_stock(nodes: Nodes, recorder: Recorder, now: datetime) -> str:
    """Look at the nodes and note what they run; what came of it, in words. Where they may not be listed their versions
    stay unknown. Raises Unavailable where looking again may help."""
    try:
        seen = nodes.seen(now)
    except Unavailable as error:
        if not error.permanent:
            raise
        return f"versions stay unknown: {error}"
    return f"{recorder.record_versions(seen)} new of {len(seen)} versions"
