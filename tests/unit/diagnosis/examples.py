"""The worked examples of every signature: texts that are it, and texts that only look like it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from bot.domain.workload.pod_evidence import Evidence

FOLDER = Path(__file__).parent / "examples"


def evidence_of(said: Any) -> Evidence:
    """An example is a log, or a mapping of the evidence's fields."""
    return Evidence(logs=said) if isinstance(said, str) else Evidence(**said)


def all_examples() -> dict[str, dict[str, list[Any]]]:
    """Signature to its examples."""
    examples: dict[str, dict[str, list[Any]]] = {}
    for path in sorted(FOLDER.glob("*.yaml")):
        examples |= yaml.safe_load(path.read_text(encoding="utf-8"))
    return examples
