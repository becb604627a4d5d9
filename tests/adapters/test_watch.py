from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from bot.clock import utc_now
from bot.cluster.client import connect
from bot.cluster.patience import Patience
from bot.cluster.source import ClusterSource
from bot.cluster.submission import Place
from bot.cluster.translator import Translator
from bot.cluster.waiting import WaitingRoom
from bot.cluster.watch import PodWatch
from bot.cluster.witnesses import Witnesses
from bot.domain.workload.attempt import Attempt, Outcome
from bot.domain.workload.sighting import Sighting
from bot.services.recording.batch import Batch
from tests.adapters.scripted_api import (
    Answer,
    ScriptedApi,
    bookmark,
    change,
    expired,
    listing,
    refusal,
    scripted,
    watching,
)


def ended(name: str, exit_code: int = 1, version: str = "11", **metadata: Any) -> dict[str, Any]:
    stopped = {"exitCode": exit_code, "startedAt": "2026-11-23T10:00:00Z", "finishedAt": "2026-11-23T11:00:00Z"}
    return {
        "metadata": {"name": name, "namespace": "runai-ml", "uid": name, "resourceVersion": version, **metadata},
        "spec": {"nodeName": "gpu-node-01", "containers": [{"name": "main", "image": "i"}]},
        "status": {
            "phase": "Failed" if exit_code else "Succeeded",
            "containerStatuses": [{"name": "main", "restartCount": 0, "state": {"terminated": stopped}}],
        },
    }


@dataclass
class Watched:
    """All that a source told until the test had seen enough."""

    batches: list[Batch] = field(default_factory=list)

    @property
    def attempts(self) -> list[Attempt]:
        return [attempt for batch in self.batches for attempt in batch.attempts]

    @property
    def sightings(self) -> list[Sighting]:
        return [sighting for batch in self.batches for sighting in batch.sightings]

    @property
    def names(self) -> list[str | None]:
        return [attempt.pod_name for attempt in self.attempts]

    @property
    def troubles(self) -> list[str]:
        return [batch.trouble for batch in self.batches if batch.trouble]

    @property
    def version(self) -> str | None:
        return self.batches[-1].resource_version if self.batches else None


Watch = Callable[[ScriptedApi, Callable[[Watched], bool]], Watched]


@pytest.fixture
def watch(tmp_path: Path) -> Watch:
    def run(api: ScriptedApi, enough: Callable[[Watched], bool]) -> Watched:
        source = source_of(api, tmp_path)
        watched, stop, until = Watched(), threading.Event(), monotonic() + 10
        for batch in source.batches(stop):
            watched.batches.append(batch)
            if enough(watched):
                stop.set()
            assert monotonic() < until, (watched, api.asked)
        return watched

    return run


def source_of(
    api: ScriptedApi,
    directory: Path,
    *,
    clock: Callable[[], datetime] = utc_now,
    silence: float = 0.5,
    relist: float = 900.0,
) -> ClusterSource:
    return ClusterSource(
        connect(config_file=api.kubeconfig(directory / "kubeconfig")),
        Place("prod", ("runai/queue",)),
        log_lines=100,
        pending=timedelta(minutes=15),
        clock=clock,
        silence=silence,
        relist=relist,
        patience=lambda: Patience(first=0.01, longest=0.05),
    )


def test_a_watch_that_comes_too_late_is_not_back_before_its_list_is_read(tmp_path: Path) -> None:
    with scripted(
        lists=[listing(version="20"), listing(ended("missed"), version="50")],
        watches=[watching(expired(), then="end"), watching()],
    ) as api:
        client, stop = connect(config_file=api.kubeconfig(tmp_path / "kubeconfig")), threading.Event()
        translator = Translator(Place("prod"), WaitingRoom(), Witnesses(client))
        changes = PodWatch(client, translator, clock=utc_now, patience=Patience(first=0.01, longest=0.05)).changes(stop)
        versions = [next(changes).resource_version for _ in range(4)]
    assert versions == ["20", "20", None, "50"]


def test_a_list_is_read_page_by_page_and_then_watched_from_its_version(watch: Watch) -> None:
    with scripted(
        lists=[listing(ended("a"), token="more"), listing(ended("b", 0), version="20")],
        watches=[watching(change("ADDED", ended("c", version="21")))],
    ) as api:
        watched = watch(api, lambda seen: len(seen.attempts) == 3)
        first, second = api.questions(watch=False)
        (asked,) = api.questions(watch=True)
    assert watched.names == ["a", "b", "c"]
    assert watched.version == "21"
    assert (first, second) == ({"limit": "500"}, {"limit": "500", "continue": "more"})
    assert asked["resourceVersion"] == "20"
    assert asked["allowWatchBookmarks"] == "true"
    assert int(asked["timeoutSeconds"]) >= 240


