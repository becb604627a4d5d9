"""Makes blocks one message that Slack takes: the number of blocks, of characters, of tables, and unique action ids."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from bot.rendering.message import Block, buttons

MOST_BLOCKS = 50
MOST_CHARACTERS = 12_000
"""Slack refuses a message over about 13,000 characters of text in all (msg_blocks_too_long)."""
_KEPT_AT_END = 2
"""The small print and the buttons end a message; what is cut is cut before them."""


def fit(blocks: Sequence[Block], cut: str) -> tuple[Block, ...]:
    """The blocks that fit; where some do not, the line `cut` says so before the end."""
    kept = _numbered(_one_table(blocks))
    if _fits(kept):
        return tuple(kept)
    ending = kept[-_KEPT_AT_END:] if _fits(kept[-_KEPT_AT_END:]) else []
    note = {"type": "context", "elements": [{"type": "plain_text", "text": cut}]}
    body = kept[: len(kept) - len(ending)]
    while body and not _fits([*body, note, *ending]):
        body.pop()
    return (*body, note, *ending)


def characters(block: Any) -> int:  # noqa: ANN401 JSON
    """Characters that people read in a block."""
    if isinstance(block, dict):
        return sum(
            len(value) if key == "text" and isinstance(value, str) else characters(value)
            for key, value in block.items()
        )
    return sum(characters(each) for each in block) if isinstance(block, list) else 0


def _fits(blocks: Sequence[Block]) -> bool:
    return len(blocks) <= MOST_BLOCKS and sum(characters(block) for block in blocks) <= MOST_CHARACTERS


def _one_table(blocks: Iterable[Block]) -> list[Block]:
    """The blocks with the first table only: Slack takes one in a message."""
    kept: list[Block] = []
    for block in blocks:
        if block["type"] != "table" or all(other["type"] != "table" for other in kept):
            kept.append(block)
    return kept


def _numbered(blocks: Iterable[Block]) -> list[Block]:
    """A copy of the blocks in which no two buttons have the same action id: "ask" becomes "ask:1", "ask:2" ..."""
    copied: list[Block] = json.loads(json.dumps(list(blocks)))
    for number, button in enumerate(buttons(copied), 1):
        button["action_id"] = f"{button['action_id']}:{number}"
    return copied
