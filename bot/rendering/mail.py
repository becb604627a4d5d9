"""Renders a value for mail: HTML from its own template, plain text from the terminal's, a subject from the headline."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.domain.text.characters import harmless, one_line
from bot.rendering import words

SUBJECT = 150
_LONGEST_VALUE = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """What a mail server is given."""

    subject: str
    text: str
    html: str


def environment(directory: Path) -> Environment:
    """Jinja for HTML: everything is escaped, strict about what is missing."""
    made = Environment(
        loader=FileSystemLoader(directory),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.do"],
    )
    made.filters.update(words.FILTERS)
    made.filters.update(name=_name, person=words.somebody)
    made.globals.update(words.GLOBALS)
    return made


def render(jinja: Environment, template: str, fields: dict[str, Any], *, text: str) -> Mail:
    """The mail of a template; its first line is the subject."""
    said = jinja.get_template(f"mail/{template}.jinja").render(fields)
    subject = jinja.get_template(f"mail/{template}_subject.jinja").render(fields)
    return Mail(subject=one_line(subject, SUBJECT), text=text, html=harmless(said))


def _finalize(value: object) -> object:
    """Text in one line, without characters that deceive. Raises TypeError for None."""
    if value is None:
        raise TypeError("a template shows None; it has to say in words that this is unknown")
    if type(value) is str:
        said = one_line(value, _LONGEST_VALUE)
        return f"{' ' * value[:1].isspace()}{said}{' ' * (value[-1:].isspace() and bool(said))}"
    return value


def _name(value: object) -> str:
    return "unknown" if value is None else one_line(str(value), 90)
