"""Slack over HTTP: payloads are posted to the app's address, signed with the signing secret."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import time
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlencode, urlsplit

from playground.workspace.delivery import COMMANDS, EVENTS, Envelope, Heard, Outcome, Unheard
from playground.workspace.values import Json


def signed(body: bytes, secret: str, now: datetime) -> dict[str, str]:
    """The headers that prove a request comes from Slack: HMAC-SHA256 of `v0:timestamp:body`."""
    timestamp = str(int(now.timestamp()))
    digest = hmac.new(secret.encode(), b":".join([b"v0", timestamp.encode(), body]), hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={digest}"}


class Posting:
    """Carries payloads to one address."""

    def __init__(self, url: str, secret: str, clock: Callable[[], datetime]) -> None:
        self.away = False
        self._url = urlsplit(url)
        self._secret = secret
        self._clock = clock

    def carry(self, envelope: Envelope, timeout: float) -> Outcome:
        """Post one payload."""
        if self.away:
            return Unheard("connection_failed")
        body, headers = _body(envelope)
        headers |= signed(body, self._secret, self._clock()) | {"User-Agent": "Slackbot 1.0"}
        started = time.monotonic()
        try:
            status, answer, answered = self._post(body, headers, timeout)
        except TimeoutError:
            return Unheard("http_timeout")
        except (OSError, http.client.HTTPException):
            return Unheard("connection_failed")
        if status != http.HTTPStatus.OK:
            return Unheard("http_error", final=answered.get("x-slack-no-retry") == "1")
        return Heard(_read(answer), time.monotonic() - started)

    def handshake(self, timeout: float) -> bool:
        """Whether the app answers the `url_verification` that Slack sends when the address is entered."""
        challenge = "playground-challenge"
        outcome = self.carry(
            Envelope(kind=EVENTS, payload={"type": "url_verification", "challenge": challenge}), timeout
        )
        answer = outcome.answer if isinstance(outcome, Heard) else None
        return answer == challenge or (isinstance(answer, dict) and answer.get("challenge") == challenge)

    def _post(self, body: bytes, headers: dict[str, str], timeout: float) -> tuple[int, str, dict[str, str]]:
        kind = http.client.HTTPSConnection if self._url.scheme == "https" else http.client.HTTPConnection
        connection = kind(self._url.netloc, timeout=timeout)
        try:
            connection.request("POST", self._url.path or "/", body, headers)
            response = connection.getresponse()
            lowered = {name.lower(): value for name, value in response.getheaders()}
            return response.status, response.read().decode(), lowered
        finally:
            connection.close()

    def close(self) -> None:
        """Nothing is held."""


def _body(envelope: Envelope) -> tuple[bytes, dict[str, str]]:
    """Commands and interactive payloads travel as forms, events as JSON."""
    if envelope.kind == EVENTS:
        headers = {"Content-Type": "application/json"}
        if envelope.retry_num:
            headers |= {"X-Slack-Retry-Num": str(envelope.retry_num)}
            headers |= {"X-Slack-Retry-Reason": envelope.retry_reason or "http_timeout"}
        return json.dumps(envelope.payload).encode(), headers
    form: Json = envelope.payload if envelope.kind == COMMANDS else {"payload": json.dumps(envelope.payload)}
    return urlencode(form).encode(), {"Content-Type": "application/x-www-form-urlencoded"}


def _read(answer: str) -> object:
    """The body of an acknowledgement: nothing, JSON, or a text."""
    if not answer:
        return None
    try:
        return json.loads(answer)
    except ValueError:
        return answer
