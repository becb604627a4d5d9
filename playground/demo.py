"""`failures demo`: a simulated cluster and a local Slack on loopback, and the unmodified bot as a process between them.
A page shows both and lets a visitor act in them. It asks one question as a person would, shows the answer in the
terminal, and goes on until Ctrl-C. It leaves nothing behind."""

from __future__ import annotations

import errno
import signal
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml
from rich.console import Console

from bot.asgi_server import free_port
from bot.services.errors import Unavailable
from bot.settings import environment
from bot.slack.manifest import manifest
from playground.clock import DEMO_CLOCK
from playground.hands import Hands
from playground.kube.cluster import SimulatedCluster
from playground.kube.director import Director
from playground.kube.server import KubeServer, serve_cluster
from playground.kube.simulation import LiveTrickle, simulate_history
from playground.page import Backstage, Page, Role
from playground.workspace.installation import from_manifest
from playground.workspace.people import Person
from playground.workspace.terminal import draw
from playground.workspace.workspace import Workspace

SEED = 47
QUESTION = "analyze ml-team"
TEAM, ON_CALL = "ml-team", "ml-platform-oncall"
PEOPLE: Mapping[str, str] = {
    "ana": "ML engineer in ml-team",
    "ben": "lead of ml-team",
    "dana": "on call for the platform",
}
"""Whom a visitor can act as, and who that is."""
TIME_ZONE = "Europe/Berlin"
_HISTORY = 5_000
"""Changes that a watch of the cluster can go back; a client that was away for longer lists anew."""
_BOOKMARK_SECONDS = 20
"""A watch that hears nothing for 45 seconds asks anew, which the shown time may make look like an hour."""
_START_SECONDS = 60
_STIR_SECONDS, _SETTLE_SECONDS = 1.5, 8
"""After the clock was set forward: until the cluster's life shows in it, and the longest that is waited for the bot."""
_POLL_SECONDS = 0.1
_PORTS_TRIED, _LAST_PORT = 20, 65_535
_NOTHING_WAITS = 'failures_bot_watch_evidence_waiting{cluster="demo"} 0.0'
"""How the bot's metrics say that it has read all evidence."""


class BotProcess:
    """The bot as its users run it: a process of its own, told by its environment where Slack and the cluster are."""

    def __init__(self, directory: Path, settings: Mapping[str, object], variables: dict[str, str]) -> None:
        self._directory = directory
        self._variables = variables
        self._address = f"http://127.0.0.1:{settings['port']}"
        self._lock = threading.Lock()
        self._is_over = False
        (directory / "failures.yaml").write_text(yaml.safe_dump(dict(settings)), encoding="utf-8")
        self._process = self._started()

    def _started(self) -> subprocess.Popen[bytes]:
        with (self._directory / "bot.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "playground.bot_process"],
                cwd=self._directory,
                env=environment() | self._variables,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C reaches us alone; we end the bot
            )

    def kill(self) -> None:
        """SIGKILL, and a new process at once; nothing where it was ended."""
        with self._lock:
            if self._is_over:
                return
            self._process.kill()
            self._process.wait()
            self._process = self._started()

    def check(self) -> None:
        """Raises Unavailable where the bot has ended by itself."""
        with self._lock:
            if self._process.poll() is not None:
                raise Unavailable(f"the bot ended with status {self._process.returncode}")

    def wait_until_ready(self, stop: threading.Event) -> None:
        """Wait until the bot says that it does all of its work, or `stop` is set. Raises Unavailable."""
        for _ in range(int(_START_SECONDS / _POLL_SECONDS)):
            self.check()
            if stop.wait(_POLL_SECONDS) or self._is_ready():
                return
        raise Unavailable(f"the bot was not ready within {_START_SECONDS} seconds")

    def settle(self) -> None:
        """Wait until it has read what the cluster has just gone through; not for ever, since it may be cut off."""
        pause = threading.Event()
        pause.wait(_STIR_SECONDS)
        for _ in range(int(_SETTLE_SECONDS / _POLL_SECONDS)):
            if self._is_ready():
                return
            pause.wait(_POLL_SECONDS)

    def _is_ready(self) -> bool:
        """Whether it has caught up: every pod is listed, and the evidence of every failure is read."""
        return self._told("/readyz") is not None and _NOTHING_WAITS in (self._told("/metrics") or "")

    def _told(self, path: str) -> str | None:
        """What the bot serves at a path; None where it refuses or is not there."""
        try:
            with urllib.request.urlopen(self._address + path, timeout=1) as response:  # noqa: S310 our own address
                return bytes(response.read()).decode()
        except (urllib.error.URLError, OSError):
            return None

    def end(self) -> None:
        """SIGTERM, and SIGKILL for one that does not listen. No other is started after it."""
        with self._lock:
            self._is_over = True
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@dataclass(frozen=True, slots=True)
class Demo:
    """What runs: two servers, the life of the cluster, and the bot's process."""

    cluster: KubeServer
    workspace: Workspace
    trickle: LiveTrickle
    person: Person
    bot: BotProcess
    hands: Hands

    def live(self, stop: threading.Event) -> None:
        """Let jobs come and go until `stop`."""
        self.trickle.run(stop, clock=self.hands)

    @property
    def page(self) -> str:
        """Where a browser finds it."""
        return self.workspace.url.removesuffix("api/")


