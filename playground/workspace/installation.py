"""What the app was given when it was installed: scopes, commands, events. Read from the app's manifest or assumed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from playground.workspace.values import Json

_SCOPES = frozenset(
    {
        *("commands", "chat:write", "files:read", "files:write", "reactions:write"),
        *("app_mentions:read", "channels:read", "groups:read", "im:read", "im:write", "users:read", "usergroups:read"),
        *("channels:history", "groups:history", "im:history"),
    }
)
_EVENTS = frozenset({"app_mention", "message.im", "app_home_opened"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """The rights of the app. `commands` maps a slash command to whether it is sent users and channels escaped; where
    it is none, every command is known and escaped."""

    name: str = "failures"
    scopes: frozenset[str] = _SCOPES
    events: frozenset[str] = _EVENTS
    commands: Mapping[str, bool] | None = field(default=None)

    def escapes(self, command: str) -> bool | None:
        """Whether the command is sent `@ana` as `<@U…|ana>`; None where the app has no such command."""
        return True if self.commands is None else self.commands.get(command)


def from_manifest(manifest: Json) -> Installation:
    """The rights that an app manifest (version 2) asks for."""
    features = manifest.get("features", {})
    settings = manifest.get("settings", {})
    return Installation(
        name=features.get("bot_user", {}).get("display_name", "failures"),
        scopes=frozenset(manifest.get("oauth_config", {}).get("scopes", {}).get("bot", ())),
        events=frozenset(settings.get("event_subscriptions", {}).get("bot_events", ())),
        commands={entry["command"]: bool(entry.get("should_escape")) for entry in features.get("slash_commands", ())},
    )
