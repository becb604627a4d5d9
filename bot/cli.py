"""The command line `failures`: each command reads its words, asks a use case, prints the answer.

Exit status: 0 done, 1 it could not be done (one line on stderr says why and what to do), 2 wrong use. The heavy parts
are imported by the command that needs them, so that `failures analyze` answers quickly.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Annotated, cast

import typer

from bot.clock import utc_now
from bot.domain.command import Analyze, Command, Fix, ShowSolutions, ShowStats
from bot.domain.digest import due
from bot.domain.period import BadPeriod, parse_length
from bot.services.ports import Unavailable
from bot.settings import BadSettings, Settings, load, missing_to_run

GZIP = b"\x1f\x8b"
"""What a gzip file begins with (RFC 1952, 2.3.1)."""


class CannotAnswer(Exception):
    """There is nothing to answer with; the message says why and what to do."""


app = typer.Typer(
    name="failures",
    help="Finds what is really broken in a GPU cluster, and which fix to try first.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
db = typer.Typer(help="The database: upgrade, prune.", no_args_is_help=True)
app.add_typer(db, name="db")

Config = Annotated[Path | None, typer.Option("--config", help="Settings file; default failures.yaml if it is there.")]
Project = Annotated[str | None, typer.Argument(help="One project; all of them without it.", show_default=False)]
PeriodText = Annotated[str | None, typer.Option("--period", help="7d, 24h, 4w or 'last 30 days'.", show_default=False)]
Until = Annotated[str | None, typer.Option("--until", help="End of the period, ISO 8601; default now.")]
ClusterName = Annotated[str | None, typer.Option("--cluster", help="One cluster; all of them without it.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object and nothing else.")]


def main() -> None:
    """The command `failures`."""
    app()


@app.command()
def analyze(
    project: Project = None,
    period: PeriodText = None,
    until: Until = None,
    cluster: ClusterName = None,
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """What is really broken, with denominators: nodes, images, projects, hours, spikes."""
    with _reported():
        _answer(
            load(config),
            Analyze(project=project, length=_length(period), cluster=cluster),
            _time(until),
            as_json=as_json,
        )


@app.command()
def stats(
    project: Project = None,
    period: PeriodText = None,
    until: Until = None,
    cluster: ClusterName = None,
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """Raw counts by type, project, node and image; 30 days unless told otherwise."""
    with _reported():
        _answer(
            load(config),
            ShowStats(project=project, length=_length(period), cluster=cluster),
            _time(until),
            as_json=as_json,
        )


@app.command()
@app.command("remediate", hidden=True)
def fix(
    failure_type: Annotated[str, typer.Argument(metavar="TYPE", help="OOMKilled, image-pull-unauthorized ...")],
    job: Annotated[str | None, typer.Option("--job", help="For this job's failure.")] = None,
    project: Annotated[str | None, typer.Option("--project", help="In this project.")] = None,
    signature: Annotated[str | None, typer.Option("--signature", help="For this finer cause.")] = None,
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """Which fix to try first for a failure type, by what worked."""
    with _reported():
        command = Fix(failure_type=signature or failure_type, job=job, project=project)
        _answer(load(config), command, utc_now(), as_json=as_json)


@app.command()
def diagnose(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="A log, or - for standard input.")] = "-",
    reason: Annotated[str | None, typer.Option("--reason", help="Kubernetes' reason: OOMKilled, Error ...")] = None,
    exit_code: Annotated[int | None, typer.Option("--exit-code", help="0 to 255.")] = None,
    events: Annotated[Path | None, typer.Option("--events", help="A file with the pod's events.")] = None,
    as_json: AsJson = False,
) -> None:
    """What went wrong, from a log: type, cause, the line that decided, who can mend it."""
    from bot import catalogue
    from bot.rendering import shapes
    from bot.services.diagnosing import diagnosed

    with _reported():
        with _opened(file) as stream:
            logs = stream.read()
        said = events.read_bytes() if events else b""
        diagnosis = diagnosed(logs, reason=reason, exit_code=exit_code, events=said, catalogue=catalogue.load())
        _show(diagnosis, shapes.diagnosis(diagnosis) if as_json else None)


@app.command("import")
def import_attempts(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="Attempts as NDJSON, plain or .gz.")],
    config: Config = None,
) -> None:
    """Read attempts of the past, one JSON object a line. It can be repeated without harm."""
    from bot.importing import run

    with _reported(), _opened(file) as stream:
        raise typer.Exit(run(stream, load(config)))


@app.command()
def run(config: Config = None) -> None:
    """The bot: Slack, watchers, schedule, until SIGTERM or Ctrl-C."""
    with _reported():
        settings = load(config)
        if missing := missing_to_run(settings):
            raise BadSettings(missing)
        from bot import app as composition

        composition.run(settings)


@app.command()
def demo(
    port: Annotated[int, typer.Option(help="Port of the local Slack; 0 is any free one.")] = 3000,
) -> None:
    """Everything on this machine without any account: a simulated cluster, a local Slack, the bot between them."""
    from bot import demo as demonstration

    with _reported():
        demonstration.run(port)


@app.command()
def doctor(as_json: AsJson = False, config: Config = None) -> None:
    """Try everything the bot needs for real: tokens, scopes, socket, database, cluster rights."""
    from bot import doctor as checks
    from bot.rendering import shapes

    with _reported():
        checkup = checks.examine(load(config))
        _show(checkup, shapes.checkup(checkup) if as_json else None)
        raise typer.Exit(0 if checkup.ok else 1)


@app.command()
def digest(project: Project = None, until: Until = None, config: Config = None) -> None:
    """The weekly digest that was due last, on the terminal."""
    with _reported():
        settings = load(config)
        week = due(
            _time(until), weekday=settings.digest_weekday, hour=settings.digest_hour, time_zone=settings.time_zone
        )
        command = Analyze(project=project, length=week.period.length)
        _answer(settings, command, week.period.until, as_json=False)


@db.command()
def upgrade(config: Config = None) -> None:
    """Bring the database to this version's tables; `failures run` does it by itself."""
    from bot.store import migrate

    with _reported():
        url = load(config).store_url
        migrate.upgrade(url)
        _say(f"the database is at {migrate.current(url)}")


