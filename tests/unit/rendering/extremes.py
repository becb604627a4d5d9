"""Makes extreme values of ordinary ones: every text replaced by a hostile one, every list made long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any

_AS_THEY_ARE = frozenset({"time_zone", "last_outcome", "verdicts", "job_failure_share", "peaks", "lower_bound"})
"""Fields that never come from outside."""

HOSTILE = (
    "<!channel>",
    "<!here> <@U0ANA1234> <#C1|x> <https://evil.example|click>",
    "`code` ``` *bold* _it_ ~no~",
    "evil\u202etxt.exe\u2066\u200b",
    "two\nlines\r\n# and \t more",
    '\x1b[31mred\x1b[0m\x07\x00\x1e{"type":"divider"}\x1e',
    "{{ 7 * 7 }} {% raw %} [bold red]x[/bold red] \\",
    "&amp;&lt;",
    "\ud800",
    "🔥" * 40,
    "пример 例え עברית",
)


def exaggerated(value: Any, text: str, length: int) -> Any:
    """The value with `text` for each of its texts, and lists of `length` items."""
    if isinstance(value, Enum):
        return value
    if isinstance(value, str):
        return text
    if is_dataclass(value) and not isinstance(value, type):
        changed = {
            field.name: facts(getattr(value, field.name), text, length)
            if field.name == "facts"
            else exaggerated(getattr(value, field.name), text, length)
            for field in fields(value)
            if field.name not in _AS_THEY_ARE
        }
        return replace(value, **changed)
    if isinstance(value, tuple) and value:
        return tuple(exaggerated(value[place % len(value)], text, length) for place in range(_length(value, length)))
    if isinstance(value, Mapping) and value:
        number = next(iter(value.values()))
        return {f"{place}{text}": exaggerated(number, text, length) for place in range(length)}
    return value


def facts(value: Mapping[str, Any], text: str, length: int) -> Mapping[str, Any]:
    """Facts by names that are ours."""
    return {name: exaggerated(each, text, length) for name, each in value.items()}


def _length(value: tuple[Any, ...], length: int) -> int:
    """Pairs stay pairs."""
    pair = len(value) == 2 and isinstance(value[0], str) and not isinstance(value[1], str)
    return 2 if pair else length