def test_an_expired_page_starts_the_list_again(watch: Watch) -> None:
    with scripted(
        lists=[listing(ended("a"), token="old"), refusal(410, "continue is too old"), listing(ended("a"), ended("b"))]
    ) as api:
        watched = watch(api, lambda seen: "b" in seen.names)
        assert [query.get("continue") for query in api.questions(watch=False)] == [None, "old", None]
    assert watched.troubles == []


def test_a_watch_that_is_too_old_is_listed_again(watch: Watch) -> None:
    with scripted(
        lists=[listing(), listing(ended("missed"), version="50")],
        watches=[watching(expired()), watching(change("ADDED", ended("new", version="51")))],
    ) as api:
        watched = watch(api, lambda seen: "new" in seen.names)
        assert [query["resourceVersion"] for query in api.questions(watch=True)] == ["10", "50"]
    assert watched.names == ["missed", "new"]


def test_a_watch_that_is_refused_as_too_old_is_listed_again(watch: Watch) -> None:
    with scripted(lists=[listing(), listing(ended("missed"))], watches=[refusal(410)]) as api:
        assert watch(api, lambda seen: bool(seen.attempts)).names == ["missed"]


@pytest.mark.parametrize("then", ["drop", "end", "hang"])
def test_a_dropped_ended_or_silent_watch_goes_on_where_it_was(watch: Watch, then: str) -> None:
    with scripted(
        lists=[listing()],
        watches=[
            watching(change("ADDED", ended("a", version="11")), bookmark("30"), then=then),
            watching(change("ADDED", ended("b", version="31"))),
        ],
    ) as api:
        watched = watch(api, lambda seen: "b" in seen.names)
        assert [query["resourceVersion"] for query in api.questions(watch=True)] == ["10", "30"]
        assert len(api.questions(watch=False)) == 1
    assert watched.names == ["a", "b"]


def test_an_event_cut_in_the_middle_was_never_sent(watch: Watch) -> None:
    whole, cut = change("ADDED", ended("a", version="11")), change("ADDED", ended("b", version="12"))
    with scripted(
        lists=[listing()],
        watches=[watching(whole[:40], whole[40:] + cut[:50], then="drop"), watching(cut)],
    ) as api:
        watched = watch(api, lambda seen: "b" in seen.names)
        assert api.questions(watch=True)[1]["resourceVersion"] == "11"
    assert watched.names == ["a", "b"]
    assert sum(batch.odd for batch in watched.batches) == 0


def test_trouble_is_told_and_then_all_is_well_again(watch: Watch) -> None:
    with scripted(lists=[refusal(500, "etcd is away"), Answer(status=502, body=b"<html>"), listing(ended("a"))]) as api:
        watched = watch(api, lambda seen: bool(seen.attempts))
    assert "etcd is away" in watched.troubles[0]
    blind = [batch for batch in watched.batches if batch.blind_since is not None]
    assert all(batch.resource_version is None for batch in blind)
    assert watched.batches[-1].blind_since is None
    assert watched.batches[-1].resource_version == "10"


def test_the_server_may_ask_us_to_stay_away(watch: Watch) -> None:
    with scripted(lists=[refusal(429, "too many requests", Retry_After="1"), listing(ended("a"))]) as api:
        began = monotonic()
        watch(api, lambda seen: bool(seen.attempts))
    assert 1.0 <= monotonic() - began < 4.0


def test_a_missing_right_says_what_to_apply(watch: Watch) -> None:
    with scripted(lists=[refusal(403, 'pods is forbidden: User "bot" cannot list resource "pods"')]) as api:
        watched = watch(api, lambda seen: bool(seen.troubles))
    assert "deploy/rbac.yaml" in watched.troubles[0]
    assert 'User "bot" cannot list' in watched.troubles[0]


def test_a_server_that_ends_every_watch_at_once_is_not_asked_in_a_hot_loop(watch: Watch) -> None:
    with scripted(lists=[listing()], watches=[watching(then="end") for _ in range(50)]) as api:
        watched = watch(api, lambda seen: len(seen.troubles) > 1)
        assert len(api.questions(watch=True)) < 50
    assert "ends the watch at once" in watched.troubles[0]


def test_odd_pods_cost_only_themselves(watch: Watch) -> None:
    odd = ended("odd")
    odd["status"]["phase"], odd["metadata"]["labels"] = 7, ["no", "map"]
    with scripted(
        lists=[listing(ended("a"), "null", "[]", '"x"', "{}", odd)],
        watches=[watching(b"no json\n", b'{"type":"ADDED"}\n', change("ADDED", 5), change("ADDED", ended("b")))],
    ) as api:
        watched = watch(api, lambda seen: "b" in seen.names)
    assert watched.names == ["a", "odd", "b"]
    assert sum(batch.odd for batch in watched.batches) == 8


