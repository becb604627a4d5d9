"""Renders a value for mail: HTML from its own template, plain text from the terminal's, a subject from the headline."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment

from bot.domain.text.characters import harmless, one_line
from bot.rendering import plain

SUBJECT = 150


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """What a mail server is given."""

    subject: str
    text: str
    html: str


def environment(directory: Path) -> Environment:
    """Jinja for HTML: everything is escaped, strict about what is missing."""
    return plain.environment(directory, html=True)


def render(jinja: Environment, template: str, fields: dict[str, Any], *, text: str) -> Mail:
    """The mail of a template; its first line is the subject."""
    said = jinja.get_template(f"mail/{template}.jinja").render(fields)
    subject = jinja.get_template(f"mail/{template}_subject.jinja").render(fields)
    return Mail(subject=one_line(subject, SUBJECT), text=text, html=harmless(said))
