from __future__ import annotations

from collections.abc import Mapping

from bot.cluster.api import Refused
from bot.cluster.register import Register
from bot.services.errors import Unavailable


class Cluster:
    """Nodes that come and go, and how often they were asked for."""

    def __init__(self) -> None:
        self.nodes: dict[str, int] = {"n1": 1}
        self.trouble: Unavailable | None = None
        self.asked = 0
        self.now = 0.0
        self.register = Register("nodes", self._read, clock=lambda: self.now)

    def _read(self) -> Mapping[str, int]:
        self.asked += 1
        if self.trouble is not None:
            raise self.trouble
        return dict(self.nodes)


def test_what_is_known_is_not_asked_for_again() -> None:
    cluster = Cluster()
    assert [cluster.register.get("n1") for _ in range(3)] == [1, 1, 1]
    assert cluster.asked == 1


def test_what_came_since_is_found_but_not_asked_for_at_every_turn() -> None:
    cluster = Cluster()
    assert cluster.register.get("n2") is None
    cluster.nodes["n2"] = 2
    assert cluster.register.get("n2") is None
    assert cluster.asked == 1
    cluster.now = 31.0
    assert cluster.register.get("n2") == 2


def test_what_changed_is_seen_after_half_an_hour() -> None:
    cluster = Cluster()
    cluster.register.get("n1")
    cluster.nodes["n1"] = 9
    cluster.now = 1801.0
    assert cluster.register.get("n1") == 9


def test_what_may_not_be_read_is_unknown_and_asked_for_seldom() -> None:
    cluster = Cluster()
    cluster.trouble = Refused("no", status=403)
    for cluster.now in (0.0, 31.0, 62.0):
        assert cluster.register.get("n1") is None
    assert cluster.asked == 1


def test_what_cannot_be_read_now_stays_as_it_was() -> None:
    cluster = Cluster()
    cluster.register.get("n1")
    cluster.trouble, cluster.now = Unavailable("away"), 1801.0
    assert cluster.register.get("n1") == 1


def test_what_comes_and_goes_with_each_pod_is_asked_for_alone_and_once() -> None:
    asked: list[str] = []

    def one(name: str) -> int | None:
        asked.append(name)
        return {"c2": 2}.get(name)

    register = Register("claims", lambda: {"c1": 1}, one=one, clock=lambda: 0.0)
    assert [register.get(name) for name in ("c1", "c2", "c2", "c3", "c3")] == [1, 2, 2, None, None]
    assert asked == ["c2", "c3"]


def test_what_cannot_be_asked_for_alone_is_unknown() -> None:
    def one(name: str) -> int | None:
        raise Refused(f"no {name}", status=403)

    assert Register("claims", lambda: {"c1": 1}, one=one).get("c2") is None
