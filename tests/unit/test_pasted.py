from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.text.pasted_log import MOST_CHARACTERS, holds_log, pasted

LOG = 'Traceback (most recent call last):\n  File "a.py", line 1, in <module>\nRuntimeError: x < y & z'
ESCAPED = LOG.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def preformatted(text: str) -> dict[str, Any]:
    element = {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": text}]}
    return {"type": "rich_text", "elements": [element]}


@pytest.mark.parametrize(
    "message",
    [
        {"text": ESCAPED},
        {"text": f"```{ESCAPED}```"},
        {"text": f"```\n{ESCAPED}\n```"},
        {"text": "x", "blocks": [preformatted(LOG)]},
        {"text": "", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": f"```{ESCAPED}```"}}]},
        {"text": "", "attachments": [{"text": ESCAPED}]},
        {"text": "", "attachments": [{"fallback": ESCAPED}]},
        {"text": "", "attachments": [{"blocks": [preformatted(LOG)]}]},
        {"text": "", "files": [{"preview": LOG, "preview_is_truncated": False}]},
    ],
)
def test_the_log_is_read_wherever_it_stands(message: dict[str, Any]) -> None:
    assert pasted(message).text.strip() == LOG
    assert pasted(message).lines == 3
    assert pasted(message).unread_files == 0


def test_the_words_around_a_block_of_code_are_read_too() -> None:
    section = {
        "type": "rich_text_section",
        "elements": [{"type": "user", "user_id": "U1"}, {"type": "text", "text": "why?"}],
    }
    block = preformatted("line")
    block["elements"].insert(0, section)
    assert pasted({"text": "x", "blocks": [block]}).text.splitlines() == ["why?", "line"]


def test_files_that_were_not_read_are_counted() -> None:
    read = pasted({"text": "a", "files": [{"id": "F1"}, {"preview": "b", "preview_is_truncated": True}]})
    assert (read.text, read.unread_files) == ("a\nb", 2)


def test_of_a_long_message_the_end_is_read_and_that_is_said() -> None:
    read = pasted({"text": "x" * MOST_CHARACTERS + "the end"})
    assert read.cut
    assert len(read.text) == MOST_CHARACTERS
    assert read.text.endswith("the end")


@given(
    st.dictionaries(
        st.sampled_from(["text", "blocks", "attachments", "files"]),
        st.recursive(
            st.none() | st.integers() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.sampled_from(["type", "text", "elements", "fields", "blocks"]), inner, max_size=3)
            ),
            max_leaves=10,
        ),
    )
)
def test_no_message_breaks_the_reading(message: dict[str, Any]) -> None:
    assert len(pasted(message).text) <= MOST_CHARACTERS


def test_a_nesting_without_end_is_read_to_a_depth() -> None:
    deep: dict[str, Any] = {}
    deep["elements"] = [deep]
    assert pasted({"blocks": [deep]}).text.strip() == ""


@pytest.mark.parametrize(
    ("text", "is_one"), [("```x```", True), ("a\nb", True), ("a\n\n", False), ("fix OOMKilled", False), ("", False)]
)
def test_several_lines_or_a_block_of_code_look_like_a_log(text: str, is_one: bool) -> None:  # noqa: FBT001 a parameter of the test
    assert holds_log(text) is is_one
