"""The command line `failures`: each command reads its words, asks a use case, prints the answer.

Exit status: 0 done, 1 it could not be done (one line on stderr says why and what to do), 2 wrong use. The heavy parts
are imported by the command that needs them, so that `failures analyze` answers quickly.
"""

from __future__ import annotations

from contextlib import nullcontext
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Annotated

import typer

from bot.clock import utc_now
from bot.console import CannotAnswer, answered, asked, length_of, reported, say, show, time_of
from bot.domain.commands.command import (
    Analyze,
    AskRetry,
    Fix,
    Predict,
    ShowCost,
    ShowDigest,
    ShowImage,
    ShowNode,
    ShowSolutions,
    ShowStats,
    ShowUnknown,
)
from bot.input_files import ends_of, opened_file, whole_text
from bot.settings import BadSettings, load, missing_to_run

app = typer.Typer(
    name="failures",
    help="Finds what is really broken in a GPU cluster, and which fix to try first.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
db = typer.Typer(help="The database: upgrade, prune, export, import-knowledge.", no_args_is_help=True)
app.add_typer(db, name="db")

_MOST_KNOWLEDGE = 64 * 1024 * 1024
"""Bytes of what another installation knows, and the nodes of it."""
_MOST_NODES = 2_000_000

Config = Annotated[Path | None, typer.Option("--config", help="Settings file; default failures.yaml if it is there.")]
Project = Annotated[str | None, typer.Argument(help="One project; all of them without it.", show_default=False)]
PeriodText = Annotated[str | None, typer.Option("--period", help="7d, 24h, 4w or 'last 30 days'.", show_default=False)]
Until = Annotated[str | None, typer.Option("--until", help="End of the period, ISO 8601; default now.")]
ClusterName = Annotated[str | None, typer.Option("--cluster", help="One cluster; all of them without it.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object and nothing else.")]


def main() -> None:
    """The command `failures`."""
    app()


def _show_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"failures-bot {version('failures-bot')}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Which version this is.")
    ] = False,
) -> None:
    """Finds what is really broken in a GPU cluster, and which fix to try first."""


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
    with reported():
        answered(
            load(config),
            Analyze(project=project, length=length_of(period), cluster=cluster),
            time_of(until),
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
    with reported():
        answered(
            load(config),
            ShowStats(project=project, length=length_of(period), cluster=cluster),
            time_of(until),
            as_json=as_json,
        )


@app.command()
def node(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The node; its domain may be left out.")],
    period: PeriodText = None,
    until: Until = None,
    cluster: ClusterName = None,
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """What is wrong with a node, if anything: its failed jobs, causes, hardware faults, versions."""
    with reported():
        command = ShowNode(node=name, length=length_of(period), cluster=cluster)
        answered(load(config), command, time_of(until), as_json=as_json)


@app.command()
def image(
    reference: Annotated[str, typer.Argument(metavar="REF", help="An image, or how its reference begins.")],
    period: PeriodText = None,
    until: Until = None,
    cluster: ClusterName = None,
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """What is wrong with an image, if anything: beside other images, its errors, the nodes, what to try."""
    with reported():
        command = ShowImage(image=reference, length=length_of(period), cluster=cluster)
        answered(load(config), command, time_of(until), as_json=as_json)


@app.command()
def cost(
    project: Project = None,
    period: PeriodText = None,
    until: Until = None,
    cluster: ClusterName = None,
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """What failures cost, by cause, project, owner, node and image; 30 days unless told otherwise."""
    with reported():
        command = ShowCost(project=project, length=length_of(period), cluster=cluster)
        answered(load(config), command, time_of(until), as_json=as_json)


@app.command()
def retry(
    job: Annotated[str, typer.Argument(metavar="JOB", help="A job that failed.")],
    project: Annotated[str | None, typer.Option("--project", help="Of this project.")] = None,
    until: Until = None,
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """Whether an unchanged retry of a job will help, by what such retries came to here."""
    with reported():
        answered(load(config), AskRetry(job=job, project=project), time_of(until), as_json=as_json)


@app.command()
def predict(
    name: Annotated[str | None, typer.Argument(metavar="PROJECT|JOB", help="A project or a job.")] = None,
    backtest: Annotated[bool, typer.Option("--backtest", help="How right it would have been so far.")] = False,
    until: Until = None,
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """What will most likely fail next, where the bot's own past shows that it may say so."""
    with reported():
        settings = load(config)
        outlook = asked(settings, Predict(name=name), time_of(until))
        value = getattr(outlook, "score", outlook) if backtest else outlook
        from bot.rendering import shapes

        show(value, settings, shapes.shape(value) if as_json else None)


@app.command()
def unknown(
    project: Project = None,
    period: PeriodText = None,
    until: Until = None,
    cluster: ClusterName = None,
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """Failures without a known cause, in groups of one shape; 30 days unless told otherwise."""
    with reported():
        answered(
            load(config),
            ShowUnknown(project=project, length=length_of(period), cluster=cluster),
            time_of(until),
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
    with reported():
        command = Fix(failure_type=signature or failure_type, job=job, project=project)
        answered(load(config), command, utc_now(), as_json=as_json)


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
    from bot.services.answers.diagnose import MOST_END, MOST_HEAD, diagnosed

    with reported():
        with opened_file(file) as stream:
            logs = ends_of(stream, head=MOST_HEAD, end=MOST_END)
        with opened_file(str(events)) if events else nullcontext(BytesIO()) as stream:
            said = ends_of(stream, head=MOST_HEAD, end=MOST_END)
        diagnosis = diagnosed(logs, reason=reason, exit_code=exit_code, events=said, catalogue=catalogue.load())
        show(diagnosis, None, shapes.diagnosis(diagnosis) if as_json else None)


@app.command()
def inspect(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="What kubectl printed, as JSON or YAML.")] = "-",
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """Why is my job counted so? What would be recorded of pods, nodes, events and jobs, or of a recorded watch."""
    from bot.inspecting import Uninspectable, inspected
    from bot.rendering import shapes

    with reported(), opened_file(file) as stream:
        settings = load(config)
        try:
            found = inspected(stream, settings)
        except Uninspectable as error:
            raise CannotAnswer(f"{file} cannot be inspected: {error}") from None
        show(found, settings, shapes.shape(found) if as_json else None)


@app.command("import")
def import_attempts(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="Attempts as NDJSON, plain or .gz.")],
    config: Config = None,
) -> None:
    """Read attempts of the past, one JSON object a line. It can be repeated without harm."""
    from bot.importing import run

    with reported(), opened_file(file) as stream:
        raise typer.Exit(run(stream, load(config)))


@app.command()
def run(config: Config = None) -> None:
    """The bot: Slack, watchers, schedule, until SIGTERM or Ctrl-C."""
    with reported():
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
    from importlib.metadata import entry_points

    with reported():
        brought = entry_points(group="failures_bot.demo")
        if not brought:
            raise CannotAnswer("the demo is a distribution of its own: `pip install failures-bot-playground` brings it")
        for demonstration in brought:
            demonstration.load()(port)


@app.command()
def doctor(as_json: AsJson = False, config: Config = None) -> None:
    """Try everything the bot needs for real: tokens, scopes, socket, database, cluster rights."""
    from bot import doctor as checks
    from bot.rendering import shapes

    with reported():
        settings = load(config)
        checkup = checks.examine(settings)
        show(checkup, settings, shapes.checkup(checkup) if as_json else None)
        raise typer.Exit(0 if checkup.ok else 1)


@app.command()
def digest(project: Project = None, until: Until = None, config: Config = None) -> None:
    """The weekly digest that was due last, on the terminal."""
    with reported():
        settings = load(config)
        answered(settings, ShowDigest(project=project), time_of(until), as_json=False)


@db.command()
def upgrade(config: Config = None) -> None:
    """Bring the database to this version's tables; `failures run` does it by itself."""
    from bot.store import migrate

    with reported():
        url = load(config).store_url
        migrate.upgrade(url)
        say(f"the database is at {migrate.current(url)}")


@db.command()
def prune(config: Config = None) -> None:
    """Delete what is older than `retention_days`; hourly counts stay."""
    from bot.answer_context import opened

    with reported():
        settings = load(config)
        with opened(settings) as (store, _):
            removed = store.prune(utc_now() - timedelta(days=settings.retention_days))
        say(f"{removed} rows older than {settings.retention_days} days removed")


@db.command()
def export(config: Config = None) -> None:
    """What helps, with its record, as YAML on standard output: to seed another installation, or to read."""
    import yaml

    from bot.answer_context import opened
    from bot.domain.scope import Scope
    from bot.services.knowledge.carry import exported

    with reported():
        settings = load(config)
        with opened(settings) as (store, _):
            found = exported(store.knowledge, Scope.of(settings.allowed_projects))
        typer.echo(yaml.safe_dump(found, allow_unicode=True, sort_keys=False, width=120), nl=False)


@db.command("import-knowledge")
def import_knowledge(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="What `failures db export` wrote.")],
    source: Annotated[str, typer.Option("--source", help="Where it comes from; once each counts once.")] = "export",
    config: Config = None,
) -> None:
    """Add what another installation knows. The same file again adds nothing."""
    from bot.answer_context import opened
    from bot.bounded_yaml import BadYaml, read_yaml
    from bot.rendering.words import plural
    from bot.services.knowledge.carry import BadKnowledge, imported

    with reported(), opened_file(file) as stream, opened(load(config)) as (store, _):
        try:
            document = read_yaml(whole_text(stream, most=_MOST_KNOWLEDGE), most=_MOST_NODES)
            brought = imported(document, store.knowledge, source=source)
        except (BadKnowledge, BadYaml, UnicodeDecodeError) as error:
            raise CannotAnswer(f"{file} cannot be imported: {' '.join(str(error).split())[:300]}") from None
        say(f"{plural(brought.solutions, 'solution')}, {plural(brought.verdicts, 'new verdict')}")


@app.command()
def solutions(
    failure_type: Annotated[str | None, typer.Argument(metavar="[TYPE]", help="Of this failure type only.")] = None,
    config: Config = None,
) -> None:
    """What is known to help, by its record."""
    with reported():
        answered(load(config), ShowSolutions(failure_type=failure_type), utc_now(), as_json=False)
