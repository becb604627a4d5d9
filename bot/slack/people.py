"""Time zones of people, asked for once an hour at most."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from threading import Lock
from zoneinfo import ZoneInfo

from slack_sdk import WebClient

from bot.services.ports import Undelivered
from bot.slack.errors import translated

log = logging.getLogger(__name__)

FRESH = timedelta(hours=1)


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
            self._zones[user] = (zone, now)
        return zone

    def _asked(self, user: str) -> str:
        try:
            with translated("users.info"):
                profile = self._client.users_info(user=user).get("user") or {}
        except Undelivered as error:
            log.info("no time zone for %s: %s", user, error)
            return self._default
        zone = profile.get("tz") if isinstance(profile, dict) else None
        return zone if isinstance(zone, str) and _exists(zone) else self._default


def _exists(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except (OSError, ValueError):  # ZoneInfoNotFoundError is a KeyError with other causes behind it
        return False
    except KeyError:
        return False
    return True
