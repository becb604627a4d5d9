from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import pytest

from bot.rendering import Message, Renderer
from bot.rendering.message import buttons
from tests.unit.rendering.extremes import HOSTILE, exaggerated
from tests.unit.rendering.values import DIAGNOSIS, EXAMPLES, FIXES, JOB, NOW, REPORT, STATS

RENDERER = Renderer()
each_value = pytest.mark.parametrize("place", range(len(EXAMPLES)), ids=[type(value).__name__ for value in EXAMPLES])
OURS = re.compile(r"<!date\^\d+\^\{date_short_pretty\} \{time\}\|[^<>|]+>|<@U0SHARER1>|<@U0VOTER12>")
CODE = re.compile(r"`[^`]*`")
DECEIVING = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@cache
def drawn(text: str, place: int) -> Message:
    return RENDERER.slack(
        exaggerated(EXAMPLES[place], text, 3),
        asked="fix OOMKilled",
        at=NOW,
        private=False,
        shared_by="U0SHARER1",
        voter="U0VOTER12",
    )


def mrkdwn(message: Message) -> list[str]:
    """Every text of a message that Slack reads for marks and mentions."""
    return [message.text, *_mrkdwn(list(message.blocks))]


def _mrkdwn(part: Any) -> list[str]:
    if isinstance(part, dict):
        own = [part["text"]] if part.get("type") == "mrkdwn" else []
        return own + [text for each in part.values() for text in _mrkdwn(each)]
    return [text for each in part for text in _mrkdwn(each)] if isinstance(part, list) else []


@each_value
@pytest.mark.parametrize("text", HOSTILE[:2] + HOSTILE[7:8], ids=range(3))
def test_a_text_from_outside_mentions_nobody_and_links_nowhere(place: int, text: str) -> None:
    for said in mrkdwn(drawn(text, place)):
        assert "<" not in OURS.sub("", said)


@each_value
@pytest.mark.parametrize("text", [*HOSTILE[3:6], HOSTILE[8]], ids=range(4))
def test_nothing_that_deceives_the_eye_gets_through(place: int, text: str) -> None:
    message = drawn(text, place)
    blocks = json.loads(json.dumps(message.blocks))
    for button in buttons(blocks):
        assert button.pop("value").isascii()
    everything = json.dumps([message.text, blocks], ensure_ascii=False)
    assert DECEIVING.search(everything) is None
    assert "\\u00" not in everything


@each_value
def test_a_text_from_outside_has_no_marks_and_opens_no_code(place: int) -> None:
    for said in mrkdwn(drawn("`a` ```b``` *bold* ~no~ _it_", place)):
        outside = CODE.sub("", said)
        assert "*bold*" not in outside
        assert "~no~" not in outside
        assert "_it_" not in outside
        assert said.count("`") % 2 == 0


@each_value
def test_a_text_from_outside_adds_no_block_and_no_line(place: int) -> None:
    plain = drawn("name", place)
    attacked = drawn('a\n\n*Approved*\x1e{"type":"divider"}\x1e', place)
    assert [block["type"] for block in attacked.blocks] == [block["type"] for block in plain.blocks]
    assert [text.count("\n") for text in mrkdwn(attacked)] == [text.count("\n") for text in mrkdwn(plain)]


def test_a_name_is_shown_as_code_whatever_it_is() -> None:
    said = mrkdwn(drawn("<!channel>", 0))
    assert any("`&lt;!channel&gt;`" in text for text in said)


def test_code_in_backticks_of_a_known_explanation_stays_code() -> None:
    assert any("Set `PYTORCH_ALLOC_CONF` if" in text for text in mrkdwn(RENDERER.slack(DIAGNOSIS)))


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_text_from_outside_neither_colours_nor_moves_a_terminal(text: str) -> None:
    for value in (REPORT, STATS, FIXES, JOB, DIAGNOSIS):
        shown = RENDERER.terminal(exaggerated(value, text, 3), width=100, color=False)
        assert DECEIVING.search(shown) is None
