"""Whose people may act: those of the workspace that the bot's token belongs to, and of those that the setting
`trusted_workspaces` names.

A signature says that a payload comes from Slack, not from whom: an app that is installed in several workspaces has one
signing secret, and in a channel shared with another company (Slack Connect), or between the workspaces of an Enterprise
Grid, strangers see the bot's messages with their buttons. So each payload is asked two things: which installation it
came through, and which workspace its person belongs to. Slack says both, in other places for each kind of payload.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from threading import Lock

from slack_sdk import WebClient

from bot.slack.body import Body, part, parts, text
from bot.slack.errors import translated

_USER = re.compile(r"[UW][A-Z0-9]{1,30}")


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether a payload is for this installation, and of one of its people."""

    is_ours: bool
    may_act: bool
    team: str = ""
    """The workspace of the person, as far as Slack says."""


class Workspace:
    """The workspace of the bot's token. Slack is asked once which one that is."""

    def __init__(self, client: WebClient, trusted: Iterable[str] = ()) -> None:
        self._client = client
        self._trusted = frozenset(trusted)
        self._own = ""
        self._lock = Lock()

    def admit(self, body: Body) -> Admission:
        """Whether a payload may do anything. Raises Undelivered where Slack does not say whose token this is."""
        own = {self._own_id()}
        installations = own if "event" in body else own | self._trusted
        is_ours = not installations.isdisjoint(installed_in(body))
        team = team_of_person(body)
        return Admission(is_ours, is_ours and self.has(team) and _is_person(body), team)

    def has(self, team: str) -> bool:
        """Whether the people of a workspace may act. Raises Undelivered."""
        return team == self._own_id() or team in self._trusted

    def _own_id(self) -> str:
        with self._lock:
            if not self._own:
                with translated("asking whose token this is"):
                    self._own = str(self._client.auth_test()["team_id"])
            return self._own


def installed_in(body: Body) -> Iterator[str]:
    """The workspaces through whose installations a payload came."""
    if authorizations := parts(body, "authorizations"):
        yield from (text(each, "team_id") for each in authorizations)
        return
    installed = text(part(body, "view"), "app_installed_team_id")
    yield installed or text(part(body, "team"), "id") or text(body, "team_id")


def team_of_person(body: Body) -> str:
    """The workspace of whoever acted, T… or, where Slack names only the organisation, E…; empty where it says neither.
    In a shared channel the workspace of the payload says nothing about the person's."""
    event = part(body, "event")
    said = text(part(body, "user"), "team_id") or text(event, "user_team") or text(event, "team")
    if said or body.get("is_ext_shared_channel") is True:
        return said
    return next(iter(installed_in(body)), "")


def _is_person(body: Body) -> bool:
    user = text(part(body, "user"), "id") or text(body, "user_id") or text(part(body, "event"), "user")
    return _USER.fullmatch(user) is not None
