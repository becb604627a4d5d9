"""What a Slack template builds its message from: each of these globals emits one block between record separators.

`{% call section() %}` and its like take mrkdwn from the template's text; everything given as an argument is plain. Each
keeps to Slack's own limits, so that no value from outside can make a message that Slack refuses.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from jinja2 import Environment

from bot.rendering.message import Block, preformatted
from bot.rendering.mrkdwn import Mrkdwn, block_text, clip, lines, plain

SEPARATOR = "\x1e"
SUMMARY = "summary"
"""The pseudo-block that carries the message's `text`."""
COLOUR = "colour"
"""The pseudo-block that carries the colour of the message's bar."""
SECTION_TEXT = 3000
SUMMARY_TEXT = 1000
CONTEXT_TEXT = 1000
CODE_TEXT = 2500
CELL_TEXT = 60
CHART_TITLE = 50
CHART_LABEL = 20
TABLE_ROWS = 40
TABLE_COLUMNS = 20
BUTTONS = 25


class BadTemplate(Exception):
    """A template that does not make a message: text outside of its blocks, or no summary."""


def emitted(jinja: Environment, template: str, fields: Mapping[str, object]) -> Iterator[Block]:
    """The blocks of a Slack template, pseudo-blocks included. Raises BadTemplate and Jinja's errors."""
    pieces = jinja.get_template(f"slack/{template}.jinja").render(fields).split(SEPARATOR)
    for place, piece in enumerate(pieces):
        if place % 2:
            yield json.loads(piece)
        elif piece.strip():
            raise BadTemplate(f"slack/{template}.jinja has text outside of its blocks: {piece.strip()[:80]!r}")


def cut(jinja: Environment) -> str:
    """What is said where there is more than Slack takes."""
    return jinja.get_template("cut.jinja").render().strip()


Caller = Callable[[], str]


def summary(caller: Caller) -> Mrkdwn:
    """The message in one line, for notifications and screen readers."""
    return emit({"type": SUMMARY, "text": clip(" ".join(lines(caller()).split()), SUMMARY_TEXT)})


def section(caller: Caller, accessory: object = None) -> Mrkdwn:
    """A paragraph, with a button beside it (what is none is left out). One without text is left out."""
    text = clip(lines(caller()), SECTION_TEXT)
    block = {"type": "section", "text": {"type": "mrkdwn", "text": text}}
    return emit({**block, "accessory": accessory} if isinstance(accessory, dict) else block) if text else Mrkdwn("")


def context(caller: Caller) -> Mrkdwn:
    """Small print. Without text it is left out."""
    text = clip(lines(caller()), CONTEXT_TEXT)
    return emit({"type": "context", "elements": [{"type": "mrkdwn", "text": text}]}) if text else Mrkdwn("")


def code(text: object) -> Mrkdwn:
    """Log lines, exactly as they are; the end of them, where they are long."""
    return emit(preformatted(block_text(text, CODE_TEXT)))


def divider() -> Mrkdwn:
    """A line across."""
    return emit({"type": "divider"})


def actions(*buttons: object) -> Mrkdwn:
    """A row of buttons; what is none (a condition of the template that does not hold) is left out."""
    shown = [each for each in buttons if isinstance(each, dict)]
    return emit({"type": "actions", "elements": shown[:BUTTONS]}) if shown else Mrkdwn("")


def table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> Mrkdwn:
    """A table of plain text: what is no text is set to the right. Rows beyond the limit are left out."""
    if not rows:
        return Mrkdwn("")
    width = min(len(headings), TABLE_COLUMNS)
    numbers = [not isinstance(cell, str) for cell in rows[0][:width]]
    shown = [headings, *rows[:TABLE_ROWS]]
    return emit(
        {
            "type": "table",
            "column_settings": [{"align": "right" if number else "left"} for number in numbers],
            "rows": [[_cell(cell) for cell in row[:width]] for row in shown],
        }
    )


def chart(title: str, series: Mapping[str, Sequence[float]], categories: Sequence[str], unit: str) -> Mrkdwn:
    """Bars side by side; `title` says what they show, and is all that is left where a workspace knows no charts."""
    names = [plain(name, CHART_LABEL) for name in categories]
    drawn = [
        {
            "name": plain(name, CHART_LABEL),
            "data": [{"label": label, "value": value} for label, value in zip(names, values, strict=False)],
        }
        for name, values in series.items()
    ]
    axes = {"categories": names, "x_label": "Day", "y_label": unit}
    body = {"type": "bar", "series": drawn, "axis_config": axes}
    return emit({"type": "data_visualization", "title": plain(title, CHART_TITLE), "chart": body})


def colour(value: str) -> Mrkdwn:
    """The colour of the bar beside the message. A word has to say the same."""
    return emit({"type": COLOUR, "colour": value})


GLOBALS: dict[str, Callable[..., Any]] = {
    each.__name__: each for each in (summary, section, context, code, divider, actions, table, chart, colour)
}


def _cell(value: object) -> Block:
    return {"type": "raw_text", "text": plain(value, CELL_TEXT)}


def plain_text(text: str, most: int) -> Block:
    """A text of at most so many characters that Slack shows as it is."""
    return {"type": "plain_text", "text": plain(text, most)}


def emit(block: Block) -> Mrkdwn:
    """A block as text between record separators, for `emitted` to find."""
    return Mrkdwn(f"{SEPARATOR}{json.dumps(block, ensure_ascii=False)}{SEPARATOR}")
