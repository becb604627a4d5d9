"""`failures demo`: a simulated cluster and a local Slack on loopback, and the unmodified bot as a process between them.
It asks one question as a person would, shows the answer, and goes on until Ctrl-C. It leaves nothing behind."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml
from rich.console import Console

from bot.clock import utc_now
from bot.playground.kube.cluster import SimulatedCluster
from bot.playground.kube.server import KubeServer, serve_cluster
from bot.playground.kube.simulation import LiveTrickle, simulate_history
from bot.playground.kube.story import Moment
from bot.playground.workspace.people import Person
from bot.playground.workspace.terminal import draw
from bot.playground.workspace.workspace import Workspace
from bot.services.ports import Unavailable
from bot.serving import free_port
from bot.settings import environment

SEED = 47
QUESTION = "analyze ml-team"
_START_SECONDS = 60
_POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Demo:
    """What runs: two servers and the bot's process."""

    cluster: KubeServer
    workspace: Workspace
    person: Person
    process: subprocess.Popen[bytes]
    upcoming: Sequence[Moment]
    """What is yet to happen to the jobs that are running."""


def run(port: int) -> None:
    """Start everything, show one answer, then let the cluster live until Ctrl-C. Raises Unavailable, OSError."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    console = Console(highlight=False)
    with started(port, stop) as demo:
        if stop.is_set():
            return
        console.print(f"[dim]A cluster, a Slack and the bot are running at[/dim] {demo.workspace.url}")
        console.print(f"\n[bold]ana[/bold] types [bold]/failures {QUESTION}[/bold] in #ml-team:\n")
        answer = demo.person.slash("/failures", QUESTION, channel="ml-team").answer(timeout=30)
        console.print(draw(answer, demo.workspace.names))
        console.print("\n[dim]The cluster lives on: jobs start, fail and are mended. Ctrl-C ends everything.[/dim]")
        _follow(demo, console, stop)


@contextmanager
def started(port: int, stop: threading.Event) -> Iterator[Demo]:
    """The demo, up and caught up with 30 days of history, until the block ends. Raises Unavailable, OSError."""
    workspace, simulated = Workspace(), SimulatedCluster()
    with (
        tempfile.TemporaryDirectory(prefix="failures-demo-") as directory,
        workspace.serve(port=port),
        serve_cluster(simulated) as cluster,
    ):
        ana, dana = workspace.person("ana", tz="Europe/Berlin"), workspace.person("dana", tz="Europe/Berlin")
        team = workspace.channel("ml-team", ana, dana)
        on_call = workspace.channel("ml-platform-oncall", dana)
        upcoming = simulate_history(simulated, now=utc_now(), seed=SEED)
        health = f"http://127.0.0.1:{(health_port := free_port())}/readyz"
        settings = {
            "db_path": "failures.db",
            "host": "127.0.0.1",
            "port": health_port,
            "clusters": [{"name": "demo"}],
            "on_call_channel": on_call.id,
            "digest_channel": team.id,
            "gpu_prices": {"default": 2.5},
        }
        process = _bot(Path(directory), settings, workspace, cluster)
        try:
            _wait_until_ready(health, process, stop)
            yield Demo(cluster, workspace, ana, process, upcoming)
        finally:
            _end(process)


def _bot(
    directory: Path, settings: Mapping[str, object], workspace: Workspace, cluster: KubeServer
) -> subprocess.Popen[bytes]:
    (directory / "failures.yaml").write_text(yaml.safe_dump(dict(settings)), encoding="utf-8")
    variables = {
        "SLACK_API_URL": workspace.url,
        "SLACK_BOT_TOKEN": workspace.bot_token,
        "SLACK_APP_TOKEN": workspace.app_token,
        "KUBECONFIG": str(cluster.kubeconfig(directory / "kubeconfig")),
    }
    with (directory / "bot.log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "bot", "run"],
            cwd=directory,
            env=environment() | variables,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C reaches us alone; we end the bot
        )


def _wait_until_ready(health: str, process: subprocess.Popen[bytes], stop: threading.Event) -> None:
    for _ in range(int(_START_SECONDS / _POLL_SECONDS)):
        if process.poll() is not None:
            raise Unavailable(f"the bot ended with status {process.returncode} before it was ready")
        if stop.wait(_POLL_SECONDS) or _is_ready(health):
            return
    raise Unavailable(f"the bot was not ready within {_START_SECONDS} seconds")


def _is_ready(health: str) -> bool:
    try:
        with urllib.request.urlopen(health, timeout=1) as response:  # noqa: S310 our own address on loopback
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _follow(demo: Demo, console: Console, stop: threading.Event) -> None:
    """Let jobs come and go, and show what the bot says in its channels."""
    trickle = threading.Thread(
        target=LiveTrickle(demo.cluster.cluster, now=utc_now(), seed=SEED, upcoming=demo.upcoming).run,
        args=(stop,),
        name="trickle",
        daemon=True,
    )
    trickle.start()
    shown: set[str] = set()
    while not stop.wait(_POLL_SECONDS):
        for channel in ("ml-platform-oncall", "ml-team"):
            for message in demo.workspace.messages(channel):
                if message.ts not in shown and message.user == demo.workspace.bot.id:
                    shown.add(message.ts)
                    console.print(f"\n[bold]#{channel}[/bold]")
                    console.print(draw(message, demo.workspace.names))
        if demo.process.poll() is not None:
            raise Unavailable(f"the bot ended with status {demo.process.returncode}")
    trickle.join(2)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
