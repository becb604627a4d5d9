from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.incidents.outage import Outage
from bot.domain.scope import Scope
from bot.domain.workload.attempt import Attempt, Outcome
from bot.domain.workload.failure import Failure
from bot.domain.workload.pod_evidence import CauseOwner, Diagnosis, Evidence
from bot.domain.workload.sighting import Sighting
from bot.services.errors import Unavailable
from bot.services.recording import watch
from bot.services.recording.batch import Batch
from bot.services.recording.ports import Recorded
from bot.services.recording.record import LONGEST_LOGS, Scribe, record_batch, with_evidence
from bot.services.recording.watch import Tally, watch_cluster
from bot.services.recording.watch_outage import Gaps
from bot.store.recorder import SqlRecorder
from bot.store.store import Store

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def diagnose(evidence: Evidence) -> Diagnosis:
    signature = "cuda-out-of-memory" if "CUDA out of memory" in evidence.logs else None
    line = "CUDA out of memory" if signature else ""
    kind = evidence.reason or "Error"
    return Diagnosis(
        failure_type=kind, signature=signature, title="", explanation="", owner=CauseOwner.USER, evidence_line=line
    )


def attempt(name: str = "p", *, gang: str | None = None, at: datetime = NOW) -> Attempt:
    return Attempt(
        cluster="prod",
        job="bert",
        pod_uid=name,
        pod_name=name,
        container="main",
        project="ml",
        gang=gang,
        outcome=Outcome.FAILED,
        started_at=NOW - timedelta(hours=1),
        finished_at=at,
    )


def sighting(name: str = "p", *, reason: str = "Error", gang: str | None = None, at: datetime = NOW) -> Sighting:
    return Sighting(
        attempt=attempt(name, gang=gang, at=at),
        namespace="ml",
        evidence=Evidence(phase="Failed", reason=reason, exit_code=1),
        timestamp=at,
        has_logs=True,
    )


def batch(*sightings: Sighting, version: str | None = "7", at: datetime = NOW, **more: object) -> Batch:
    whole = Batch(
        at=at, attempts=tuple(each.attempt for each in sightings), sightings=sightings, resource_version=version
    )
    return replace(whole, **more)  # type: ignore[arg-type]  # a test's own words


@dataclass
class FakeSource:
    """A cluster that plays batches, then idles until everything is recorded."""

    script: Sequence[Batch]
    logs: Callable[[Sighting], Evidence] = lambda each: replace(each.evidence, logs="CUDA out of memory")
    asked: list[str] = field(default_factory=list)
    rounds: int = 0

    def batches(self, stop: threading.Event) -> Iterator[Batch]:
        self.rounds += 1
        yield from self.script
        while not stop.wait(0.01):
            yield batch(at=NOW + timedelta(minutes=30))

    def evidence(self, sighting: Sighting) -> Evidence:
        self.asked.append(sighting.attempt.pod_uid)
        return self.logs(sighting)


def run(
    store: Store, source: FakeSource, until: Callable[[], bool], scribe: Scribe | None = None
) -> tuple[Tally, list[Outage]]:
    tally, stop, blind = Tally("prod"), threading.Event(), list[Outage]()
    scribe = scribe or Scribe(recorder=store.recorder, diagnose=diagnose)
    with ThreadPoolExecutor(2) as pool:
        arguments = {"pool": pool, "stop": stop, "tally": tally, "tell_blind": blind.append}
        thread = threading.Thread(target=watch_cluster, args=("prod", source, scribe), kwargs=arguments)
        thread.start()
        for _ in range(500):
            if until():
                break
            stop.wait(0.01)
        stop.set()
        thread.join()
    assert until()
    return tally, blind


def failures(store: Store) -> list[Failure]:
    return store.history.job_failures(Scope(), "bert")


def test_a_failure_is_recorded_and_its_evidence_follows(sqlite_store: Store) -> None:
    source = FakeSource([batch(sighting())])
    tally, _ = run(sqlite_store, source, lambda: any(each.signature for each in failures(sqlite_store)))
    (failure,) = failures(sqlite_store)
    assert (failure.failure_type, failure.signature) == ("Error", "cuda-out-of-memory")
    assert failure.error_message == "CUDA out of memory"
    assert (tally.attempts, tally.failures, tally.crashes) == (1, 1, 0)
    assert sqlite_store.recorder.resource_version("prod") == "7"


