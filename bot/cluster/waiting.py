"""The pods of a cluster that wait to start. The watch notes them, another thread holds the clock against them."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.workload.pending import overdue
from bot.domain.workload.sighting import Sighting, Waiting


class WaitingRoom:
    """Pods that have not started, by uid."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pods: dict[str, Waiting] = {}
        self._told: set[str] = set()

    def __len__(self) -> int:
        return len(self._pods)

    def was_told(self, uid: str) -> bool:
        """Whether a pod that still waits was told of as late."""
        return uid in self._told

    def note(self, uid: str, waiting: Waiting | None) -> None:
        """How a pod waits now; None where it does not. One that was told of as late starts to wait anew then, and
        goes on doing so while its state is the same."""
        if waiting is None and uid not in self._pods:
            return
        with self._lock:
            known = self._pods.pop(uid, None)
            if waiting is None:
                self._told.discard(uid)
                return
            if known is not None and known.sighting.key == waiting.sighting.key:
                waiting = replace(waiting, since=max(known.since, waiting.since))
            self._pods[uid] = waiting

    def forget_all_but(self, listed: set[str]) -> None:
        """Pods that were not in a list are gone; how they ended cannot be known."""
        with self._lock:
            self._pods = {uid: each for uid, each in self._pods.items() if uid in listed}
            self._told &= self._pods.keys()

    def late(self, now: datetime, limit: timedelta) -> tuple[Sighting, ...]:
        """Sightings of the pods that have waited too long; of each once more after as much time again."""
        with self._lock:
            uids = overdue(self._pods, now=now, limit=limit)
            self._told.update(uids)
            for uid in uids:
                self._pods[uid] = replace(self._pods[uid], since=now)
            return tuple(self._pods[uid].sighting for uid in uids)
