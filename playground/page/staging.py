"""What a visitor can do behind the scenes: make something happen in the simulated cluster, or take it or Slack away."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from playground.hands import SPEEDS, Hands
from playground.kube.director import MISHAPS, PACES, Director, NotStaged
from playground.page.refusing import NotPossible
from playground.workspace import Workspace
from playground.workspace.values import Json


class Cue(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to happen behind the scenes."""


class FailJob(Cue, frozen=True, kw_only=True, tag="fail job"):
    """A job fails in a few seconds, of the mishap of this name."""

    mishap: str


class FixMemory(Cue, frozen=True, kw_only=True, tag="fix memory"):
    """The job that ran out of memory is submitted with twice as much, and succeeds."""


class PushImage(Cue, frozen=True, kw_only=True, tag="push image"):
    """A team moves to a new image that does not work."""


class Spoil(Cue, frozen=True, kw_only=True, tag="spoil"):
    """A node's GPU falls off the bus now and then, from now on."""

    node: str


class Mend(Cue, frozen=True, kw_only=True, tag="mend"):
    """A node is well again."""

    node: str


class Pace(Cue, frozen=True, kw_only=True, tag="pace"):
    """How many jobs are submitted, by the name of a pace."""

    pace: str


class Cut(Cue, frozen=True, kw_only=True, tag="cut"):
    """Take the `cluster`'s API server or `slack` away, or bring it back."""

    what: str
    away: bool


class Hurry(Cue, frozen=True, kw_only=True, tag="hurry"):
    """Let the shown time run so many times as fast."""

    speed: int


class Skip(Cue, frozen=True, kw_only=True, tag="skip"):
    """Set the shown time forward to the next of the times that can be skipped to."""

    to: str


class KillBot(Cue, frozen=True, kw_only=True, tag="kill bot"):
    """Kill the bot at once, and start it again."""


class Rates(Cue, frozen=True, kw_only=True, tag="rates"):
    """Whether Slack's rate limits hold."""

    on: bool


_Cue = FailJob | FixMemory | PushImage | Spoil | Mend | Pace | Cut | Hurry | Skip | KillBot | Rates


@dataclass(frozen=True, slots=True)
class Backstage:
    """What can be reached behind the scenes."""

    workspace: Workspace
    director: Director
    kill_bot: Callable[[], None]
    """Kills the bot's process and starts it again."""
    settle: Callable[[], None]
    """Waits until the bot has read what happened in the cluster, for a few seconds at most."""
    hands: Hands
    """The clock that all of them share."""

    def look(self) -> Json:
        """The cluster at a glance, and its clock, in seconds since 1970; `version` changes when anything does."""
        seen, course = self.director.look(), self.hands.course
        clock = {"now": self.hands().timestamp(), "speed": course.speed}
        return {**seen, "version": f"{seen['version']}/{course}", "clock": clock}


def choices() -> Json:
    """What the page offers."""
    return {
        "mishaps": [{"name": name, "about": mishap.about, "job": mishap.job} for name, mishap in MISHAPS.items()],
        "paces": list(PACES),
        "speeds": list(SPEEDS),
        "skips": [{"to": to, "about": about} for to, (about, _) in _SKIPS.items()],
    }


def perform(backstage: Backstage | None, body: bytes) -> Json:
    """Let it happen; gives what to say about it, as `note`. Raises NotPossible."""
    if backstage is None:
        raise NotPossible("there is no cluster beside this page")
    try:
        cue = msgspec.json.decode(body, type=_Cue)
        return {"note": _CUES[type(cue)](backstage, cue)}
    except msgspec.DecodeError as error:
        raise NotPossible(f"the page asked for something odd: {error}") from None
    except NotStaged as error:
        raise NotPossible(str(error)) from None


def _cut(backstage: Backstage, cue: Cut) -> str:
    peer = backstage.workspace if cue.what == "slack" else backstage.director.server
    if cue.away:
        peer.cut()
        return "Cut. The bot keeps trying; nothing is lost."
    peer.restore()
    return "Back again. The bot catches up."


_SKIPS: Mapping[str, tuple[str, int | None]] = {"tomorrow": ("Tomorrow 9:00", None), "monday": ("Monday 9:00", 0)}
"""What can be skipped to: its words, and the day of the week, Monday is 0."""


def _hurry(backstage: Backstage, cue: Hurry) -> str:
    if cue.speed not in SPEEDS:
        raise NotPossible("the clock has no such speed")
    backstage.hands.hurry(cue.speed)
    backstage.director.keep_pace(cue.speed)
    return "The clock runs as yours does." if cue.speed == 1 else f"The clock runs {cue.speed} times as fast as yours."


def _skip(backstage: Backstage, cue: Skip) -> str:
    if cue.to not in _SKIPS:
        raise NotPossible("there is no such time")
    about, weekday = _SKIPS[cue.to]
    nine = backstage.hands.next_nine(weekday)
    backstage.director.live_until(nine)
    backstage.settle()  # in life it would have read each job's end in its own time, long before anything is due
    backstage.hands.skip(nine)
    return f"It is {about} now. Jobs ran meanwhile; the bot reads them, and does what has become due."


def _kill_bot(backstage: Backstage, _cue: KillBot) -> str:
    backstage.kill_bot()
    return "The bot was killed with SIGKILL and started again. Nothing is lost, nothing is told twice."


def _rates(backstage: Backstage, cue: Rates) -> str:
    backstage.workspace.enforces_rates = cue.on
    return "Slack's rate limits hold from now on." if cue.on else "Slack's rate limits are off."


_CUES: Mapping[type[Any], Callable[[Backstage, Any], str]] = {
    FailJob: lambda stage, cue: stage.director.fail_job(cue.mishap),
    FixMemory: lambda stage, _cue: stage.director.fix_memory(),
    PushImage: lambda stage, _cue: stage.director.push_image(),
    Spoil: lambda stage, cue: stage.director.spoil(cue.node),
    Mend: lambda stage, cue: stage.director.mend(cue.node),
    Pace: lambda stage, cue: stage.director.set_pace(cue.pace),
    Cut: _cut,
    Hurry: _hurry,
    Skip: _skip,
    KillBot: _kill_bot,
    Rates: _rates,
}
