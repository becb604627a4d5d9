from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.commands.button import (
    LONGEST_VALUE,
    Malformed,
    Question,
    Verdict,
    question_value,
    read_question,
    read_verdict,
    verdict_value,
)

ids = st.integers(1, 2**63 - 1)
texts = st.text(max_size=60)
moments = st.datetimes(datetime(2000, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 hypothesis takes naive bounds
verdicts = st.builds(
    Verdict, solution_id=ids, failure_id=st.none() | ids, worked=st.booleans(), asked=texts, shared_by=st.none() | texts
)


@given(verdicts)
def test_a_verdict_reads_back_from_its_button(verdict: Verdict) -> None:
    assert read_verdict(verdict_value(verdict)) == verdict


@given(texts, moments)
def test_a_question_reads_back_from_its_button_to_the_millisecond(asked: str, at: datetime) -> None:
    again = read_question(question_value(Question(asked=asked, at=at)))
    assert again.asked == asked
    assert again.at is not None
    assert abs((again.at - at).total_seconds()) < 0.001


@pytest.mark.parametrize(
    "value",
    [
        None,
        7,
        "",
        "not json",
        "[]",
        "[" * 2000,
        "{}",
        json.dumps({"solution": 1, "failure": None, "worked": "yes", "ask": "fix x"}),
        json.dumps({"solution": True, "failure": None, "worked": True, "ask": "fix x"}),
        json.dumps({"solution": -1, "failure": None, "worked": True, "ask": "fix x"}),
        json.dumps({"solution": 2**70, "failure": None, "worked": True, "ask": "fix x"}),
        json.dumps({"solution": 1, "failure": "1 OR 1=1", "worked": True, "ask": "fix x"}),
        json.dumps({"solution": 1, "failure": None, "worked": True}),
        "x" * (LONGEST_VALUE + 1),
    ],
)
def test_a_value_that_is_not_ours_is_refused_with_a_reason(value: object) -> None:
    with pytest.raises(Malformed, match="it"):
        read_verdict(value)


@pytest.mark.parametrize("at", ["soon", True, 1e300, -1e300])
def test_a_question_of_no_real_time_is_refused(at: object) -> None:
    with pytest.raises(Malformed, match="time"):
        read_question(json.dumps({"ask": "stats", "at": at}))
