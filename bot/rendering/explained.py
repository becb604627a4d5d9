"""The buttons under the explanation of a pasted log: they carry what was said, since the log is kept nowhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.domain.commands.button import RetoldVerdict, retold_value, retold_verdict_value
from bot.domain.knowledge.solution import Ranked
from bot.rendering.blocks import button
from bot.rendering.message import Block
from bot.services.answers.explain_log import Explanation, retold


def share_explanation(label: str, explanation: Explanation) -> Block | None:
    """A button that says the explanation to everybody, in the thread of the log."""
    return button(label, "explained_share", retold_value(retold(explanation)))


def say_explained(
    label: str, explanation: Explanation, one: Ranked, worked: object, shared_by: str | None
) -> Block | None:
    """A button that says whether a solution helped."""
    if one.solution.id is None:
        return None
    verdict = RetoldVerdict(
        solution_id=one.solution.id, worked=bool(worked), retold=retold(explanation), shared_by=shared_by
    )
    return button(label, "explained_worked" if worked else "explained_failed", retold_verdict_value(verdict))


GLOBALS: dict[str, Callable[..., Any]] = {"share_explanation": share_explanation, "say_explained": say_explained}
