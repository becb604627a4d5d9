from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.domain.diagnosis.organisation import OrganisationSignature
from bot.domain.diagnosis.template import template_of
from bot.domain.knowledge.solution import Solution, SolutionKind
from bot.domain.period import Period
from bot.domain.scope import Scope
from bot.domain.workload.failure import Failure
from bot.domain.workload.pod_evidence import CauseOwner
from bot.services.answers.analyze import stats
from bot.store.engine import reading
from bot.store.store import Store
from bot.store.tables import NAMED
from tests.contract.seen import T0, at, failure

ALL = Scope()
DAY = Period(T0 - timedelta(hours=1), T0 + timedelta(days=1))
LICENCE = OrganisationSignature(
    id="licence-server-away",
    name="Licence server away",
    template="RuntimeError: licence server did not answer within <n> s",
    failure_type="Error",
    explanation="It restarts at night.",
    owner=CauseOwner.PLATFORM,
    created_by="U1",
    created_at=at(60),
)


def unknown(number: int, **facts: Any) -> Failure:
    line = f"RuntimeError: licence server did not answer within {number} s"
    said: dict[str, Any] = {
        "failure_type": "Error",
        "error_message": line,
        "job": f"job-{number % 3}",
        "logs_snippet": "x",
    } | facts
    return failure(f"pod-{number}", number, **said)


def signature_counts(store: Store, scope: Scope = ALL) -> dict[str | None, int]:
    """What reports count by signature."""
    seen = store.evidence.evidence(scope, DAY)
    counted: dict[str | None, int] = {}
    for code in seen.events.signature.tolist():
        name = seen.names.signatures[code]
        counted[name] = counted.get(name, 0) + 1
    return counted


def test_past_failures_of_the_shape_get_the_name_and_are_counted_under_it(store: Store) -> None:
    other = unknown(90, error_message="RuntimeError: something else")
    store.recorder.record([], [*(unknown(number) for number in range(1, 6)), other])
    assert store.named_causes.name(LICENCE) == LICENCE
    assert signature_counts(store) == {"licence-server-away": 5, None: 1}
    assert store.named_causes.carrying(ALL, "licence-server-away") == (5, 3)
    assert [one.error_message for one in store.named_causes.unknown(ALL, DAY)] == [other.error_message]
    assert stats(store.evidence, ALL, DAY).types[0].failures == 6


def test_new_failures_of_the_shape_are_recognised_as_they_are_recorded(store: Store) -> None:
    store.named_causes.name(LICENCE)
    store.recorder.record([], [unknown(7), unknown(8, signature="nccl-timeout"), unknown(9, error_message=None)])
    kept = {
        one.pod_uid: one.signature
        for job in ("job-1", "job-2", "job-0")
        for one in store.history.job_failures(ALL, job)
    }
    assert kept == {"pod-7": "licence-server-away", "pod-8": "nccl-timeout", "pod-9": None}
    assert signature_counts(store) == {"licence-server-away": 1, "nccl-timeout": 1, None: 1}


def test_a_failure_that_is_seen_again_keeps_the_name_and_is_counted_once(store: Store) -> None:
    store.recorder.record([], [unknown(1)])
    store.named_causes.name(LICENCE)
    assert store.recorder.record([], [unknown(1)]).failures == 0
    assert signature_counts(store) == {"licence-server-away": 1}


def test_a_shape_is_named_once_and_the_first_name_stands(store: Store) -> None:
    store.recorder.record([], [unknown(1)])
    store.named_causes.name(LICENCE)
    assert store.named_causes.name(LICENCE) == LICENCE
    assert store.named_causes.name(replace(LICENCE, id="other", name="Other")) == LICENCE
    assert store.named_causes.signatures(Scope()) == [LICENCE]


def test_several_shapes_may_be_one_cause(store: Store) -> None:
    store.named_causes.name(LICENCE)
    store.named_causes.name(replace(LICENCE, template="OSError: licence <n> refused"))
    store.recorder.record([], [unknown(1), unknown(2, error_message="OSError: licence 12 refused")])
    assert signature_counts(store) == {"licence-server-away": 2}


