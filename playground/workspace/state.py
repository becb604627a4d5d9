"""Everything the workspace knows, behind one lock, and the few ways it changes. Each change is told to the listeners.
It knows nothing of HTTP, sockets or scopes."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from playground.workspace.changes import Change, Changes
from playground.workspace.refusal import Refused
from playground.workspace.tickets import Tickets
from playground.workspace.values import TEAM, Channel, Json, Message, User, UserGroup, View

APP = "A00000001"
BOT = "B00000001"
SLACKBOT = "USLACKBOT"


class State:
    """People, channels, messages and views of one workspace with one app. Thread-safe."""

    def __init__(
        self, *, bot_name: str, clock: Callable[[], datetime], shown: Callable[[], datetime] | None = None
    ) -> None:
        """What Slack gives a time to expires by `clock`; what people see is dated by `shown`, if that is another."""
        self.changes = Changes()
        self.lock = self.changes.lock
        self.clock = clock
        self.shown = shown or clock
        self.tickets = Tickets()
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.groups: dict[str, UserGroup] = {}
        self.views: dict[str, View] = {}
        self.modals: dict[str, list[str]] = {}
        """The stack of modals that each person has open, by view id."""
        self.homes: dict[str, View] = {}
        self.files: dict[str, Json] = {}
        self.pins: set[tuple[str, str]] = set()
        self.link_tickets: set[str] = set()
        """Socket Mode addresses that were given out and not used yet."""
        self.answers: dict[str, list[tuple[str, str]]] = {}
        """For each interaction the messages (channel, ts) that answer it."""
        self.answered: dict[tuple[str, str], str] = {}
        """For each message that was said as an answer the interaction it was said for."""
        self._messages: dict[str, dict[str, Message]] = {}
        self._numbers = itertools.count(1)
        self._last_ts = 0
        self.bot = self._add_user(User(id="U0000BOT0", name=bot_name, is_bot=True))
        self._add_user(User(id=SLACKBOT, name="slackbot", is_bot=True))

    # people and channels

    def number(self, prefix: str) -> str:
        """A new id such as C00000012."""
        return f"{prefix}{next(self._numbers):08d}"

    def _add_user(self, user: User) -> User:
        self.users[user.id] = user
        return user

    def person(self, name: str, *, tz: str = "UTC", is_bot: bool = False, team: str = TEAM) -> User:
        """The member of this name, who joins if needed: the workspace, or from another one a channel shared with it."""
        with self.lock:
            known = next((user for user in self.users.values() if user.name == name), None)
            if known is not None:
                return known
            user = self._add_user(
                User(id=self.number("U"), name=name, tz=tz, email=f"{name}@example.com", is_bot=is_bot, team=team)
            )
        self.changes.tell(Change(kind="person", person=user.id))
        return user

    def channel(self, name: str, *, kind: str = "public", members: frozenset[str] = frozenset()) -> Channel:
        """The channel of this name, made if needed."""
        with self.lock:
            known = next((channel for channel in self.channels.values() if channel.name == name), None)
            if known is not None:
                return known
            made = Channel(id=self.number("D" if kind == "im" else "C"), name=name, kind=kind, members=members)
            self.channels[made.id] = made
        self.changes.tell(Change(kind="channel", channel=made.id))
        return made

    def group(self, handle: str, members: tuple[str, ...] = ()) -> UserGroup:
        """A new user group."""
        with self.lock:
            made = UserGroup(id=self.number("S"), handle=handle, members=members)
            self.groups[made.id] = made
        return made

    def direct(self, user: str) -> Channel:
        """The conversation of a person with the app."""
        return self.channel(f"im-{user}", kind="im", members=frozenset({user, self.bot.id}))

    def join(self, channel: str, user: str) -> Channel:
        """Make a member of a channel."""
        return self.alter_channel(channel, members=self.find_channel(channel).members | {user})

    def alter_channel(self, channel: str, **fields: Any) -> Channel:  # noqa: ANN401 dataclasses.replace takes any field
        """Change fields of a channel."""
        with self.lock:
            altered = replace(self.find_channel(channel), **fields)
            self.channels[altered.id] = altered
        self.changes.tell(Change(kind="channel", channel=altered.id))
        return altered

    def find_channel(self, reference: str) -> Channel:
        """The channel of this id or name; a person's id is the conversation with them. Raises Refused."""
        with self.lock:
            if reference in self.channels:
                return self.channels[reference]
            user = self.users.get(reference)
            if user is not None and not user.is_bot:
                return self.direct(reference)
            name = reference.removeprefix("#")
            for channel in self.channels.values():
                if channel.name == name and channel.kind != "im":
                    return channel
        raise Refused("channel_not_found")

    def find_user(self, reference: str) -> User:
        """The member of this id. Raises Refused."""
        user = self.users.get(reference)
        if user is None:
            raise Refused("user_not_found")
        return user

    # messages

    def new_ts(self) -> str:
        """A ts that no other message of the workspace has: seconds and six digits."""
        with self.lock:
            micros = int(self.shown().timestamp() * 1_000_000)
            self._last_ts = max(micros, self._last_ts + 1)
            return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def say(self, message: Message, *, answers: str | None = None) -> Message:
        """Show a message; `answers` names the interaction it belongs to."""
        with self.lock:
            self._messages.setdefault(message.channel, {})[message.ts] = message
            if answers is not None:
                self.answers.setdefault(answers, []).append((message.channel, message.ts))
                self.answered[message.channel, message.ts] = answers
        self._told("message", message)
        return message

    def edit(self, message: Message, **fields: Any) -> Message:  # noqa: ANN401 dataclasses.replace takes any field
        """Change fields of a message; it keeps its ts."""
        with self.lock:
            edited = replace(message, **fields)
            self._messages[message.channel][message.ts] = edited
        self._told("edit", edited)
        return edited

    def delete(self, message: Message) -> None:
        """Take a message away."""
        with self.lock:
            self._messages[message.channel].pop(message.ts, None)
        self._told("delete", message)

    def _told(self, kind: str, message: Message) -> None:
        self.changes.tell(Change(kind=kind, channel=message.channel, ts=message.ts, person=message.seen_by))

    def message(self, channel: str, ts: str) -> Message | None:
        """The message at this place, ephemeral ones included."""
        with self.lock:
            return self._messages.get(channel, {}).get(ts)

    def messages(self, channel: str, *, seen_by: str | None = None) -> list[Message]:
        """The messages of a channel, oldest first; those for all, and the ephemeral ones of one person."""
        with self.lock:
            held = sorted(self._messages.get(channel, {}).values(), key=lambda message: message.ts)
        return [message for message in held if message.seen_by in {None, seen_by}]

    def replies(self, channel: str, ts: str) -> list[Message]:
        """The messages in a thread without its root, oldest first."""
        return [message for message in self.messages(channel) if message.is_reply and message.thread_ts == ts]

    # views

    def show(self, view: View) -> View:
        """Show a view, or its newer version, to its person."""
        with self.lock:
            self.views[view.id] = view
            if view.kind == "home":
                self.homes[view.user] = view
            elif view.id not in (stack := self.modals.setdefault(view.user, [])):
                stack.append(view.id)
        self.changes.tell(Change(kind=view.kind if view.kind == "home" else "view", person=view.user))
        return view

    def close_view(self, user: str, *, all_of_them: bool = False) -> None:
        """Close the topmost modal of a person, or the whole stack."""
        with self.lock:
            stack = self.modals.setdefault(user, [])
            del stack[0 if all_of_them else max(len(stack) - 1, 0) :]
        self.changes.tell(Change(kind="view", person=user))

    def modal(self, user: str) -> View | None:
        """The topmost modal of a person."""
        with self.lock:
            stack = self.modals.get(user)
            return self.views[stack[-1]] if stack else None
