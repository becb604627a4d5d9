"""What a person can ask for: the commands as values, each with the words it is asked in. `grammar.py` reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import ClassVar

from bot.domain.commands.mistake import Mistake
from bot.domain.incidents.maintenance import MaintenanceKind
from bot.domain.incidents.subscription import Wants


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """How a command is asked: its verb, what a name after it is, and what says nothing there."""

    verb: str
    synonyms: str = ""
    """Other verbs for it."""
    suggested: str = ""
    """Synonyms that are suggested, beside the verb, for a misspelt one."""
    names: Mapping[str, str] = field(default_factory=dict)
    """What a name is, by the word before it: a field of the command. Without a word it is the entry of ""."""
    noise: str = ""
    """Words after the verb that say nothing."""
    examples: tuple[str, str]
    """Two that work, without `/failures`, for whoever made a mistake with this one."""


_OF_A_PROJECT = {"": "project", "in": "cluster", "on": "cluster", "for": "project", "from": "project"}
_OF_A_CLUSTER = {"in": "cluster", "on": "cluster", "of": "cluster"}
_DOING = "doing ok okay fine healthy broken bad fail fails failed failing jobs happened"


@dataclass(frozen=True, slots=True, kw_only=True)
class Analyze:
    """`analyze [project] [period] [in cluster]`; a length of None is the setting `lookback_days`."""

    WORDS: ClassVar[Words] = Words(
        verb="analyze",
        synonyms="analyse analysis patterns report",
        names=_OF_A_PROJECT,
        noise="failures failure patterns analysis jobs all projects of",
        examples=("analyze ml-team 7d", "analyze last 30 days"),
    )

    project: str | None = None
    length: timedelta | None = None
    cluster: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowStats:
    """`stats [project] [period] [in cluster]`; a length of None is 30 days."""

    WORDS: ClassVar[Words] = Words(
        verb="stats",
        synonyms="statistics counts",
        names=_OF_A_PROJECT,
        noise="failures failure statistics jobs all projects of",
        examples=("stats 30d", "stats ml-team 7d"),
    )

    project: str | None = None
    length: timedelta | None = None
    cluster: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """`fix <type> [for job] [in project]`, with `remediate` as a synonym."""

    WORDS: ClassVar[Words] = Words(
        verb="fix",
        synonyms="remediate solve",
        suggested="remediate",
        names={"": "failure_type", "for": "job", "in": "project"},
        noise="failures failure errors problems problem",
        examples=("fix OOMKilled", "fix OOMKilled for train-bert in ml-team"),
    )

    failure_type: str
    job: str | None = None
    project: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowJob:
    """`job <name>`"""

    WORDS: ClassVar[Words] = Words(
        verb="job",
        synonyms="explain why",
        names={"": "job", "in": "project", "for": "project"},
        noise="did does is job fail fails failed failing keep keeps",
        examples=("job train-bert", "job train-bert in ml-team"),
    )

    job: str
    project: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowNode:
    """`node <name> [period] [in cluster]`; a length of None is the setting `lookback_days`."""

    WORDS: ClassVar[Words] = Words(
        verb="node",
        synonyms="host",
        names={"": "node", **_OF_A_CLUSTER},
        noise=f"node host {_DOING}",
        examples=("node gpu-node-03", "node gpu-node-03 30d in prod-eu"),
    )

    node: str
    length: timedelta | None = None
    cluster: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowImage:
    """`image <reference> [period] [in cluster]`; a length of None is the setting `lookback_days`."""

    WORDS: ClassVar[Words] = Words(
        verb="image",
        names={"": "image", **_OF_A_CLUSTER},
        noise=f"image {_DOING}",
        examples=("image pytorch/pytorch:2.0-cuda11.8", "image pytorch/pytorch 30d"),
    )

    image: str
    length: timedelta | None = None
    cluster: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskAbout:
    """`wrong <name>`, "What is wrong with <name>?": of a job, a project, an image or a node, whichever there is."""

    WORDS: ClassVar[Words] = Words(
        verb="wrong",
        synonyms="matter",
        names={"": "name", "with": "name", "in": "cluster", "on": "name"}
        | {kind: kind for kind in ("job", "project", "node", "image")},
        examples=("node gpu-node-03", "job train-bert"),
    )

    name: str
    length: timedelta | None = None
    cluster: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowUnknown:
    """`unknown [project] [period]`; a length of None is 30 days."""

    WORDS: ClassVar[Words] = Words(
        verb="unknown",
        synonyms="unknowns unexplained",
        names=_OF_A_PROJECT,
        noise="failures failure errors causes cause jobs all projects of",
        examples=("unknown ml-team 7d", "unknown last 30 days"),
    )

    project: str | None = None
    length: timedelta | None = None
    cluster: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowSolutions:
    """`solutions [type]`"""

    WORDS: ClassVar[Words] = Words(
        verb="solutions",
        synonyms="fixes knowledge",
        names={"": "failure_type", "for": "failure_type"},
        noise="known all failures failure errors problems problem",
        examples=("solutions OOMKilled", "solutions"),
    )

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

    WORDS: ClassVar[Words] = Words(
        verb="digest",
        synonyms="review",
        names={"": "project", "for": "project", "of": "project"},
        noise="week weekly daily failures failure jobs all projects of last",
        examples=("digest ml-team", "subscribe ml-team digest at 9:00"),
    )

    project: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskRetry:
    """`retry <job> [in project]`: whether an unchanged retry will help."""

    WORDS: ClassVar[Words] = Words(
        verb="retry",
        synonyms="rerun resubmit",
        names={"": "job", "in": "project", "for": "job", "of": "job"},
        noise="job will help does a of",
        examples=("retry train-bert", "retry train-bert in ml-team"),
    )

    job: str
    project: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowCost:
    """`cost [project] [period] [in cluster]`; a length of None is 30 days."""

    WORDS: ClassVar[Words] = Words(
        verb="cost",
        synonyms="costs waste wasted spend expensive",
        names={**_OF_A_PROJECT, "of": "project"},
        noise="failures failure jobs all projects gpu gpus hours money much did do lost",
        examples=("cost ml-team 30d", "cost"),
    )

    project: str | None = None
    length: timedelta | None = None
    cluster: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Predict:
    """`predict [project|job]`: what will most likely fail next."""

    WORDS: ClassVar[Words] = Words(
        verb="predict",
        synonyms="prediction predictions forecast will",
        names={"": "name", "in": "name", "for": "name", "of": "name"} | dict.fromkeys(("job", "project"), "name"),
        noise="failures failure jobs job all projects will next fail",
        examples=("predict ml-team", "predict"),
    )

    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Help:
    """`help`, or nothing at all where nothing better is known."""

    WORDS: ClassVar[Words] = Words(verb="help", synonyms="commands ?", examples=("analyze ml-team 7d", "help"))


StandingOrder = Subscribe | Unsubscribe | ShowSubscriptions | ShowIncidents | AskWhy | Maintain
OfAThing = ShowNode | ShowImage | AskAbout
Inquiry = (
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
    | Help
)
"""What is answered and over; each class has its WORDS."""
Command = Inquiry | StandingOrder | Mistake
