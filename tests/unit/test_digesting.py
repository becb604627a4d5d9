"""The digest: once for each week or day and channel, whatever restarts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.analysis.report import Report, Summary
from bot.domain.answers.digest import Digest, Due
from bot.domain.incidents.subscription import Subscription, Wants
from bot.domain.period import Period
from bot.services.incidents import weekly_digest
from bot.services.incidents.weekly_digest import Digested
from tests.adapters.fake_messenger import FakeMessenger, Said
from tests.adapters.fake_notices import FakeDigestNotices, FakeOutbox

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
WEEKLY = Subscription(channel="C0TEAM", wants=Wants.DIGEST)


@dataclass
class Bot:
    slack: FakeMessenger = field(default_factory=FakeMessenger)
    notices: FakeDigestNotices = field(default_factory=FakeDigestNotices)
    outbox: FakeOutbox = field(default_factory=FakeOutbox)

    def digest(self, attempts: int = 64, now: datetime = NOW, wanted: Subscription = WEEKLY) -> Digested:
        report = Report(period=Period.last(timedelta(days=7), until=NOW), summary=Summary(attempts=attempts))

        def make(week: Due) -> Digest:
            return Digest(week=week.week, report=replace(report, period=week.period), time_zone="UTC")

        return weekly_digest.digest(make, self.notices, self.outbox, self.slack, wanted=wanted, now=now)

    def roots(self) -> list[Said]:
        return [said for said in self.slack.said("C0TEAM") if said.thread is None]


@pytest.fixture
def bot() -> Bot:
    return Bot()


def test_a_digest_is_posted_once_for_a_week_whatever_restarts(bot: Bot) -> None:
    assert bot.digest() is Digested.POSTED
    assert bot.digest(now=NOW + timedelta(days=3)) is Digested.KNOWN
    assert bot.digest(now=NOW + timedelta(days=7)) is Digested.POSTED
    assert len(bot.roots()) == 2


def test_a_digest_whose_note_was_lost_in_a_crash_is_found_again(bot: Bot) -> None:
    bot.slack.crash_after_speaking = True
    with pytest.raises(KeyboardInterrupt):
        bot.digest()
    bot.slack.crash_after_speaking = False
    assert bot.digest() is Digested.FOUND
    assert len(bot.roots()) == 1


def test_a_week_without_any_attempt_has_no_digest_unless_it_was_asked_for(bot: Bot) -> None:
    assert bot.digest(0) is Digested.EMPTY
    assert bot.slack.said("C0TEAM") == []
    assert bot.digest(0, wanted=replace(WEEKLY, skip_empty=False)) is Digested.POSTED


def test_a_channel_that_subscribes_on_tuesday_hears_first_on_monday(bot: Bot) -> None:
    tuesday = replace(WEEKLY, created_at=NOW + timedelta(days=1))
    assert bot.digest(now=NOW + timedelta(days=1), wanted=tuesday) is Digested.EARLY
    assert bot.digest(now=NOW + timedelta(days=7), wanted=tuesday) is Digested.POSTED


def test_a_daily_digest_tells_of_one_day(bot: Bot) -> None:
    daily = replace(WEEKLY, daily=True)
    assert bot.digest(wanted=daily) is Digested.POSTED
    assert bot.digest(wanted=daily, now=NOW + timedelta(hours=20)) is Digested.KNOWN
    assert bot.digest(wanted=daily, now=NOW + timedelta(days=1)) is Digested.POSTED
    value = bot.slack.said("C0TEAM")[0].value
    assert isinstance(value, Digest)
    assert value.report.period.length == timedelta(days=1)


def test_two_projects_of_one_channel_have_a_digest_each(bot: Bot) -> None:
    assert bot.digest(wanted=replace(WEEKLY, project="ml-team")) is Digested.POSTED
    assert bot.digest(wanted=replace(WEEKLY, project="research")) is Digested.POSTED
