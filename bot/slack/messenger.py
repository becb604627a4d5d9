"""Says things in Slack that nobody asked for just now: alerts and digests. The port `Messenger` over the Web API."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Event
from typing import Any

from slack_sdk import WebClient

from bot.clock import utc_now
from bot.rendering import Message, Renderer
from bot.services.errors import Undelivered
from bot.slack.delivery import arguments, delivered, posted
from bot.slack.errors import translated
from bot.slack.pace import Pace

EVENT_TYPE = "failures_bot"
"""Type of the metadata that carries a message's key."""
_PAGE = 200
_PAGES = 10
"""How far back `find` looks: 2,000 messages."""


class SlackMessenger:
    """Posts, edits and finds the bot's own messages."""

    def __init__(
        self,
        client: WebClient,
        renderer: Renderer,
        *,
        stop: Event,
        seconds_between: float = 1.0,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._client = client
        self._clock = clock
        self._renderer = renderer
        self._pace = Pace(stop, seconds=seconds_between)
        self.delivered_at: datetime | None = None
        """When Slack last took a message (UTC)."""
        self.undelivered_since: datetime | None = None
        """Since when Slack takes none, though it may again; None where all is well."""

    def post(
        self, channel: str, value: object, *, key: str, thread: str | None = None, reply_broadcast: bool = False
    ) -> str:
        """Post a new message and return its ts. `key` travels as metadata. With `thread`, the ts of another message,
        it goes into that one's thread; `reply_broadcast` shows it in the channel too. Raises Undelivered."""
        metadata = {"event_type": EVENT_TYPE, "event_payload": {"key": key}}
        place: dict[str, Any] = {} if thread is None else {"thread_ts": thread, "reply_broadcast": reply_broadcast}

        def send(message: Message) -> str:
            self._pace.wait(channel)
            with translated(f"posting to {channel}"):
                answer = self._client.chat_postMessage(channel=channel, metadata=metadata, **place, **posted(message))
            return str(answer["ts"])

        with self._delivering():
            return delivered(self._renderer.slack(value), send)

    @contextmanager
    def _delivering(self) -> Iterator[None]:
        """Remember when Slack took something."""
        with self._noticed():
            yield
        self.delivered_at, self.undelivered_since = self._clock(), None

    @contextmanager
    def _noticed(self) -> Iterator[None]:
        """Remember that Slack is away. A channel that refuses the bot says nothing about Slack."""
        try:
            yield
        except Undelivered as error:
            if not error.permanent:
                self.undelivered_since = self.undelivered_since or self._clock()
            raise

    def update(self, channel: str, ts: str, value: object) -> None:
        """Edit a message in place. Raises Undelivered."""

        def send(message: Message) -> None:
            with translated(f"editing a message in {channel}"):
                self._client.chat_update(channel=channel, ts=ts, **arguments(message))

        with self._delivering():
            delivered(self._renderer.slack(value), send)

    def find(self, channel: str, key: str, since: datetime, *, thread: str | None = None) -> str | None:
        """The ts of our own message with this key, posted since then, in the channel or in a thread. Raises
        Undelivered."""
        for message in self._messages(channel, since, thread):
            metadata = message.get("metadata") or {}
            payload = metadata.get("event_payload") or {}
            if message.get("bot_id") and metadata.get("event_type") == EVENT_TYPE and payload.get("key") == key:
                return str(message["ts"])
        return None

    def _messages(self, channel: str, since: datetime, thread: str | None) -> Iterator[dict[str, Any]]:
        """Messages of a channel, newest first, or of a thread."""
        client = self._client
        cursor = None
        for _ in range(_PAGES):
            asked: dict[str, Any] = {
                "channel": channel,
                "oldest": f"{since.timestamp():.6f}",
                "limit": _PAGE,
                "include_all_metadata": True,
                "cursor": cursor,
            }
            with self._noticed(), translated(f"reading {channel}"):
                page = (
                    client.conversations_history(**asked)
                    if thread is None
                    else client.conversations_replies(ts=thread, **asked)
                )
            yield from page.get("messages") or ()
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return
