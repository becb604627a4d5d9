"""What a person can ask for: the commands as values. `grammar.py` reads them from text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


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
class Help:
    """`help`, or nothing at all where nothing better is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """Text that is no command: what was wrong, and what would be right. Plain text; templates escape it."""

    text: str
    problem: str
    suggestion: str | None = None
    """The nearest command, complete: `/failures analyze`."""
    examples: tuple[str, ...] = ()


Command = Analyze | ShowStats | Fix | ShowJob | ShowUnknown | ShowSolutions | Help | Mistake
