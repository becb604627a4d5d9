"""Why nothing was found, with the numbers that say so, and what is not known."""

from __future__ import annotations

from bot.domain.analysis.attempt_table import Before
from bot.domain.analysis.cost import Cost
from bot.domain.analysis.grouping import one_in
from bot.domain.analysis.report import Report

_SAYS_NOTHING = frozenset({"Error", "CrashLoopBackOff"})
"""Failure types that say only that something failed."""
_MANY = 10
_LARGE_SHARE = 0.1
"""From so many unknown failures on, and such a share of all, a note points to them."""


def notes(report: Report, *, threshold: int, nodes: int, images: int, before: Before, cost: Cost) -> tuple[str, ...]:
    """In words, most important first. `nodes` and `images` are how many of them were tested."""
    summary = report.summary
    if summary.attempts == 0 and summary.failures == 0:
        return (_nothing_recorded(report, before),)
    if summary.failures == 0:
        return (f"No failures among {_count(summary.jobs, 'job')}.",)
    found = (
        None if report.nodes or report.images else _no_pattern(report, threshold, nodes, images),
        _many_unknown(report),
        "No attempt names the one node it ran on, so no node could be compared." if nodes == 0 else None,
        _no_trend(report, before) if report.trend.change_ratio is None else None,
        _unknown_cost(report, cost),
        _sample(summary.attempts),
        f"{cost.unpriced_hours:.1f} GPU hours lost have no price in `gpu_prices`." if cost.unpriced_hours else None,
    )
    return tuple(note for note in found if note is not None)


def _no_pattern(report: Report, threshold: int, nodes: int, images: int) -> str:
    summary = report.summary
    if summary.jobs_failed < threshold:
        return (
            f"{_count(summary.failures, 'failure')}, {_count(summary.jobs_failed, 'job')} failed for good; "
            f"a pattern needs {threshold} failed jobs of one cause."
        )
    return (
        f"No node or image explains the {_count(summary.failures, 'failure')}: none of {_count(nodes, 'node')} and "
        f"{_count(images, 'image')} fails its jobs more often, beyond chance, than they fail elsewhere."
    )


def _sample(attempts: int) -> str | None:
    if one_in(attempts) == 1:
        return None
    return f"Nodes, images and hours were judged by one job in {one_in(attempts)}, drawn blindly; all counts are whole."


def _many_unknown(report: Report) -> str | None:
    """A hint where much of what failed has no cause: of the types that say nothing themselves."""
    silent = [kind for kind in report.types if kind.type in _SAYS_NOTHING]
    unknown = sum(kind.failures - sum(kind.signatures.values()) for kind in silent)
    if unknown < _MANY or unknown < _LARGE_SHARE * report.summary.failures:
        return None
    return (
        f"{unknown:,} of {_count(report.summary.failures, 'failure')} have no known cause; "
        "`/failures unknown` groups those with a line to go by, so that they can be named."
    )


def _unknown_cost(report: Report, cost: Cost) -> str | None:
    if report.summary.gpu_hours_lost is None:
        return "GPU hours lost are unknown: no failed attempt has both its GPUs and its times recorded."
    if cost.unknown:
        return f"GPU hours lost leave out {_count(cost.unknown, 'failed attempt')} without GPUs or times recorded."
    return None


def _nothing_recorded(report: Report, before: Before) -> str:
    if before.recorded_since is None:
        return "Nothing is recorded yet: no attempt has ended since the bot began to watch."
    return (
        f"Nothing is recorded {report.period.since:%Y-%m-%d %H:%M} to {report.period.until:%Y-%m-%d %H:%M} UTC; "
        f"the oldest record is of {before.recorded_since:%Y-%m-%d %H:%M}."
    )


def _no_trend(report: Report, before: Before) -> str:
    if before.recorded_since is None or before.recorded_since > report.period.before.since:
        return "No trend: the period before is not wholly recorded."
    return f"No trend: {report.trend.previous_failures} failures before and {report.summary.failures} now are too few."


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
