"""The check of blocks against Slack's limits, and the check of the check: what slack-sdk builds by the book passes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.workspace import problems, view_problems

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["type", "text", "elements"]), inner),
    max_leaves=8,
)


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def button(action_id: str = "a", **fields: Any) -> dict[str, Any]:
    return {"type": "button", "action_id": action_id, "text": plain("Go"), **fields}


def section(text: str = "hello", **fields: Any) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **fields}


def option(value: str) -> dict[str, Any]:
    return {"text": plain(value), "value": value}


def cell(text: str) -> dict[str, Any]:
    return {"type": "raw_text", "text": text}


def chart(**fields: Any) -> dict[str, Any]:
    series = [{"name": "failed", "data": [{"label": "Mon", "value": 3}, {"label": "Tue", "value": 0.5}]}]
    body = {"type": "bar", "series": series, "axis_config": {"categories": ["Mon", "Tue"]}, **fields}
    return {"type": "data_visualization", "title": "Failed jobs", "chart": body}


def pie(*values: float) -> dict[str, Any]:
    parts = [{"label": f"part {index}", "value": value} for index, value in enumerate(values)]
    return {"type": "data_visualization", "title": "Types", "chart": {"type": "pie", "segments": parts}}


def rich(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text", "elements": list(elements)}


LOG = {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "CUDA out of memory"}]}
CONFIRM = {"title": plain("Cordon?"), "text": plain("No new pods."), "confirm": plain("Cordon"), "deny": plain("No")}
MENU = {"type": "overflow", "action_id": "more", "options": [option("logs"), option("events")]}
GOOD = [
    section(),
    section(accessory=button(confirm=CONFIRM, style="danger")),
    {"type": "section", "fields": [plain("a"), {"type": "mrkdwn", "text": "*b*"}]},
    {"type": "header", "text": plain("Digest")},
    {"type": "divider"},
    {"type": "context", "elements": [plain("31 jobs"), {"type": "mrkdwn", "text": "13:05"}]},
    {"type": "actions", "elements": [button("a"), button("b"), MENU]},
    {"type": "markdown", "text": "**bold**"},
    rich(LOG, {"type": "rich_text_section", "elements": [{"type": "emoji", "name": "fire"}]}),
    rich({"type": "rich_text_list", "style": "bullet", "elements": [{"type": "rich_text_section", "elements": []}]}),
    {"type": "table", "rows": [[cell("node"), cell("failed")], [cell("gpu-node-03"), rich(LOG)]]},
    {"type": "data_table", "caption": "Nodes", "rows": [[cell("n")], [{"type": "raw_number", "value": 3}]]},
    chart(),
    pie(3, 5),
    {"type": "container", "title": plain("Two nodes"), "child_blocks": [section(), {"type": "divider"}]},
    {"type": "carousel", "elements": [{"type": "card", "title": plain("gpu-node-03"), "actions": [button()]}]},
    {"type": "plan", "title": "Mend", "tasks": [{"type": "task_card", "task_id": "1", "title": "Drain"}]},
]


@pytest.mark.parametrize("block", GOOD, ids=lambda block: str(block["type"]))
def test_what_slack_takes_is_taken(block: dict[str, Any]) -> None:
    assert problems([block]) == []


BAD = [
    (section("x" * 3001), "must be less than 3001 characters", "/blocks/0/text/text"),
    (section(""), "must be more than 0 characters", "/blocks/0/text/text"),
    ({"type": "section"}, "must define either `text` or `fields`", "/blocks/0"),
    ({"type": "section", "fields": [plain("x")] * 11}, "no more than 10 items", "/blocks/0/fields"),
    ({"type": "section", "fields": [plain("x" * 2001)]}, "less than 2001", "/blocks/0/fields/0/text"),
    (section(accessory={"type": "plain_text_input"}), "unsupported type", "/blocks/0/accessory/type"),
    (section(colour="red"), "invalid additional property: colour", "/blocks/0"),
    ({"type": "header", "text": plain("x" * 151)}, "less than 151", "/blocks/0/text/text"),
    ({"type": "header", "text": {"type": "mrkdwn", "text": "*x*"}}, "unsupported type: mrkdwn", "/blocks/0/text/type"),
    ({"type": "context", "elements": [plain("x")] * 11}, "no more than 10", "/blocks/0/elements"),
    ({"type": "context", "elements": [button()]}, "unsupported type: button", "/blocks/0/elements/0/type"),
    ({"type": "actions", "elements": [button(str(n)) for n in range(26)]}, "no more than 25", "/blocks/0/elements"),
    ({"type": "actions", "elements": [button(), button()]}, "`action_id` must be unique: a", "/blocks/0/elements"),
    ({"type": "actions", "elements": [button(value="x" * 2001)]}, "less than 2001", "/blocks/0/elements/0/value"),
    ({"type": "actions", "elements": [button(text=plain("x" * 76))]}, "less than 76", "/elements/0/text/text"),
    ({"type": "actions", "elements": [button("x" * 256)]}, "less than 256", "/elements/0/action_id"),
    ({"type": "actions", "elements": [button(style="warning")]}, "must be one of", "/elements/0/style"),
    ({"type": "actions", "elements": [{**MENU, "options": [option(str(n)) for n in range(6)]}]}, "no more than 5", ""),
    ({"type": "actions", "elements": [{"type": "static_select", "action_id": "s"}]}, "either `options`", ""),
    (section(accessory=button(confirm={**CONFIRM, "text": plain("x" * 301)})), "less than 301", "/confirm/text/text"),
    (section(block_id="x" * 256), "less than 256", "/blocks/0/block_id"),
    ({"type": "table", "rows": [[cell("x")] * 21]}, "no more than 20", "/blocks/0/rows/0"),
    ({"type": "table", "rows": [[cell("x")]] * 101}, "no more than 100", "/blocks/0/rows"),
    ({"type": "table", "rows": [[cell("")]]}, "more than 0 characters", "/blocks/0/rows/0/0/text"),
    ({"type": "data_table", "rows": [[cell("n")], [cell("x")]]}, "missing required field: caption", "/blocks/0"),
    ({"type": "data_table", "caption": "c", "rows": [[cell("n")]]}, "no fewer than 2", "/blocks/0/rows"),
    ({"type": "data_table", "caption": "c", "rows": [[rich(LOG)], [cell("x")]]}, "header row", "/blocks/0"),
    ({"type": "data_table", "caption": "c", "rows": [[cell("n")], [cell("x")] * 2]}, "same number", "/blocks/0"),
    ({"type": "card", "subtitle": plain("A100")}, "must define one of", "/blocks/0"),
    ({"type": "container", "title": plain("x"), "child_blocks": [chart()]}, "unsupported type", "/child_blocks/0/type"),
    ({"type": "container", "child_blocks": [section()]}, "must define `title`", "/blocks/0"),
    ({"type": "plan", "title": "x", "tasks": [section()]}, "unsupported type: section", "/blocks/0/tasks/0/type"),
    (chart(axis_config={"categories": ["Mon"]}), "one point for each category", "/blocks/0/chart"),
    (chart(series=[]), "no fewer than 1", "/blocks/0/chart/series"),
    (pie(1, 0), "must be positive", "/blocks/0/chart"),
    (pie(*range(1, 8)), "no more than 6", "/blocks/0/chart/segments"),
    (pie(float("nan")), "must be a number", "/blocks/0/chart/segments/0/value"),
    (rich({"type": "rich_text_preformatted", "elements": [{"type": "emoji", "name": "fire"}]}), "unsupported", ""),
    ({"type": "alert", "text": plain("x")}, "unsupported type: alert", "/blocks/0/type"),
    ({"type": "auth_provider"}, "unsupported type: auth_provider", "/blocks/0/type"),
    ({}, "missing required field: type", "/blocks/0"),
    ({"type": "image", "alt_text": "x", "image_url": "javascript:x"}, "invalid url", "/blocks/0/image_url"),
]


@pytest.mark.parametrize(("block", "what", "where"), BAD, ids=lambda part: part if isinstance(part, str) else "")
def test_what_slack_refuses_is_named_with_its_place(block: dict[str, Any], what: str, where: str) -> None:
    found = problems([block])
    assert any(what in problem and where in problem for problem in found), found


def test_a_message_has_at_most_fifty_blocks_a_modal_a_hundred() -> None:
    assert problems([{"type": "divider"}] * 50) == []
    assert "no more than 50 items allowed [json-pointer:/blocks]" in problems([{"type": "divider"}] * 51)
    assert problems([{"type": "divider"}] * 100, surface="modal") == []


def test_a_message_has_one_table_and_two_charts() -> None:
    table = {"type": "table", "rows": [[cell("x")]]}
    assert problems([chart(), chart(), table]) == []
    assert len(problems([chart(), chart(), chart(), table, table])) == 2


def test_all_texts_of_a_message_together_stay_within_the_budget() -> None:
    assert problems([section("x" * 3000)] * 4) == []
    assert "12001 characters together" in problems([*[section("x" * 3000)] * 4, section("x")])[0]


def test_a_block_id_stands_once() -> None:
    assert "`block_id` must be unique: a" in problems([section(block_id="a"), section(block_id="a")])[0]


def test_inputs_are_for_forms_and_charts_for_messages() -> None:
    entry = {"type": "input", "label": plain("Why?"), "element": {"type": "plain_text_input", "action_id": "why"}}
    assert problems([entry], surface="modal") == []
    assert "unsupported type" in problems([chart()], surface="modal")[0]
    view = {"type": "modal", "title": plain("Why?"), "blocks": [entry]}
    assert "`submit` is required" in view_problems(view)[0]
    assert view_problems({**view, "submit": plain("Save")}) == []


def test_a_view_keeps_slacks_lengths() -> None:
    view = {"type": "modal", "title": plain("x" * 25), "blocks": [section()], "private_metadata": "x" * 3001}
    found = view_problems(view)
    assert len(found) == 2
    assert all("json-pointer:/view/" in problem for problem in found)
    assert "[json-pointer:/view/blocks/0/text/text]" in view_problems({"type": "home", "blocks": [section("")]})[0]


@given(st.lists(JSON, max_size=3))
@settings(max_examples=150, deadline=None)
def test_any_json_at_all_gets_a_verdict(blocks: list[Any]) -> None:
    assert all("json-pointer" in problem for problem in problems(blocks))
