from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rendering import Message, Renderer
from bot.rendering.fitting import MOST_BLOCKS, MOST_CHARACTERS, characters
from bot.rendering.message import buttons
from bot.rendering.templates import directory, template_of
from playground.workspace import problems
from tests.unit.rendering.extremes import HOSTILE, exaggerated
from tests.unit.rendering.values import EXAMPLES, NOW

RENDERER = Renderer()


def drawn(value: object) -> Message:
    return RENDERER.slack(value, asked="fix OOMKilled", at=NOW, private=True, voter="U0ANA1234")


def faults(message: Message) -> list[str]:
    """What Slack would find wrong with a message."""
    found = problems(list(message.blocks), surface="message")
    if len(message.blocks) > MOST_BLOCKS:
        found.append(f"{len(message.blocks)} blocks")
    if (said := sum(characters(block) for block in message.blocks)) > MOST_CHARACTERS:
        found.append(f"{said} characters")
    if not 0 < len(message.text) <= 3000:
        found.append(f"a summary of {len(message.text)} characters")
    return found


def test_every_template_belongs_to_a_value_that_has_an_example_here() -> None:
    files = {path.stem for path in (directory() / "slack").glob("*.jinja")}
    assert files == {template_of(value) for value in EXAMPLES}


@pytest.mark.parametrize("medium", ["terminal", "mail"])
def test_every_template_of_another_medium_says_a_value_of_slack_too(medium: str) -> None:
    files = {path.stem.removesuffix("_subject") for path in (directory() / medium).glob("*.jinja")}
    assert files <= {template_of(value) for value in EXAMPLES}


@pytest.mark.parametrize("value", EXAMPLES, ids=lambda value: type(value).__name__)
def test_slack_takes_every_message(value: object) -> None:
    assert faults(drawn(value)) == []


@pytest.mark.parametrize("value", EXAMPLES, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("text", [HOSTILE[8], "", "& " * 3000, "`" * 6000], ids=range(4))
def test_slack_takes_every_message_with_extreme_texts_and_long_lists(value: object, text: str) -> None:
    message = drawn(exaggerated(value, text, 60))
    assert faults(message) == []
    assert faults(message.simpler()) == []


@given(value=st.sampled_from(EXAMPLES), text=st.text(max_size=400), length=st.integers(1, 60))
@settings(max_examples=40, deadline=None)
def test_no_text_from_outside_makes_a_message_that_slack_refuses(value: object, text: str, length: int) -> None:
    assert faults(drawn(exaggerated(value, text, length))) == []


@pytest.mark.parametrize("value", EXAMPLES, ids=lambda value: type(value).__name__)
def test_what_is_cut_is_said_and_the_buttons_stay(value: object) -> None:
    short, long = drawn(value), drawn(exaggerated(value, "`a` b " * 60, 100))
    if any(block["type"] == "actions" for block in short.blocks):
        assert long.blocks[-1]["type"] in {"actions", "context"}
    if len(long.blocks) == MOST_BLOCKS:
        assert "more than fits" in json.dumps(long.blocks)


def test_buttons_of_a_message_have_different_action_ids() -> None:
    for value in EXAMPLES:
        ids = [button["action_id"] for button in buttons(drawn(value).blocks)]
        assert len(ids) == len(set(ids))
