"""The causes that matter: counted by jobs, compared with before, and whose they were."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.answers.causes import Cause, FailedJob, Turn, heaviest


def failed(cause: str, job: str, owner: str | None = "ana", project: str = "ml-team") -> FailedJob:
    return FailedJob(cause=cause, job=job, cluster="prod", project=project, owner=owner, failures=3)


def test_the_cause_of_most_jobs_is_first_and_knows_whose_they_were() -> None:
    now = [failed("oom", "a"), failed("oom", "b", "lee"), failed("oom", "c", "lee"), failed("nccl", "a", None)]
    first, second = heaviest(now, [failed("oom", "z")])
    assert (first.cause, first.jobs, first.failures, first.previous_jobs) == ("oom", 3, 9, 1)
    assert (first.owners, first.projects) == (("lee", "ana"), ("ml-team",))
    assert (second.owners, second.turn) == ((), Turn.NEW)


@pytest.mark.parametrize(
    ("jobs", "before", "turn"),
    [(5, 0, Turn.NEW), (5, 2, Turn.UP), (2, 5, Turn.DOWN), (2, 1, Turn.SAME), (20, 18, Turn.SAME), (25, 20, Turn.UP)],
)
def test_a_trend_is_more_than_one_job_and_more_than_a_little(jobs: int, before: int, turn: Turn) -> None:
    assert Cause(cause="oom", jobs=jobs, failures=jobs, previous_jobs=before).turn is turn


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"), st.sampled_from([None, "u", "v"])), max_size=30)
)
def test_order_of_rows_changes_nothing_and_no_job_is_counted_twice(rows: list[tuple[str, str, str | None]]) -> None:
    listed = [failed(*row) for row in rows]
    found = heaviest(listed, [])
    assert found == heaviest(reversed(listed), [])
    assert all(1 <= cause.jobs <= 3 for cause in found)
    assert {cause.cause for cause in found} == {one.cause for one in listed}
