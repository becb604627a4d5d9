from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.scope import Scope
from bot.domain.workload.failure import Failure
from bot.domain.workload.pod_evidence import CauseOwner, Diagnosis, Evidence
from bot.services.recording.import_attempts import BATCH, LONGEST_LINE, ImportedAttempts, import_attempts
from bot.store.store import Store

GOOD = {"job": "train", "outcome": "failed", "finished_at": "2026-11-02T08:00:00Z"}


def read(store: Store, lines: Iterable[bytes | str | dict[str, Any]]) -> ImportedAttempts:
    raw = [
        line if isinstance(line, bytes) else (line if isinstance(line, str) else json.dumps(line)).encode()
        for line in lines
    ]
    return import_attempts(raw, store.recorder, classify=classify)


def classify(evidence: Evidence) -> Diagnosis:
    """Knows one cause."""
    known = evidence.exit_code == 137
    return Diagnosis(
        failure_type="OOMKilled" if known else "Error",
        signature="oom-killed" if known else None,
        title="",
        explanation="",
        owner=CauseOwner.UNKNOWN,
        evidence_line="exit code 137" if known else "",
    )


def failures(store: Store, job: str = "train") -> list[Failure]:
    return store.history.job_failures(Scope(), job)


def reason(store: Store, line: bytes | str | dict[str, Any]) -> str:
    done = read(store, [GOOD, line])
    assert (done.attempts, done.bad) == (1, 1)
    assert done.problems[0].number == 2
    return done.problems[0].reason


def test_a_failed_line_is_an_attempt_and_a_failure_event(sqlite_store: Store) -> None:
    done = read(sqlite_store, [GOOD, {**GOOD, "job": "fine", "outcome": "succeeded"}])
    assert (done.lines, done.attempts, done.failures, done.bad) == (2, 2, 1, 0)
    (one,) = failures(sqlite_store)
    assert (one.failure_type, one.signature, one.timestamp.isoformat()) == ("Error", None, "2026-11-02T08:00:00+00:00")


def test_the_same_file_read_again_changes_nothing(sqlite_store: Store) -> None:
    lines = [{**GOOD, "attempt": f"a{i}"} for i in range(5)] + [{**GOOD, "job": f"j{i}"} for i in range(5)]
    assert read(sqlite_store, lines).attempts == 10
    again = read(sqlite_store, lines)
    assert (again.lines, again.attempts, again.failures) == (10, 0, 0)


def test_a_line_without_an_id_that_says_the_same_is_the_same_attempt(sqlite_store: Store) -> None:
    other_order = dict(reversed(GOOD.items())) | {"node": None, "colour": "green"}
    done = read(sqlite_store, [GOOD, other_order, {**GOOD, "node": "n1"}])
    assert (done.lines, done.attempts) == (3, 2)


def test_a_type_that_the_line_names_stands_and_evidence_speaks_otherwise(sqlite_store: Store) -> None:
    read(
        sqlite_store, [{**GOOD, "exit_code": 137}, {**GOOD, "job": "named", "failure_type": "Evicted", "exit_code": 1}]
    )
    (one,) = failures(sqlite_store)
    assert (one.failure_type, one.signature, one.error_message) == ("OOMKilled", "oom-killed", "exit code 137")
    assert failures(sqlite_store, "named")[0].failure_type == "Evicted"


def test_texts_are_masked_before_they_are_stored(sqlite_store: Store) -> None:
    read(
        sqlite_store,
        [
            {**GOOD}
            | dict.fromkeys(("error_message", "logs_snippet", "events_snippet"), "pass\u200bword=hun\x1b[31mter2")
        ],
    )
    (one,) = failures(sqlite_store)
    assert {one.error_message, one.logs_snippet, one.events_snippet} == {"password=[masked password]"}


