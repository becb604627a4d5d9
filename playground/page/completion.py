"""What can be typed after a slash, read from the app's manifest: each command with the examples of its usage hint."""

from __future__ import annotations

from playground.workspace.values import Json

_BETWEEN = " · "


def commands(manifest: Json) -> list[Json]:
    """The slash commands, each with its description and what may follow it."""
    declared = manifest.get("features", {}).get("slash_commands", ())
    return [
        {
            "command": entry["command"],
            "description": entry.get("description", ""),
            "uses": [use.strip() for use in entry.get("usage_hint", "").split(_BETWEEN) if use.strip()],
        }
        for entry in declared
    ]
