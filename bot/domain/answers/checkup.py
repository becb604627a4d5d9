"""What `failures doctor` looked at: one value for each thing. Templates say what was found, and how to mend it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class CheckResult(StrEnum):
    """What came of trying one thing. The comment names its facts."""

    SETTING_MISSING = "setting missing"  # expected
    SETTINGS_COMPLETE = "settings complete"  # mode
    DATABASE_AWAY = "database away"  # error
    TABLES_OTHER = "tables other"  # at, head
    DATABASE_WELL = "database well"  # at
    ACCOUNT_WELL = "account well"  # user, team, scopes
    SCOPES_MISSING = "scopes missing"  # user, team, missing
    SOCKET_WELL = "socket well"
    SIGN_IN_REFUSED = "sign-in refused"  # code
    CHANNEL_REFUSED = "channel refused"  # code
    GROUP_REFUSED = "group refused"  # code
    SLACK_AWAY = "slack away"  # error
    CHANNEL_WELL = "channel well"  # name
    CHANNEL_ARCHIVED = "channel archived"  # name
    NOT_IN_CHANNEL = "not in channel"  # name
    GROUP_WELL = "group well"  # group, members
    GROUP_EMPTY = "group empty"  # group
    OUTLET_WELL = "outlet well"  # said
    MAIL_AWAY = "mail away"  # error
    PAGER_AWAY = "pager away"  # error
    NO_MAIL_SERVER = "no mail server"
    NO_PAGER_KEY = "no pager key"
    CLUSTER_AWAY = "cluster away"  # error
    CLUSTER_WELL = "cluster well"  # version, host
    RIGHT = "right"  # right


Facts = Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class Remedy:
    """How to mend what was found."""

    found: CheckResult
    facts: Facts


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was tried for real."""

    name: str
    ok: bool
    found: CheckResult
    facts: Facts = field(default_factory=dict)

    @property
    def remedy(self) -> Remedy | None:
        """How to mend it; None where it works."""
        return None if self.ok else Remedy(self.found, self.facts)


@dataclass(frozen=True, slots=True)
class Checkup:
    """Everything that was looked at, in order."""

    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Whether the bot can run as it is set."""
        return all(check.ok for check in self.checks)
