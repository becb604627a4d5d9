"""The Web API client: patient with limits, errors of the server and broken connections, and quiet about links."""

from __future__ import annotations

from slack_sdk import WebClient
from slack_sdk.http_retry import RetryHandler
from slack_sdk.http_retry.builtin_handlers import (
    ConnectionErrorRetryHandler,
    RateLimitErrorRetryHandler,
    ServerErrorRetryHandler,
)
from slack_sdk.http_retry.builtin_interval_calculators import BackoffRetryIntervalCalculator

__all__ = ["TIMEOUT", "WebClient", "patience", "web_client"]
TIMEOUT = 10
"""Seconds that one request may take."""


def patience() -> list[RetryHandler]:
    """Retries for a rate limit (as long as Slack says), an error of the server, and a broken connection."""
    backoff = BackoffRetryIntervalCalculator(backoff_factor=0.3)
    return [
        ConnectionErrorRetryHandler(max_retry_count=2, interval_calculator=backoff),
        ServerErrorRetryHandler(max_retry_count=2, interval_calculator=backoff),
        RateLimitErrorRetryHandler(max_retry_count=2),
    ]


def web_client(token: str | None, api_url: str) -> WebClient:
    """A client of the workspace that this token belongs to, at this address of the Web API."""
    base_url = api_url if api_url.endswith("/") else f"{api_url}/"
    return WebClient(token=token, base_url=base_url, timeout=TIMEOUT, retry_handlers=patience())
