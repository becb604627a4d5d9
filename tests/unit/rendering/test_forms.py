from __future__ import annotations

import pytest

from bot.rendering import Renderer
from bot.rendering.templates import FORMS as TEMPLATES
from bot.rendering.templates import directory
from playground.workspace import view_problems
from tests.unit.rendering.extremes import HOSTILE, exaggerated
from tests.unit.rendering.values import FORMS

RENDERER = Renderer()


def test_every_form_has_an_example_and_a_template() -> None:
    assert {type(value) for value in FORMS} == set(TEMPLATES)
    assert {path.stem for path in (directory() / "slack" / "forms").glob("*.jinja")} == set(TEMPLATES.values())


@pytest.mark.parametrize("value", FORMS, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("text", [None, "", "& " * 3000, "`" * 6000, *HOSTILE], ids=range(4 + len(HOSTILE)))
def test_slack_takes_every_form_with_whatever_texts(value: object, text: str | None) -> None:
    shown = value if text is None else exaggerated(value, text, 60)
    assert view_problems(RENDERER.form(shown, metadata="{}")) == []


def test_a_form_carries_its_metadata_back() -> None:
    assert RENDERER.form(FORMS[0], metadata="x")["private_metadata"] == "x"
