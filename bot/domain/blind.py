"""Blind spells: times in which a cluster was not watched. Nobody should have to guess whether there was a gap."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Blind:
    """A cluster could not be watched from `since` to `until` (UTC); `recovered` failures of that time were found
    afterwards. A pod that failed and was removed in between left no trace."""

    cluster: str
    since: datetime
    until: datetime
    recovered: int = 0