def run(port: int) -> None:
    """Start everything, show one answer, then let the cluster live until Ctrl-C. Raises Unavailable."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    console = Console(highlight=False)
    with started(port, stop) as demo:
        if stop.is_set():
            return
        console.print(f"Open [bold]{demo.page}[/bold] in a browser: a Slack, a cluster, the bot between them.")
        console.print(f"\n[bold]ana[/bold] types [bold]/failures {QUESTION}[/bold] in #{TEAM}:\n")
        answer = demo.person.slash("/failures", QUESTION, channel=TEAM).answer(timeout=30)
        console.print(draw(answer, demo.workspace.names))
        console.print("\n[dim]The cluster lives on: jobs start, fail and are mended. Ctrl-C ends everything.[/dim]")
        _follow(demo, console, stop)


@contextmanager
def started(port: int, stop: threading.Event) -> Iterator[Demo]:
    """The demo, up and caught up with 30 days of history, until the block ends. Raises Unavailable."""
    app, simulated = manifest(), SimulatedCluster(history=_HISTORY)
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="failures-demo-")))
        hands = Hands(directory / "clock.json", time_zone=TIME_ZONE)
        workspace = Workspace(installation=from_manifest(app), shown=hands)
        stack.enter_context(_served(workspace, port))
        cluster = stack.enter_context(serve_cluster(simulated, clock=hands, bookmark_every=_BOOKMARK_SECONDS))
        people = {name: workspace.person(name, tz=TIME_ZONE) for name in PEOPLE}
        team = workspace.channel(TEAM, *people.values())
        on_call = workspace.channel(ON_CALL, *people.values())
        upcoming = simulate_history(simulated, now=hands(), seed=SEED)
        trickle = LiveTrickle(simulated, now=hands(), seed=SEED, upcoming=upcoming)
        roles = [
            Role(id=person.id, name=name, about=PEOPLE[name], tz=TIME_ZONE, dm=workspace.state.direct(person.id).id)
            for name, person in people.items()
        ]
        settings = {
            "db_path": "failures.db",
            "host": "127.0.0.1",
            "port": free_port(),
            "clusters": [{"name": "demo"}],
            "on_call_channel": on_call.id,
            "digest_channel": team.id,
            "gpu_prices": {"default": 2.5},
            "time_zone": TIME_ZONE,
        }
        bot = BotProcess(directory, settings, _variables(workspace, cluster, directory))
        stack.callback(bot.end)
        backstage = Backstage(workspace, Director(cluster, trickle, clock=hands), bot.kill, bot.settle, hands)
        page = Page(workspace, roles=roles, manifest=app, backstage=backstage, start_in=team.id)
        workspace.show_beside(page.routes)
        bot.wait_until_ready(stop)
        yield Demo(cluster, workspace, trickle, people["ana"], bot, hands)


@contextmanager
def _served(workspace: Workspace, port: int) -> Iterator[None]:
    """As `workspace.serve`, at the first free port from this one on. Raises Unavailable where none can be used."""
    with ExitStack() as stack:
        for wanted in range(port, min(port + _PORTS_TRIED, _LAST_PORT + 1)):
            try:
                stack.enter_context(workspace.serve(port=wanted))
            except OSError as error:
                refusal = error
                if error.errno != errno.EADDRINUSE:
                    break
                continue
            if wanted != port:
                Console(highlight=False).print(f"Port {port} is taken: this is port {wanted}.")
            yield
            return
        raise Unavailable(f"port {port} cannot be used ({refusal.strerror}): choose another with --port")


def _variables(workspace: Workspace, cluster: KubeServer, directory: Path) -> dict[str, str]:
    return {
        "SLACK_API_URL": workspace.url,
        "SLACK_BOT_TOKEN": workspace.bot_token,
        "SLACK_APP_TOKEN": workspace.app_token,
        "KUBECONFIG": str(cluster.kubeconfig(directory / "kubeconfig")),
        DEMO_CLOCK: str(directory / "clock.json"),
    }


def _follow(demo: Demo, console: Console, stop: threading.Event) -> None:
    """Let jobs come and go, and show what the bot says in its channels."""
    trickle = threading.Thread(target=demo.live, args=(stop,), name="trickle", daemon=True)
    trickle.start()
    shown: set[str] = set()
    while not stop.wait(_POLL_SECONDS):
        for channel in (ON_CALL, TEAM):
            for message in demo.workspace.messages(channel):
                if message.ts not in shown and message.user == demo.workspace.bot.id:
                    shown.add(message.ts)
                    console.print(f"\n[bold]#{channel}[/bold]")
                    console.print(draw(message, demo.workspace.names))
        demo.bot.check()
    trickle.join(2)
