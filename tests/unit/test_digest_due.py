"""Which weekly digest is due."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.answers.digest import due

MONDAY_NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)


def test_on_monday_morning_the_week_before_is_due() -> None:
    week = due(MONDAY_NINE, weekday=1, hour=9, time_zone="UTC")
    assert week.week == "2026-W47"
    assert week.period.since == datetime(2026, 11, 16, tzinfo=UTC)
    assert week.period.until == datetime(2026, 11, 23, tzinfo=UTC)


def test_a_minute_before_its_hour_the_digest_of_the_week_before_is_still_the_newest() -> None:
    assert due(MONDAY_NINE - timedelta(minutes=1), weekday=1, hour=9, time_zone="UTC").week == "2026-W46"


def test_after_downtime_the_same_week_is_still_due_on_saturday() -> None:
    assert due(MONDAY_NINE + timedelta(days=5), weekday=1, hour=9, time_zone="UTC").week == "2026-W47"


@pytest.mark.parametrize(("zone", "week"), [("Asia/Tokyo", "2026-W47"), ("America/Los_Angeles", "2026-W46")])
def test_the_hour_is_the_hour_of_the_channels_time_zone(zone: str, week: str) -> None:
    assert due(datetime(2026, 11, 23, 0, 30, tzinfo=UTC), weekday=1, hour=9, time_zone=zone).week == week


def test_a_week_with_a_clock_change_begins_and_ends_at_local_midnight() -> None:
    period = due(datetime(2026, 10, 26, 12, tzinfo=UTC), weekday=1, hour=9, time_zone="Europe/Berlin").period
    assert period.since == datetime(2026, 10, 18, 22, tzinfo=UTC)
    assert period.until == datetime(2026, 10, 25, 23, tzinfo=UTC)
    assert period.length == timedelta(days=7, hours=1)


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)),  # noqa: DTZ001 hypothesis adds the zone
    st.integers(1, 7),
    st.integers(0, 23),
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"]),
)
def test_every_week_is_due_once_and_in_order(at: datetime, weekday: int, hour: int, zone: str) -> None:
    now = at.replace(tzinfo=UTC)
    this = due(now, weekday=weekday, hour=hour, time_zone=zone)
    later = due(now + timedelta(days=7), weekday=weekday, hour=hour, time_zone=zone)
    assert this.period.until <= now
    assert now - this.period.until < timedelta(days=8, hours=1)
    assert this.week < later.week
    assert this.period.until == later.period.since