def test_a_failure_is_safe_in_the_store_before_anybody_looks_for_its_evidence(sqlite_store: Store) -> None:
    known_before: list[int] = []

    def look(each: Sighting) -> Evidence:
        known_before.append(len(failures(sqlite_store)))
        return each.evidence

    run(sqlite_store, FakeSource([batch(sighting())], logs=look), lambda: bool(known_before))
    assert known_before == [1]


def test_evidence_is_asked_for_once_for_each_run(sqlite_store: Store) -> None:
    again = sighting(at=NOW + timedelta(minutes=1))
    source = FakeSource(
        [
            batch(sighting()),
            batch(sighting()),
            batch(replace(again, occurrences=2)),
            batch(replace(again, occurrences=2)),
            batch(sighting("q")),
        ]
    )
    tally, _ = run(
        sqlite_store, source, lambda: len(source.asked) > 2 and all(each.signature for each in failures(sqlite_store))
    )
    assert sorted(source.asked) == ["p", "p", "q"]
    assert {each.pod_uid: each.occurrences for each in failures(sqlite_store)} == {"p": 2, "q": 1}
    assert tally.failures == 2


def test_after_a_restart_only_what_may_be_open_is_asked_for_again(sqlite_store: Store) -> None:
    sqlite_store.recorder.save_cursor("prod", "5", NOW - timedelta(minutes=1))
    source = FakeSource([batch(sighting("old", at=NOW - timedelta(hours=2)), sighting("new"))])
    run(sqlite_store, source, lambda: bool(source.asked) and len(failures(sqlite_store)) == 2)
    assert source.asked == ["new"]


def test_evidence_that_decided_is_not_read_again_after_a_restart(sqlite_store: Store) -> None:
    lately = NOW + timedelta(minutes=25)
    first = FakeSource([batch(sighting("new", at=lately))])
    run(sqlite_store, first, lambda: any(each.signature for each in failures(sqlite_store)))
    second = FakeSource([batch(sighting("new", at=lately), sighting("other", at=lately))])
    run(sqlite_store, second, lambda: len(failures(sqlite_store)) == 2 and bool(second.asked))
    assert (first.asked, second.asked) == (["new"], ["other"])


def test_of_a_crash_loop_the_newest_cause_leads_and_the_change_is_kept(sqlite_store: Store) -> None:
    causes = {1: "connection refused", 2: "CUDA out of memory"}

    def read(evidence: Evidence) -> Diagnosis:
        name = evidence.logs.replace(" ", "-").lower() or None
        return replace(diagnose(evidence), signature=name, evidence_line=evidence.logs)

    runs = [replace(sighting(at=NOW + timedelta(minutes=n)), occurrences=n) for n in (1, 2)]
    source = FakeSource(
        [batch(each) for each in runs],
        logs=lambda each: replace(each.evidence, logs=causes[each.occurrences]),
    )
    scribe = Scribe(recorder=sqlite_store.recorder, diagnose=read)
    run(sqlite_store, source, lambda: any(each.earlier_signature for each in failures(sqlite_store)), scribe)
    (failure,) = failures(sqlite_store)
    assert (failure.signature, failure.earlier_signature) == ("cuda-out-of-memory", "connection-refused")
    assert failure.error_message == "CUDA out of memory"


def test_a_broken_look_at_the_evidence_costs_only_the_evidence(sqlite_store: Store) -> None:
    def broken(_: Sighting) -> Evidence:
        raise RuntimeError("a defect")

    source = FakeSource([batch(sighting())], logs=broken)
    run(sqlite_store, source, lambda: bool(failures(sqlite_store)) and bool(source.asked))
    assert source.rounds == 1
    assert len(failures(sqlite_store)) == 1


def test_a_slow_start_is_a_failure_only_if_its_events_say_so(sqlite_store: Store) -> None:
    slow = replace(sighting("slow", reason="ContainerCreating"), unproven=True)
    stuck = replace(sighting("stuck", reason="ContainerCreating"), unproven=True)
    events = {"slow": "Pulling: image", "stuck": "FailedMount: timed out"}
    source = FakeSource(
        [Batch(at=NOW, sightings=(slow, stuck), resource_version="7")],
        logs=lambda each: replace(each.evidence, events=events[each.attempt.pod_uid]),
    )
    run(sqlite_store, source, lambda: bool(failures(sqlite_store)) and len(source.asked) == 2)
    assert [(each.pod_uid, each.failure_type) for each in failures(sqlite_store)] == [("stuck", "FailedMount")]


