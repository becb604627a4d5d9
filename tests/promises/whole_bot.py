"""The whole bot as its users run it: `failures run` as a process between a cluster and a Slack on loopback."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from bot.asgi_server import free_port
from bot.settings import environment
from playground.kube.cluster import SimulatedCluster
from playground.kube.server import KubeServer, serve_cluster
from playground.workspace import Workspace

PATIENCE = 30.0
_PAUSE = threading.Event()


@dataclass(slots=True)
class WholeBot:
    """The bot's process, and what it runs between."""

    directory: Path
    cluster: KubeServer
    workspace: Workspace
    settings: Mapping[str, object]
    health: str
    process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def database(self) -> str:
        return str(self.settings.get("database_url") or f"sqlite:///{self.directory / 'failures.db'}")

    def start(self) -> None:
        variables = {
            "SLACK_API_URL": self.workspace.url,
            "SLACK_BOT_TOKEN": self.workspace.bot_token,
            "SLACK_APP_TOKEN": self.workspace.app_token,
            "SLACK_SIGNING_SECRET": self.workspace.signing_secret,
            "KUBECONFIG": str(self.cluster.kubeconfig(self.directory / "kubeconfig")),
        }
        (self.directory / "failures.yaml").write_text(yaml.safe_dump(dict(self.settings)), encoding="utf-8")
        with (self.directory / "bot.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bot", "run"],
                cwd=self.directory,
                env=environment() | variables,
                stdout=log,
                stderr=log,
            )

    def kill(self) -> None:
        """SIGKILL: no chance to put anything in order."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """SIGTERM, and the exit status."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)

    def wait_until_ready(self) -> None:
        wait_for(self._is_ready, what="the bot to be ready")

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Another command of the command line, with the bot's settings."""
        variables = {
            "SLACK_API_URL": self.workspace.url,
            "SLACK_BOT_TOKEN": self.workspace.bot_token,
            "SLACK_APP_TOKEN": self.workspace.app_token,
            "SLACK_SIGNING_SECRET": self.workspace.signing_secret,
            "KUBECONFIG": str(self.directory / "kubeconfig"),
        }
        return subprocess.run(
            [sys.executable, "-m", "bot", *words],
            cwd=self.directory,
            env=environment() | variables,
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def log(self) -> str:
        return (self.directory / "bot.log").read_text(encoding="utf-8")

    def _is_ready(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log
        try:
            with urllib.request.urlopen(f"{self.health}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


@contextmanager
def whole_bot(directory: Path, cluster: SimulatedCluster, **settings: object) -> Iterator[WholeBot]:
    """The bot, not yet started; whatever runs at the end of the block is ended."""
    port = free_port()
    workspace = Workspace(
        deliver_to=f"http://127.0.0.1:{port}/slack/events" if settings.get("slack_mode") == "http" else None
    )
    with workspace.serve(), serve_cluster(cluster) as served:
        workspace.person("ana")
        workspace.channel("ml-team", workspace.person("ana"))
        known = {"clusters": [{"name": "prod-eu"}], "host": "127.0.0.1", "port": port} | settings
        bot = WholeBot(directory, served, workspace, known, f"http://127.0.0.1:{port}")
        try:
            yield bot
        finally:
            if bot.process is not None and bot.process.poll() is None:
                bot.kill()


def wait_for(condition: Callable[[], object], *, what: str, patience: float = PATIENCE) -> None:
    """Wait until the condition holds; fail saying what was waited for."""
    until = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < until, f"waited {patience:.0f} s for {what}"
        _PAUSE.wait(0.05)
