from __future__ import annotations

from typing import Any

import pytest

from bot.domain.period import Period
from bot.domain.scope import Scope
from bot.domain.workload.version import DRIVER, KERNEL, ROLLOUT, Version, VersionSeen
from bot.store.store import Store
from tests.contract.seen import at

ALL = Scope()
DAY = 24 * 60


def seen(value: str, when: float, subject: str = "gpu-node-03", **facts: Any) -> VersionSeen:
    known: dict[str, Any] = {"cluster": "prod", "what": DRIVER} | facts
    return VersionSeen(subject=subject, value=value, at=at(when), **known)


def changed(store: Store, scope: Scope = ALL, since: float = -1, until: float = 10 * DAY) -> list[Version]:
    return list(store.evidence.inventory(scope, Period(at(since), at(until))).changed)


def test_what_is_seen_for_the_first_time_has_changed_nothing(store: Store) -> None:
    assert store.recorder.record_versions([seen("550.90", 0), seen("6.8", 0, what=KERNEL)]) == 2
    assert store.recorder.record_versions([seen("550.90", 5)]) == 0
    assert changed(store) == []


def test_another_value_replaces_the_one_that_was_seen_last(store: Store) -> None:
    for value, when in (("550.90", 0), ("550.90", 100), ("570.12", 110), ("570.12", 120), ("570.12", 300)):
        store.recorder.record_versions([seen(value, when)])
    assert changed(store) == [
        Version(
            cluster="prod",
            what=DRIVER,
            subject="gpu-node-03",
            value="570.12",
            first_seen=at(110),
            last_seen=at(300),
            replaced="550.90",
            replaced_seen=at(100),
        )
    ]
    assert changed(store, since=111) == []
    assert changed(store, until=110) == []


def test_when_something_was_last_seen_is_written_once_an_hour(store: Store) -> None:
    for when in (0, 59, 61, 119):
        store.recorder.record_versions([seen("550.90", when)])
    store.recorder.record_versions([seen("570.12", 120)])
    assert [one.replaced_seen for one in changed(store)] == [at(61)]


def test_going_back_to_a_known_value_is_no_change_but_ends_the_other(store: Store) -> None:
    for value, when in (("550.90", 0), ("570.12", 10), ("550.90", 20), ("550.90", 100)):
        store.recorder.record_versions([seen(value, when)])
    (one,) = changed(store)
    assert (one.value, one.last_seen) == ("570.12", at(10))
    assert store.evidence.inventory(ALL, Period(at(0), at(1))).looked == {"prod": at(100)}


def test_what_was_seen_in_one_go_is_taken_in_the_order_of_its_times(store: Store) -> None:
    store.recorder.record_versions([seen("new", 200), seen("old", 0), seen("old", 100)])
    (one,) = changed(store)
    assert (one.replaced, one.replaced_seen) == ("old", at(100))


def test_seeing_the_same_again_changes_nothing(store: Store) -> None:
    everything = [seen("550.90", 0), seen("570.12", 10)]
    assert store.recorder.record_versions(everything) == 2
    before = changed(store)
    assert store.recorder.record_versions(everything) == 0
    assert changed(store) == before


def test_nodes_are_counted_by_what_they_say(store: Store) -> None:
    store.recorder.record_versions(
        [seen("550.90", 0), seen("570.12", 9), seen("550.90", 0, "n2"), seen("6.8", 0, what=KERNEL)]
    )
    store.recorder.record_versions([seen("550.90", 0, cluster="other")])
    assert store.evidence.inventory(ALL, Period(at(0), at(1))).nodes == {
        ("prod", DRIVER): 2,
        ("prod", KERNEL): 1,
        ("other", DRIVER): 1,
    }
    assert store.evidence.inventory(Scope(cluster="other"), Period(at(0), at(1))).nodes == {("other", DRIVER): 1}


@pytest.mark.parametrize(
    ("scope", "found"),
    [
        (ALL, 3),
        (Scope(project="ml-team"), 2),
        (Scope(frozenset({"research"})), 1),
        (Scope(cluster="other"), 0),
    ],
)
def test_a_rollout_is_shown_to_those_who_may_see_its_project(store: Store, scope: Scope, found: int) -> None:
    for value, when in (("a", 0), ("b", 10)):
        store.recorder.record_versions(
            [
                seen(value, when),
                seen(value, when, "serve", what=ROLLOUT, project="ml-team"),
                seen(value, when, "serve", what=ROLLOUT),
            ]
        )
    assert len(changed(store, scope)) == found


def test_names_of_any_sort_are_kept(store: Store) -> None:
    name, value = "\0\ud800💥" * 300, "💥\0" * 90
    store.recorder.record_versions(
        [seen(value, 0, name), seen("b" * 900, 5, name, what=ROLLOUT, project=name, cluster=name)]
    )
    store.recorder.record_versions([seen("570.12", 9, name)])
    assert [one.value for one in changed(store)] == ["570.12"]


def test_versions_not_seen_for_long_are_forgotten(store: Store) -> None:
    store.recorder.record_versions([seen("550.90", 0), seen("570.12", 10), seen("570.12", 3 * DAY)])
    store.recorder.record_versions([seen("550.90", 0, "gone")])
    store.prune(at(2 * DAY))
    assert store.evidence.inventory(ALL, Period(at(0), at(DAY))).nodes == {("prod", DRIVER): 1}
    assert len(changed(store)) == 1


def test_a_cluster_that_makes_values_up_fills_no_database(store: Store) -> None:
    assert store.recorder.record_versions([seen(f"driver-{number}", number) for number in range(300)]) == 200
    assert store.recorder.record_versions([seen("another", 400), seen("550.90", 400, "n2")]) == 1


def test_a_node_tells_its_own_versions_the_oldest_first(store: Store) -> None:
    store.recorder.record_versions([seen("550.90", 0), seen("6.8", 0, what=KERNEL), seen("570.12", 60)])
    store.recorder.record_versions([seen("535", 0, subject="gpu-node-04"), seen("535", 0, cluster="staging")])
    store.recorder.record_versions([seen("template", 0, what=ROLLOUT, project="ml-team")])
    told = store.evidence.versions(Scope(), "prod", "gpu-node-03")
    assert [(one.what, one.value, one.replaced) for one in told] == [
        (DRIVER, "550.90", None),
        (KERNEL, "6.8", None),
        (DRIVER, "570.12", "550.90"),
    ]
    assert store.evidence.versions(Scope(), "prod", "gpu-node-99") == []


def test_nodes_are_known_to_those_who_may_see_every_project(store: Store) -> None:
    store.recorder.record_versions(
        [seen("550.90", 0), seen("535", 0, cluster="staging"), seen("t", 0, what=ROLLOUT, subject="x")]
    )
    assert sorted(store.evidence.nodes(ALL)) == [("prod", "gpu-node-03"), ("staging", "gpu-node-03")]
    assert store.evidence.nodes(Scope(None, None, "staging")) == [("staging", "gpu-node-03")]
    assert store.evidence.nodes(Scope(frozenset({"ml-team"}))) == []
