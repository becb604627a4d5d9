"""The table of block types with Slack's limits: what each may hold and must hold. The figures are those of Slack's
reference; charts stay within the smaller ones where it and what was seen differ."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from bot.playground.workspace.elements import (
    ELEMENTS,
    IN_ACTIONS,
    IN_CONTEXT_ACTIONS,
    IN_INPUT,
    IN_SECTION,
    RICH_PARTS,
    plain,
    text,
)
from bot.playground.workspace.shapes import (
    Check,
    anything,
    both,
    choice,
    flag,
    items,
    number,
    record,
    rule,
    string,
    url,
    variant,
    whole,
)

_ID: dict[str, Check] = {"block_id": string(255)}


def _block(required: dict[str, Check], optional: dict[str, Check] | None = None) -> Check:
    return record(required, {**_ID, **(optional or {})})


_RICH_TEXT = _block({"elements": items(variant(RICH_PARTS), 1000)})
_CELLS: dict[str, Check] = {
    "raw_text": record({"text": string(12_000)}),
    "raw_number": record({"value": number}, {"text": string(100)}),
    "rich_text": _RICH_TEXT,
}
_COLUMN = record({}, {"align": choice("left", "center", "right"), "is_wrapped": flag})
_CONTEXT = {**ELEMENTS, "mrkdwn": text(3000), "plain_text": text(3000)}

_SEGMENT = record({"label": string(20), "value": number})
_SERIES = record({"name": string(20), "data": items(_SEGMENT, 20)})
_AXES = record({"categories": items(string(20), 20)}, {"x_label": string(50), "y_label": string(50)})


def _fits(chart: dict[str, Any]) -> bool:
    """Each series has one value for each category."""
    categories = chart["axis_config"]["categories"]
    return all(sorted(point["label"] for point in series["data"]) == sorted(categories) for series in chart["series"])


_XY = both(
    record({"series": items(_SERIES, 6), "axis_config": _AXES}),
    rule("series names must be unique", lambda chart: _unique(series["name"] for series in as_list(chart["series"]))),
    rule("every series must have one point for each category", _fits),
)
_CHARTS: dict[str, Check] = {
    **dict.fromkeys(("bar", "line", "area"), _XY),
    "pie": both(
        record({"segments": items(_SEGMENT, 6)}),
        rule("segment labels must be unique", lambda pie: _unique(part["label"] for part in as_list(pie["segments"]))),
        rule(
            "segment values must be positive", lambda pie: all(part["value"] > 0 for part in as_list(pie["segments"]))
        ),
    ),
}

BLOCKS: dict[str, Check] = {
    "section": both(
        _block(
            {},
            {
                "text": text(3000),
                "fields": items(text(2000), 10),
                "accessory": variant(ELEMENTS, *IN_SECTION),
                "expand": flag,
            },
        ),
        rule("must define either `text` or `fields`", lambda block: bool(block.get("text") or block.get("fields"))),
    ),
    "header": _block({"text": plain(150)}),
    "divider": _block({}),
    "context": _block({"elements": items(variant(_CONTEXT, "mrkdwn", "plain_text", "image"), 10)}),
    "actions": _block({"elements": items(variant(ELEMENTS, *IN_ACTIONS), 25)}),
    "context_actions": _block({"elements": items(variant(ELEMENTS, *IN_CONTEXT_ACTIONS), 5)}),
    "input": _block(
        {"label": plain(2000), "element": variant(ELEMENTS, *IN_INPUT)},
        {"hint": plain(2000), "optional": flag, "dispatch_action": flag},
    ),
    "image": both(
        _block({"alt_text": string(2000)}, {"image_url": url, "slack_file": anything, "title": plain(2000)}),
        rule(
            "must define either `image_url` or `slack_file`",
            lambda block: ("image_url" in block) != ("slack_file" in block),
        ),
    ),
    "markdown": _block({"text": string(12_000)}),
    "rich_text": _RICH_TEXT,
    "table": _block({"rows": items(items(variant(_CELLS), 20), 100)}, {"column_settings": items(_COLUMN, 20)}),
    "data_table": both(
        _block(
            {"caption": string(2000), "rows": items(items(variant(_CELLS), 20), 101, 2)},
            {"page_size": whole(1, 100), "row_header_column_index": whole(0, 19)},
        ),
        rule(
            "all rows must have the same number of cells",
            lambda table: _equal(len(row) for row in as_list(table["rows"])),
        ),
        rule(
            "the header row must not have rich_text cells",
            lambda table: all(cell["type"] != "rich_text" for cell in as_list(table["rows"])[0]),
        ),
    ),
    "data_visualization": _block({"title": string(50), "chart": variant(_CHARTS)}),
    "alert": _block({"text": text(3000)}, {"level": choice("default", "info", "warning", "error", "success")}),
    "plan": _block({"title": string(256)}, {"tasks": anything}),
    "task_card": _block(
        {"task_id": string(255), "title": string(256)},
        {
            "status": choice("pending", "in_progress", "complete", "error"),
            "details": anything,
            "output": anything,
            "sources": anything,
        },
    ),
}


def as_list(value: object) -> list[Any]:
    """The value, where it is a list; else nothing."""
    return list(value) if isinstance(value, (list, tuple)) else []


def _unique(values: Iterator[str]) -> bool:
    found = list(values)
    return len(set(found)) == len(found)


def _equal(values: Iterator[int]) -> bool:
    return all(first == second for first, second in pairwise(values))
