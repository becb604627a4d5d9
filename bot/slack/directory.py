"""Finds the person in Slack whom a cluster calls by a user name or an e-mail address, so that they can be asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from slack_sdk import WebClient

from bot.services.knowledge.ask_owner import Person
from bot.slack.errors import translated
from bot.slack.workspace import Workspace

FRESH = timedelta(hours=1)
_PAGE = 200
_PAGES = 50
"""10,000 members; users.list is tier 2."""


class SlackDirectory:
    """The members of the workspace by their names, read once an hour at most. Satisfies `asking.Directory`."""

    def __init__(self, client: WebClient, *, clock: Callable[[], datetime], trusted: Iterable[str] = ()) -> None:
        self._client = client
        self._workspace = Workspace(client, trusted)
        self._clock = clock
        self._lock = Lock()
        self._users: Mapping[str, frozenset[str]] = {}
        self._read_at: datetime | None = None
        self._channels: dict[str, str] = {}

    def person(self, owner: str) -> Person | None:
        """The one person of this name or e-mail address; None where there is none, or more than one. Raises
        Undelivered."""
        with self._lock:
            user = self._user(owner)
            return None if user is None else Person(user, self._channel(user))

    def user(self, owner: str) -> str | None:
        """The id of the one person of this name or e-mail address; None where there is none, or more than one. Raises
        Undelivered."""
        with self._lock:
            return self._user(owner)

    def _user(self, owner: str) -> str | None:
        users = self._known()
        found = users.get(_key(owner)) or users.get(_key(owner).partition("@")[0]) or frozenset()
        return next(iter(found)) if len(found) == 1 else None

    def _known(self) -> Mapping[str, frozenset[str]]:
        now = self._clock()
        if self._read_at is None or now - self._read_at >= FRESH:
            names: dict[str, set[str]] = defaultdict(set)
            for member in self._members():
                for name in _names(member):
                    names[name].add(str(member.get("id")))
            self._users = {name: frozenset(users) for name, users in names.items()}
            self._read_at = now
        return self._users

    def _members(self) -> Iterator[Mapping[str, Any]]:
        cursor = None
        for _ in range(_PAGES):
            with translated("users.list"):
                page = self._client.users_list(limit=_PAGE, cursor=cursor)
            for member in page.get("members") or ():
                if not member.get("deleted") and not member.get("is_bot") and self._is_ours(member):
                    yield member
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return

    def _is_ours(self, member: Mapping[str, Any]) -> bool:
        """People of other workspaces are listed too, once they share a channel; nothing is told to them."""
        team = member.get("team_id")
        return not isinstance(team, str) or self._workspace.has(team)

    def _channel(self, user: str) -> str:
        if user not in self._channels:
            with translated(f"a conversation with {user}"):
                answer = self._client.conversations_open(users=user)
            self._channels[user] = str((answer.get("channel") or {}).get("id"))
        return self._channels[user]


def _names(member: Mapping[str, Any]) -> set[str]:
    """What a member is called: the handle, the names of the profile, and of an e-mail address what stands before @."""
    profile = member.get("profile")
    said = profile if isinstance(profile, Mapping) else {}
    names = {member.get("name"), *(said.get(key) for key in ("display_name", "real_name", "email"))}
    keys = {_key(name) for name in names if isinstance(name, str) and name.strip()}
    return keys | {key.partition("@")[0] for key in keys if "@" in key}


def _key(name: str) -> str:
    return name.strip().casefold().lstrip("@")
