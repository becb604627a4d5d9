"""Sends events to a pager: PagerDuty's Events API v2, or Opsgenie's Alert API. The port `Pager`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple
from urllib.parse import quote

import urllib3

from bot.domain.incidents.card import IncidentCard
from bot.rendering import Renderer
from bot.services.errors import Undelivered
from bot.services.incidents.ports import PagerEvent

TIMEOUT = 10.0
LONGEST_KEY = 255
"""Characters of PagerDuty's dedup_key; Opsgenie's alias takes 512."""
LONGEST_WORDS = 130
"""Characters of Opsgenie's message; PagerDuty's summary takes 1024."""


class Service(StrEnum):
    """Whose API it is."""

    PAGERDUTY = "pagerduty"
    OPSGENIE = "opsgenie"


@dataclass(frozen=True, slots=True, kw_only=True)
class PagerAccount:
    """Where events go. `url` is the address of the service's API, for another region or a proxy."""

    service: Service
    key: str
    url: str | None = None


class Request(NamedTuple):
    """What is posted."""

    path: str
    body: dict[str, Any]
    headers: dict[str, str]


class WebhookPager:
    """Posts events as JSON."""

    def __init__(self, account: PagerAccount, renderer: Renderer) -> None:
        self._account = account
        self._renderer = renderer
        self._http = urllib3.PoolManager(timeout=TIMEOUT, retries=False)

    def send(self, page: PagerEvent, card: IncidentCard, *, key: str) -> None:
        """Send one event; events of one key are one alert there. Raises Undelivered."""
        words = " ".join(self._renderer.terminal(card, width=10_000).split())[:LONGEST_WORDS]
        base, write = _SERVICES[self._account.service]
        request = write(page, card, key[:LONGEST_KEY], words, self._account.key)
        url = (self._account.url or base).rstrip("/") + request.path
        try:
            answer = self._http.request("POST", url, json=request.body, headers=request.headers)
        except urllib3.exceptions.HTTPError as error:
            raise Undelivered(f"the pager is away: {type(error).__name__}") from error
        if answer.status >= 300:
            passing = answer.status == 429 or answer.status >= 500
            raise Undelivered(f"the pager refused an event: status {answer.status}", permanent=not passing)

    def check(self) -> str:
        """Whether the service answers at all, without an event; its key is tried by the first one. Raises
        Undelivered."""
        base, _ = _SERVICES[self._account.service]
        url = (self._account.url or base).rstrip("/")
        try:
            answer = self._http.request("GET", f"{url}/")
        except urllib3.exceptions.HTTPError as error:
            raise Undelivered(f"{url} cannot be reached: {type(error).__name__}") from error
        if answer.status >= 500:
            raise Undelivered(f"{url} answers with status {answer.status}")
        return f"{self._account.service} at {url}"


def _pagerduty(page: PagerEvent, card: IncidentCard, key: str, words: str, secret: str) -> Request:
    finding = card.incident.finding
    body: dict[str, Any] = {"routing_key": secret, "event_action": page.value, "dedup_key": key}
    if page is PagerEvent.TRIGGER:
        source = finding.cluster or "failures-bot"
        body["payload"] = {"summary": words, "source": source, "severity": finding.severity.value}
    return Request("/v2/enqueue", body, {})


def _opsgenie(page: PagerEvent, card: IncidentCard, key: str, words: str, secret: str) -> Request:
    headers = {"Authorization": f"GenieKey {secret}"}
    if page is PagerEvent.TRIGGER:
        urgent = {"critical": "P1", "warning": "P3"}.get(card.incident.finding.severity, "P5")
        return Request("/v2/alerts", {"message": words, "alias": key, "priority": urgent}, headers)
    what = "acknowledge" if page is PagerEvent.ACKNOWLEDGE else "close"
    return Request(f"/v2/alerts/{quote(key, safe='')}/{what}?identifierType=alias", {}, headers)


_SERVICES: Mapping[Service, tuple[str, Callable[[PagerEvent, IncidentCard, str, str, str], Request]]] = {
    Service.PAGERDUTY: ("https://events.pagerduty.com", _pagerduty),
    Service.OPSGENIE: ("https://api.opsgenie.com", _opsgenie),
}
"""The address and the way to write an event of each."""
