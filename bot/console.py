"""What the commands of the command line share: reading their words and files, printing answers, reporting errors."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import typer

from bot.clock import utc_now
from bot.domain.commands import mistake
from bot.domain.commands.command import Command
from bot.domain.period import BadPeriod, parse_length
from bot.domain.text.characters import one_line
from bot.domain.text.masking import masked_line
from bot.input_files import TooMuch
from bot.services.errors import Unavailable
from bot.settings import BadSettings, Settings

_LONGEST_NAME = 200
_LONGEST_PROBLEM = 2000
_OLDEST, _NEWEST = 1970, 2200
"""Years between which a period may end: those of the times that are recorded."""


class CannotAnswer(Exception):
    """There is nothing to answer with; the message says why and what to do."""


def answered(settings: Settings, command: Command, until: datetime, *, as_json: bool) -> None:
    """Print the answer to a command, as of `until`."""
    from bot.rendering import shapes

    value = asked(settings, command, until)
    show(value, settings, shapes.shape(value) if as_json else None)


def asked(settings: Settings, command: Command, until: datetime) -> object:
    """The answer to a command, as of `until`. Raises CannotAnswer for what nothing is known of."""
    from bot.answer_context import opened
    from bot.services.answers.answer import Asking, answer
    from bot.services.replies import Several, Unknown

    with opened(settings) as (_, context):
        asking = Asking(user="", channel="", time_zone=settings.time_zone, now=until)
        value = answer(command, asking, context)
    if isinstance(value, Unknown):
        raise CannotAnswer(f"there is no {value.what} {value.name!r} here" + _instead(value.nearest))
    if isinstance(value, Several):
        more = f" and {value.more} more" if value.more else ""
        raise CannotAnswer(f"several {value.what}s fit {value.name!r}: {_listed(value.choices)}{more}")
    return value


def _instead(names: tuple[str, ...]) -> str:
    return f"; did you mean {_listed(names)}?" if names else "; `failures stats` lists what was recorded"


def _listed(names: tuple[str, ...]) -> str:
    """Names from clusters, which can neither colour nor move a terminal."""
    return ", ".join(one_line(name, _LONGEST_NAME) for name in names)


def show(value: object, settings: Settings | None, shape: object | None = None) -> None:
    """The value as JSON where it has a shape, else by its template for the terminal."""
    if shape is not None:
        say(json.dumps(shape, ensure_ascii=False))
        return
    from bot.rendering import terminal

    if settings is None:
        terminal.show(value)
    else:
        terminal.show(value, currency=settings.currency, time_zone=settings.time_zone)


def say(line: str) -> None:
    """Print a line on standard output."""
    typer.echo(line)


def length_of(text: str | None) -> timedelta | None:
    """The length of a period as it is written; None where none is. Raises BadParameter, wrong use."""
    try:
        return None if text is None else parse_length(text)
    except BadPeriod as error:
        raise typer.BadParameter(_sentence(mistake.of_period(error)), param_hint="--period") from None


def _sentence(wrong: mistake.Unclear) -> str:
    from bot.rendering import Renderer

    return Renderer().plain(mistake.Mistake(text="", problem=wrong.problem, **wrong.facts))


def time_of(text: str | None) -> datetime:
    """An ISO 8601 time; without a zone it is UTC; None is now. Raises BadParameter, wrong use."""
    if text is None:
        return utc_now()
    try:
        at = datetime.fromisoformat(text)
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        at = datetime.min.replace(tzinfo=UTC)
    if not _OLDEST <= at.year < _NEWEST:
        raise typer.BadParameter(
            f"{text[:40]!r} is no time that can be; write 2026-11-23 or 2026-11-23T12:00:00Z", param_hint="--until"
        )
    return at


@contextmanager
def reported() -> Iterator[None]:
    """One line on stderr and exit status 1 for what could not be done; no traceback for what a person can mend."""
    try:
        yield
    except BadSettings as error:
        problems = error.problems
    except OSError as error:
        problems = [f"{error.filename or 'input'}: {error.strerror or error}"]
    except (Unavailable, CannotAnswer, TooMuch, EOFError, zlib.error) as error:
        problems = [str(error)]
    else:
        return
    for problem in problems:
        typer.echo(f"failures: {masked_line(problem, _LONGEST_PROBLEM)}", err=True)
    raise typer.Exit(1)
