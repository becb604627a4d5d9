"""Blocks within blocks: what a container, a carousel or a plan holds is found, and named, as what stands by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from playground.workspace.values import Json

_HELD = {"container": "child_blocks", "carousel": "elements", "plan": "tasks"}
"""Where a block keeps the blocks that it holds."""


def flat(blocks: Iterable[Json]) -> Iterator[Json]:
    """All blocks in their order, each before those that it holds."""
    for block in blocks:
        yield block
        yield from flat(block.get(_HELD.get(str(block.get("type")), ""), ()))


def identified(blocks: Iterable[Json], new_id: Callable[[], str]) -> list[Json]:
    """The blocks; Slack gives a block_id to each that has none."""
    return [_identified(block, new_id) for block in blocks]


def _identified(block: Json, new_id: Callable[[], str]) -> Json:
    named = block if block.get("block_id") else {**block, "block_id": new_id()}
    held = _HELD.get(str(block.get("type")), "")
    return {**named, held: identified(block[held], new_id)} if block.get(held) else named
