"""Renders a value as one plain sentence: what stands under a field of a form, in JSON and in the log."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.domain.text.masking import masked_line
from bot.rendering import commands, words
from bot.rendering.templates import directory, template_of

LONGEST_VALUE = 2000


def environment(directory: Path, *, html: bool = False) -> Environment:
    """Jinja without marks, or for HTML: strict about what is missing; what a value says stays on its line."""
    made = Environment(
        loader=FileSystemLoader(directory),
        autoescape=html,  # noqa: S701 plain text has nothing to escape
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.do"],
    )
    made.filters.update(words.FILTERS)
    made.filters.update(name=_name, person=words.somebody, when=words.local)
    made.globals.update(words.GLOBALS | commands.GLOBALS)
    return made


def render(jinja: Environment, template: str, fields: Mapping[str, object]) -> str:
    """The sentence of a template."""
    return " ".join(jinja.get_template(f"plain/{template}.jinja").render(fields).split())


def sentence(value: object) -> str:
    """The sentence that says a value, by the bot's own templates."""
    return render(_own(), template_of(value), {"value": value})


@cache
def _own() -> Environment:
    return environment(directory())


def _finalize(value: object) -> object:
    """Text in one line, without characters that deceive. Raises TypeError for None: unknown has to be said in words."""
    if value is None:
        raise TypeError("a template shows None; it has to say in words that this is unknown")
    if type(value) is str:
        said = masked_line(value, LONGEST_VALUE)
        return f"{' ' * value[:1].isspace()}{said}{' ' * (value[-1:].isspace() and bool(said))}"
    return value


def _name(value: object) -> str:
    return "unknown" if value is None else masked_line(str(value), 90)
