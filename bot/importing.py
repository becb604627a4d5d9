"""`failures import`: reads a file of attempts with a progress bar, and says what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import IO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bot.answer_context import opened
from bot.domain.diagnosis import diagnose
from bot.services.recording.import_attempts import LONGEST_LINE, ImportedAttempts, import_attempts
from bot.settings import Settings


def run(stream: IO[bytes], settings: Settings) -> int:
    """Import every line; the exit status is 1 if any was bad. Raises Unavailable; what was recorded stays."""
    errors = Console(stderr=True, highlight=False)
    with opened(settings) as (store, context), _bar(errors) as bar:
        task = bar.add_task("import", total=None)
        done = import_attempts(
            _lines(stream),
            store.recorder,
            classify=partial(diagnose, catalogue=context.sources.catalogue),
            progress=lambda lines: bar.update(task, completed=lines),
        )
    _report(done, errors)
    return 1 if done.bad else 0


def _bar(console: Console) -> Progress:
    """A bar for whoever looks on; nothing where nobody does."""
    columns = (TextColumn("importing"), BarColumn(), MofNCompleteColumn(), TextColumn("lines"), TimeElapsedColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def _lines(stream: IO[bytes]) -> Iterator[bytes]:
    """The stream's lines. Of one that is too long only the beginning is kept, enough to see that it is."""
    while line := stream.readline(LONGEST_LINE + 1):
        rest = line
        while not rest.endswith(b"\n") and (rest := stream.readline(LONGEST_LINE + 1)):
            pass
        yield line


def _report(done: ImportedAttempts, errors: Console) -> None:
    for problem in done.problems:
        errors.print(f"line {problem.number}: {problem.reason}", markup=False, soft_wrap=True)
    if done.bad > len(done.problems):
        errors.print(f"... and {done.bad - len(done.problems)} more bad lines", markup=False)
    known = done.lines - done.bad - done.attempts
    Console(highlight=False, soft_wrap=True).print(
        f"{done.attempts} attempts and {done.failures} failures are new, of {done.lines} lines; "
        f"{known} attempts were known, {done.bad} lines were bad and were skipped",
        markup=False,
    )
