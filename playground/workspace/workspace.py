"""The workspace as a whole: the parts put together, served on loopback, with the switches a test turns. An app that
talks to it with SLACK_API_URL set to `url` cannot tell it from Slack as far as it goes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar

from starlette.routing import BaseRoute

from bot.asgi_server import Serving, serve
from bot.clock import utc_now
from playground.workspace.changes import Change
from playground.workspace.delivery import Deliveries
from playground.workspace.desk import Desk
from playground.workspace.installation import Installation
from playground.workspace.limits import Limits
from playground.workspace.links import Links
from playground.workspace.people import Person
from playground.workspace.posting import Posting
from playground.workspace.server import Refusal, Server, Tokens
from playground.workspace.state import State
from playground.workspace.values import TEAM, Channel, Message, User, UserGroup

T = TypeVar("T")

_RETRY_DELAYS = (0, 60, 300)
"""Seconds before an event that was not taken is delivered again."""


class Workspace:
    """A Slack-shaped workspace with one app installed. Socket Mode, or with `deliver_to` HTTP to that address.

    `ack_limit` and `retry_delays` are in seconds; Slack's own are the defaults. With `enforce_rates` calls that come
    faster than Slack's limits are refused. What expires does so by `clock`; messages are dated by `shown`, if that is
    another.
    """

    def __init__(
        self,
        *,
        installation: Installation | None = None,
        deliver_to: str | None = None,
        clock: Callable[[], datetime] = utc_now,
        shown: Callable[[], datetime] | None = None,
        ack_limit: float = 3.0,
        retry_delays: Sequence[float] = _RETRY_DELAYS,
        enforce_rates: bool = False,
        tokens: Tokens | None = None,
    ) -> None:
        self.installation = installation or Installation()
        self.tokens = tokens or Tokens()
        self.state = State(bot_name=self.installation.name, clock=clock, shown=shown)
        self.changes = self.state.changes
        self._limits = Limits(enforced=enforce_rates)
        self._links = Links(self.state)
        self._posting = Posting(deliver_to, self.tokens.signing_secret, clock) if deliver_to else None
        self.deliveries = Deliveries(self._posting or self._links, ack_limit=ack_limit, retry_delays=retry_delays)
        self._server = Server(
            self.state,
            installation=self.installation,
            tokens=self.tokens,
            limits=self._limits,
            links=self._links,
        )
        self._serving: Serving | None = None
        self._desk = Desk(self.state, self.installation, self.deliveries, "")

    @contextmanager
    def serve(self, *, host: str = "127.0.0.1", port: int = 0) -> Iterator[Workspace]:
        """Answer requests until the block ends. Port 0 is any free one; see `url`."""
        with serve(self._server.app, host=host, port=port) as self._serving:
            self._desk.base_url = self._serving.url
            try:
                yield self
            finally:
                self.deliveries.close()

    @property
    def url(self) -> str:
        """The Web API's base URL, for SLACK_API_URL."""
        return f"{self._desk.base_url}/api/"

    @property
    def bot_token(self) -> str:
        """For SLACK_BOT_TOKEN."""
        return self.tokens.bot

    @property
    def app_token(self) -> str:
        """For SLACK_APP_TOKEN."""
        return self.tokens.app

    @property
    def signing_secret(self) -> str:
        """For SLACK_SIGNING_SECRET."""
        return self.tokens.signing_secret

    @property
    def bot(self) -> User:
        """The app's own member."""
        return self.state.bot

    # people and places

    def person(self, name: str, *, tz: str = "UTC", is_bot: bool = False, team: str = TEAM) -> Person:
        """The person of this name (or another app's bot), who joins if needed. `tz` is an IANA time zone. One of
        another `team` is there as in Slack Connect: in the channels that are shared with their workspace."""
        return Person(self._desk, self.state.person(name, tz=tz, is_bot=is_bot, team=team))

    def channel(self, name: str, *members: Person, private: bool = False, bot: bool = True) -> Channel:
        """The channel of this name, made if needed, with the app in it unless `bot` is false."""
        joined = frozenset([*(person.id for person in members), *([self.bot.id] if bot else [])])
        return self.state.channel(name, kind="private" if private else "public", members=joined)

    def group(self, handle: str, *members: Person) -> UserGroup:
        """A new user group."""
        return self.state.group(handle, tuple(person.id for person in members))

    def archive(self, channel: str | Channel) -> None:
        """Archive a channel."""
        self.state.alter_channel(self._id(channel), archived=True)

    def remove_bot(self, channel: str | Channel) -> None:
        """Take the app out of a channel."""
        found = self.state.find_channel(self._id(channel))
        self.state.alter_channel(found.id, members=found.members - {self.bot.id})

    def messages(self, channel: str | Channel, *, thread_ts: str | None = None) -> list[Message]:
        """What everyone sees in a channel, oldest first; with `thread_ts` the replies of that thread."""
        where = self._id(channel)
        return self.state.replies(where, thread_ts) if thread_ts else self.state.messages(where)

    def message(self, message: Message) -> Message | None:
        """The message as it is now; None where it was deleted."""
        return self.state.message(message.channel, message.ts)

    def visible_to(self, person: Person, channel: str | Channel) -> list[Message]:
        """What one person sees in a channel, ephemeral messages included, oldest first."""
        return self.state.messages(self._id(channel), seen_by=person.id)

    @property
    def names(self) -> dict[str, str]:
        """Names of members, channels and groups by id, for drawing messages."""
        state = self.state
        with state.lock:
            members = {user.id: user.name for user in state.users.values()}
            channels = {channel.id: channel.name for channel in state.channels.values()}
            return members | channels | {group.id: group.handle for group in state.groups.values()}

    def _id(self, channel: str | Channel) -> str:
        return channel.id if isinstance(channel, Channel) else self.state.find_channel(channel).id

    # waiting

    def wait_for(self, predicate: Callable[[], T], timeout: float = 5, *, what: str = "it") -> T:
        """What the predicate says once that is truthy. `timeout` is in seconds. Raises TimeoutError."""
        answer = self.changes.wait_for(predicate, timeout)
        if not answer:
            raise TimeoutError(f"waited {timeout} s for {what}; the last answer was {answer!r}")
        return answer

    def wait_for_app(self, connections: int = 1, timeout: float = 10) -> None:
        """Wait until the app has so many Socket Mode connections. Raises TimeoutError."""
        self.wait_for(lambda: self._links.count >= connections, timeout, what=f"{connections} connections of the app")

    @property
    def connections(self) -> int:
        """How many Socket Mode connections the app has."""
        return self._links.count

    @property
    def calls(self) -> Mapping[str, int]:
        """How many calls of each method of the Web API came in; 0 for one that was never called."""
        return self._server.calls

    @property
    def refusals(self) -> list[Refusal]:
        """The newest calls of the Web API that were refused, oldest first."""
        return list(self._server.refused)

    def verify_address(self, timeout: float = 3) -> bool:
        """Whether the address in `deliver_to` answers Slack's `url_verification`."""
        return self._posting is not None and self._posting.handshake(timeout)

    # switches

    @property
    def is_away(self) -> bool:
        """Whether Slack is away, after `cut`."""
        return self._server.away

    @property
    def enforces_rates(self) -> bool:
        """Whether calls that come faster than Slack's limits are refused."""
        return self._limits.enforced

    @enforces_rates.setter
    def enforces_rates(self, on: bool) -> None:
        self._limits.enforced = on
        self.changes.tell(Change(kind="link"))

    def show_beside(self, pages: Sequence[BaseRoute]) -> None:
        """Serve more routes beside the API, for showing the workspace: they find everything in `state`, and in
        `changes` what happens."""
        self._server.app.routes.extend(pages)

    @property
    def deliver_twice(self) -> bool:
        """Whether everything is delivered to the app twice."""
        return self.deliveries.twice

    @deliver_twice.setter
    def deliver_twice(self, on: bool) -> None:
        self.deliveries.twice = on

    def rate_limit(self, method: str, times: int = 1, retry_after: int = 1) -> None:
        """Answer the next calls of a method with 429, so many times; `retry_after` is in seconds."""
        self._limits.ask(method, times, retry_after)

    @property
    def rate_limited(self) -> dict[str, int]:
        """How many calls were refused as too many, by method."""
        return dict(self._limits.refused)

    def reconnect(self, reason: str = "refresh_requested") -> None:
        """Ask the app to connect anew over Socket Mode; `warning` only announces it."""
        self._links.refresh(reason)

    def cut(self, *, refuse: bool = False) -> None:
        """Slack is away: sockets end, requests are answered with 503, or refused at all."""
        self._away(away=True)
        self._links.drop()
        if refuse and self._serving is not None:
            self._serving.stop()

    def restore(self) -> None:
        """Slack is back."""
        self._away(away=False)
        if self._serving is not None:
            self._serving.start()

    def _away(self, *, away: bool) -> None:
        self._server.away = self._links.away = away
        if self._posting is not None:
            self._posting.away = away
        self.changes.tell(Change(kind="link"))
