"""What a visitor can do to the playground's clock, and nothing else: a skip waits until the bot has read what ran."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.playground.hands import Hands
from bot.playground.kube.cluster import SimulatedCluster
from bot.playground.kube.director import Director
from bot.playground.kube.server import serve_cluster
from bot.playground.kube.simulation import LiveTrickle
from bot.playground.page import Backstage
from bot.playground.page.refusing import NotPossible
from bot.playground.page.staging import choices, perform
from bot.playground.workspace import Workspace

FRIDAY = datetime(2026, 11, 27, 15, 30, tzinfo=UTC)


class Stage:
    """The scenes behind a page, and what the clock showed whenever the bot was waited for."""

    def __init__(self, hands: Hands, director: Director) -> None:
        self.hands = hands
        self.settled: list[datetime] = []
        self.backstage = Backstage(
            Workspace(), director, lambda: None, lambda: self.settled.append(self.hands()), self.hands
        )

    def cue(self, **cue: object) -> str:
        return str(perform(self.backstage, json.dumps(cue).encode())["note"])


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    cluster = SimulatedCluster()
    hands = Hands(tmp_path / "clock.json", time_zone="Europe/Berlin", machine=FRIDAY.timestamp)
    with serve_cluster(cluster) as server:
        yield Stage(hands, Director(server, LiveTrickle(cluster, now=FRIDAY), clock=hands))


@pytest.mark.parametrize(("to", "day"), [("tomorrow", 28), ("monday", 30)])
def test_a_skip_stops_short_of_nine_until_the_bot_has_read_what_ran(stage: Stage, to: str, day: int) -> None:
    assert "9:00" in stage.cue(type="skip", to=to)
    assert stage.settled == [datetime(2026, 11, day, 7, 58, tzinfo=UTC)]
    assert stage.hands() == datetime(2026, 11, day, 8, tzinfo=UTC)


def test_everything_that_is_offered_can_be_done(stage: Stage) -> None:
    offered = choices()
    for speed in offered["speeds"]:
        stage.cue(type="hurry", speed=speed)
        assert stage.backstage.look()["clock"]["speed"] == speed
    for skip in offered["skips"]:
        assert skip["about"] in stage.cue(type="skip", to=skip["to"])


@pytest.mark.parametrize("cue", [{"type": "hurry", "speed": 1_000}, {"type": "hurry", "speed": 0}])
def test_no_other_speed_is_possible(stage: Stage, cue: dict[str, object]) -> None:
    with pytest.raises(NotPossible, match="no such speed"):
        stage.cue(**cue)


def test_no_other_time_can_be_skipped_to(stage: Stage) -> None:
    with pytest.raises(NotPossible, match="no such time"):
        stage.cue(type="skip", to="yesterday")
