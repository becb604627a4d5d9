"""What is told of a node that was found hot: its jobs and failures, in numbers and words."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.analysis import counts
from bot.domain.analysis.attempt_table import Flags, PeriodEvidence, moment
from bot.domain.analysis.counts import Part, Totals, successes_since
from bot.domain.analysis.grouping import distinct
from bot.domain.analysis.recovery import has_gone_well
from bot.domain.analysis.report import NodeFinding, Spell
from bot.domain.analysis.severity import severity
from bot.domain.analysis.statistics import wilson
from bot.domain.period import Period
from bot.domain.workload.hard_faults import HARD_FAULTS

_LATELY = (timedelta(days=1), timedelta(days=3), timedelta(days=7))
"""How it is now is seen in the shortest of these ends of the period in which enough jobs ran, else in all of it."""
_ENOUGH_LATELY = 10


@dataclass(frozen=True, slots=True)
class Case:
    """What speaks against a node. The rates are those of the same jobs elsewhere, 0 to 1."""

    q_value: float
    elsewhere: float
    """Over the whole period."""
    window: Period | None = None
    """The time that shows it, where that is not the whole period, and the rate elsewhere in it."""
    elsewhere_then: float = 0.0


def finding(name: tuple[str, str], case: Case, evidence: PeriodEvidence, excused: Flags) -> NodeFinding:
    """What the report says of a node, (cluster, node); something else explains the failure events in `excused`."""
    here = counts.of_node(evidence, *name)
    totals, events = here.totals, evidence.events.where(here.events)
    rate, (low, high) = _rate(totals), wilson(totals.jobs_failed, totals.jobs)
    expected = _expected(here, case.elsewhere, excused)
    last = int(events.at.max()) if len(events) else None
    fine = 0 if last is None else successes_since(here, last)
    spell = None if case.window is None else _spell(here, case.window, case.elsewhere_then, excused)
    faults = events.at[[evidence.names.signatures[code] in HARD_FAULTS for code in events.signature]]
    shown = evidence.events.where(here.during(case.window).events) if case.window is not None else events
    return NodeFinding(
        node=name[1],
        cluster=name[0],
        failures=totals.failures,
        jobs_failed=totals.jobs_failed,
        jobs=totals.jobs,
        rate=rate,
        rate_low=low,
        rate_high=high,
        expected_rate=expected,
        q_value=case.q_value,
        severity=severity(totals.failures, totals.jobs_failed),
        evidence=_words(here, totals),
        projects=_projects(here),
        spell=spell,
        since=moment(int(shown.at.min())) if len(shown) else None,
        last_at=None if last is None else moment(last),
        successes_since_failure=fine,
        still=_still(here, expected, fine, (spell or totals)),
        hard=len(faults) > 0,
        fine_since_fault=successes_since(here, int(faults.max())) if len(faults) else 0,
    )


def _spell(here: Part, window: Period, elsewhere: float, excused: Flags) -> Spell:
    """The numbers of the time that shows it."""
    then = here.during(window)
    totals = then.totals
    return Spell(
        period=window,
        failures=totals.failures,
        jobs=totals.jobs,
        jobs_failed=totals.jobs_failed,
        expected_rate=_expected(then, elsewhere, excused),
    )


def _expected(here: Part, elsewhere: float, excused: Flags) -> float:
    """The rate to be expected of all its jobs: of those that failed in an outage, say, that they fail."""
    jobs, tested = here.totals.jobs, here.but(excused).totals.jobs
    return (tested * elsewhere + jobs - tested) / jobs if jobs else elsewhere


def _still(here: Part, expected: float, fine: int, bad: Totals | Spell) -> bool:
    """Whether the node is bad now: it has not gone well since its last failure, and the rate that can be vouched for
    lately is above what is to be expected."""
    if has_gone_well(fine, _rate(bad)):
        return False
    period, lately = here.evidence.period, here.totals
    for length in _LATELY:
        end = here.during(Period.last(length, until=period.until)).totals if length < period.length else lately
        if end.jobs >= _ENOUGH_LATELY:
            lately = end
            break
    low, _ = wilson(lately.jobs_failed, lately.jobs)
    return low > expected


def _rate(of: Totals | Spell) -> float:
    return of.jobs_failed / of.jobs if of.jobs else 0.0


def _projects(here: Part) -> int:
    names = here.evidence.names.projects
    return len({names[code] for code in distinct(here.evidence.events.project[here.events])} - {None})


def _words(here: Part, totals: Totals) -> tuple[str, ...]:
    """What speaks against the node, in words: hard faults first, then where its failures come from."""
    events, names = here.evidence.events.where(here.events), here.evidence.names
    causes = Counter(names.signatures[code] for code in events.signature)
    faults = [f"{name} {count}×" for name, count in causes.most_common() if name in HARD_FAULTS]
    kinds = Counter(names.types[code] for code in events.type)
    projects = _projects(here)
    of = f"{totals.jobs_failed} failed jobs" + (f" of {projects} projects" if projects > 1 else "")
    return (*faults, f"{of}: " + ", ".join(f"{count} {name}" for name, count in kinds.most_common(3)))
