"""Bringing payloads to the app, over whatever carries them: within 3 seconds, events again if nobody took them."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Protocol

from playground.workspace.values import Json

log = logging.getLogger(__name__)

EVENTS, COMMANDS, INTERACTIVE = "events_api", "slash_commands", "interactive"


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A payload on its way. `kind` is events_api, slash_commands or interactive."""

    kind: str
    payload: Json
    retry_num: int = 0
    retry_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """The app took it: what it answered (nothing, a text, an object), and after how many seconds."""

    answer: object
    seconds: float


@dataclass(frozen=True, slots=True)
class Unheard:
    """Nobody took it. `reason` is Slack's word: timeout, http_timeout, http_error, connection_failed. After `final`
    the app wants no second delivery."""

    reason: str
    final: bool = False


Outcome = Heard | Unheard


class Carrier(Protocol):
    """The way to the app: Socket Mode or HTTP."""

    def carry(self, envelope: Envelope, timeout: float) -> Outcome:
        """Bring one payload and wait for the answer, so many seconds at most."""

    def close(self) -> None:
        """Wait for nothing any more."""


class Deliveries:
    """All payloads on their way, each on a thread of its own."""

    def __init__(self, carrier: Carrier, *, ack_limit: float, retry_delays: Sequence[float]) -> None:
        self.twice = False
        """Whether everything is delivered twice, as Slack sometimes does."""
        self.seconds: deque[float] = deque(maxlen=100_000)
        """How long the app took for each payload that it took, in seconds; the newest ones."""
        self.unheard: list[str] = []
        """Why payloads were not taken, one word for each try."""
        self._carrier = carrier
        self._ack_limit = ack_limit
        self._retry_delays = tuple(retry_delays)
        self._stop = threading.Event()
        self._threads = ThreadPoolExecutor(max_workers=64, thread_name_prefix="delivery")

    def send(self, envelope: Envelope, done: Callable[[Outcome], None]) -> None:
        """Bring it to the app; `done` is told once how that ended."""
        self._start(envelope, done)
        if self.twice:
            again = replace(envelope, retry_num=1, retry_reason="timeout") if envelope.kind == EVENTS else envelope
            self._start(again, lambda _outcome: None)

    def _start(self, envelope: Envelope, done: Callable[[Outcome], None]) -> None:
        self._threads.submit(self._deliver, envelope, done).add_done_callback(_log_failure)

    def _deliver(self, envelope: Envelope, done: Callable[[Outcome], None]) -> None:
        outcome = self._try(envelope)
        for number, delay in enumerate(self._retry_delays if envelope.kind == EVENTS else (), 1):
            if isinstance(outcome, Heard) or outcome.final or self._stop.wait(delay):
                break
            outcome = self._try(replace(envelope, retry_num=number, retry_reason=outcome.reason))
        done(outcome)

    def _try(self, envelope: Envelope) -> Outcome:
        outcome = self._carrier.carry(envelope, self._ack_limit)
        if isinstance(outcome, Heard):
            self.seconds.append(outcome.seconds)
        else:
            self.unheard.append(outcome.reason)
        return outcome

    def close(self) -> None:
        """Give up what is still on its way, and end the threads."""
        self._stop.set()
        self._carrier.close()
        self._threads.shutdown(wait=True, cancel_futures=True)


def _log_failure(delivery: Future[None]) -> None:
    """A fault of the workspace itself is told, since nobody waits for the delivery."""
    if not delivery.cancelled() and (fault := delivery.exception()) is not None:
        log.error("a delivery broke off", exc_info=fault)
