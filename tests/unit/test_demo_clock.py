"""The demo's clock: everyone who reads it sees the same time, which may run fast and jump ahead but never goes back."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.clock import FollowingClock
from playground.hands import SPEEDS, Hands

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)  # a Monday


class Machine:
    """The machine's clock, turned by the test."""

    def __init__(self) -> None:
        self.seconds = NOW.timestamp()

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.fixture
def hands(tmp_path: Path, machine: Machine) -> Hands:
    return Hands(tmp_path / "clock.json", time_zone="Europe/Berlin", machine=machine)


def test_it_shows_the_machine_s_time_until_it_is_turned(hands: Hands, machine: Machine) -> None:
    machine.seconds += 90
    assert hands() == NOW + timedelta(seconds=90)


def test_a_hurried_minute_lasts_a_second(hands: Hands, machine: Machine) -> None:
    hands.hurry(60)
    machine.seconds += 1
    assert hands() == NOW + timedelta(minutes=1)
    hands.hurry(1)
    machine.seconds += 1
    assert hands() == NOW + timedelta(minutes=1, seconds=1)


def test_the_next_nine_o_clock_is_one_where_people_are(hands: Hands) -> None:
    assert hands.next_nine() == datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
    assert hands.next_nine(0) == datetime(2026, 11, 30, 8, 0, tzinfo=UTC)


def test_a_time_that_has_passed_is_not_gone_back_to(hands: Hands) -> None:
    hands.skip(NOW - timedelta(days=1))
    assert hands() == NOW


def test_a_lost_file_leaves_the_clock_on_its_course(tmp_path: Path, machine: Machine) -> None:
    hands = Hands(tmp_path / "clock.json", time_zone="UTC", machine=machine)
    hands.hurry(10)
    reader = FollowingClock(tmp_path / "clock.json", machine=machine)
    (tmp_path / "clock.json").write_text("[1,")
    machine.seconds += 6
    assert reader() == NOW + timedelta(minutes=1)


TURNS = st.one_of(
    st.sampled_from(SPEEDS),
    st.timedeltas(timedelta(days=-2), timedelta(days=9)),
)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.floats(-2, 100), TURNS), max_size=12))
def test_time_never_runs_backwards_for_anybody(steps: list[tuple[float, int | timedelta]]) -> None:
    """Not even where the machine's clock is set back a little."""
    with tempfile.TemporaryDirectory() as directory:
        file, machine = Path(directory) / "clock.json", Machine()
        hands = Hands(file, time_zone="UTC", machine=machine)
        bot = FollowingClock(file, machine=machine)
        newest = NOW
        for passed, turn in steps:
            machine.seconds += passed
            if isinstance(turn, timedelta):
                hands.skip(hands() + turn)
            else:
                hands.hurry(turn)
            seen = hands()
            assert abs(bot() - seen) < timedelta(milliseconds=1)
            assert seen >= newest
            newest = seen
