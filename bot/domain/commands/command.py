"""What a person can ask for: the commands as values. `grammar.py` reads them from text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bot.domain.commands.mistake import Mistake
from bot.domain.incidents.maintenance import MaintenanceKind
from bot.domain.incidents.subscription import Wants


@dataclass(frozen=True, slots=True, kw_only=True)
class Analyze:
    """`analyze [project] [period] [in cluster]`; a length of None is the setting `lookback_days`."""

    project: str | None = None
    length: timedelta | None = None
    cluster: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowStats:
    """`stats [project] [period] [in cluster]`; a length of None is 30 days."""

    project: str | None = None
    length: timedelta | None = None
    cluster: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """`fix <type> [for job] [in project]`, with `remediate` as a synonym."""

    failure_type: str
    job: str | None = None
    project: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowJob:
    """`job <name>`"""

    job: str
    project: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowNode:
    """`node <name> [period] [in cluster]`; a length of None is the setting `lookback_days`."""

    node: str
    length: timedelta | None = None
    cluster: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowImage:
    """`image <reference> [period] [in cluster]`; a length of None is the setting `lookback_days`."""

    image: str
    length: timedelta | None = None
    cluster: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskAbout:
    """`wrong <name>`, "What is wrong with <name>?": of a job, a project, an image or a node, whichever there is."""

    name: str
    length: timedelta | None = None
    cluster: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowUnknown:
    """`unknown [project] [period]`; a length of None is 30 days."""

    project: str | None = None
    length: timedelta | None = None
    cluster: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowSolutions:
    """`solutions [type]`"""

    failure_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribe:
    """`subscribe [project] [alerts|digest|failures] [from 5 jobs] [at 9:00] [in Europe/Berlin] [daily] [even empty]`;
    as `try` it only says how often that would have told."""

    wants: Wants = Wants.ALERTS
    project: str | None = None
    threshold: int | None = None
    hour: int | None = None
    time_zone: str | None = None
    daily: bool = False
    even_empty: bool = False
    only_try: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsubscribe:
    """`unsubscribe [project] [alerts|digest|failures]`; without a kind all of them."""

    wants: Wants | None = None
    project: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowSubscriptions:
    """`subscriptions`: what this channel gets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowIncidents:
    """`incidents`: what is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskWhy:
    """`why <number>`: why this channel was told of an incident, or not."""

    incident: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Maintain:
    """`maintenance node|project|cluster <name> [for 4h]`, `maintenance end node <name>`; bare it lists them."""

    part: MaintenanceKind | None = None
    name: str = ""
    length: timedelta = timedelta(hours=4)
    over: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowDigest:
    """`digest [project]`: the digest that was due last, for whoever asks."""

    project: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskRetry:
    """`retry <job> [in project]`: whether an unchanged retry will help."""

    job: str
    project: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowCost:
    """`cost [project] [period] [in cluster]`; a length of None is 30 days."""

    project: str | None = None
    length: timedelta | None = None
    cluster: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Predict:
    """`predict [project|job]`: what will most likely fail next."""

    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Help:
    """`help`, or nothing at all where nothing better is known."""


StandingOrder = Subscribe | Unsubscribe | ShowSubscriptions | ShowIncidents | AskWhy | Maintain
OfAThing = ShowNode | ShowImage | AskAbout
Command = (
    Analyze
    | ShowStats
    | Fix
    | ShowJob
    | OfAThing
    | ShowUnknown
    | ShowSolutions
    | ShowDigest
    | Predict
    | AskRetry
    | ShowCost
    | StandingOrder
    | Help
    | Mistake
)
