"""From reports to findings: which window a hot node rests on, and when one counts as mended."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.analysis.report import Count, NodeFinding, Report, Severity
from bot.domain.incidents.detect import detected, has_gone_well, has_recovered, is_back, lasting
from bot.domain.incidents.incident import Did, IncidentState
from bot.domain.incidents.lifecycle import resolve, seen
from bot.domain.period import Period
from tests.unit.incidents.made import DAY, HOUR, MINUTE, NOW, hot, open_incident

NODE = NodeFinding(
    node="gpu-node-03",
    cluster="prod/eu",
    failures=12,
    jobs_failed=12,
    jobs=16,
    rate=0.75,
    rate_low=0.5,
    rate_high=0.9,
    expected_rate=0.08,
    q_value=1e-6,
    severity=Severity.WARNING,
    last_at=NOW - HOUR,
)
FAULTY = replace(NODE, jobs=40, jobs_failed=1, failures=1, rate=0.025, q_value=0.4, hard=True)


def report(*nodes: NodeFinding, length: timedelta = DAY) -> Report:
    return Report(period=Period.last(length, until=NOW), nodes=nodes)


def long_hot(**changes: Any) -> Any:
    return hot(hours=672, jobs=30, of_jobs=400, failures=30, **changes)


def test_a_mended_node_is_not_held_by_what_fails_on_it_later_for_other_reasons() -> None:
    assert not has_recovered(replace(FAULTY, fine_since_fault=6, successes_since_failure=6))
    mended = replace(FAULTY, fine_since_fault=7, successes_since_failure=0)
    assert has_recovered(mended)
    found = detected(report(mended), now=NOW)
    assert found.findings == ()
    assert list((found.recovered or {}).values()) == ["7 jobs went well on it since its hardware reported a fault"]


def test_a_node_whose_numbers_speak_against_it_needs_jobs_that_go_well_since_its_last_failure() -> None:
    assert not has_recovered(replace(NODE, hard=True, fine_since_fault=30, successes_since_failure=2))
    assert has_recovered(replace(NODE, hard=True, fine_since_fault=30, successes_since_failure=4))


def test_a_node_that_was_bad_before_and_has_not_failed_lately_is_history() -> None:
    late = replace(NODE, hours=72)
    assert lasting(report(late, length=28 * DAY)).findings[0].hours == 72
    assert not lasting(report(replace(late, ended=NOW - timedelta(days=7)), length=28 * DAY)).findings
    assert not lasting(report(replace(late, last_at=NOW - timedelta(days=7)), length=28 * DAY)).findings


def test_the_shorter_window_has_the_last_word_on_what_it_sees() -> None:
    short, long = (
        report(replace(NODE, successes_since_failure=9)),
        report(replace(NODE, rate=0.1, jobs=120), length=28 * DAY),
    )
    assert lasting(long).findings[0].hours == 672
    both = detected(short, now=NOW).beside(lasting(long))
    assert both.findings == ()
    assert len(detected(report(), now=NOW).beside(lasting(long)).findings) == 1


def test_what_hardware_said_weeks_ago_speaks_against_nobody_today() -> None:
    assert lasting(report(FAULTY, length=28 * DAY)).findings == ()
    (kept,) = lasting(report(replace(NODE, hard=True), length=28 * DAY)).findings
    assert not kept.hard


def test_a_node_that_fails_a_little_too_often_recovers_after_more_jobs_than_one_that_fails_most() -> None:
    often = replace(NODE, rate=0.05, jobs_failed=20, jobs=400)
    assert lasting(report(replace(often, successes_since_failure=80), length=28 * DAY)).findings
    assert not lasting(report(replace(often, successes_since_failure=90), length=28 * DAY)).findings


@given(jobs=st.integers(0, 500), rate=st.floats(0, 1), more=st.integers(0, 100), worse=st.floats(0, 1))
def test_more_healthy_jobs_and_a_worse_past_only_make_a_recovery_surer(
    jobs: int, rate: float, more: int, worse: float
) -> None:
    if has_gone_well(jobs, rate):
        assert has_gone_well(jobs + more, max(rate, worse))


@pytest.mark.parametrize(
    ("failed", "of", "back"),
    [(1, 12, False), (2, 2, False), (3, 3, True), (3, 60, False), (9, 60, True), (0, 0, False)],
)
def test_a_mended_node_is_back_with_more_than_luck_since(failed: int, of: int, back: bool) -> None:  # noqa: FBT001 the expected answer
    since = Count(name="gpu-node-03", failures=failed, jobs_failed=failed, attempts=of)
    assert is_back(hot(expected=0.05), since) is back


def test_the_long_window_neither_keeps_a_mended_node_open_nor_changes_what_the_incident_rests_on() -> None:
    incident = open_incident()
    held = seen(incident, long_hot(successes_since_failure=3), repeat_after=DAY, now=NOW + HOUR).incident
    assert held.finding == incident.finding
    assert held.is_live
    mended = seen(held, long_hot(successes_since_failure=4), repeat_after=DAY, now=NOW + HOUR + 10 * MINUTE)
    assert mended.incident.state is IncidentState.RESOLVED
    assert mended.step is not None
    assert mended.step.said == "4 of 4 jobs went well on it since its last failure"


@pytest.mark.parametrize(("days", "hours", "back"), [(1, 672, False), (27, 672, False), (29, 672, True), (1, 24, True)])
def test_the_long_window_does_not_reopen_what_ended_within_it(days: int, hours: int, back: bool) -> None:  # noqa: FBT001 the expected answer
    over = resolve(open_incident(), by="U1", now=NOW).incident
    later = NOW + days * DAY
    again = seen(over, hot(hours=hours, last_at=later), repeat_after=DAY, now=later)
    assert again.incident.is_live is back
    assert (again.step is not None and again.step.did is Did.REOPENED) is back
