"""From the bytes of lists and watches to batches: decode, translate, gather. An odd pod costs no more than itself."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

import msgspec

from bot.cluster.api import GONE, Expired
from bot.cluster.claims import claims_of
from bot.cluster.facts import Facts
from bot.cluster.life import Life, Lives
from bot.cluster.pods import ApiStatus, Metadata, Pod, Text, WatchEvent
from bot.cluster.rollouts import Rollouts
from bot.cluster.salvage import Decoder, Undecodable, salvage, without_half_pairs
from bot.cluster.submission import Place, uid_of
from bot.cluster.translate import Seen, translate
from bot.cluster.waiting import WaitingRoom
from bot.cluster.witnesses import Witnesses
from bot.services.errors import Unavailable
from bot.services.recording.batch import Batch

log = logging.getLogger(__name__)
_EVENTS = msgspec.json.Decoder(WatchEvent)
_NOTHING = Seen()


_WHATEVER_A_POD_MAY_HOLD = (ValueError, TypeError, AttributeError, LookupError, ArithmeticError, RecursionError)


class _Bookmark(msgspec.Struct):
    metadata: Metadata = msgspec.field(default_factory=Metadata)


class Translator:
    """Turns what one cluster sends into batches, and notes the pods that wait. For one thread."""

    def __init__(self, place: Place, room: WaitingRoom, witnesses: Witnesses) -> None:
        self.place = place
        self._room, self._witnesses = room, witnesses
        self._lives = Lives()
        self._pods = Decoder(Pod)
        self._facts = Facts()
        self._rollouts = Rollouts()
        self._broken = 0
        self._listing: set[str] = set()

    def page(self, items: Iterable[msgspec.Raw], now: datetime) -> Batch:
        """What one page of a list tells."""
        odd = self._odd
        seen = [self._pod(raw, gone=False, now=now, listed=True)[0] for raw in items]
        return _gathered(seen, at=now, odd=self._odd - odd)

    def end_of_list(self) -> None:
        """What was not in the list since the last call is gone."""
        self._room.forget_all_but(self._listing)
        self._lives.forget_all_but(self._listing)
        self._listing = set()

    def lines(self, lines: Iterable[bytes], version: str, now: datetime) -> Batch:
        """What some lines of a watch tell, and where the watch is after them. Raises Expired, Unavailable."""
        odd, seen = self._odd, []
        for line in lines:
            try:
                event = _decoded(line)
                if event.type == "BOOKMARK":
                    version = salvage(bytes(event.object), _Bookmark).metadata.resource_version or version
                    continue
            except (ValueError, RecursionError):
                self._note_broken(line)
                continue
            if event.type == "ERROR":
                raise _error(event.object)
            told, at = self._pod(event.object, gone=event.type == "DELETED", now=now)
            seen.append(told)
            version = at or version
        return _gathered(seen, at=now, odd=self._odd - odd, resource_version=version)

    @property
    def _odd(self) -> int:
        return self._pods.odd + self._broken

    def _pod(self, raw: msgspec.Raw, *, gone: bool, now: datetime, listed: bool = False) -> tuple[Seen, Text]:
        try:
            pod = self._pods.decode(raw)
            if not pod.metadata.name:
                raise Undecodable("a pod without a name")
            uid = uid_of(pod)
            life = self._life(uid, pod, gone=gone)
            claims_of(pod, self.place.claims)  # a claim goes with its pod, so it is read while the pod is there
            seen = translate(pod, self.place, life, gone=gone, now=now)
            if gone and not seen.attempts and self._room.was_told(uid):
                seen = replace(seen, sightings=())  # that it never began was told
            if seen.attempts or seen.sightings:
                seen = replace(seen, spec=self._facts.of(raw, seen.attempts, seen.sightings))
            if (rollout := self._rollouts.of(pod, self.place)) is not None:
                seen = replace(seen, rollout=rollout)
        except _WHATEVER_A_POD_MAY_HOLD:
            self._note_broken(raw)
            return _NOTHING, None
        if listed:
            self._listing.add(uid)
        self._room.note(uid, seen.waiting)
        return seen, pod.metadata.resource_version

    def _life(self, uid: str, pod: Pod, *, gone: bool) -> Life:
        """What was seen of the pod so far, with what its node and its Job say."""
        life = self._lives.seen(uid, pod)
        heard = self._witnesses.heard(pod, life, gone=gone)
        if gone:
            self._lives.forget(uid)
        elif heard is not life:
            self._lives.keep(uid, heard)
        return heard

    def _note_broken(self, raw: bytes | msgspec.Raw) -> None:
        self._broken += 1
        if self._broken == 1:
            log.warning("%s sends objects that are no pods, such as %.200r", self.place.cluster, bytes(raw)[:200])


def _decoded(line: bytes) -> WatchEvent:
    """A line of a watch. Raises ValueError and RecursionError."""
    try:
        return _EVENTS.decode(line)
    except msgspec.DecodeError:
        return _EVENTS.decode(without_half_pairs(line))


def _gathered(seen: list[Seen], *, at: datetime, odd: int, resource_version: str | None = None) -> Batch:
    return Batch(
        at=at,
        attempts=tuple(attempt for each in seen for attempt in each.attempts),
        sightings=tuple(sighting for each in seen for sighting in each.sightings),
        specs=tuple(each.spec for each in seen if each.spec is not None),
        rollouts=tuple(each.rollout for each in seen if each.rollout is not None),
        resource_version=resource_version,
        pods=len(seen),
        odd=odd,
    )


def _error(raw: msgspec.Raw) -> Unavailable:
    """An ERROR event of a watch as an exception."""
    try:
        status = salvage(bytes(raw), ApiStatus)
    except Undecodable:
        status = ApiStatus()
    text = f"the watch ended with {status.code}: {status.message or status.reason or 'no reason given'}"[:500]
    return Expired(text) if status.code == GONE else Unavailable(text)
