from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack import heard
from bot.slack.explain_log import asks_about_log
from bot.slack.redeliveries import Redeliveries

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
bodies = st.dictionaries(
    st.sampled_from(["event", "container", "channel", "actions", "user", "trigger_id", "text", "message", "command"]),
    json_values,
)


def event(**fields: Any) -> dict[str, Any]:
    return {"event": {"type": "message", "channel_type": "im", "user": "U1", "channel": "D1", "ts": "1.2", **fields}}


@pytest.mark.parametrize(
    "odd",
    [
        {"subtype": "message_changed"},
        {"subtype": "channel_join"},
        {"bot_id": "B1"},
        {"user": None},
        {"edited": {"user": "U1", "ts": "2.0"}},
        {"channel_type": "channel", "channel": "C1"},
    ],
)
def test_what_is_no_question_of_a_person_is_dropped(odd: dict[str, Any]) -> None:
    assert heard.message(event()) is not None
    assert heard.message(event(**odd)) is None


@pytest.mark.parametrize(
    ("text", "files", "asks"),
    [
        ("", [{"id": "F1"}], True),
        ("what is this?", [{"id": "F1"}], True),
        ("fix OOMKilled", [{"id": "F1"}], False),
        ("RuntimeError: x\nand more", [], True),
        ("", [], False),
    ],
)
def test_a_message_with_a_file_or_a_log_and_no_command_asks_about_it(text: str, files: list[Any], asks: bool) -> None:  # noqa: FBT001 a parameter of the test
    said = event(text=text, files=files, **({"subtype": "file_share"} if files else {}))
    assert asks_about_log(said) is asks


def test_a_mention_is_answered_in_a_thread_under_it() -> None:
    said = heard.message(event(type="app_mention", channel_type="channel", channel="C1", text="<@U0BOT> help"))
    assert said is not None
    assert (said.thread_ts, said.private, said.text.strip()) == ("1.2", False, "help")


def test_a_mention_and_the_message_it_stands_in_are_one_question() -> None:
    told = [heard.message(event(type=kind, channel="D1")) for kind in ("message", "app_mention")]
    assert len({said.key for said in told if said}) == 1


@given(bodies)
def test_no_body_breaks_the_reading(body: dict[str, Any]) -> None:
    assert heard.command(body).private
    assert isinstance(heard.press(body).value, str)
    heard.message(body)


def test_a_key_is_first_once_and_the_oldest_are_forgotten() -> None:
    seen: Redeliveries[None] = Redeliveries(most=2)
    assert [seen.first(key) for key in ("a", "a", "b", "c", "a")] == [True, False, True, True, True]
