"""What people can do to an incident, by the word that its button carries; and who may."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from functools import partial

from bot.domain.incidents.incident import Because, Incident
from bot.domain.incidents.lifecycle import (
    Snooze,
    Transition,
    acknowledge,
    dismiss,
    reopen,
    resolve,
    snooze,
    unsnooze,
    until,
)

EVERYBODY = "*"

Handle = Callable[[Incident, str, datetime, str], Transition]
"""From the incident, who, when (UTC) and the person's time zone to what it is afterwards."""


def may_handle(user: str, responders: Collection[str], groups: Callable[[str], Collection[str]]) -> bool:
    """Whether a person may do anything to incidents: as one of the responders, or in one of their user groups, which
    `groups` looks up by id. An empty list is nobody."""
    if EVERYBODY in responders or user in responders:
        return True
    return any(user in groups(one) for one in responders if one.startswith("S"))


def _dismiss(because: Because, incident: Incident, by: str, now: datetime, _: str) -> Transition:
    return dismiss(incident, because, by=by, now=now)


def _snooze(choice: Snooze, incident: Incident, by: str, now: datetime, time_zone: str) -> Transition:
    return snooze(incident, until(choice, now=now, time_zone=time_zone), by=by, now=now)


DISMISS = "dismiss"
"""The word of the option that asks why it is no problem; the answer is one of `HANDLES`."""
HANDLES: Mapping[str, Handle] = {
    "acknowledge": lambda incident, by, now, _: acknowledge(incident, by=by, now=now),
    **{f"snooze {choice}": partial(_snooze, choice) for choice in Snooze},
    "unsnooze": lambda incident, by, now, _: unsnooze(incident, by=by, now=now),
    "resolve": lambda incident, by, now, _: resolve(incident, by=by, now=now),
    **{f"{DISMISS} {because}": partial(_dismiss, because) for because in Because},
    "reopen": lambda incident, by, now, _: reopen(incident, by=by, now=now),
}
"""By the word that a button or option carries."""
WHY = "why"
"""The word of the option that asks why people are told."""
