"""The watch on one cluster's pods: an endless list-then-watch, as a generator of small batches. It resumes where it was
after a drop or a silence, lists again when the API server has forgotten that place (410), and stays away for a while
after trouble. It never raises for the cluster's sake; what is wrong comes as a batch."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from time import monotonic

import urllib3
from urllib3.exceptions import ReadTimeoutError

from bot.cluster.api import Expired, Refused, translated
from bot.cluster.client import ClusterClient
from bot.cluster.patience import Patience
from bot.cluster.translator import Translator
from bot.services.errors import Unavailable
from bot.services.recording.batch import Batch

log = logging.getLogger(__name__)
_WATCH_SECONDS = (240, 360)
"""The server ends a watch after a time that we choose; bots that started together need not come back together."""
SILENCE_SECONDS = 45.0
"""A real API server sends a bookmark about once a minute; resuming after a shorter silence costs one request."""
RELIST_SECONDS = 900.0
"""A list every so often finds whatever a watch did not tell."""
_CHUNK = 256 * 1024
_LONGEST_LINE = 4 * 1024 * 1024
"""etcd takes no object above 1.5 MiB unless it is told to."""
_AT_ONCE_SECONDS = 1.0
_MAY_NOT_LIST = "the bot may not list and watch pods at cluster scope; apply deploy/rbac.yaml"


class PodWatch:
    """One cluster's watch. Every step of `changes` may block on the network; `hang_up` ends what it waits for."""

    def __init__(
        self,
        client: ClusterClient,
        translator: Translator,
        *,
        clock: Callable[[], datetime],
        patience: Patience | None = None,
        silence: float = SILENCE_SECONDS,
        relist: float = RELIST_SECONDS,
    ) -> None:
        self._client, self._translator, self._clock = client, translator, clock
        self._patience = patience or Patience()
        self._silence = silence
        self._relist = relist
        self._listed_at, self._silences = monotonic(), 0
        self._response: urllib3.BaseHTTPResponse | None = None

    def changes(self, stop: threading.Event) -> Iterator[Batch]:
        """What happens to pods, until `stop`: each batch as soon as it is known."""
        version: str | None = None
        while not stop.is_set():
            try:
                for batch in self._listed() if version is None else self._watched(version):
                    version = batch.resource_version
                    yield batch
                    if stop.is_set():
                        return
            except Expired as error:
                log.info("listing again: %s", error)
                version = None
                yield Batch(at=self._clock())  # until the list is read, nobody knows what happened meanwhile
                stop.wait(self._patience.after())
            except Unavailable as error:
                if stop.is_set():
                    return
                yield self._away(error)
                if self._has_lost_its_place(error):
                    version = None
                asked = error.retry_after if isinstance(error, Refused) else None
                stop.wait(self._patience.after(permanent=error.permanent, at_least=asked))

    def hang_up(self) -> None:
        """End a watch that waits for the next event; for another thread."""
        response = self._response
        if response is not None:
            try:
                response.shutdown()
            except (OSError, RuntimeError, ValueError):
                log.debug("the watch had ended already")

    def _listed(self) -> Iterator[Batch]:
        """All pods, page by page; only the last batch says where the watch is to go on."""
        token, version = None, None
        while True:
            page = self._client.page_of_pods(token)
            batch = self._translator.page(page.items or (), self._clock())
            token, version = page.metadata.continue_, page.metadata.resource_version or version
            if not token:
                break
            yield batch
        self._translator.end_of_list()
        self._patience.succeeded()
        self._listed_at, self._silences = monotonic(), 0
        yield replace(batch, resource_version=version or "0", lists=1)

    def _watched(self, version: str) -> Iterator[Batch]:
        """What changes from this version on, until the server ends the watch."""
        began, heard = monotonic(), False
        seconds = random.randint(*_WATCH_SECONDS)  # noqa: S311 no secret
        with self._client.watch_pods(version, seconds=seconds, silence=self._silence) as response:
            self._response = response
            yield Batch(at=self._clock(), resource_version=version)
            try:
                for lines in _lines(response, self._client.host):
                    batch = self._translator.lines(lines, version, self._clock())
                    version, heard = batch.resource_version or version, True
                    self._patience.succeeded()
                    self._silences = 0
                    yield batch
                    if monotonic() - self._listed_at > self._relist:
                        raise Expired("the last list is a while ago")
            finally:
                self._response = None
        if not heard and monotonic() - began < _AT_ONCE_SECONDS:
            raise Unavailable(f"the API server at {self._client.host} ends the watch at once")

    def _has_lost_its_place(self, trouble: Unavailable) -> bool:
        """Whether to list again: after an error of the server, which may have been restored to an older state (504 "too
        large resource version"), and after two silences in a row, in which a bookmark should have come."""
        self._silences += isinstance(trouble.__cause__, ReadTimeoutError)
        return self._silences > 1 or (isinstance(trouble, Refused) and trouble.status >= 500)

    def _away(self, trouble: Unavailable) -> Batch:
        """What is wrong, and since when nothing can have been seen."""
        now = self._clock()
        silent = isinstance(trouble.__cause__, ReadTimeoutError)
        text = str(trouble)
        if isinstance(trouble, Refused) and trouble.status == 403:
            text = f"{_MAY_NOT_LIST} ({text})"
        log.warning("%s cannot be watched: %s", self._translator.place.cluster, text)
        return Batch(at=now, blind_since=now - timedelta(seconds=self._silence) if silent else now, trouble=text)


def _lines(response: urllib3.BaseHTTPResponse, host: str) -> Iterator[list[bytes]]:
    """Whole lines, as they come; a line cut off by the end of the connection was never sent. Raises Unavailable."""
    rest = b""
    with translated(host):
        while chunk := response.read1(_CHUNK):
            *lines, rest = (rest + chunk).split(b"\n")
            if len(rest) > _LONGEST_LINE:
                rest = b""
            if lines := [line for line in lines if line.strip()]:
                yield lines
