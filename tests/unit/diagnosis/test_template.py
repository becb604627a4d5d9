from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.diagnosis.template import group_unknown, template_of
from bot.domain.workload.failure import Failure

AT = datetime(2026, 3, 2, tzinfo=UTC)


def failure(line: str | None, job: str = "train", signature: str | None = None) -> Failure:
    return Failure(
        cluster="c", job=job, pod_uid="u", failure_type="Error", timestamp=AT, error_message=line, signature=signature
    )


@pytest.mark.parametrize(
    ("line", "template"),
    [
        ("license 77123 refused by 10.0.0.4:2707", "license <n> refused by <address>"),
        ("2026-03-02T10:11:12.123Z boom", "<time> boom"),
        ("cannot read /data/run-7/shard_00012.tar", "cannot read <path>"),
        ("request 6f2c1a0e-33aa-47a5-8f2b-0b1de6e1e111 failed", "request <id> failed"),
        ("at 0x7f3a10000000 in 3f2a1b9c0d4e5f60", "at <id> in <id>"),
        ("GET https://a.corp/x?y=1 failed", "GET <url> failed"),
        ("took 12.5e-3 s", "took <n> s"),
    ],
)
def test_what_changes_from_run_to_run_is_masked(line: str, template: str) -> None:
    assert template_of(line) == template


@given(st.text(max_size=120))
@settings(max_examples=100, deadline=None)
def test_a_template_is_its_own_template(line: str) -> None:
    assert template_of(template_of(line)) == template_of(line)


def test_failures_of_one_shape_are_one_group_the_largest_first() -> None:
    groups = group_unknown(
        [
            failure("disk 7 odd", "a"),
            failure("license 1 refused", "a"),
            failure("license 2 refused", "b"),
            failure("license 3 refused", "b"),
            failure("license 4 refused", signature="known"),
            failure(None),
        ]
    )
    assert [(group.template, len(group.failures), group.jobs) for group in groups] == [
        ("license <n> refused", 3, 2),
        ("disk <n> odd", 1, 1),
    ]
