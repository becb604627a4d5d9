"""The Web API client: patient with limits, errors of the server and broken connections, and quiet about links."""

from __future__ import annotations

from threading import Event
from typing import Any

from slack_sdk import WebClient
from slack_sdk.http_retry import HttpRequest, HttpResponse, RetryHandler, RetryState
from slack_sdk.http_retry.builtin_handlers import ConnectionErrorRetryHandler, ServerErrorRetryHandler
from slack_sdk.http_retry.builtin_interval_calculators import BackoffRetryIntervalCalculator
from slack_sdk.web import SlackResponse

from bot.services.errors import Undelivered
from bot.slack.pace import Refusals

__all__ = ["TIMEOUT", "WebClient", "patience", "web_client"]
TIMEOUT = 10
"""Seconds that one request may take."""
_NEVER_SAID = 1.0
"""Seconds to wait where Slack refuses without saying how long."""


def patience(refusals: Refusals | None = None) -> list[RetryHandler]:
    """Retries for a rate limit (as long as Slack says, unless that is long), an error of the server, and a broken
    connection."""
    backoff = BackoffRetryIntervalCalculator(backoff_factor=0.3)
    return [
        ConnectionErrorRetryHandler(max_retry_count=2, interval_calculator=backoff),
        ServerErrorRetryHandler(max_retry_count=2, interval_calculator=backoff),
        _RateLimits(refusals or Refusals()),
    ]


def web_client(token: str | None, api_url: str) -> WebClient:
    """A client of the workspace that this token belongs to, at this address of the Web API."""
    base_url = api_url if api_url.endswith("/") else f"{api_url}/"
    return _PacedClient(Refusals(), token=token, base_url=base_url, timeout=TIMEOUT)


class _PacedClient(WebClient):
    """Leaves a method alone for as long as Slack asked. Its calls raise Undelivered where that is too long to wait."""

    def __init__(self, refusals: Refusals, **options: Any) -> None:  # noqa: ANN401 Slack's own, passed on
        super().__init__(retry_handlers=patience(refusals), **options)
        self._refusals = refusals

    def api_call(self, api_method: str, **options: Any) -> SlackResponse:  # noqa: ANN401 as above
        left = self._refusals.left(api_method)
        if left and not self._refusals.may_wait(api_method):
            raise Undelivered(f"{api_method}: Slack asked for {left:.0f} s more of quiet", permanent=False)
        if left:
            Event().wait(left)
        return super().api_call(api_method, **options)


class _RateLimits(RetryHandler):
    """Tries again after a 429, unless the wait is long or the answer can do without."""

    def __init__(self, refusals: Refusals) -> None:
        super().__init__(max_retry_count=2)
        self._refusals = refusals

    def _can_retry(
        self,
        *,
        state: RetryState,  # noqa: ARG002 the signature is Slack's
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,  # noqa: ARG002
    ) -> bool:
        if response is None or response.status_code != 429:
            return False
        method = _method(request)
        self._refusals.note(method, _retry_after(response))
        return self._refusals.may_wait(method)

    def prepare_for_next_attempt(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,  # noqa: ARG002
        error: Exception | None = None,  # noqa: ARG002
    ) -> None:
        """Wait as long as Slack said."""
        state.next_attempt_requested = True
        Event().wait(self._refusals.left(_method(request)))
        state.increment_current_attempt()


def _method(request: HttpRequest) -> str:
    return str(request.url).partition("?")[0].rpartition("/")[2]


def _retry_after(response: HttpResponse) -> float:
    said = next((value for name, value in response.headers.items() if name.lower() == "retry-after"), None)
    text = str(said[0] if isinstance(said, list) and said else said)
    return float(text) if text.isdecimal() and len(text) < 8 else _NEVER_SAID
