"""What digests and the Home tab ask of the store: the same on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.domain.answers.causes import FailedJob
from bot.domain.period import Period
from bot.domain.scope import Scope
from bot.domain.workload.failure import Resolution
from bot.store.store import Store
from tests.contract.seen import T0 as AT
from tests.contract.seen import failure

WEEK = Period(AT - timedelta(days=6), AT + timedelta(days=1))


def test_failed_jobs_are_those_of_the_period_and_scope_that_no_retry_rescued(store: Store) -> None:
    one = replace(failure(pod="a"), owner="ana", project="ml-team", signature="cuda-out-of-memory")
    again = replace(one, pod_uid="b", timestamp=AT + timedelta(hours=1))
    no_cause = replace(one, job="other", pod_uid="c", signature=None, owner=None)
    victim = replace(one, job="victim", pod_uid="d", first_fault=False)
    secret = replace(one, job="hidden", pod_uid="e", project="secret")
    old = replace(one, job="old", pod_uid="f", timestamp=AT - timedelta(days=7))
    store.recorder.record([], [one, again, no_cause, victim, secret, old])
    (rescued,) = store.history.job_failures(Scope(), "other")
    scope = Scope.of(("ml-team",))
    both = {each.job: each for each in store.history.failed_jobs(scope, WEEK)}
    assert both[one.job] == FailedJob(
        cause="cuda-out-of-memory", job=one.job, cluster=one.cluster, project="ml-team", owner="ana", failures=2
    )
    assert (both["other"].cause, both["other"].owner) == (no_cause.failure_type, None)
    store.knowledge.resolve(rescued.id or 0, Resolution.RETRIED, by="bot", at=AT)
    assert [each.job for each in store.history.failed_jobs(scope, WEEK)] == [one.job]
    assert store.history.owners(scope, WEEK) == [("ana", "ml-team")]


def test_what_a_person_chose_for_the_home_tab_replaces_what_they_chose_before(store: Store) -> None:
    assert store.homes.chosen(Scope(), "U1") == ()
    store.homes.choose("U1", ["ml-team", "a\x00b"])
    store.homes.choose("U2", ["research"])
    store.homes.choose("U1", ["ml-team"])
    assert (store.homes.chosen(Scope(), "U1"), store.homes.chosen(Scope(), "U2")) == (("ml-team",), ("research",))
    store.homes.choose("U1", [])
    assert store.homes.chosen(Scope(), "U1") == ()
