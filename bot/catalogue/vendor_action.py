"""NVIDIA's actions, in our words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import msgspec

from bot.catalogue.schema import Entry, Line, RuleEntry
from bot.domain.workload.pod_evidence import CauseOwner


class ActionEntry(Entry, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One action: what is said of it, and what an Xid is that asks for it."""

    say: Line
    rank: str
    owner: CauseOwner | None = None
    """Whose fault the Xid is; None where the action does not tell."""
    rules: Annotated[list[RuleEntry], msgspec.Meta(min_length=1)]


Actions = Mapping[str, ActionEntry]


def action_of(name: str, actions: Actions) -> ActionEntry:
    """The action of this name. Raises ValueError where it has no words."""
    if name not in actions:
        raise ValueError(f"there are no words for NVIDIA's action {name!r}")
    return actions[name]


def told(action: str, investigation: str, actions: Actions) -> str:
    """What to do, in one or two sentences. Raises ValueError for an action without words."""
    said = f"NVIDIA's action: {action_of(action, actions).say}."
    if investigation in {"", "IGNORE", action}:
        return said
    return f"{said} If it comes again: {action_of(investigation, actions).say}."
