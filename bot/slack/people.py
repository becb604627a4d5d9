"""Time zones of people and members of user groups, asked for once in a while at most."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock
from zoneinfo import ZoneInfo

from slack_sdk import WebClient

from bot.services.errors import Undelivered
from bot.slack.errors import translated

log = logging.getLogger(__name__)

FRESH = timedelta(hours=1)
_SOON = timedelta(minutes=1)
"""Until somebody is asked for again whom Slack did not tell of."""
GROUP_FRESH = timedelta(minutes=5)
_PAGE, _PAGES = 1000, 50
"""Members of a channel that are asked for at once, and how often."""


class People:
    """What the workspace knows of its people."""

    def __init__(self, client: WebClient, *, default_zone: str) -> None:
        self._client = client
        self._default = default_zone
        self._zones: dict[str, tuple[str, datetime]] = {}
        self._lock = Lock()

    def time_zone(self, user: str, *, now: datetime) -> str:
        """The person's IANA time zone; the installation's where Slack does not say, or is away."""
        with self._lock:
            known = self._zones.get(user)
        if known is not None and now - known[1] < FRESH:
            return known[0]
        zone = self._asked(user)
        with self._lock:
            self._zones[user] = (zone or self._default, now if zone else now - FRESH + _SOON)
        return zone or self._default

    def _asked(self, user: str) -> str | None:
        try:
            with translated("users.info"):
                profile = self._client.users_info(user=user).get("user") or {}
        except Undelivered as error:
            log.info("no time zone for %s: %s", user, error)
            return None
        zone = profile.get("tz") if isinstance(profile, dict) else None
        return zone if isinstance(zone, str) and _exists(zone) else self._default


class Groups:
    """The members of user groups. Somebody who was just added may have to wait for five minutes."""

    def __init__(self, client: WebClient, *, clock: Callable[[], datetime]) -> None:
        self._client = client
        self._clock = clock
        self._members: dict[str, tuple[frozenset[str], datetime]] = {}
        self._lock = Lock()

    def members(self, group: str) -> frozenset[str]:
        """The ids of a group's members; where Slack is away those known last, else nobody."""
        now = self._clock()
        with self._lock:
            known = self._members.get(group)
        if known is not None and now - known[1] < GROUP_FRESH:
            return known[0]
        try:
            with translated("usergroups.users.list"):
                users = self._client.usergroups_users_list(usergroup=group).get("users") or []
        except Undelivered as error:
            log.warning("the members of %s are not known: %s", group, error)
            return known[0] if known is not None else frozenset()
        found = frozenset(user for user in users if isinstance(user, str))
        with self._lock:
            self._members[group] = (found, now)
        return found


class Channels:
    """Who is in a channel: asked for each time, since it decides what somebody may end."""

    def __init__(self, client: WebClient) -> None:
        self._client = client

    def has(self, channel: str, user: str) -> bool:
        """Whether a channel has a member. Of a direct message both are. Raises Undelivered where Slack is away."""
        if channel.startswith("D"):
            return True
        cursor = None
        for _ in range(_PAGES):
            try:
                with translated("conversations.members"):
                    page = self._client.conversations_members(channel=channel, limit=_PAGE, cursor=cursor)
            except Undelivered as error:
                if not error.permanent:
                    raise
                log.info("the members of %s are not known: %s", channel, error)
                return False
            if user in (page.get("members") or ()):
                return True
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                break
        return False


def _exists(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except (OSError, ValueError):  # ZoneInfoNotFoundError is a KeyError with other causes behind it
        return False
    except KeyError:
        return False
    return True