def test_evidence_that_too_many_wait_for_is_left_until_the_failure_is_seen_again(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "_MOST_WAITING", 2)
    go = threading.Event()

    def look(each: Sighting) -> Evidence:
        go.wait(10)
        return replace(each.evidence, logs="CUDA out of memory")

    many = [sighting(f"p{number}") for number in range(5)]

    @dataclass
    class ListsAgain(FakeSource):
        def batches(self, stop: threading.Event) -> Iterator[Batch]:
            yield batch(*many)
            go.set()
            while not stop.wait(0.01):
                yield batch(*many)

    tally, _ = run(
        sqlite_store,
        ListsAgain([], logs=look),
        lambda: len(failures(sqlite_store)) == 5 and all(each.signature for each in failures(sqlite_store)),
    )
    assert tally.evidence_skipped >= 3
    assert tally.failures == 5


class AwayOnce:
    """A recorder that cannot be used the first times."""

    def __init__(self, recorder: SqlRecorder, times: int) -> None:
        self._recorder, self.times = recorder, times

    def __getattr__(self, name: str) -> object:
        return getattr(self._recorder, name)

    def record(self, attempts: Sequence[Attempt], failures: Sequence[Failure]) -> Recorded:
        if self.times:
            self.times -= 1
            raise Unavailable("the database is away")
        return self._recorder.record(attempts, failures)


def test_a_store_that_is_away_for_a_while_loses_nothing(sqlite_store: Store) -> None:
    away = AwayOnce(sqlite_store.recorder, 1)
    scribe = Scribe(recorder=away, diagnose=diagnose)  # type: ignore[arg-type]  # it delegates
    source = FakeSource([batch(sighting())])
    run(sqlite_store, source, lambda: bool(failures(sqlite_store)), scribe)
    assert source.rounds == 1


def test_texts_are_masked_harmless_and_bounded(sqlite_store: Store) -> None:
    scribe = Scribe(recorder=sqlite_store.recorder, diagnose=diagnose)
    logs = "x" * 100_000 + "\x00\x1b[31m password=hun\u200bter2\u202e\nthe end"
    failure = with_evidence(scribe, sighting(), replace(sighting().evidence, logs=logs, events="A: b\x00"))
    assert failure.logs_snippet is not None
    assert len(failure.logs_snippet) == LONGEST_LOGS
    assert failure.logs_snippet.endswith("password=[masked password]\nthe end")
    assert failure.events_snippet == "A: b"


def test_only_the_first_fault_of_a_gang_is_charged_and_the_rest_are_victims(sqlite_store: Store) -> None:
    scribe = Scribe(recorder=sqlite_store.recorder, diagnose=diagnose)
    seen = [sighting(f"w-{n}", gang="ml/bert/1", at=NOW + timedelta(seconds=30 * n)) for n in (2, 0, 1)]
    for each in seen:
        record_batch(scribe, [each.attempt], [each])
    assert {each.pod_uid: each.first_fault for each in failures(sqlite_store)} == {
        "w-0": True,
        "w-1": False,
        "w-2": False,
    }


def test_gangs_that_fail_together_each_have_a_first_fault(sqlite_store: Store) -> None:
    scribe = Scribe(recorder=sqlite_store.recorder, diagnose=diagnose)
    seen = [sighting(f"{gang}-{n}", gang=gang, at=NOW + timedelta(seconds=n)) for n in range(3) for gang in "abc"]
    record_batch(scribe, [each.attempt for each in seen], [*seen, sighting("alone", gang="d")])
    assert sorted(each.pod_uid for each in failures(sqlite_store) if each.first_fault) == ["a-0", "alone", "b-0", "c-0"]


def test_what_was_seen_before_changes_nothing(sqlite_store: Store) -> None:
    scribe = Scribe(recorder=sqlite_store.recorder, diagnose=diagnose)
    assert record_batch(scribe, [attempt()], [sighting()]) == Recorded(1, 1)
    assert record_batch(scribe, [attempt()], [sighting()]) == Recorded()
    assert record_batch(scribe, [], []) == Recorded()


