"""The table of block types with Slack's limits: what each may hold and must hold. The figures are those of Slack's
reference; charts stay within the smaller ones where it and what was seen differ."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from playground.workspace.elements import (
    ELEMENTS,
    IN_ACTIONS,
    IN_CONTEXT_ACTIONS,
    IN_INPUT,
    IN_SECTION,
    RICH_PARTS,
    picture,
    plain,
    text,
)
from playground.workspace.shapes import (
    Check,
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

_RICH: Check = variant({"rich_text": _RICH_TEXT})
_SOURCE = variant({"url": record({"url": url, "text": string(255)})})
_TASK = _block(
    {"task_id": string(255), "title": string(256)},
    {
        "status": choice("pending", "in_progress", "complete", "error"),
        "details": _RICH,
        "output": _RICH,
        "sources": items(_SOURCE, 50),
    },
)
_OF_TASK = variant({"task_card": _TASK})
_PICTURE = variant({"image": picture()})
_CARD = both(
    _block(
        {},
        {
            "hero_image": _PICTURE,
            "icon": _PICTURE,
            "title": text(150),
            "subtitle": text(150),
            "body": text(200),
            "actions": items(variant(ELEMENTS, "button"), 25),
        },
    ),
    rule(
        "must define one of `hero_image`, `title`, `actions`, `body`",
        lambda card: any(card.get(part) for part in ("hero_image", "title", "actions", "body")),
    ),
)

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
    "image": picture(title=plain(2000), **_ID),
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
    "plan": _block({"title": string(256)}, {"tasks": items(_OF_TASK, 50)}),
    "task_card": _TASK,
    "card": _CARD,
    "carousel": _block({"elements": items(variant({"card": _CARD}), 10)}),
    "video": _block(
        {"alt_text": string(2000), "video_url": url, "thumbnail_url": url, "title": plain(199)},
        {
            "title_url": url,
            "description": plain(200),
            "provider_icon_url": url,
            "provider_name": string(50),
            "author_name": string(49),
        },
    ),
}
_IN_CONTAINER = ("actions", "context", "divider", "header", "image", "input", "rich_text", "section", "table", "video")
BLOCKS["container"] = both(
    _block(
        {"child_blocks": items(variant(BLOCKS, *_IN_CONTAINER), 10)},
        {
            "title": plain(150),
            "rich_text_title": _RICH,
            "subtitle": text(150),
            "icon": _PICTURE,
            "width": choice("narrow", "standard", "wide", "full"),
            "is_collapsible": flag,
            "default_collapsed": flag,
            "has_header_divider": flag,
        },
    ),
    rule("must define `title` or `rich_text_title`", lambda box: bool(box.get("title") or box.get("rich_text_title"))),
    rule(
        "`has_header_divider` does not go with `is_collapsible`",
        lambda box: not (box.get("is_collapsible") and box.get("has_header_divider")),
    ),
)


def as_list(value: object) -> list[Any]:
    """The value, where it is a list; else nothing."""
    return list(value) if isinstance(value, (list, tuple)) else []


def _unique(values: Iterator[str]) -> bool:
    found = list(values)
    return len(set(found)) == len(found)


def _equal(values: Iterator[int]) -> bool:
    return all(first == second for first, second in pairwise(values))
