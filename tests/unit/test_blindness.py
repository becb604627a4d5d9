"""Spells without sight or speech: one message each, posted while it lasts and edited once it is over."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.incidents.outage import BlindNow, Outage, SlackAway
from bot.services.errors import Undelivered
from bot.services.incidents import outages
from tests.adapters.fake_messenger import FakeMessenger
from tests.adapters.fake_notices import FakeOutages, FakeOutbox

NOW = datetime(2026, 11, 23, 14, 2, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
OWNER = "C0OWNERS"
LASTS = BlindNow("prod/eu", NOW, "connection refused")


@dataclass
class Bot:
    slack: FakeMessenger = field(default_factory=FakeMessenger)
    outages: FakeOutages = field(default_factory=FakeOutages)
    outbox: FakeOutbox = field(default_factory=FakeOutbox)

    def tell(self, *current: BlindNow, now: datetime = NOW) -> list[object]:
        owner = outages.BotOwner(OWNER, self.outages, self.outbox, self.slack)
        outages.tell(current, owner, now=now)
        return [said.value for said in self.slack.said(OWNER)]


@pytest.fixture
def bot() -> Bot:
    return Bot()


def test_a_long_spell_is_told_while_it_lasts_and_edited_once_it_is_over(bot: Bot) -> None:
    assert bot.tell(LASTS, now=NOW + MINUTE) == []
    assert bot.tell(LASTS, now=NOW + 5 * MINUTE) == [LASTS]
    assert bot.tell(LASTS, now=NOW + HOUR) == [LASTS]
    over = Outage("prod/eu", NOW, NOW + HOUR, 31)
    outages.remember(over, bot.outages)
    assert bot.tell(now=NOW + HOUR) == [over]
    assert bot.tell(now=NOW + HOUR + MINUTE) == [over]


def test_a_restart_that_sees_another_beginning_edits_the_same_message(bot: Bot) -> None:
    bot.tell(LASTS, now=NOW + HOUR)
    assert bot.tell(BlindNow("prod/eu", NOW - MINUTE, "away"), now=NOW + HOUR) == [LASTS]
    over = Outage("prod/eu", NOW - MINUTE, NOW + HOUR, 31)
    outages.remember(over, bot.outages)
    assert bot.tell(now=NOW + HOUR) == [over]
    again = BlindNow("prod/eu", NOW + 2 * HOUR, "away")
    assert bot.tell(again, now=NOW + 3 * HOUR) == [over, again]


def test_a_short_spell_is_told_once_it_is_over(bot: Bot) -> None:
    over = Outage("prod/eu", NOW, NOW + 2 * MINUTE, 3)
    outages.remember(over, bot.outages)
    assert bot.tell(now=NOW + 3 * MINUTE) == [over]
    assert bot.tell(now=NOW + 3 * MINUTE) == [over]


def test_a_crash_after_the_word_ends_in_an_edit_of_the_same_message(bot: Bot) -> None:
    bot.slack.crash_after_speaking = True
    with pytest.raises(KeyboardInterrupt):
        bot.tell(LASTS, now=NOW + HOUR)
    bot.slack.crash_after_speaking = False
    assert bot.tell(LASTS, now=NOW + HOUR) == [LASTS]


def test_an_owner_who_cannot_be_told_is_told_once_slack_is_back(bot: Bot) -> None:
    over = Outage("prod/eu", NOW, NOW + HOUR, 31)
    outages.remember(over, bot.outages)
    bot.slack.away = True
    with pytest.raises(Undelivered):
        bot.tell(now=NOW + HOUR)
    bot.slack.away = False
    assert bot.tell(now=NOW + 2 * HOUR) == [over]


def test_a_message_that_somebody_deleted_is_posted_anew(bot: Bot) -> None:
    bot.tell(LASTS, now=NOW + HOUR)
    bot.slack.channels[OWNER].clear()
    over = Outage("prod/eu", NOW, NOW + HOUR, 31)
    outages.remember(over, bot.outages)
    assert bot.tell(now=NOW + HOUR) == [over]


def test_a_channel_that_is_closed_is_not_asked_again_and_again(bot: Bot) -> None:
    bot.slack.refused.add(OWNER)
    bot.tell(LASTS, now=NOW + HOUR)
    bot.slack.refused.clear()
    assert bot.tell(LASTS, now=NOW + HOUR) == []


def follow(bot: Bot, *steps: tuple[bool, int]) -> list[SlackAway]:
    for number, (away, posted) in enumerate(steps):
        outages.follow_slack(bot.outages, away=away, posted=posted, now=NOW + number * MINUTE)
    return bot.outages.slack_outages(NOW)


def test_messages_that_came_late_are_counted_from_the_first_that_failed_to_the_last_that_came(bot: Bot) -> None:
    spells = follow(bot, (False, 4), (True, 2), (True, 0), (True, 20), (False, 11), (False, 3))
    assert spells == [SlackAway(NOW + MINUTE, NOW + 4 * MINUTE, 31)]
    assert bot.tell(now=NOW + HOUR) == spells
    assert bot.tell(now=NOW + HOUR) == spells


def test_a_hiccup_and_an_outage_in_which_nothing_was_to_be_said_are_not_told(bot: Bot) -> None:
    assert follow(bot, (True, 0), (False, 0)) == []
    outages.follow_slack(bot.outages, away=True, posted=0, now=NOW)
    outages.follow_slack(bot.outages, away=False, posted=2, now=NOW + timedelta(seconds=30))
    assert bot.outages.slack_outages(NOW) == []
