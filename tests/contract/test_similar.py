from __future__ import annotations

from dataclasses import replace

from bot.domain.scope import Scope
from bot.store.store import Store
from tests.contract.seen import at, failure


def test_failures_like_one_are_the_newest_of_each_job_within_the_scope(store: Store) -> None:
    store.recorder.record(
        [],
        [
            replace(failure("a", 1), job="one", logs_snippet="long", signature="oom-killed"),
            replace(failure("b", 5), job="one"),
            replace(failure("c", 3), job="two", signature="oom-killed"),
            replace(failure("d", 4), job="hidden", project="secret"),
            replace(failure("e", 6), job="other", failure_type="Error"),
        ],
    )
    scope = Scope.of(("ml-team",))
    found = store.history.failures_like(scope, "OOMKilled", None)
    assert [(each.job, each.timestamp) for each in found] == [("one", at(5)), ("two", at(3))]
    (with_signature, _) = sorted(
        store.history.failures_like(scope, "OOMKilled", "oom-killed"), key=lambda each: each.job
    )
    assert (with_signature.pod_uid, with_signature.logs_snippet) == ("a", None)
