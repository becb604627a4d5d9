"""The answers about one cause or one job: which fixes to try, in which order, with their record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.knowledge.context import ANYWHERE, Context
from bot.domain.knowledge.solution import Ranked
from bot.domain.workload.attempt import Attempt
from bot.domain.workload.failure import Failure, Resolution
from bot.domain.workload.pod_evidence import Diagnosis


@dataclass(frozen=True, slots=True)
class Helped:
    """That other people fixed this: "3 other users fixed this by increasing memory 2x"."""

    people: int
    """How many, each counted once, without the one who asks."""
    doing: str
    """What they did, to be read after "by"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """A failure like the one in question, and how it ended."""

    job: str
    project: str | None
    resolution: Resolution | None
    doing: str | None = None
    """What fixed it, to be read after "by"; None where nobody said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixes:
    """What helps against a failure type or a signature: the catalogue's rules, and what people's record says."""

    failure_type: str
    signature: str | None
    description: str
    rules: tuple[Ranked, ...] = ()
    history: tuple[Ranked, ...] = ()
    """Solutions with a record, the one with the highest lower bound first. A rule with a record stands here too."""
    similar_failures: int = 0
    """Failures of this cause in the period."""
    similar_jobs: int = 0
    related: tuple[Related, ...] = ()
    """Failures like it."""
    failure_id: int | None = None
    """The failure the question was about, for the votes."""
    job: str | None = None
    """The job the question was about."""
    context: Context = ANYWHERE
    """What the ranking is for: verdicts from elsewhere count less."""
    helped: Helped | None = None
    """What most helped other people; None where nobody else said so."""
    verdicts: Mapping[int, bool] = field(default_factory=dict)
    """What the person who asks said about solutions for this failure: solution id to worked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobStory:
    """What happened to one job, newest last."""

    job: str
    project: str | None
    cluster: str
    attempts: tuple[Attempt, ...]
    failures: tuple[Failure, ...]
    diagnosis: Diagnosis | None
    """Of the newest failure."""
    fixes: Fixes | None
    first_failed_at: datetime | None
    last_outcome: str | None
    """Of the newest attempt: "succeeded", "failed" or "killed"; None before any ended."""
    earlier_cause: str | None = None
    """What the first runs of a crash loop failed of, where that was something else; its title."""
