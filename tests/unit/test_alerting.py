"""The sweep for hot nodes, and the weekly digest: told once, edited, repeated late, never lost."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.alert import Decision, HotNode, NodeRecovered
from bot.domain.analysis.report import NodeFinding, Report, Severity, Summary
from bot.domain.period import Period
from bot.services import alerting, digesting
from bot.services.digesting import Digested
from bot.services.ports import Undelivered
from tests.adapters.fake_messenger import FakeMessenger
from tests.adapters.fake_notices import FakeNotices

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ON_CALL = "C0ONCALL"
HOT = NodeFinding(
    node="gpu-node-03",
    cluster="prod/eu",
    failures=12,
    jobs_failed=12,
    jobs=16,
    rate=0.75,
    rate_low=0.51,
    rate_high=0.9,
    expected_rate=0.08,
    q_value=1e-6,
    severity=Severity.CRITICAL,
)


class Bot:
    """The sweep and the digest with a Slack and a memory that outlive them."""

    def __init__(self) -> None:
        self.slack = FakeMessenger()
        self.notices = FakeNotices()

    def sweep(self, *findings: NodeFinding, now: datetime = NOW) -> Counter[Decision]:
        return alerting.sweep(
            findings,
            self.notices,
            self.slack,
            channel=ON_CALL,
            period=Period.last(timedelta(days=1), until=now),
            time_zone="UTC",
            repeat_after=timedelta(hours=24),
            now=now,
        )

    def digest(self, report: Report, now: datetime = NOW) -> Digested:
        return digesting.digest(
            lambda period: replace(report, period=period),
            self.notices,
            self.slack,
            channel="C0TEAM",
            weekday=1,
            hour=9,
            time_zone="UTC",
            now=now,
        )


@pytest.fixture
def bot() -> Bot:
    return Bot()


def test_a_hot_node_is_told_once(bot: Bot) -> None:
    assert bot.sweep(HOT) == {Decision.TELL: 1}
    assert bot.sweep(HOT, now=NOW + timedelta(minutes=1)) == {Decision.KNOWN: 1}
    assert [type(said.value) for said in bot.slack.said(ON_CALL)] == [HotNode]


def test_new_numbers_edit_the_same_message(bot: Bot) -> None:
    bot.sweep(HOT)
    assert bot.sweep(replace(HOT, jobs_failed=13, jobs=17)) == {Decision.EDIT: 1}
    (said,) = bot.slack.said(ON_CALL)
    assert isinstance(said.value, HotNode)
    assert said.value.finding.jobs_failed == 13


def test_a_node_that_stays_hot_is_repeated_after_a_day(bot: Bot) -> None:
    bot.sweep(HOT)
    assert bot.sweep(HOT, now=NOW + timedelta(hours=24)) == {Decision.REPEAT: 1}
    assert len(bot.slack.said(ON_CALL)) == 2


def test_a_node_that_recovers_has_its_message_edited_once_and_is_told_anew_if_it_comes_back(bot: Bot) -> None:
    bot.sweep(HOT)
    assert bot.sweep(now=NOW + timedelta(hours=2)) == {Decision.RESOLVE: 1}
    assert bot.sweep(now=NOW + timedelta(hours=2, minutes=1)) == {}
    (said,) = bot.slack.said(ON_CALL)
    assert said.value == NodeRecovered(
        node="gpu-node-03", cluster="prod/eu", told_at=NOW, recovered_at=NOW + timedelta(hours=2), time_zone="UTC"
    )
    assert bot.sweep(HOT, now=NOW + timedelta(hours=3)) == {Decision.TELL: 1}
    assert len(bot.slack.said(ON_CALL)) == 2


def test_an_undelivered_alert_is_told_by_the_next_sweep(bot: Bot) -> None:
    bot.slack.away = True
    with pytest.raises(Undelivered):
        bot.sweep(HOT)
    bot.slack.away = False
    assert bot.sweep(HOT) == {Decision.TELL: 1}


def test_a_crash_between_speaking_and_noting_ends_in_an_edit_not_a_second_message(bot: Bot) -> None:
    bot.slack.crash_after_speaking = True
    with pytest.raises(KeyboardInterrupt):
        bot.sweep(HOT)
    bot.slack.crash_after_speaking = False
    bot.sweep(HOT)
    (said,) = bot.slack.said(ON_CALL)
    assert said.edits == 1


def a_report(attempts: int) -> Report:
    return Report(period=Period.last(timedelta(days=7), until=NOW), summary=Summary(attempts=attempts))


def test_a_digest_is_posted_once_for_a_week_whatever_restarts(bot: Bot) -> None:
    assert bot.digest(a_report(64)) is Digested.POSTED
    assert bot.digest(a_report(64), NOW + timedelta(days=3)) is Digested.KNOWN
    assert bot.digest(a_report(64), NOW + timedelta(days=7)) is Digested.POSTED
    assert len(bot.slack.said("C0TEAM")) == 2


def test_a_digest_whose_note_was_lost_in_a_crash_is_found_again(bot: Bot) -> None:
    bot.slack.crash_after_speaking = True
    with pytest.raises(KeyboardInterrupt):
        bot.digest(a_report(64))
    bot.slack.crash_after_speaking = False
    assert bot.digest(a_report(64)) is Digested.FOUND
    assert len(bot.slack.said("C0TEAM")) == 1


def test_a_week_without_any_attempt_has_no_digest(bot: Bot) -> None:
    assert bot.digest(a_report(0)) is Digested.EMPTY
    assert bot.slack.said("C0TEAM") == []
