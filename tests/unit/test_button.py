from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.commands.button import (
    LONGEST_VALUE,
    Button,
    Elsewise,
    Handling,
    Malformed,
    Pick,
    Question,
    Retold,
    RetoldVote,
    Revise,
    Same,
    Subject,
    Unsubscription,
    Vote,
    read,
    shortened,
    written,
)

ids = st.integers(1, 2**63 - 1)
texts = st.text(st.characters(codec="utf-8"), max_size=60)
words = st.text(st.characters(codec="utf-8"), min_size=1, max_size=60)
log = {
    "failure_type": texts,
    "signature": st.none() | texts,
    "title": texts,
    "line": texts,
    "others": st.lists(texts, max_size=3).map(tuple),
    "ts": st.none() | texts,
}
buttons = st.one_of(
    st.builds(Question, asked=texts, at=st.none() | st.floats(0, 2e9)),
    st.builds(
        Vote,
        solution_id=ids,
        failure_id=st.none() | ids,
        worked=st.booleans(),
        asked=texts,
        shared_by=st.none() | texts,
    ),
    st.builds(Pick, solution_id=ids, asked=texts),
    st.builds(Same, solution_id=ids),
    st.builds(Unsubscription, subscription_id=ids),
    st.builds(
        Elsewise,
        failure_type=words,
        signature=st.none() | texts,
        failure_id=st.none() | ids,
        asked=texts,
        shared_by=st.none() | texts,
    ),
    st.builds(Handling, incident_id=ids, do=words),
    st.builds(Subject, subject=words),
    st.builds(Revise, kind=words, key=words, text=texts, condition=st.none() | texts, by=st.none() | texts),
    st.builds(Retold, **log),
    st.builds(RetoldVote, **log, solution_id=ids, worked=st.booleans(), shared_by=st.none() | texts),
)
KINDS = (Question, Vote, Pick, Same, Unsubscription, Elsewise, Handling, Subject, Revise, Retold, RetoldVote)

POSTED_BEFORE: tuple[tuple[str, Button], ...] = (
    ('{"ask":"analyze ml-team 7d","at":null}', Question(asked="analyze ml-team 7d")),
    ('{"ask":"stats","at":1763900000.5}', Question(asked="stats", at=1763900000.5)),
    (
        '{"solution":7,"failure":12,"worked":true,"ask":"job train-bert"}',
        Vote(solution_id=7, failure_id=12, worked=True, asked="job train-bert"),
    ),
    (
        '{"solution":7,"failure":null,"worked":false,"ask":"fix OOMKilled","shared":"U0ANA1234"}',
        Vote(solution_id=7, worked=False, asked="fix OOMKilled", shared_by="U0ANA1234"),
    ),
    ('{"solution":7,"ask":"solutions"}', Pick(solution_id=7, asked="solutions")),
    (
        '{"type":"Error","failure":12,"ask":"job a","signature":"cuda-out-of-memory","shared":"U0ANA1234"}',
        Elsewise(
            failure_type="Error",
            signature="cuda-out-of-memory",
            failure_id=12,
            asked="job a",
            shared_by="U0ANA1234",
        ),
    ),
    (
        '{"type":"OOMKilled","failure":null,"ask":"fix OOMKilled"}',
        Elsewise(failure_type="OOMKilled", asked="fix OOMKilled"),
    ),
    ('{"incident":3,"do":"snooze 1h"}', Handling(incident_id=3, do="snooze 1h")),
    ('{"subject":"licence-server-away"}', Subject(subject="licence-server-away")),
    (
        '{"type":"Error","signature":null,"title":"Unknown","line":"\\u2026 died","others":[],"ts":null}',
        Retold(failure_type="Error", title="Unknown", line="… died"),
    ),
    (
        (
            '{"type":"Error","signature":"nccl-timeout","title":"NCCL","line":"x","others":["a"],"ts":"1.2",'
            '"solution":7,"worked":true,"shared":null}'
        ),
        RetoldVote(
            failure_type="Error",
            signature="nccl-timeout",
            title="NCCL",
            line="x",
            others=("a",),
            ts="1.2",
            solution_id=7,
            worked=True,
        ),
    ),
)


@given(buttons)
def test_a_button_reads_back_from_its_value(button: Button) -> None:
    assert read(written(button), type(button)) == button


@pytest.mark.parametrize(("value", "button"), POSTED_BEFORE, ids=lambda each: type(each).__name__)
def test_a_button_of_a_message_that_an_earlier_version_posted_still_does_its_work(value: str, button: Button) -> None:
    assert read(value, type(button)) == button


@given(buttons, st.sampled_from(KINDS))
def test_a_value_of_one_button_is_never_taken_for_another(button: Button, kind: type[Button]) -> None:
    if kind is not type(button):
        with pytest.raises(Malformed):
            read(written(button), kind)


@pytest.mark.parametrize(
    "value",
    [
        None,
        7,
        "",
        "not json",
        "\ud800",
        "[]",
        "[" * 2000,
        "{}",
        json.dumps({"solution": 1, "failure": None, "worked": "yes", "ask": "fix x"}),
        json.dumps({"solution": True, "failure": None, "worked": True, "ask": "fix x"}),
        json.dumps({"solution": 1.5, "failure": None, "worked": True, "ask": "fix x"}),
        json.dumps({"solution": -1, "failure": None, "worked": True, "ask": "fix x"}),
        json.dumps({"solution": 2**70, "failure": None, "worked": True, "ask": "fix x"}),
        json.dumps({"solution": 1, "failure": "1 OR 1=1", "worked": True, "ask": "fix x"}),
        json.dumps({"solution": 1, "failure": None, "worked": True}),
        json.dumps({"solution": 1, "failure": None, "worked": True, "ask": "fix x", "by": "U0BOSS"}),
        json.dumps({"is": "vote", "solution": 1, "worked": True, "ask": ["fix x"]}),
        "x" * (LONGEST_VALUE + 1),
    ],
)
def test_a_value_that_is_not_ours_is_refused_with_a_reason(value: object) -> None:
    with pytest.raises(Malformed, match="it is no"):
        read(value, Vote)


@pytest.mark.parametrize("at", ["soon", True, 1e300, -1e300, -1, 253402300800])
def test_a_question_of_no_real_time_is_refused(at: object) -> None:
    with pytest.raises(Malformed):
        read(json.dumps({"ask": "stats", "at": at}), Question)


@given(st.datetimes(datetime(2000, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 hypothesis takes naive bounds
def test_the_moment_of_a_question_is_kept_to_the_millisecond(at: datetime) -> None:
    moment = read(written(Question(asked="stats", at=at.timestamp())), Question).moment
    assert moment is not None
    assert abs((moment - at).total_seconds()) < 0.001


@given(st.text(max_size=3000), st.lists(st.text(max_size=400), max_size=5).map(tuple))
def test_what_was_said_of_a_log_is_cut_until_a_button_holds_it(text: str, others: tuple[str, ...]) -> None:
    short = shortened(Retold(failure_type="Error", title=text, line=text, others=others))
    assert len(written(short)) <= LONGEST_VALUE
    assert text.startswith(short.line)
