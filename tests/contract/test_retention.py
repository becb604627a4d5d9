from __future__ import annotations

import pytest

from bot.domain.period import Period
from bot.domain.scope import Scope
from bot.services.incidents.notices import DigestNotice
from bot.store import retention
from bot.store.store import Store
from tests.contract.seen import at, attempt, failure

DAY = 24 * 60
ALL = Scope()


def test_whole_days_are_forgotten_and_the_rest_stays(store: Store) -> None:
    store.recorder.record(
        [attempt("old", end=10), attempt("new", end=10 + DAY)], [failure("old", 10), failure("new", 10 + DAY)]
    )
    store.digest_notices.note(DigestNotice("C1", None, "2026-W47", "1.1", at(10)))
    assert store.prune(at(DAY + 5)) == 3
    assert [one.pod_uid for one in store.history.job_attempts(ALL, "train-bert")] == ["new"]
    assert [one.pod_uid for one in store.history.job_failures(ALL, "train-bert")] == ["new"]
    assert store.prune(at(DAY + 5)) == 0


def test_much_is_forgotten_in_several_transactions(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "_AT_ONCE", 4)
    store.recorder.record([attempt(f"pod-{number}", end=number) for number in range(11)], [])
    assert store.prune(at(2 * DAY)) == 11


def test_what_is_seen_again_after_it_was_forgotten_counts_once(store: Store) -> None:
    for _ in range(2):
        store.recorder.record([attempt("old", end=10)], [failure("old", 10)])
        store.prune(at(DAY))
    store.recorder.record([attempt("old", end=10)], [failure("old", 10)])
    evidence = store.evidence.evidence(ALL, Period(at(0), at(DAY)))
    assert (len(evidence.runs.job), len(evidence.events.job)) == (1, 1)


def test_the_id_of_a_forgotten_failure_is_never_given_again(store: Store) -> None:
    store.recorder.record([], [failure("old")])
    (old,) = store.history.job_failures(ALL, "train-bert")
    store.prune(at(2 * DAY))
    store.recorder.record([], [failure("new")])
    (new,) = store.history.job_failures(ALL, "train-bert")
    assert new.id != old.id
