"""The life of an incident, driven as a state machine: whatever people and detectors do in whatever order."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot.domain.analysis.report import Severity
from bot.domain.incidents.handle import HANDLES, may_handle
from bot.domain.incidents.incident import CLEARLY_MORE, DISMISSED_FOR, Because, Did, IncidentState
from bot.domain.incidents.lifecycle import Snooze, acknowledge, dismiss, reopen, seen, until
from bot.domain.incidents.notify import Act, Told, decide, face
from bot.domain.scope import Scope
from bot.services.incidents.notify import ENDED_WITHIN
from tests.unit.incidents.made import DAY, HOUR, MINUTE, NOW, hot, open_incident
from tests.unit.incidents.test_alerting import ON_CALL, Bot


class Life(RuleBasedStateMachine):
    """One incident and one channel; the clock only goes forward, and the bot may be killed after any word it says."""

    @initialize()
    def begin(self) -> None:
        self.bot = Bot()
        self.now = NOW
        self.failures = 12
        self.newest = NOW
        self.severity = Severity.WARNING
        self.hours = 24
        self.there = True
        self.settle()

    @rule(failures=st.integers(0, 40), severity=st.sampled_from(Severity), hours=st.sampled_from((24, 672)))
    def detector_sees(self, failures: int, severity: Severity, hours: int) -> None:
        self.there = True
        self.hours = hours
        self.failures += failures
        self.severity = severity
        if failures:
            self.newest = self.now
        self.see()

    @rule()
    def detector_sees_nothing(self) -> None:
        self.there = False
        self.see()

    @rule(span=st.sampled_from((MINUTE, 10 * MINUTE, HOUR, DAY, 8 * DAY)))
    def time_passes(self, span: timedelta) -> None:
        self.now += span

    @rule(word=st.sampled_from(sorted(HANDLES)))
    def somebody_presses(self, word: str) -> None:
        self.bot.incidents.change(Scope(), 1, lambda one: HANDLES[word](one, "U1", self.now, "UTC"), now=self.now)

    @rule()
    def bot_tells_and_is_killed_after_a_word(self) -> None:
        self.bot.slack.crash_after_speaking = True
        try:
            self.bot.tell(self.now)
        except KeyboardInterrupt:
            pass
        finally:
            self.bot.slack.crash_after_speaking = False

    @rule()
    def bot_tells(self) -> None:
        self.bot.tell(self.now)

    @rule()
    def settle(self) -> None:
        self.now += MINUTE
        self.see()
        self.bot.tell(self.now)
        self.shown_is_current()

    def see(self) -> None:
        finding = hot(
            failures=self.failures, jobs=self.failures, severity=self.severity, hours=self.hours, last_at=self.newest
        )
        before = self.bot.incidents.kept_incidents.get(1)
        self.bot.see(*([finding] if self.there else []), now=self.now)
        after = self.bot.incidents.kept_incidents[1]
        if before is not None and not before.is_live and after.is_live and before.dismissal is not None:
            assert not before.dismissal.silences(finding, self.now), "clearly more than was dismissed, or much later"

    def shown_is_current(self) -> None:
        incident = self.bot.incidents.kept_incidents[1]
        notice = self.bot.notices.notice(1, ON_CALL)
        forgotten = incident.resolved_at is not None and self.now - incident.resolved_at > ENDED_WITHIN
        if notice is not None and not forgotten and notice.told.episode == incident.episode:
            assert notice.told.face == face(incident)

    @invariant()
    def every_step_is_said_at_most_once(self) -> None:
        said = Counter(said.key for said in self.bot.slack.said(ON_CALL))
        assert all(times == 1 for times in said.values())

    @invariant()
    def states_agree_with_their_fields(self) -> None:
        incident = self.bot.incidents.kept_incidents[1]
        assert (incident.state is IncidentState.SNOOZED) == (incident.snoozed_until is not None)
        assert (incident.state is IncidentState.RESOLVED) == (incident.resolved_at is not None)
        assert incident.state is not IncidentState.ACKNOWLEDGED or incident.acknowledged_by is not None
        assert not incident.dismissed or (incident.state is IncidentState.RESOLVED and incident.dismissal is not None)

    @invariant()
    def steps_alternate_between_open_and_over(self) -> None:
        over = {Did.RESOLVED: True, Did.DISMISSED: True, Did.REOPENED: False, Did.OPENED: False}
        ends = [over[step.did] for step in self.bot.incidents.said[1] if step.did in over]
        assert ends[0] is False
        assert all(not (before is False and after is False) for before, after in pairwise(ends))


TestLife = cast("type[RuleBasedStateMachine]", Life).TestCase
TestLife.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


def test_a_snooze_until_tomorrow_ends_at_nine_where_the_person_is() -> None:
    assert until(Snooze.TOMORROW, now=NOW, time_zone="America/New_York") == datetime(2026, 11, 24, 14, tzinfo=UTC)
    assert until(Snooze.WEEK, now=NOW, time_zone="UTC") == NOW + 7 * DAY


@pytest.mark.parametrize(
    ("responders", "may"), [(("*",), True), (("U1",), True), (("S1",), True), (("U2", "S2"), False), ((), False)]
)
def test_who_may_handle_incidents(responders: tuple[str, ...], may: bool) -> None:  # noqa: FBT001 the expected answer
    members = {"S1": {"U1"}, "S2": {"U3"}}
    assert may_handle("U1", responders, lambda group: members[group]) is may


def test_an_incident_that_doubles_again_is_worse_again() -> None:
    incident = open_incident()
    steps = []
    for hours, failures in enumerate((20, 24, 47, 48), start=1):
        change = seen(incident, hot(failures=failures), repeat_after=DAY, now=NOW + hours * HOUR)
        incident = change.incident
        steps.append(change.step and change.step.did)
    assert steps == [None, Did.WORSE, None, Did.WORSE]


@given(
    jobs=st.integers(0, 100),
    hours=st.sampled_from((24, 72, 672)),
    later=st.integers(0, 100),
    window=st.sampled_from((24, 72, 672)),
    days=st.integers(0, 40),
    because=st.sampled_from(Because),
)
def test_the_same_or_less_than_was_dismissed_is_quiet_for_its_time_and_twice_as_much_never(
    *, jobs: int, hours: int, later: int, window: int, days: int, because: Because
) -> None:
    incident = dismiss(open_incident(finding=hot(jobs=jobs, hours=hours)), because, by="U1", now=NOW).incident
    assert incident.dismissal is not None
    quiet = incident.dismissal.silences(hot(jobs=later, hours=window), NOW + days * DAY)
    if days >= DISMISSED_FOR[because].days or later * hours >= CLEARLY_MORE * max(1, jobs) * window:
        assert not quiet
    elif later * hours <= jobs * window:
        assert quiet


def test_who_says_that_it_is_a_problem_after_all_takes_the_dismissal_back() -> None:
    dismissed = dismiss(open_incident(), Because.WRONG, by="U1", now=NOW).incident
    assert reopen(dismissed, by="U2", now=NOW).incident.dismissal is None
    back = reopen(dismissed, by=None, now=NOW).incident
    assert back.dismissal is not None
    assert acknowledge(back, by="U2", now=NOW).incident.dismissal is None


def test_a_decision_never_calls_anybody_for_a_snoozed_incident() -> None:
    snoozed = open_incident(state=IncidentState.SNOOZED, snoozed_until=NOW + HOUR)
    for told in (None, Told(), Told(face=face(snoozed))):
        assert decide(snoozed, told, []).act in {Act.EDIT, Act.NOTHING}