@db.command()
def prune(config: Config = None) -> None:
    """Delete what is older than `retention_days`; hourly counts stay."""
    from bot.desk import opened

    with _reported():
        settings = load(config)
        with opened(settings) as (store, _):
            removed = store.prune(utc_now() - timedelta(days=settings.retention_days))
        _say(f"{removed} rows older than {settings.retention_days} days removed")


@db.command()
def export(config: Config = None) -> None:
    """What helps, with its record, as YAML on standard output: to seed another installation, or to read."""
    import yaml

    from bot.desk import opened
    from bot.services.sharing import exported

    with _reported(), opened(load(config)) as (store, _):
        typer.echo(yaml.safe_dump(exported(store), allow_unicode=True, sort_keys=False, width=120), nl=False)


@db.command("import-knowledge")
def import_knowledge(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="What `failures db export` wrote.")],
    source: Annotated[str, typer.Option("--source", help="Where it comes from; once each counts once.")] = "export",
    config: Config = None,
) -> None:
    """Add what another installation knows. The same file again adds nothing."""
    import yaml

    from bot.desk import opened
    from bot.rendering.words import plural
    from bot.services.sharing import BadKnowledge, imported

    with _reported(), _opened(file) as stream, opened(load(config)) as (store, _):
        try:
            brought = imported(yaml.safe_load(stream), store, source=source)
        except (BadKnowledge, yaml.YAMLError) as error:
            raise CannotAnswer(f"{file} cannot be imported: {' '.join(str(error).split())[:300]}") from None
        _say(f"{plural(brought.solutions, 'solution')}, {plural(brought.verdicts, 'new verdict')}")


@app.command()
def solutions(
    failure_type: Annotated[str | None, typer.Argument(metavar="[TYPE]", help="Of this failure type only.")] = None,
    config: Config = None,
) -> None:
    """What is known to help, by its record."""
    with _reported():
        _answer(load(config), ShowSolutions(failure_type=failure_type), utc_now(), as_json=False)


def _answer(settings: Settings, command: Command, until: datetime, *, as_json: bool) -> None:
    """Print the answer to a command, as of `until`."""
    from bot.desk import opened
    from bot.rendering import shapes
    from bot.services.answering import Asking, answer
    from bot.services.replies import Unknown

    with opened(settings) as (_, desk):
        asking = Asking(user="", channel="", time_zone=settings.time_zone, now=until)
        value = answer(command, asking, desk)
    if isinstance(value, Unknown):
        raise CannotAnswer(f"there is no {value.what} {value.name!r} here" + _instead(value.nearest))
    _show(value, shapes.shape(value) if as_json else None)


def _instead(names: tuple[str, ...]) -> str:
    return f"; did you mean {', '.join(names)}?" if names else "; `failures stats` lists what was recorded"


def _show(value: object, shape: object | None) -> None:
    """The value as JSON where it has a shape, else by its template for the terminal."""
    if shape is not None:
        _say(json.dumps(shape, ensure_ascii=False))
        return
    from bot.rendering.terminal import show

    show(value)


def _say(line: str) -> None:
    typer.echo(line)


def _length(text: str | None) -> timedelta | None:
    try:
        return None if text is None else parse_length(text)
    except BadPeriod as error:
        raise typer.BadParameter(str(error), param_hint="--period") from None


def _time(text: str | None) -> datetime:
    """An ISO 8601 time; without a zone it is UTC; None is now."""
    if text is None:
        return utc_now()
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            f"{text[:40]!r} is no time; write 2026-11-23 or 2026-11-23T12:00:00Z", param_hint="--until"
        ) from None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


@contextmanager
def _opened(name: str) -> Iterator[IO[bytes]]:
    """The file, unpacked if it is gzip; `-` is standard input."""
    if name == "-":
        yield sys.stdin.buffer
        return
    with Path(name).open("rb") as plain:
        packed = plain.read(2) == GZIP
        plain.seek(0)
        if packed:
            with gzip.open(plain) as unpacked:
                yield cast("IO[bytes]", unpacked)
        else:
            yield plain


@contextmanager
def _reported() -> Iterator[None]:
    """One line on stderr and exit status 1 for what could not be done; no traceback for what a person can mend."""
    try:
        yield
    except BadSettings as error:
        for problem in error.problems:
            typer.echo(f"failures: {problem}", err=True)
        raise typer.Exit(1) from None
    except (Unavailable, CannotAnswer, OSError, EOFError) as error:
        typer.echo(f"failures: {error}", err=True)
        raise typer.Exit(1) from None
