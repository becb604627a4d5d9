"""What is told of a node that was found hot: its jobs and failures in the time that shows it, in numbers and words."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from bot.domain.analysis.attempt_table import (
    SUCCEEDED,
    Events,
    Flags,
    Numbers,
    PeriodEvidence,
    Runs,
    milliseconds,
    moment,
)
from bot.domain.analysis.excess import Excess
from bot.domain.analysis.exposure import Subjects
from bot.domain.analysis.grouping import distinct
from bot.domain.analysis.report import NodeFinding
from bot.domain.analysis.severity import severity
from bot.domain.analysis.statistics import wilson
from bot.domain.period import Period
from bot.domain.workload.hard_faults import HARD_FAULTS


@dataclass(frozen=True, slots=True)
class Case:
    """What speaks against a node: the test that found it, the time that shows it, and what it did then."""

    test: Excess
    window: Period
    events: Events
    """Its failures that may be charged to it."""
    fine: Runs
    """What ran well on it."""
    counts: tuple[int, int] | None = None
    """Its jobs and the failed ones of them, where those two do not say."""

    @property
    def jobs_failed(self) -> Numbers:
        """The jobs that failed on it."""
        return distinct(self.events.job)


def case_of(
    node: int, test: Excess, window: Period, *, evidence: PeriodEvidence, subjects: Subjects, charged: Flags
) -> Case:
    """The case against a node in this time."""
    runs, events = evidence.runs, evidence.events
    since, until = milliseconds(window.since), milliseconds(window.until)
    here = np.flatnonzero(subjects.events == node)
    here = here[charged[here] & (events.first_fault[here] != 0)]
    fine = np.flatnonzero(subjects.runs == node)
    fine = fine[runs.outcome[fine] == SUCCEEDED]
    return Case(
        test,
        window,
        events.where(here[(events.at[here] >= since) & (events.at[here] < until)]),
        runs.where(fine[(runs.ended[fine] >= since) & (runs.ended[fine] < until)]),
    )


def on(evidence: PeriodEvidence, name: tuple[str, str]) -> Flags:
    """The failure events on a node, alone or as part of a gang."""
    return np.asarray(places_of(evidence, name)[evidence.events.place] & (evidence.events.first_fault != 0))


def places_of(evidence: PeriodEvidence, name: tuple[str, str]) -> Flags:
    """Which places a node, (cluster, node), has a part in: alone, or in a gang."""
    cluster, node = name
    return np.array([place.cluster == cluster and node in place.nodes for place in evidence.names.places], dtype=bool)


def finding(node: int, case: Case, evidence: PeriodEvidence, subjects: Subjects, charged: Flags) -> NodeFinding:
    """What the report says of it."""
    cluster, name = subjects.names[node]
    test, window, at = case.test, case.window, evidence.events.at
    inside = (at >= milliseconds(window.since)) & (at < milliseconds(window.until))
    events = evidence.events.where(charged & inside & on(evidence, (cluster, name)))
    failing = case.jobs_failed
    jobs, failed = case.counts or (len(distinct(np.concatenate((case.fine.job, failing)))), len(failing))
    low, high = wilson(failed, jobs)
    projects = {evidence.names.projects[code] for code in distinct(events.project)} - {None}
    last = int(events.at.max()) if len(events) else None
    faults = events.at[[evidence.names.signatures[code] in HARD_FAULTS for code in events.signature]]
    partly = window != evidence.period
    return NodeFinding(
        node=name,
        cluster=cluster,
        failures=len(events),
        jobs_failed=failed,
        jobs=jobs,
        rate=failed / jobs if jobs else 0.0,
        rate_low=low,
        rate_high=high,
        expected_rate=float(test.expected[node] / test.jobs[node]) if test.jobs[node] else 0.0,
        q_value=float(test.q_value[node]),
        severity=severity(len(events), failed),
        evidence=_words(evidence, events, len(projects), failed),
        projects=len(projects),
        since=moment(int(events.at.min())) if len(events) else None,
        hours=round(window.length.total_seconds() / 3600) if partly else None,
        ended=window.until if window.until < evidence.period.until else None,
        last_at=None if last is None else moment(last),
        successes_since_failure=0 if last is None else _fine_since(evidence, (cluster, name), last),
        hard=len(faults) > 0,
        fine_since_fault=_fine_since(evidence, (cluster, name), int(faults.max())) if len(faults) else 0,
    )


def _fine_since(evidence: PeriodEvidence, name: tuple[str, str], last: int) -> int:
    """Jobs that went well on a node, alone or as part of a gang, after this moment."""
    runs = evidence.runs
    return len(
        distinct(runs.job[places_of(evidence, name)[runs.place] & (runs.outcome == SUCCEEDED) & (runs.ended > last)])
    )


def _words(evidence: PeriodEvidence, events: Events, projects: int, jobs: int) -> tuple[str, ...]:
    """What speaks against the node, in words: hard faults first, then where its failures come from."""
    causes = Counter(evidence.names.signatures[code] for code in events.signature)
    faults = [f"{name} {count}×" for name, count in causes.most_common() if name in HARD_FAULTS]
    kinds = Counter(evidence.names.types[code] for code in events.type)
    of = f"{jobs} failed jobs of {projects} projects" if projects > 1 else f"{jobs} failed jobs"
    return (*faults, f"{of}: " + ", ".join(f"{count} {name}" for name, count in kinds.most_common(3)))