def test_one_node_in_a_list_is_a_node_and_several_are_a_gang(sqlite_store: Store) -> None:
    read(sqlite_store, [{**GOOD, "nodes": ["n1"]}, {**GOOD, "nodes": ["n1", "n2", "n1"], "node": "n1"}])
    attempts = sqlite_store.history.job_attempts(Scope(), "train")
    assert {(one.node, one.nodes) for one in attempts} == {("n1", ()), (None, ("n1", "n2"))}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-11-02T08:00:00Z", "2026-11-02T08:00:00+00:00"),
        ("2026-11-02 08:00:00", "2026-11-02T08:00:00+00:00"),
        ("2026-11-02T08:00:00.25+02:00", "2026-11-02T06:00:00.250000+00:00"),
        ("20261102T080000Z", "2026-11-02T08:00:00+00:00"),
        ("2026-11-02", "2026-11-02T00:00:00+00:00"),
    ],
)
def test_times_are_iso_8601_and_in_utc_without_a_zone(sqlite_store: Store, written: str, meant: str) -> None:
    read(sqlite_store, [{**GOOD, "finished_at": written}])
    assert failures(sqlite_store)[0].timestamp.isoformat() == meant


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"job": ""}, "length >= 1"),
        ({"job": None}, "Expected `str`, got `null`"),
        ({"outcome": "exploded"}, "Invalid enum value 'exploded'"),
        ({"finished_at": None}, "neither `finished_at` nor `started_at`"),
        ({"finished_at": "yesterday"}, "`finished_at` is no ISO 8601 time: 'yesterday'"),
        ({"finished_at": "9999-12-31T23:59:59-12:00"}, "`finished_at` is no ISO 8601 time"),
        ({"finished_at": "9999-01-01"}, "`finished_at` is not between 1970 and 2200"),
        ({"started_at": "2026-11-02T09:00:00Z"}, "`finished_at` is before `started_at`"),
        ({"gpu_count": -1}, ">= 0"),
        ({"gpu_count": "many"}, "gpu_count"),
        ({"nodes": "n1"}, "Expected `array"),
        ({"exit_code": 1 << 40}, "exit_code"),
    ],
)
def test_a_line_that_cannot_be_is_skipped_with_its_reason(
    sqlite_store: Store, change: dict[str, Any], said: str
) -> None:
    assert said in reason(sqlite_store, GOOD | change)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"{", "truncated"),
        (b"[]", "Expected `object`"),
        (b'{"job": "\xff\xfe", "outcome": "failed"}', "not an attempt"),
        (b'{"job": "a", "outcome": "failed", "gpu_count": NaN}', "malformed"),
        (b'{"job": "a", "deep": ' + b"[" * 200_000 + b"]" * 200_000 + b"}", "nested too deeply"),
        (b'{"job": "' + b"a" * LONGEST_LINE + b'"}', "longer than 1024 KiB"),
    ],
)
def test_hostile_lines_are_skipped_with_their_reason(sqlite_store: Store, line: bytes, said: str) -> None:
    assert said in reason(sqlite_store, line)


def test_empty_lines_and_a_byte_order_mark_are_no_lines(sqlite_store: Store) -> None:
    done = read(
        sqlite_store, [b"\xef\xbb\xbf" + json.dumps(GOOD).encode(), b"", b"  \r\n", json.dumps(GOOD).encode() + b"\r\n"]
    )
    assert (done.lines, done.attempts, done.bad) == (2, 1, 0)


def test_progress_is_told_in_lines_and_many_problems_are_counted_but_not_all_kept(sqlite_store: Store) -> None:
    told: list[int] = []
    lines = [b"x"] * (BATCH + 1_000) + [json.dumps(GOOD).encode()]
    done = import_attempts(lines, sqlite_store.recorder, classify=classify, progress=told.append)
    assert told == [BATCH, BATCH + 1_001]
    assert (done.bad, len(done.problems)) == (BATCH + 1_000, 100)


def test_lines_with_long_logs_are_recorded_before_they_fill_the_memory(sqlite_store: Store) -> None:
    told: list[int] = []
    long = b"x" * 1_000_000
    import_attempts([long] * 40, sqlite_store.recorder, classify=classify, progress=told.append)
    assert told == [34, 40]


values = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.lists(st.text(max_size=3), max_size=3)
)


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "attempt",
                "cluster",
                "node",
                "nodes",
                "image",
                "gpu_count",
                "owner",
                "exit_code",
                "failure_type",
                "logs_snippet",
                "started_at",
            ]
        ),
        values,
    )
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_line_says_it_is_recorded_or_refused(sqlite_store: Store, facts: dict[str, Any]) -> None:
    done = read(sqlite_store, [GOOD | facts])
    assert done.lines == 1
    assert done.attempts + done.bad <= 1
