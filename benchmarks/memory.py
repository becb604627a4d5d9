"""Memory of the whole demo over time: the simulated cluster and Slack in one process, the unmodified bot in another.
Run: `python -m benchmarks.memory [minutes] [pace]`; it reads /proc, so on Linux only.

A line each half minute: what both processes hold in all and, in brackets, without the pages of files; how many failures
the bot has recorded since the beginning; for how many it still fetches logs. A pace of 30 is the page's "rush", of 150
some 25 failures a second. The demo's process holds the pods of the last three minutes, so it grows that long.
"""

from __future__ import annotations

import re
import sys
import threading
import urllib.request
from pathlib import Path
from time import monotonic

import yaml

from playground.demo import started

_EVERY = 30.0


def main() -> None:
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 11
    stop = threading.Event()
    with started(0, stop) as demo:
        demo.trickle.pace = float(sys.argv[2]) if len(sys.argv) > 2 else 150
        trickle = threading.Thread(target=demo.trickle.run, args=(stop,))
        trickle.start()
        watch(minutes * 60)
        stop.set()
        trickle.join()


def watch(until: float) -> None:
    bot = _child()
    settings = yaml.safe_load((bot / "cwd" / "failures.yaml").read_text(encoding="utf-8"))
    address = f"http://127.0.0.1:{settings['port']}/metrics"
    print(
        f"{'seconds':>7} {'demo, MB':>12} {'bot, MB':>12} {'failures':>9} {'a second':>8} {'waiting':>7} {'stored':>9}"
    )
    began, before = monotonic(), _told(address, "failures_total")
    while (seconds := monotonic() - began) <= until:
        recorded = _told(address, "failures_total") - before
        size = sum(each.stat().st_size for each in (bot / "cwd").glob("failures.db*")) / 2**20
        print(
            f"{seconds:7.0f} {_memory(Path('/proc/self')):>12} {_memory(bot):>12} {recorded:9.0f}"
            f" {recorded / max(seconds, 1):8.1f} {_told(address, 'evidence_waiting'):7.0f} {size:6.0f} MB",
            flush=True,
        )
        threading.Event().wait(_EVERY - (monotonic() - began) % _EVERY)


def _child() -> Path:
    """The bot's place in /proc."""
    children = {pid for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text().split()}
    (bot,) = children
    return Path("/proc") / bot


def _memory(process: Path) -> str:
    status = (process / "status").read_text()
    sizes = dict(re.findall(r"^(\w+):\s+(\d+) kB$", status, re.MULTILINE))
    return f"{int(sizes['VmRSS']) / 1024:.0f} ({int(sizes['RssAnon']) / 1024:.0f})"


def _told(address: str, name: str) -> float:
    with urllib.request.urlopen(address, timeout=10) as response:  # noqa: S310 our own bot
        metrics = dict(re.findall(r"^failures_bot_watch_(\w+)\{.*\} (\S+)$", response.read().decode(), re.MULTILINE))
    return float(metrics[name])


if __name__ == "__main__":
    main()
