"""Renders a value with its terminal template: the same words and order as in Slack, tables where Slack has lists."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from bot.domain.text.masking import mask, masked_line
from bot.rendering import commands, words
from bot.rendering.templates import directory, template_of

_SEPARATOR = "\x1e"
_LONGEST_VALUE = 2000
_LONGEST_CELL = 80
_WIDEST = 120
"""Columns; lines longer than that are hard to read."""


class Markup(str):
    """Text that is Rich's markup already: the only kind that is not escaped."""

    __slots__ = ()


def environment(directory: Path) -> Environment:
    """Jinja for a terminal: strict about what is missing; what a value says can neither colour nor move anything."""
    made = Environment(
        loader=FileSystemLoader(directory),
        autoescape=False,  # noqa: S701 the output is Rich's markup; `finalize` escapes for that
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.do"],
    )
    made.filters.update(words.FILTERS)
    made.filters.update(name=_name, person=words.somebody, when=words.local)
    made.globals.update(words.GLOBALS | commands.GLOBALS | {"table": _emit_table, "code": _code})
    return made


def render(jinja: Environment, template: str, fields: dict[str, Any], *, width: int, color: bool) -> str:
    """The text of a template, at most `width` columns wide."""
    out = io.StringIO()
    console = Console(
        file=out,
        width=width,
        force_terminal=color,
        no_color=not color,
        highlight=False,
        emoji=False,
        legacy_windows=False,
    )
    pieces = jinja.get_template(f"terminal/{template}.jinja").render(fields).split(_SEPARATOR)
    for place, piece in enumerate(pieces):
        if place % 2:
            console.print(_table(**json.loads(piece)))
            console.print()
        elif text := piece.strip("\n"):
            console.print(Text.from_markup(text, emoji=False))
    return out.getvalue()


def show(value: object, *, currency: str = "$", time_zone: str = "UTC") -> None:
    """Print a value on standard output, as wide and as colourful as it is."""
    console = Console(emoji=False)
    fields = {"value": value, "currency": currency, "time_zone": time_zone}
    color = console.is_terminal and not console.no_color
    text = render(environment(directory()), template_of(value), fields, width=min(console.width, _WIDEST), color=color)
    sys.stdout.write(text)


def _finalize(value: object) -> str:
    """What a `{{ value }}` of a template becomes. Raises TypeError for None: unknown has to be said in words."""
    if isinstance(value, Markup):
        return value
    if value is None:
        raise TypeError("a template shows None; it has to say in words that this is unknown")
    text = str(value)
    said = escape(masked_line(text, _LONGEST_VALUE))
    return f"{' ' * text[:1].isspace()}{said}{' ' * (text[-1:].isspace() and bool(said))}"


def _name(value: object) -> Markup:
    return Markup("unknown" if value is None else escape(masked_line(str(value), _LONGEST_CELL)))


def _code(text: object) -> Markup:
    """Log lines as they are, set in."""
    return Markup("\n".join(f"    [dim]{escape(line)}[/dim]" for line in mask(str(text)).strip("\n").splitlines()))


def _emit_table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> Markup:
    cells = [[masked_line(str(cell), _LONGEST_CELL) for cell in row] for row in rows]
    right = [not isinstance(cell, str) for cell in rows[0]] if rows else []
    spec = json.dumps({"headings": list(headings), "rows": cells, "right": right})
    return Markup(f"{_SEPARATOR}{spec}{_SEPARATOR}" if rows else "")


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool]) -> Table:
    made = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 2, 0, 0))
    for heading, number in zip(headings, right, strict=True):
        made.add_column(heading, justify="right" if number else "left", overflow="fold")
    for row in rows:
        made.add_row(*(Text(cell) for cell in row))
    return made
