from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.analysis.report import Spell
from bot.domain.period import Period
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


def test_a_node_that_was_bad_for_a_time_is_shown_with_that_time_and_its_own_numbers() -> None:
    then = Period(NOW - timedelta(days=3), NOW - timedelta(days=2))
    spell = Spell(period=then, failures=9, jobs=10, jobs_failed=9, expected_rate=0.1)
    report = replace(REPORT, nodes=(replace(NODE, spell=spell, evidence=()),))
    shown = " ".join(RENDERER.terminal(report, width=200).split())
    assert "12 of 16" in shown
    assert "worst 2026-11-20 13:05 to 2026-11-21 13:05: 9 of 10" in shown
    told = [block["text"]["text"] for block in RENDERER.slack(report).blocks if block["type"] == "section"]
    (line,) = [text for text in told if "Problematic nodes" in text]
    assert "*12 of the 16 jobs* it got (75 %" in line
    assert "worst <!date" in line


def test_a_fix_is_shown_with_its_record() -> None:
    shown = RENDERER.terminal(FIXES, width=120)
    assert "Increase memory limit from 8Gi to 16Gi: ✅ 85.7 % (6 successes, 1 failure)" in shown
    assert "multiplier = 2.0" in shown


def test_colours_are_for_those_who_have_them() -> None:
    assert "\x1b[" in RENDERER.terminal(REPORT, color=True)
    assert "\x1b[" not in RENDERER.terminal(REPORT, color=False)
