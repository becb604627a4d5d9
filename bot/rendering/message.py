"""A message for Slack as a value, and a simpler form of it for workspaces that refuse a newer block."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

Block = dict[str, Any]

_MOST_WIDE = 28
"""Characters of a table's cell where the table is drawn as text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What Slack is sent. `text` is mrkdwn: what notifications and screen readers say."""

    text: str
    blocks: tuple[Block, ...] = ()
    colour: str | None = None
    """The bar beside all but the first block, as "#a30200"; never the only sign of anything."""

    def simpler(self) -> Message:
        """The same with tables as preformatted text and charts by their title."""
        return replace(self, blocks=tuple(_simpler(block) for block in self.blocks))


def _simpler(block: Block) -> Block:
    draw = _SIMPLER.get(block["type"])
    return block if draw is None else draw(block)


def _drawn_table(block: Block) -> Block:
    rows = [[_cell(cell) for cell in row] for row in block["rows"]]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return preformatted("\n".join(lines))


def _cell(cell: Block) -> str:
    text = str(cell.get("text", ""))
    return text if len(text) <= _MOST_WIDE else text[: _MOST_WIDE - 1] + "…"


def _drawn_chart(block: Block) -> Block:
    return {"type": "context", "elements": [{"type": "plain_text", "text": block["title"]}]}


def preformatted(text: str) -> Block:
    """A block that shows text as it is: nothing in it is read as a mark or a mention."""
    element = {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": text or " "}]}
    return {"type": "rich_text", "elements": [element]}


_SIMPLER = {"table": _drawn_table, "data_table": _drawn_table, "data_visualization": _drawn_chart}


def buttons(blocks: Sequence[Block]) -> list[Block]:
    """Every button of these blocks, in their order."""
    found = []
    for block in blocks:
        elements = [*block.get("elements", ()), block.get("accessory", {})]
        found += [element for element in elements if element.get("type") == "button"]
    return found
