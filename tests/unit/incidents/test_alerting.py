"""The sweep: told once, edited, called for what got worse, never lost, and every decision kept with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pytest

from bot.domain.analysis.report import Severity
from bot.domain.incidents.card import IncidentCard, IncidentLine, Unreachable
from bot.domain.incidents.detect import Detected
from bot.domain.incidents.incident import Because, Did, Finding, IncidentState
from bot.domain.incidents.lifecycle import Transition, acknowledge, dismiss, resolve, snooze
from bot.domain.incidents.maintenance import Maintenance, MaintenanceKind
from bot.domain.incidents.notify import Reason
from bot.domain.incidents.subscription import Subscription, Wants
from bot.domain.scope import Scope
from bot.services.errors import Undelivered
from bot.services.incidents import detect_incidents, notify
from tests.adapters.fake_incidents import FakeIncidents
from tests.adapters.fake_messenger import FakeMessenger, Said
from tests.adapters.fake_notices import FakeIncidentNotices, FakeOutbox, FakeUnreachableChannels
from tests.unit.incidents.made import DAY, HOT, HOUR, MINUTE, NOW, hot

ON_CALL = "C0ONCALL"
ALERTS = (Subscription(channel=ON_CALL, wants=Wants.ALERTS),)


@dataclass
class Bot:
    """The sweep, with a Slack and a memory that outlive it."""

    slack: FakeMessenger = field(default_factory=FakeMessenger)
    notices: FakeIncidentNotices = field(default_factory=FakeIncidentNotices)
    outbox: FakeOutbox = field(default_factory=FakeOutbox)
    unreachable: FakeUnreachableChannels = field(default_factory=FakeUnreachableChannels)
    incidents: FakeIncidents = field(default_factory=FakeIncidents)
    subscriptions: Sequence[Subscription] = ALERTS
    windows: Sequence[Maintenance] = ()

    def sweep(self, *findings: Finding, now: datetime = NOW) -> list[Reason]:
        self.see(*findings, now=now)
        return self.tell(now)

    def see(self, *findings: Finding, now: datetime = NOW, recovered: dict[str, str] | None = None) -> None:
        detect_incidents.observe(Detected(findings, recovered), self.incidents, Scope(), repeat_after=DAY, now=now)

    def tell(self, now: datetime = NOW) -> list[Reason]:
        speaker = notify.Speaker(
            scope=Scope(),
            incidents=self.incidents,
            notices=self.notices,
            outbox=self.outbox,
            unreachable=self.unreachable,
            messenger=self.slack,
            time_zone="UTC",
            on_call="S0ONCALL1",
            owner="U0OWNER12",
        )
        return [each.reason for _, _, each in notify.tell(speaker, self.subscriptions, self.windows, now=now)]

    def roots(self, channel: str = ON_CALL) -> list[Said]:
        return [said for said in self.slack.said(channel) if said.thread is None]

    def lines(self, *, reply_broadcast: bool | None = None) -> list[Did]:
        said = [one for one in self.slack.said(ON_CALL) if isinstance(one.value, IncidentLine)]
        return [one.value.step.did for one in said if reply_broadcast in {None, one.reply_broadcast}]  # type: ignore[attr-defined] # it is one

    def card(self) -> IncidentCard:
        (root,) = self.roots()
        assert isinstance(root.value, IncidentCard)
        return root.value

    def press(self, change: Transition | None) -> None:
        assert change is not None
        assert change.step is not None


@pytest.fixture
def bot() -> Bot:
    return Bot()


def test_a_hot_node_is_told_once(bot: Bot) -> None:
    assert bot.sweep(HOT) == [Reason.NEW]
    assert bot.sweep(HOT, now=NOW + MINUTE) == [Reason.KNOWN]
    assert len(bot.roots()) == 1
    assert bot.lines() == [Did.OPENED]


def test_new_numbers_edit_the_same_message_and_call_nobody(bot: Bot) -> None:
    bot.sweep(HOT)
    assert bot.sweep(hot(jobs=13, failures=13), now=NOW + MINUTE) == [Reason.CHANGED]
    assert bot.card().incident.finding.jobs == 13
    assert bot.lines() == [Did.OPENED]


def test_what_got_worse_is_said_aloud_in_the_thread(bot: Bot) -> None:
    bot.sweep(HOT)
    assert bot.sweep(hot(failures=24), now=NOW + MINUTE) == [Reason.CHANGED], "they were called a minute ago"
    assert bot.sweep(hot(failures=24), now=NOW + HOUR) == [Reason.WORSE]
    later = NOW + HOUR + MINUTE
    assert bot.sweep(hot(failures=24, severity=Severity.CRITICAL), now=later) == [Reason.WORSE]
    assert bot.sweep(hot(failures=30, severity=Severity.CRITICAL), now=later + HOUR) == [Reason.CHANGED]
    assert bot.lines(reply_broadcast=True) == [Did.WORSE, Did.WORSE]
    assert len(bot.roots()) == 1


def test_what_nobody_has_taken_is_repeated_after_a_day(bot: Bot) -> None:
    bot.sweep(HOT)
    assert bot.sweep(HOT, now=NOW + DAY - MINUTE) == [Reason.KNOWN]
    assert bot.sweep(HOT, now=NOW + DAY) == [Reason.STILL]
    assert bot.lines(reply_broadcast=True) == [Did.REPEATED]


def test_what_somebody_has_taken_is_not_repeated(bot: Bot) -> None:
    bot.sweep(HOT)
    bot.press(bot.incidents.change(Scope(), 1, lambda one: acknowledge(one, by="U1", now=NOW), now=NOW))
    assert bot.sweep(HOT, now=NOW + DAY) == [Reason.CHANGED]
    assert bot.lines(reply_broadcast=True) == []
    assert bot.card().incident.acknowledged_by == "U1"


def test_a_node_that_recovers_has_its_message_edited_once_and_is_told_aloud_if_it_comes_back(bot: Bot) -> None:
    bot.sweep(HOT)
    bot.see(now=NOW + HOUR, recovered={HOT.key: "9 of 9 jobs went well"})
    assert bot.tell(NOW + HOUR) == [Reason.CHANGED]
    assert bot.sweep(now=NOW + HOUR + MINUTE) == []
    assert bot.card().incident.state is IncidentState.RESOLVED
    assert bot.sweep(HOT, now=NOW + 2 * HOUR) == [], "no failure is newer than the end"
    assert bot.sweep(hot(last_at=NOW + 2 * HOUR), now=NOW + 2 * HOUR) == [Reason.BACK]
    assert bot.lines(reply_broadcast=True) == [Did.REOPENED]
    assert len(bot.roots()) == 1


def test_what_comes_back_after_days_has_a_message_of_its_own(bot: Bot) -> None:
    bot.sweep(HOT)
    bot.sweep(now=NOW + HOUR)
    later = NOW + 3 * DAY
    assert bot.sweep(hot(last_at=later), now=later) == [Reason.BACK]
    assert len(bot.roots()) == 2


def test_an_undelivered_alert_is_told_by_the_next_sweep(bot: Bot) -> None:
    bot.slack.away = True
    with pytest.raises(Undelivered):
        bot.sweep(HOT)
    bot.slack.away = False
    assert bot.sweep(HOT) == [Reason.NEW]


def test_what_happened_while_slack_was_away_is_caught_up_in_order_with_one_call(bot: Bot) -> None:
    bot.sweep(HOT)
    bot.slack.away = True
    bot.see(hot(failures=24), now=NOW + HOUR)
    bot.see(hot(failures=48), now=NOW + 2 * HOUR)
    with pytest.raises(Undelivered):
        bot.tell(NOW + 2 * HOUR)
    bot.incidents.change(Scope(), 1, lambda one: acknowledge(one, by="U1", now=NOW + 2 * HOUR), now=NOW)
    bot.slack.away = False
    assert bot.tell(NOW + 3 * HOUR) == [Reason.WORSE]
    assert bot.lines() == [Did.OPENED, Did.WORSE, Did.WORSE, Did.ACKNOWLEDGED]
    assert bot.lines(reply_broadcast=True) == [Did.WORSE]


def test_a_crash_after_any_word_ends_in_an_edit_not_a_second_message(bot: Bot) -> None:
    for _ in range(2):  # once after the message, once after the line in its thread
        bot.slack.crash_after_speaking = True
        with pytest.raises(KeyboardInterrupt):
            bot.sweep(HOT)
        bot.slack.crash_after_speaking = False
    bot.sweep(HOT)
    assert len(bot.roots()) == 1
    assert bot.lines() == [Did.OPENED]


def test_a_snoozed_incident_is_silent_and_still_counts(bot: Bot) -> None:
    bot.sweep(HOT)
    bot.press(bot.incidents.change(Scope(), 1, lambda one: snooze(one, NOW + 4 * HOUR, by="U1", now=NOW), now=NOW))
    assert bot.sweep(hot(failures=99), now=NOW + HOUR) == [Reason.SNOOZED]
    assert bot.card().incident.finding.failures == 99
    assert bot.lines(reply_broadcast=True) == []
    assert bot.sweep(hot(failures=99), now=NOW + 4 * HOUR) == [Reason.WOKEN]
    assert bot.lines(reply_broadcast=True) == [Did.WOKEN]


def test_what_is_no_problem_stays_quiet_until_there_is_twice_as_much_of_it(bot: Bot) -> None:
    bot.sweep(HOT)
    bot.press(bot.incidents.change(Scope(), 1, lambda one: dismiss(one, Because.WRONG, by="U1", now=NOW), now=NOW))
    more = hot(last_at=NOW + HOUR, jobs=23, severity=Severity.CRITICAL)
    assert bot.sweep(more, now=NOW + HOUR) == [Reason.DISMISSED]
    assert bot.sweep(hot(last_at=NOW + HOUR, jobs=24), now=NOW + HOUR) == [Reason.BACK]


def test_new_words_of_the_hardware_are_told_although_the_node_was_called_no_problem(bot: Bot) -> None:
    bot.sweep(HOT)
    bot.press(bot.incidents.change(Scope(), 1, lambda one: dismiss(one, Because.EXPECTED, by="U1", now=NOW), now=NOW))
    assert bot.sweep(hot(last_at=NOW + HOUR, hard=True), now=NOW + HOUR) == [Reason.BACK]


def test_a_node_in_maintenance_calls_nobody_and_is_told_afterwards_if_it_lasts(bot: Bot) -> None:
    bot.windows = (Maintenance(part=MaintenanceKind.NODE, name=HOT.subject, since=NOW, until=NOW + HOUR, by="U1"),)
    assert bot.sweep(HOT) == [Reason.MAINTENANCE]
    assert bot.roots() == []
    assert bot.sweep(HOT, now=NOW + HOUR) == [Reason.NEW]


def test_what_was_over_before_anybody_was_told_is_not_told(bot: Bot) -> None:
    bot.see(HOT)
    bot.incidents.change(Scope(), 1, lambda one: resolve(one, by="U1", now=NOW), now=NOW)
    assert bot.tell() == [Reason.OVER]
    assert bot.roots() == []


def test_a_channel_hears_from_the_number_of_jobs_it_asked_for_and_of_hard_faults_at_once(bot: Bot) -> None:
    bot.subscriptions = (Subscription(channel=ON_CALL, wants=Wants.ALERTS, threshold=13),)
    assert bot.sweep(HOT) == [Reason.BELOW]
    assert bot.sweep(hot(hard=True), now=NOW + MINUTE) == [Reason.NEW]


def test_a_channel_that_refuses_does_not_stop_the_others_and_its_owner_hears_of_it_once(bot: Bot) -> None:
    bot.subscriptions = (Subscription(channel="C0GONE", wants=Wants.ALERTS), *ALERTS)
    bot.slack.refused.add("C0GONE")
    bot.sweep(HOT)
    bot.sweep(HOT, now=NOW + MINUTE)
    assert len(bot.roots()) == 1
    assert [type(said.value) for said in bot.slack.said("U0OWNER12")] == [Unreachable]
    assert bot.sweep(HOT, now=NOW + 2 * MINUTE)[0] is Reason.UNREACHABLE
    bot.slack.refused.clear()
    bot.sweep(HOT, now=NOW + 2 * HOUR)
    assert len(bot.roots("C0GONE")) == 1


def test_a_message_that_somebody_deleted_is_posted_anew(bot: Bot) -> None:
    bot.sweep(HOT)
    bot.slack.channels[ON_CALL].clear()
    bot.sweep(hot(failures=13), now=NOW + MINUTE)
    assert len(bot.roots()) == 1


def test_every_decision_is_kept_and_the_same_one_again_is_counted(bot: Bot) -> None:
    for number in range(3):
        bot.sweep(HOT, now=NOW + number * MINUTE)
    assert [(kept.decision.reason, kept.times) for kept in bot.incidents.kept(Scope(), 1)] == [
        (Reason.NEW, 1),
        (Reason.KNOWN, 2),
    ]


def test_nothing_is_over_in_a_cluster_that_is_not_watched(bot: Bot) -> None:
    bot.sweep(HOT)
    later = NOW + HOUR
    detect_incidents.observe(Detected(), bot.incidents, Scope(), repeat_after=DAY, unwatched={"prod/eu"}, now=later)
    assert bot.incidents.kept_incidents[1].is_live


def test_what_is_caught_up_is_told_in_the_order_in_which_it_began(bot: Bot) -> None:
    later, sooner = hot(subject="b", since=NOW), hot(subject="a", since=NOW - HOUR)
    bot.sweep(later, sooner, now=NOW + MINUTE)
    cards = [said.value for said in bot.roots()]
    assert [card.incident.finding.subject for card in cards if isinstance(card, IncidentCard)] == ["a", "b"]
