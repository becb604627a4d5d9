"""What Slack takes as blocks: the rules for a message, a modal or a Home tab as a whole. The total is what workspaces
were seen to refuse."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from playground.workspace.block_table import BLOCKS, as_list
from playground.workspace.elements import plain
from playground.workspace.shapes import Check, anything, flag, items, record, string, variant
from playground.workspace.values import Json, texts_of

TOTAL = 12_000
"""Characters of text in all blocks of one message together; at about 13,000 Slack says `msg_blocks_too_long`."""
MAX_TEXT = 40_000
"""Characters of a message's `text`."""

_MESSAGE_ONLY = frozenset(
    {
        "markdown",
        "plan",
        "task_card",
        "card",
        "carousel",
        "context_actions",
        "table",
        "data_table",
        "data_visualization",
    }
)
_SURFACES = {
    "message": (50, frozenset(BLOCKS) - {"alert"}),
    "modal": (100, frozenset(BLOCKS) - _MESSAGE_ONLY),
    "home": (100, frozenset(BLOCKS) - _MESSAGE_ONLY - {"alert"}),
}
_AT_MOST = {"table": 1, "data_visualization": 2}


def problems(blocks: Sequence[Any], *, surface: str = "message") -> list[str]:
    """What Slack would find wrong with these blocks on a `message`, in a `modal` or on a `home` tab; empty where all is
    well. Each problem says what and, as a JSON pointer, where."""
    most, allowed = _SURFACES[surface]
    found = list(items(variant(BLOCKS, *allowed), most, 0)(blocks, "/blocks"))
    if isinstance(blocks, (list, tuple)):
        found += _together([block for block in blocks if isinstance(block, dict)], surface)
    return found


def view_problems(view: Json) -> list[str]:
    """What Slack would find wrong with a modal or a Home tab."""
    table = {"modal": _MODAL, "home": record({"blocks": anything}, _VIEW)}
    found = list(variant(table)(view, "/view"))
    if not found:
        found = [problem.replace("pointer:/blocks", "pointer:/view/blocks") for problem in _in_view(view)]
    return found


def _in_view(view: Json) -> list[str]:
    found = problems(view["blocks"], surface=view["type"])
    has_inputs = any(isinstance(block, dict) and block.get("type") == "input" for block in view["blocks"])
    if has_inputs and view["type"] == "modal" and not view.get("submit"):
        found.append("`submit` is required when an input block is present [json-pointer:/blocks]")
    return found


_VIEW: dict[str, Check] = {
    "callback_id": string(255, 0),
    "private_metadata": string(3000, 0),
    "external_id": string(255, 0),
}
_MODAL = record(
    {"title": plain(24), "blocks": anything},
    {
        **_VIEW,
        "submit": plain(24),
        "close": plain(24),
        "clear_on_close": flag,
        "notify_on_close": flag,
        "submit_disabled": flag,
    },
)


def text_length(blocks: Sequence[Any]) -> int:
    """Characters of all texts that can be read in the blocks."""
    return sum(len(words) for words in texts_of(blocks))


def _together(blocks: list[Json], surface: str) -> Iterator[str]:
    """The rules about several blocks."""
    if surface == "message" and (length := text_length(blocks)) > TOTAL:
        yield f"the texts have {length} characters together, more than {TOTAL} may be refused [json-pointer:/blocks]"
    kinds = Counter(str(block.get("type")) for block in blocks)
    for kind, most in _AT_MOST.items():
        if kinds[kind] > most:
            yield f"no more than {most} blocks of type {kind} allowed [json-pointer:/blocks]"
    yield from _twice("block_id", [block.get("block_id") for block in blocks], "/blocks")
    for index, block in enumerate(blocks):
        elements = block.get("elements") if block.get("type") in ("actions", "context_actions") else ()
        ids = [element.get("action_id") for element in as_list(elements) if isinstance(element, dict)]
        yield from _twice("action_id", ids, f"/blocks/{index}/elements")


def _twice(name: str, ids: list[object], pointer: str) -> Iterator[str]:
    for key, count in Counter(key for key in ids if isinstance(key, str)).items():
        if count > 1:
            yield f"`{name}` must be unique: {key[:80]} [json-pointer:{pointer}]"