def test_a_new_name_takes_failures_and_fixes_along_and_the_old_one_is_kept_for_the_audit(store: Store) -> None:
    store.recorder.record([], [unknown(1)])
    store.named_causes.name(LICENCE)
    fix = Solution(failure_type="Error", signature=LICENCE.id, description="Ask IT", kind=SolutionKind.PERSON)
    store.knowledge.add_solution(fix)
    assert store.named_causes.rename_signature(LICENCE.id, "flexlm-away", "FlexLM away", by="U2", at=at(90))
    assert [(one.id, one.name, one.created_by) for one in store.named_causes.signatures(Scope())] == [
        ("flexlm-away", "FlexLM away", "U1")
    ]
    assert signature_counts(store) == {"flexlm-away": 1}
    assert [one.description for one, _ in store.knowledge.solutions(Scope(), "Error", "flexlm-away")] == ["Ask IT"]
    store.recorder.record([], [unknown(2)])
    assert store.named_causes.carrying(ALL, "flexlm-away")[0] == 2
    assert audit(store) == [("licence-server-away", "U1", "U2", at(90)), ("flexlm-away", "U1", None, None)]


def test_a_name_that_is_taken_back_leaves_its_failures_unknown_and_can_be_given_again(store: Store) -> None:
    store.recorder.record([], [unknown(1)])
    store.named_causes.name(LICENCE)
    assert store.named_causes.retire_signature(LICENCE.id, by="U2", at=at(90))
    assert not store.named_causes.retire_signature(LICENCE.id, by="U2", at=at(91))
    assert not store.named_causes.rename_signature(LICENCE.id, "new", "New", by="U2", at=at(91))
    assert store.named_causes.signatures(Scope()) == []
    store.recorder.record([], [unknown(2)])
    assert signature_counts(store) == {None: 2}
    store.named_causes.name(LICENCE)
    assert signature_counts(store) == {"licence-server-away": 2}
    assert audit(store)[0] == ("licence-server-away", "U1", "U2", at(90))


def test_what_may_not_be_seen_is_in_no_list_and_no_count(store: Store) -> None:
    store.recorder.record([], [unknown(1), unknown(2, project="secret"), unknown(3, project=None)])
    mine = Scope(frozenset({"ml-team"}))
    assert [one.project for one in store.named_causes.unknown(mine, DAY)] == ["ml-team"]
    assert store.named_causes.failures_in(mine, DAY) == (1, 1)
    store.named_causes.name(LICENCE)
    assert store.named_causes.carrying(mine, LICENCE.id) == (1, 1)
    assert store.named_causes.carrying(ALL, LICENCE.id)[0] == 3


def test_a_list_of_unknown_failures_has_the_newest_without_their_logs(store: Store) -> None:
    store.recorder.record([], [unknown(number) for number in range(1, 9)])
    newest = store.named_causes.unknown(ALL, DAY, limit=2)
    assert [(one.pod_uid, one.logs_snippet) for one in newest] == [("pod-8", None), ("pod-7", None)]
    store.recorder.record([], [unknown(9, signature="nccl-timeout"), unknown(10, error_message=None)])
    assert store.named_causes.failures_in(ALL, DAY) == (10, 8)


def test_of_many_who_name_at_once_one_is_first(store: Store) -> None:
    store.recorder.record([], [unknown(1)])
    names = [replace(LICENCE, id=f"name-{number}") for number in range(6)]
    people = [threading.Thread(target=store.named_causes.name, args=(one,)) for one in names]
    for person in people:
        person.start()
    for person in people:
        person.join()
    (stands,) = store.named_causes.signatures(Scope())
    assert signature_counts(store) == {stands.id: 1}


def test_hostile_shapes_and_names_are_stored_and_found(store: Store) -> None:
    line = "Error 100 %_ \\ '; DROP TABLE failure_events; -- \ud800"
    store.recorder.record([], [unknown(1, error_message=line)])
    seen = store.named_causes.unknown(ALL, DAY)[0].error_message or ""
    store.named_causes.name(replace(LICENCE, template=template_of(seen), name="x\0y", explanation="\ud800"))
    assert signature_counts(store) == {"licence-server-away": 1}


def audit(store: Store) -> list[tuple[object, ...]]:
    columns = (NAMED.c.signature, NAMED.c.created_by, NAMED.c.retired_by, NAMED.c.retired_at)
    with reading(store.engine) as connection:
        return [
            tuple(row) for row in connection.execute(NAMED.select().with_only_columns(*columns).order_by(NAMED.c.id))
        ]