def test_no_list_at_all_is_trouble_and_no_crash(watch: Watch) -> None:
    with scripted(
        lists=[Answer(body=b"[]"), Answer(body=b"\xff\xfe"), Answer(body=b"[" * 100_000), listing(ended("a"))]
    ) as api:
        watched = watch(api, lambda seen: bool(seen.attempts))
    assert watched.names == ["a"]


def test_an_api_server_that_is_not_there_is_trouble(tmp_path: Path) -> None:
    with scripted() as api:
        kubeconfig = api.kubeconfig(tmp_path / "kubeconfig")
    source = ClusterSource(
        connect(config_file=kubeconfig), Place("prod"), log_lines=1, pending=timedelta(minutes=1), clock=utc_now
    )
    stop = threading.Event()
    trouble = next(batch.trouble for batch in source.batches(stop) if batch.trouble)
    assert "cannot be reached" in trouble
    assert "Connection refused" in trouble


def test_a_blocked_watch_stops_promptly(tmp_path: Path) -> None:
    with scripted(lists=[listing()], watches=[watching()]) as api:
        source, stop, batches = source_of(api, tmp_path, silence=30.0), threading.Event(), list[Batch]()
        thread = threading.Thread(target=lambda: batches.extend(source.batches(stop)))
        thread.start()
        while not api.questions(watch=True):
            stop.wait(0.01)
        began = monotonic()
        stop.set()
        thread.join(5)
        assert not thread.is_alive()
        assert monotonic() - began < 2.0
    assert batches[-1].resource_version == "10"


def test_a_running_pod_that_is_deleted_was_killed(watch: Watch) -> None:
    pod = ended("a", version="12")
    pod["status"] = {
        "phase": "Running",
        "containerStatuses": [{"name": "main", "state": {"running": {"startedAt": "2026-11-23T10:00:00Z"}}}],
    }
    with scripted(lists=[listing(pod)], watches=[watching(change("DELETED", pod))]) as api:
        watched = watch(api, lambda seen: bool(seen.attempts))
    assert [attempt.outcome for attempt in watched.attempts] == [Outcome.KILLED]
    assert watched.sightings == []


def test_a_pod_that_waits_too_long_is_seen_without_any_event(tmp_path: Path) -> None:
    pod = ended("stuck")
    pod["spec"].pop("nodeName")
    gate = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/3 nodes available"}
    pod["status"] = {"phase": "Pending", "conditions": [{**gate, "lastTransitionTime": "2026-11-23T12:00:00Z"}]}
    now = [datetime(2026, 11, 23, 12, 10, tzinfo=UTC)]
    with scripted(lists=[listing(pod)], watches=[watching()]) as api:
        source, stop = source_of(api, tmp_path, clock=lambda: now[0], silence=30.0), threading.Event()
        seen: list[Sighting] = []
        for batch in source.batches(stop):
            seen += batch.sightings
            if batch.resource_version and not seen:
                now[0] = datetime(2026, 11, 23, 12, 16, tzinfo=UTC)
            elif seen:
                stop.set()
    assert [(each.evidence.reason, each.evidence.message) for each in seen] == [
        ("Unschedulable", "0/3 nodes available")
    ]
    assert seen[0].timestamp == datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def test_a_watch_that_is_silent_twice_is_listed_again(watch: Watch) -> None:
    with scripted(
        lists=[listing(), listing(ended("unheard"), version="40")],
        watches=[watching(bookmark("30")), watching(), watching()],
    ) as api:
        assert watch(api, lambda seen: bool(seen.attempts)).names == ["unheard"]
        assert len(api.questions(watch=False)) == 2


@pytest.mark.parametrize(
    "answer",
    [
        refusal(504, "Timeout: Too large resource version: 30, current: 12"),
        refusal(500),
        Answer(status=503, body=b"<html>"),
    ],
    ids=["restored from a backup", "an error", "a proxy"],
)
def test_after_an_error_of_the_server_the_pods_are_listed_again(watch: Watch, answer: Answer) -> None:
    with scripted(
        lists=[listing(version="30"), listing(ended("meanwhile"), version="12")],
        watches=[answer, watching()],
    ) as api:
        assert watch(api, lambda seen: bool(seen.attempts)).names == ["meanwhile"]
        assert [query["resourceVersion"] for query in api.questions(watch=True)][:1] == ["30"]


def test_a_watch_that_tells_all_but_one_thing_is_made_up_for_by_a_list_now_and_then(tmp_path: Path) -> None:
    with scripted(
        lists=[listing(), listing(ended("untold"), version="40")],
        watches=[watching(bookmark("30")), watching()],
    ) as api:
        stop, seen = threading.Event(), Watched()
        for batch in source_of(api, tmp_path, relist=0.0).batches(stop):
            seen.batches.append(batch)
            if seen.attempts:
                stop.set()
        assert seen.names == ["untold"]
        assert not seen.troubles
