"""How the bot itself is: which clusters it hears of, and whether Slack takes its messages. For `/readyz`, the Home tab
and the sweep. Times are UTC."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.domain.answers.home import ClusterHealth, Health
from bot.domain.incidents.outage import BlindNow
from bot.services.recording.watch import Tally

SILENT = timedelta(minutes=5)
"""A cluster that was not heard of for so long makes the bot unready; bookmarks come about once a minute."""


def unready(
    tallies: Sequence[Tally], *, connected: bool, undelivered_since: datetime | None, now: datetime
) -> list[str]:
    """Why the bot cannot do all of its work just now; nothing where it can. `connected` is to Slack."""
    reasons = [f"cluster {tally.cluster}: {why}" for tally in tallies if (why := _silence(tally, now))]
    if not connected:
        reasons.append("Slack: not connected")
    if undelivered_since is not None and now - undelivered_since >= SILENT:
        reasons.append(f"Slack: nothing delivered since {undelivered_since:%H:%M} UTC")
    return reasons


def unwatched(tallies: Sequence[Tally], now: datetime) -> frozenset[str]:
    """The clusters that cannot be watched just now: nothing there counts as over."""
    return frozenset(tally.cluster for tally in tallies if _silence(tally, now))


def blind_now(tallies: Sequence[Tally]) -> list[BlindNow]:
    """The clusters that refuse to be watched just now."""
    return [
        BlindNow(tally.cluster, tally.blind_since, tally.trouble)
        for tally in tallies
        if tally.trouble is not None and tally.blind_since is not None
    ]


def health(
    tallies: Sequence[Tally], *, delivered_at: datetime | None, undelivered_since: datetime | None, now: datetime
) -> Health:
    """How the bot is, for the Home tab."""
    return Health(
        clusters=tuple(
            ClusterHealth(
                name=tally.cluster, alive_at=tally.alive_at, event_at=tally.event_at, trouble=_silence(tally, now)
            )
            for tally in tallies
        ),
        delivered_at=delivered_at,
        undelivered_since=undelivered_since,
    )


def _silence(tally: Tally, now: datetime) -> str | None:
    """Why a cluster counts as silent; None where all is well."""
    if tally.trouble is not None:
        return tally.trouble
    if not tally.lists or tally.alive_at is None:
        return "its pods have not been listed yet"
    # a clock that was set back makes what was heard last lie in the future
    return None if abs(now - tally.alive_at) < SILENT else f"nothing heard since {tally.alive_at:%H:%M} UTC"