def test_a_blind_spell_is_told_with_what_was_recovered() -> None:
    told: list[Outage] = []
    gaps = Gaps("prod", told.append)
    minutes = [NOW + timedelta(minutes=n) for n in range(5)]
    gaps.saw(batch(at=minutes[0]), [])
    gaps.saw(batch(at=minutes[1], version=None, blind_since=minutes[1], trouble="away"), [])
    gaps.saw(batch(at=minutes[3], version=None), [minutes[2], minutes[0]])
    gaps.saw(batch(at=minutes[3]), [minutes[2]])
    gaps.saw(batch(at=minutes[3] + timedelta(seconds=5)), [minutes[2], minutes[3] + timedelta(seconds=4)])
    assert told == []
    gaps.saw(batch(at=minutes[4]), [])
    gaps.saw(batch(at=minutes[4]), [])
    assert told == [Outage("prod", minutes[1], minutes[3], recovered=3)]


def test_a_spell_is_not_over_while_a_list_that_follows_the_watch_is_still_coming() -> None:
    told: list[Outage] = []
    gaps = Gaps("prod", told.append)
    minutes = [NOW + timedelta(minutes=n) for n in range(5)]
    gaps.saw(batch(at=minutes[1], version=None, blind_since=minutes[0], trouble="away"), [])
    gaps.saw(batch(at=minutes[2]), [])
    gaps.saw(batch(at=minutes[2], version=None), [minutes[1]])
    gaps.saw(batch(at=minutes[3]), [minutes[2]])
    assert told == []
    gaps.saw(batch(at=minutes[4]), [])
    assert told == [Outage("prod", minutes[0], minutes[3], recovered=2)]


def test_a_spell_is_not_over_while_failures_of_that_time_still_come_in() -> None:
    told: list[Outage] = []
    gaps = Gaps("prod", told.append)
    gaps.saw(batch(at=NOW, version=None, blind_since=NOW, trouble="away"), [])
    back = NOW + timedelta(minutes=2)
    for seconds in (0, 8, 16, 24):
        gaps.saw(batch(at=back + timedelta(seconds=seconds)), [NOW + timedelta(minutes=1)] * 10)
    assert told == []
    gaps.saw(batch(at=back + timedelta(seconds=34)), [])
    assert told == [Outage("prod", NOW, back, recovered=40)]


def test_a_short_interruption_is_no_news() -> None:
    told: list[Outage] = []
    gaps = Gaps("prod", told.append)
    gaps.opened(NOW - timedelta(seconds=59))
    gaps.saw(batch(at=NOW), [])
    gaps.saw(batch(at=NOW + timedelta(minutes=1)), [])
    assert told == []


def test_the_time_the_bot_was_down_is_a_blind_spell(sqlite_store: Store) -> None:
    sqlite_store.recorder.save_cursor("prod", "5", NOW - timedelta(hours=1))
    _, blind = run(
        sqlite_store,
        FakeSource([batch(sighting("a", at=NOW - timedelta(minutes=30)), at=NOW)]),
        lambda: bool(failures(sqlite_store)) and sqlite_store.recorder.last_seen("prod") == NOW + timedelta(minutes=30),
    )
    assert blind == [Outage("prod", NOW - timedelta(hours=1), NOW, recovered=1)]


def test_evidence_that_could_not_be_read_is_asked_for_again_without_a_restart(sqlite_store: Store) -> None:
    tries: list[str] = []

    def hiccup(each: Sighting) -> Evidence:
        tries.append(each.attempt.pod_uid)
        if len(tries) < 3:
            return replace(each.evidence, unread=True)
        return replace(each.evidence, logs="CUDA out of memory")

    source = FakeSource([batch(sighting())], logs=hiccup)
    run(sqlite_store, source, lambda: any(each.logs_snippet for each in failures(sqlite_store)))
    assert len(tries) == 3


def test_what_may_never_be_read_is_asked_for_some_times_and_then_left(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.services.recording.watch._AGAIN_AFTER", (1, 1, 1))
    source = FakeSource([batch(sighting())], logs=lambda each: replace(each.evidence, events="Killing: x", unread=True))
    run(sqlite_store, source, lambda: len(source.asked) >= 4)
    assert len(source.asked) == 4
    assert failures(sqlite_store)[0].events_snippet == "Killing: x"
