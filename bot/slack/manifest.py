"""The app's manifest: what the installed app has to be allowed, and which method or event needs it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

_PACKAGE = Path(__file__).resolve().parent.parent

METHODS: dict[str, frozenset[str]] = {
    "auth.test": frozenset(),
    "chat.postMessage": frozenset({"chat:write"}),
    "chat.update": frozenset({"chat:write"}),
    "conversations.history": frozenset({"channels:history", "groups:history"}),
    "conversations.replies": frozenset({"channels:history", "groups:history"}),
    "conversations.info": frozenset({"channels:read", "groups:read"}),
    "conversations.members": frozenset({"channels:read", "groups:read"}),
    "conversations.open": frozenset({"im:write"}),
    "usergroups.users.list": frozenset({"usergroups:read"}),
    "views.publish": frozenset(),
    "files.info": frozenset({"files:read"}),
    "users.info": frozenset({"users:read"}),
    "users.list": frozenset({"users:read"}),
    "views.open": frozenset(),
    "views.update": frozenset(),
}
"""Methods that the bot token calls, with the scopes that Slack's reference gives for them."""
EVENTS: dict[str, frozenset[str]] = {
    "app_mention": frozenset({"app_mentions:read"}),
    "message.im": frozenset({"im:history"}),
    "app_home_opened": frozenset(),
}
"""Events that the listeners hear, with their scopes."""
SHORTCUTS: dict[str, frozenset[str]] = {
    "explain": frozenset({"commands"}),
}
"""Shortcuts that the listeners hear, by callback id, with their scopes."""
COMMANDS_SCOPE = "commands"


def manifest() -> dict[str, Any]:
    """The manifest of an installed wheel, else the one in the source tree."""
    packed = _PACKAGE / "_data" / "manifest.yml"
    path = packed if packed.exists() else _PACKAGE.parent / "manifest.yml"
    read: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return read


def scopes() -> frozenset[str]:
    """The scopes that the bot token needs."""
    return frozenset(manifest()["oauth_config"]["scopes"]["bot"])
