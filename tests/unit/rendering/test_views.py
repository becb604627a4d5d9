from __future__ import annotations

import json

import pytest

from bot.domain.answers.unknown_failures import (
    CauseNamed,
    NamedCause,
    NamingForm,
    NotNamed,
    RenamingForm,
    WhyNot,
    Works,
)
from bot.rendering import Renderer
from bot.rendering.templates import VIEWS, directory
from playground.workspace import view_problems
from tests.unit.rendering.extremes import HOSTILE, exaggerated
from tests.unit.rendering.values import LICENCE

RENDERER = Renderer()
CAUSE = NamedCause(signature=LICENCE, failures=14, jobs=5)
VALUES: tuple[object, ...] = (
    NamingForm(
        failure_id=12, sample="flexlm: checkout failed for seat 7", template="flexlm: checkout failed for seat <n>"
    ),
    RenamingForm(signature=LICENCE),
    Works("licence-server-away"),
    CauseNamed(cause=CAUSE),
    CauseNamed(cause=CAUSE, already=True),
    *(NotNamed(why) for why in WhyNot),
)


def test_every_view_has_a_template_and_an_example() -> None:
    assert {type(value) for value in VALUES} == set(VIEWS)
    assert {path.stem for path in (directory() / "slack" / "views").glob("*.jinja")} == set(VIEWS.values())


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("text", ["", "& " * 3000, *HOSTILE], ids=range(len(HOSTILE) + 2))
def test_slack_takes_every_view_and_nothing_in_it_calls_anybody(value: object, text: str) -> None:
    if text:
        value = exaggerated(value, text, 3) if not isinstance(value, RenamingForm) else value
    view = RENDERER.view(value)
    assert view_problems(view) == []
    said = [block["text"]["text"] for block in view["blocks"] if block["type"] == "section"]
    assert not any("<" in each for each in said)
    assert "\u202e" not in json.dumps(view["blocks"], ensure_ascii=False)
