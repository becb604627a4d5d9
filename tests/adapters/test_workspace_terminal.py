"""What a Slack message looks like in the terminal."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from playground.workspace import Message, View
from playground.workspace.charts import bar
from playground.workspace.mrkdwn import mrkdwn
from playground.workspace.terminal import as_text, draw, draw_view
from tests.adapters.test_workspace_blocks import GOOD, button, chart, option, pie, plain, section

NAMES = {"U1": "ana", "U2": "failures", "C1": "ml-team"}


def message(*blocks: dict[str, Any], **fields: Any) -> Message:
    return Message(channel="C1", ts="1.000000", user="U2", bot_id="B1", **{"blocks": blocks, **fields})


def shown(*blocks: dict[str, Any], **fields: Any) -> str:
    return as_text(message(*blocks, **fields), NAMES)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("*12 of 16* jobs, _since_ ~never~ `09:40`", "12 of 16 jobs, since never 09:40"),
        ("<@U1> in <#C1>, <@U9|zoe>", "@ana in #ml-team, @zoe"),
        ("<!here> <!subteam^S1|@gpu-oncall>", "@here @gpu-oncall"),
        ("<https://example.com/x|the runbook> and <https://example.com>", "the runbook and https://example.com"),
        ("at <!date^1763899200^{time}|12:00>", "at 12:00"),
        ("a &lt;!channel&gt; &amp;amp; b", "a <!channel> &amp; b"),
        ("```rank 3\nOOM *here*```", "rank 3\nOOM *here*"),
        ("gpu_node_03 and 2*3*4 stay", "gpu_node_03 and 2*3*4 stay"),
        (":fire: burns", "🔥 burns"),
        ("&gt; quoted", "▎ quoted"),
        ("\x1b[2Jclear \u202eevil", "[2Jclear evil"),
    ],
)
def test_marks_become_what_they_mean(written: str, read: str) -> None:
    assert str(mrkdwn(written, NAMES)) == read


def test_bold_is_bold_and_a_code_is_coloured() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, color_system="standard", width=80)
    with console.capture() as captured:
        console.print(draw(message(section("*bold* `code`")), NAMES))
    assert "\x1b[1mbold" in captured.get()
    assert "\x1b[36mcode" in captured.get()


def test_a_message_says_who_wrote_it_and_who_sees_it() -> None:
    assert shown(text="hello", seen_by="U1").splitlines() == ["failures APP  only visible to ana", "hello"]


def test_buttons_and_menus_stand_in_brackets() -> None:
    menu = {"type": "overflow", "action_id": "more", "options": [option("Logs"), option("Events")]}
    drawn = shown({"type": "actions", "elements": [button(), button("b", style="danger"), menu]})
    assert "[Go]  [Go]  ⋯ Logs · Events" in drawn
    assert "hello  [Go]" in shown(section(accessory=button()))


def test_fields_stand_in_two_columns_and_tables_in_lines() -> None:
    drawn = shown({"type": "section", "fields": [plain("left"), plain("right"), plain("below")]})
    assert [line.split() for line in drawn.splitlines()[1:]] == [["left", "right"], ["below"]]
    rows = [[{"type": "raw_text", "text": "node"}], [{"type": "raw_text", "text": "gpu-node-03"}]]
    lines = shown({"type": "data_table", "caption": "Nodes", "rows": rows}).splitlines()
    assert [line.strip() for line in lines if "node" in line.lower()] == ["Nodes", "node", "gpu-node-03"]


def test_a_chart_is_bars_with_their_values() -> None:
    lines = shown(chart()).splitlines()
    assert lines[1].strip() == "Failed jobs"
    assert lines[2].split() == ["Mon", "█" * 24, "3"]
    assert lines[3].split() == ["Tue", "█" * 4, "0.5"]
    assert "75%" in shown(pie(3, 1))


@pytest.mark.parametrize(("value", "length"), [(0, 0), (-3, 0), (1, 3), (8, 24)])
def test_a_bar_is_as_long_as_its_value(value: float, length: int) -> None:
    assert bar(value, 8) == "█" * length


def test_an_attachment_has_a_bar_at_its_side() -> None:
    drawn = shown(text="firing", attachments=({"color": "#a30200", "blocks": [section("12 of 16")]},))
    assert any(line.startswith("▌") and "12 of 16" in line for line in drawn.splitlines())


def test_a_modal_has_its_title_in_a_frame() -> None:
    entry = {"type": "input", "label": plain("Why?"), "element": {"type": "plain_text_input", "action_id": "why"}}
    body = {"type": "modal", "title": plain("Suggest a fix"), "blocks": [entry]}
    view = View(id="V1", user="U1", body=body, hash="1", root_id="V1")
    console = Console(file=io.StringIO(), width=60, color_system=None)
    with console.capture() as captured:
        console.print(draw_view(view))
    assert "─ Suggest a fix ─" in captured.get()
    assert "Why?" in captured.get()


@pytest.mark.parametrize("block", GOOD, ids=lambda block: str(block["type"]))
def test_every_block_that_slack_takes_can_be_drawn(block: dict[str, Any]) -> None:
    drawn = shown(block)
    assert len(drawn.splitlines()) > 1
    assert f"({block['type']})" not in drawn
