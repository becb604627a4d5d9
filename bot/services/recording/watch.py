"""Watching one cluster: what the watch sees is recorded at once and bare, the cursor follows, and the evidence is
fetched beside it and written with a later batch. A crash at any point loses nothing: what was not yet written is seen
again by the next list, and a failure that was written stays, with or without its evidence."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, wait
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar

from bot.domain.incidents.outage import Outage
from bot.domain.knowledge.spec import SeenSpec
from bot.domain.workload.failure import Failure
from bot.domain.workload.pending import holding_up
from bot.domain.workload.sighting import Sighting
from bot.domain.workload.version import VersionSeen
from bot.services.errors import Unavailable
from bot.services.recording.batch import Batch, Source
from bot.services.recording.ports import Recorded
from bot.services.recording.record import Scribe, bare, record_batch, with_evidence
from bot.services.recording.watch_outage import Gaps

T = TypeVar("T")
log = logging.getLogger(__name__)
_CURSOR_EVERY = timedelta(seconds=5)
_EVIDENCE_MAY_BE_OPEN = timedelta(minutes=15)
"""Evidence of failures this long before the last sign of life may not have been written when the bot was stopped."""
_REMEMBERED = 100_000
_MOST_AT_ONCE = 200
_MOST_WAITING = 10_000
"""Sightings whose evidence may be waited for: some 30 MB. What is seen beyond stays bare until it is seen again."""
_LONGEST_WAIT_SECONDS = 30.0
_AGAIN_AFTER = (4, 10, 30, 120, 600)
"""Batches after which evidence that could not be read is asked for again: some 2 s, 5 s, 15 s, a minute, five."""


@dataclass(slots=True)
class Tally:
    """What one watch has done so far. Its own thread writes, `/metrics` and `/readyz` read."""

    cluster: str
    pods: int = 0
    odd: int = 0
    attempts: int = 0
    failures: int = 0
    lists: int = 0
    troubles: int = 0
    crashes: int = 0
    evidence_waiting: int = 0
    unread_since: datetime | None = None
    """When the oldest failure happened whose evidence is still being read; None where all is read."""
    evidence_skipped: int = 0
    alive_at: datetime | None = None
    event_at: datetime | None = None
    """When a pod was last seen to change."""
    trouble: str | None = None
    """Why the cluster cannot be watched now; None where all is well."""
    blind_since: datetime | None = None
    """Since when nothing of it was seen; None where it is watched."""


def watch_cluster(
    cluster: str,
    source: Source,
    scribe: Scribe,
    *,
    pool: Executor,
    stop: threading.Event,
    tally: Tally,
    tell_blind: Callable[[Outage], None] = lambda _: None,
) -> None:
    """Watch one cluster until `stop`. Fetches evidence in `pool`. `tell_blind` hears of each blind spell of a minute
    or more, once it is over; it must not raise. Never raises itself: a defect is logged, counted, and it goes on."""
    while not stop.is_set():
        try:
            _Watch(cluster, source, scribe, pool, stop, tally, Gaps(cluster, tell_blind)).run()
        except Unavailable as error:
            log.warning("stopped before all of %s was written; it will be seen again: %s", cluster, error)
        except Exception:
            tally.crashes += 1
            log.exception("the watch of %s failed and starts again", cluster)
            stop.wait(_LONGEST_WAIT_SECONDS)


def replay(cluster: str, source: Source, scribe: Scribe, *, pool: Executor, tally: Tally) -> None:
    """Record what a source tells that comes to its end, with all the evidence. Raises whatever goes wrong."""
    watch = _Watch(cluster, source, scribe, pool, threading.Event(), tally, Gaps(cluster, lambda _: None))
    watch.run()
    while watch.coming:
        wait(watch.coming)
        watch.write_evidence()


@dataclass(slots=True)
class _Watch:
    """One go at watching, with what it remembers."""

    cluster: str
    source: Source
    scribe: Scribe
    pool: Executor
    stop: threading.Event
    tally: Tally
    gaps: Gaps
    horizon: datetime | None = None
    """Evidence of what failed before was asked for by an earlier run of the bot."""
    cursor_at: datetime | None = None
    asked: dict[int, int] = field(default_factory=dict)
    """Of which run of an episode evidence was asked for last, the oldest first; by the hashes of the sightings' keys,
    which take a third of the keys' memory."""
    held: list[Sighting] = field(default_factory=list)
    """Sightings of a list that is not yet complete: the rest of the list comes first."""
    specs: list[SeenSpec] = field(default_factory=list)
    """Specs of a list that is not yet complete."""
    rollouts: list[VersionSeen] = field(default_factory=list)
    """Rollouts of a list that is not yet complete."""
    coming: dict[Future[_Looked], Sighting] = field(default_factory=dict)
    looks: int = 0
    """How many batches came: twice a second and more."""
    again: list[tuple[int, Sighting]] = field(default_factory=list)
    """Sightings of which something could not be read, and the look at which it is asked for again."""
    tries: dict[int, int] = field(default_factory=dict)
    """How often that was so, by the hash of the sighting's key."""

    def run(self) -> None:
        """Record batch after batch, until `stop`."""
        last_seen = self._insist(lambda: self.scribe.recorder.last_seen(self.cluster))
        if last_seen is not None:
            self.horizon = last_seen - _EVIDENCE_MAY_BE_OPEN
            self.gaps.opened(last_seen)
        for batch in self.source.batches(self.stop):
            self._take(batch)
        if self.stop.is_set():
            for future in self.coming:
                future.cancel()

    def write_evidence(self) -> None:
        """Write the evidence that has come."""
        came = self._came()
        self._insist(lambda: record_batch(self.scribe, (), (), enriched=came))

    def _take(self, batch: Batch) -> None:
        sure = [sighting for sighting in batch.sightings if not sighting.unproven]
        self.tally.unread_since = self._unread_since(batch.sightings)
        came = self._came()
        self._ask_again()
        recorded = self._insist(lambda: record_batch(self.scribe, batch.attempts, sure, enriched=came))
        self._keep_specs(batch)
        self._keep_rollouts(batch)
        self._save_cursor(batch)
        new = {each.key: each.timestamp for each in sure if hash(each.key) not in self.asked}
        self.gaps.saw(batch, new.values())  # a pod that failed is seen to fail in each of its states after that
        self.held += batch.sightings
        if batch.resource_version is not None:
            for sighting in self.held:
                self._ask(sighting)
            self.held.clear()
        self._count(batch, recorded)

    def _keep_specs(self, batch: Batch) -> None:
        """Of a list once it is complete: a job's success may stand in it before its failure."""
        self.specs += batch.specs
        if batch.resource_version is not None and self.specs:
            self._insist(lambda: self.scribe.recorder.record_specs(self.specs))
            self.specs.clear()

    def _keep_rollouts(self, batch: Batch) -> None:
        """Of a list once it is complete: the template before may stand on its last page."""
        self.rollouts += batch.rollouts
        if batch.resource_version is not None and self.rollouts:
            self._insist(lambda: self.scribe.recorder.record_versions(self.rollouts))
            self.rollouts.clear()

    def _ask(self, sighting: Sighting) -> None:
        """Have the evidence fetched: once for each run of an episode, since a crash loop may change its cause; again
        and again for what is not sure to be a failure."""
        is_old = self.horizon is not None and sighting.timestamp < self.horizon
        asked = self.asked.get(hash(sighting.key), 0) >= sighting.occurrences
        if not sighting.unproven and (is_old or asked):
            return
        if len(self.coming) >= _MOST_WAITING:
            self.tally.evidence_skipped += 1
            return
        self.asked[hash(sighting.key)] = sighting.occurrences
        if len(self.asked) > _REMEMBERED:
            del self.asked[next(iter(self.asked))]
        self.coming[self.pool.submit(_looked_into, self.source, self.scribe, sighting)] = sighting

    def _ask_again(self) -> None:
        """For what could not be read before and is due; a pod that is gone by then has nothing more to say."""
        self.looks += 1
        due = [sighting for look, sighting in self.again if look <= self.looks]
        if due:
            self.again = [each for each in self.again if each[0] > self.looks]
        for sighting in due:
            is_last = self.tries.get(hash(sighting.key), 0) >= len(_AGAIN_AFTER)
            future = self.pool.submit(_looked_into, self.source, self.scribe, sighting, is_last=is_last)
            self.coming[future] = sighting

    def _may_ask_again(self, sighting: Sighting, looked: _Looked) -> None:
        """Remember it where something of its evidence could not be read."""
        key = hash(sighting.key)
        tried = self.tries.pop(key, 0)
        if looked.unread and tried < len(_AGAIN_AFTER) and len(self.again) < _MOST_WAITING:
            self.tries[key] = tried + 1
            self.again.append((self.looks + _AGAIN_AFTER[tried], sighting))

    def _came(self) -> list[Failure]:
        """The failures whose evidence has come, not too many at once."""
        failures = []
        for future in [each for each in self.coming if each.done()][:_MOST_AT_ONCE]:
            sighting = self.coming.pop(future)
            if (error := future.exception()) is not None:
                self.tally.crashes += 1
                log.error("the evidence of %s cannot be used", sighting.key, exc_info=error)
                continue
            looked = future.result()
            self._may_ask_again(sighting, looked)
            if looked.failure is not None:
                failures.append(looked.failure)
        return failures

    def _unread_since(self, new: Sequence[Sighting] = ()) -> datetime | None:
        """When the oldest failure happened whose evidence is not written yet."""
        unread = (*self.coming.values(), *self.held, *new)
        return min((each.timestamp for each in unread if not each.unproven), default=None)

    def _save_cursor(self, batch: Batch) -> None:
        version, at = batch.resource_version, batch.at
        if version is None or (self.cursor_at is not None and at - self.cursor_at < _CURSOR_EVERY and not batch.lists):
            return
        self._insist(lambda: self.scribe.recorder.save_cursor(self.cluster, version, at))
        self.cursor_at = self.gaps.alive_at = at

    def _count(self, batch: Batch, recorded: Recorded) -> None:
        tally = self.tally
        tally.pods += batch.pods
        tally.odd += batch.odd
        tally.lists += batch.lists
        tally.attempts += recorded.attempts
        tally.failures += recorded.failures
        tally.evidence_waiting, tally.unread_since = len(self.coming), self._unread_since()
        tally.troubles += batch.trouble is not None and batch.trouble != tally.trouble
        tally.trouble, tally.blind_since = batch.trouble, self.gaps.lasting_since
        if batch.blind_since is None:
            tally.alive_at = batch.at
        if batch.pods:
            tally.event_at = batch.at

    def _insist(self, work: Callable[[], T]) -> T:
        """Do it, if need be again and again; raises Unavailable only when it is time to stop."""
        wait = 1.0
        while True:
            try:
                return work()
            except Unavailable as error:
                self.tally.trouble = str(error)
                log.warning("what %s told cannot be written, trying again: %s", self.cluster, error)
                if self.stop.wait(wait):
                    raise
                wait = min(2 * wait, _LONGEST_WAIT_SECONDS)


@dataclass(frozen=True, slots=True)
class _Looked:
    """What came of looking for evidence: the failure with it, if any, and whether something could not be read."""

    failure: Failure | None = None
    unread: bool = False


def _looked_into(source: Source, scribe: Scribe, sighting: Sighting, *, is_last: bool = False) -> _Looked:
    """The failure with its evidence; none where the evidence says that it is none, only slow, and where this run's
    evidence was read before: it gets no better. `is_last` takes what there is for all there will be."""
    known = None if sighting.unproven else scribe.recorder.evidence_at(bare(scribe, sighting))
    if known is not None and known >= sighting.timestamp:
        return _Looked()
    evidence = source.evidence(sighting)
    unread = evidence.unread and not is_last
    evidence = replace(evidence, unread=unread)
    if sighting.unproven:
        reason = holding_up(evidence.events)
        if reason is None:
            return _Looked(unread=unread)
        sighting = replace(sighting, unproven=False, evidence=replace(sighting.evidence, reason=reason))
        evidence = replace(evidence, reason=reason)
    return _Looked(with_evidence(scribe, sighting, evidence), unread)
