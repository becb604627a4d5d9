from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.rendering import Renderer
from bot.rendering.templates import directory, template_of
from tests.unit.rendering.extremes import exaggerated
from tests.unit.rendering.values import EXAMPLES, FIXES, NODE, NOW, REPORT

RENDERER = Renderer(time_zone="Europe/Berlin")
SHOWN = [value for value in EXAMPLES if (directory() / "terminal" / f"{template_of(value)}.jinja").exists()]


@pytest.mark.parametrize("value", SHOWN, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("width", [60, 100])
def test_no_line_is_wider_than_the_terminal(value: object, width: int) -> None:
    for one in (value, exaggerated(value, "a rather long name-of-something", 20)):
        lines = RENDERER.terminal(one, width=width).splitlines()
        assert lines
        assert max(len(line) for line in lines) <= width


def test_the_report_has_the_order_of_the_one_in_slack() -> None:
    shown = RENDERER.terminal(REPORT, width=110)
    headings = ["21 of 310 jobs failed", "Detected patterns", "Problematic nodes", "Correlations", "Recommendations"]
    places = [shown.index(heading) for heading in headings]
    assert places == sorted(places)
    slack = RENDERER.slack(REPORT)
    told = "\n".join(block["text"]["text"] for block in slack.blocks if block["type"] == "section")
    places = [told.index(heading) for heading in headings]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("ended", "words"),
    [
        (None, "in the last 24 h"),
        (NOW - timedelta(days=2), "between 2026-11-20 13:05 and 2026-11-21 13:05"),
    ],
)
def test_a_node_that_was_bad_for_a_time_is_shown_with_that_time(ended: datetime | None, words: str) -> None:
    spell = replace(
        NODE, hours=24, ended=ended, since=NOW - timedelta(days=3), last_at=NOW - timedelta(days=2), evidence=()
    )
    report = replace(REPORT, nodes=(spell,))
    assert words in " ".join(RENDERER.terminal(report, width=200).split())
    told = [block["text"]["text"] for block in RENDERER.slack(report).blocks if block["type"] == "section"]
    (line,) = [text for text in told if "Problematic nodes" in text]
    assert "it got in the last 24 h (" in line if ended is None else "it got between <!date" in line


def test_a_fix_is_shown_with_its_record() -> None:
    shown = RENDERER.terminal(FIXES, width=120)
    assert "Increase memory limit from 8Gi to 16Gi: ✅ 85.7 % (6 successes, 1 failure)" in shown
    assert "multiplier = 2.0" in shown


def test_colours_are_for_those_who_have_them() -> None:
    assert "\x1b[" in RENDERER.terminal(REPORT, color=True)
    assert "\x1b[" not in RENDERER.terminal(REPORT, color=False)
