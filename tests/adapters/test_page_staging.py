"""What a visitor can do to the playground's clock, and nothing else: a skip waits until the bot has read what ran."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from playground.hands import Hands
from playground.kube.cluster import SimulatedCluster
from playground.kube.director import Director
from playground.kube.server import serve_cluster
from playground.kube.simulation import LiveTrickle, simulate_history
from playground.page import Backstage
from playground.page.refusing import NotPossible
from playground.page.staging import choices, perform
from playground.workspace import Workspace

FRIDAY = datetime(2026, 11, 27, 15, 30, tzinfo=UTC)


class Stage:
    """The scenes behind a page; what the clock showed and how many pods there were whenever the bot was waited for."""

    def __init__(self, hands: Hands, director: Director) -> None:
        self.hands, self.cluster = hands, director.server.cluster
        self.settled: list[tuple[datetime, int]] = []
        self.backstage = Backstage(Workspace(), director, lambda: None, self._settle, self.hands)

    def _settle(self) -> None:
        self.settled.append((self.hands(), len(self.cluster.pods())))

    def cue(self, **cue: object) -> str:
        return str(perform(self.backstage, json.dumps(cue).encode())["note"])


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    cluster = SimulatedCluster()
    hands = Hands(tmp_path / "clock.json", time_zone="Europe/Berlin", machine=FRIDAY.timestamp)
    trickle = LiveTrickle(cluster, now=FRIDAY, upcoming=simulate_history(cluster, now=FRIDAY))
    with serve_cluster(cluster) as server:
        yield Stage(hands, Director(server, trickle, clock=hands))


@pytest.mark.parametrize(("to", "day"), [("tomorrow", 28), ("monday", 30)])
def test_the_clock_waits_with_a_skip_until_the_bot_has_read_what_ran(stage: Stage, to: str, day: int) -> None:
    before = sum("deletionTimestamp" not in pod["metadata"] for pod in stage.cluster.pods())
    assert "9:00" in stage.cue(type="skip", to=to)
    assert [at for at, _ in stage.settled] == [FRIDAY]
    assert stage.settled[0][1] > before + 20
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
