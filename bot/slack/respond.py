"""Ways to answer a person: to them alone through a response_url, in a conversation, or by editing what they pressed."""

from __future__ import annotations

from threading import Lock
from typing import Any, Protocol

from slack_sdk import WebClient
from slack_sdk.webhook import WebhookClient

from bot.rendering import Message
from bot.services.errors import Undelivered
from bot.slack.client import TIMEOUT, patience
from bot.slack.delivery import arguments, delivered, posted
from bot.slack.errors import BlocksRefused, refusal, translated
from bot.slack.heard import Heard


class Reply(Protocol):
    """Where an answer goes."""

    def say(self, message: Message) -> None:
        """Say the answer. Raises Undelivered."""

    def progress(self, message: Message) -> None:
        """Say that it takes a while, unless the answer was said. Raises Undelivered."""


class Alone:
    """To one person alone, through the response_url of a command or a press.

    Slack does not replace what a response_url said before, so a progress line stays above the answer.
    """

    def __init__(self, response_url: str, *, thread_ts: str | None = None) -> None:
        self._url = response_url
        self._thread = {"thread_ts": thread_ts} if thread_ts else {}
        self._lock = Lock()
        self._over = False

    def say(self, message: Message) -> None:
        """Say it, only visible to the person."""
        with self._lock:
            self._over = True
            delivered(message, self._send)

    def progress(self, message: Message) -> None:
        """Say that it takes a while."""
        with self._lock:
            if not self._over:
                self._send(message)

    def _send(self, message: Message) -> None:
        respond(
            self._url, arguments(message) | self._thread | {"response_type": "ephemeral", "replace_original": False}
        )


class Conversation:
    """In a channel's thread or in a direct message, for everybody there."""

    def __init__(self, client: WebClient, channel: str, *, thread_ts: str | None = None) -> None:
        self._client = client
        self._channel = channel
        self._thread_ts = thread_ts
        self._lock = Lock()
        self._progress_ts: str | None = None
        self._over = False

    def say(self, message: Message) -> None:
        """Say it to everybody."""
        with self._lock:
            self._over = True
            delivered(message, self._send)

    def progress(self, message: Message) -> None:
        """Say that it takes a while; the answer replaces it."""
        with self._lock:
            if not self._over:
                self._progress_ts = self._send(message)

    def _send(self, message: Message) -> str:
        with translated(f"answering in {self._channel}"):
            if self._progress_ts is not None:
                self._client.chat_update(channel=self._channel, ts=self._progress_ts, **arguments(message))
                return self._progress_ts
            answer = self._client.chat_postMessage(channel=self._channel, thread_ts=self._thread_ts, **posted(message))
            return str(answer["ts"])


class Edit:
    """In place of the message whose button was pressed. An ephemeral one can only be reached by the response_url."""

    def __init__(self, client: WebClient, channel: str, ts: str | None, response_url: str | None) -> None:
        self._client = client
        self._channel = channel
        self._ts = ts
        self._url = response_url

    def say(self, message: Message) -> None:
        """Edit the message."""
        delivered(message, self._send)

    def progress(self, message: Message) -> None:
        """Nothing: the message stays as it is until the answer is there."""

    def _send(self, message: Message) -> None:
        try:
            self._update(message)
        except Undelivered as error:
            if self._url is None or not error.permanent or isinstance(error, BlocksRefused):
                raise
            respond(self._url, arguments(message) | {"replace_original": True})

    def _update(self, message: Message) -> None:
        if self._ts is None:
            raise Undelivered("only its response_url reaches an ephemeral message", permanent=True)
        with translated(f"editing a message in {self._channel}"):
            self._client.chat_update(channel=self._channel, ts=self._ts, **arguments(message))


def share(message: Message, said: Heard, client: WebClient, *, thread_ts: str | None) -> None:
    """Post to the channel of a press, for everybody; where the bot is no member, the response_url of the press still
    reaches it. Raises Undelivered."""

    def send(form: Message) -> None:
        try:
            with translated(f"sharing to {said.channel}"):
                client.chat_postMessage(channel=said.channel, thread_ts=thread_ts, **posted(form))
        except Undelivered as error:
            if said.response_url is None or not error.permanent:
                raise
            place = {"thread_ts": thread_ts} if thread_ts else {}
            respond(
                said.response_url,
                arguments(form) | place | {"response_type": "in_channel", "replace_original": False},
            )

    delivered(message, send)


def respond(url: str, body: dict[str, Any]) -> None:
    """Post to a response_url. Raises Undelivered."""
    with translated("answering"):
        answer = WebhookClient(url, timeout=TIMEOUT, retry_handlers=patience()).send_dict(body)
    if answer.status_code != 200:
        raise refusal("answering", _code(answer.status_code, answer.body))


def _code(status: int, body: str) -> str:
    """What a response_url says went wrong; its body is plain text or JSON."""
    if status >= 500 or status == 429:
        return "service_unavailable"
    return body[:200].strip() or f"status {status}"
