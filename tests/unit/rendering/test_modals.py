from __future__ import annotations

import json
from dataclasses import is_dataclass
from typing import Any

import pytest

from bot.domain.text.characters import harmless
from bot.rendering import Renderer
from bot.rendering.templates import directory, template_of
from playground.workspace import view_problems
from tests.unit.rendering.extremes import HOSTILE, exaggerated
from tests.unit.rendering.values import MODALS as VALUES
from tests.unit.rendering.values import SENTENCES as SAID

RENDERER = Renderer()


def shown_of(block: Any) -> Any:
    """What people see of blocks: all but the values that Slack gives back."""
    if isinstance(block, dict):
        return {key: shown_of(each) for key, each in block.items() if key != "value"}
    return [shown_of(each) for each in block] if isinstance(block, list) else block


def test_every_modal_has_an_example_and_a_template() -> None:
    files = {path.stem for path in (directory() / "slack" / "modals").glob("*.jinja")}
    assert files == {template_of(value) for value in VALUES}


def test_every_sentence_has_an_example_and_a_template() -> None:
    files = {path.stem for path in (directory() / "plain").glob("*.jinja")}
    assert files == {template_of(value) for value in SAID}


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("text", [None, "", "& " * 3000, "`" * 6000, *HOSTILE], ids=range(4 + len(HOSTILE)))
def test_slack_takes_every_modal_with_whatever_texts_and_nothing_in_it_calls_anybody(
    value: object, text: str | None
) -> None:
    shown = value if text is None else exaggerated(value, text, 60)
    view = RENDERER.modal(shown, metadata="{}")
    assert view_problems(view) == []
    said = [block["text"]["text"] for block in view["blocks"] if block["type"] == "section"]
    assert text is None or not any("<" in each for each in said)
    assert "\u202e" not in json.dumps(shown_of(view["blocks"]), ensure_ascii=False)


def test_a_modal_carries_its_metadata_back() -> None:
    assert RENDERER.modal(VALUES[0], metadata="x")["private_metadata"] == "x"


@pytest.mark.parametrize("value", SAID, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("text", [None, *HOSTILE], ids=range(1 + len(HOSTILE)))
def test_every_sentence_is_one_line_that_says_something(value: object, text: str | None) -> None:
    assert is_dataclass(value)
    said = RENDERER.plain(value if text is None else exaggerated(value, text, 60))
    assert said.strip() or (text is not None and not harmless(text))
    assert "\n" not in said
    assert "\u202e" not in said
