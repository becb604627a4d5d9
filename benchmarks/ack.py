"""How fast a slash command is acknowledged: the whole bot as a process, 20 people at once, over Socket Mode.

    python -m benchmarks.ack

Prints the median and p99 of the times from the delivery of a command to its acknowledgement and to its answer.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bot.clock import utc_now
from playground.kube.cluster import SimulatedCluster
from playground.kube.simulation import simulate_history
from tests.promises.whole_bot import WholeBot, whole_bot

AT_ONCE = 20
ROUNDS = 10
COMMANDS = ("analyze ml-team", "stats", "fix OOMKilled", "help")


def main() -> None:
    cluster = SimulatedCluster()
    simulate_history(cluster, now=utc_now())
    with tempfile.TemporaryDirectory() as directory, whole_bot(Path(directory), cluster) as bot:
        bot.start()
        bot.wait_until_ready()
        for command in COMMANDS:
            acks, answers = measure(bot, command)
            print(f"{command:16} ack {summary(acks)}   answer {summary(answers)}   ({len(acks)} commands)")
        bot.stop()


def measure(bot: WholeBot, command: str) -> tuple[list[float], list[float]]:
    """Seconds to the acknowledgements and to the answers of a command, from 20 people at once, ten times."""
    acks, answers = [], []
    with ThreadPoolExecutor(AT_ONCE) as people:
        for _ in range(ROUNDS):
            for ack, answer in people.map(lambda who: ask(bot, who, command), range(AT_ONCE)):
                acks.append(ack)
                answers.append(answer)
    return acks, answers


def ask(bot: WholeBot, who: int, command: str) -> tuple[float, float]:
    """Seconds to the acknowledgement and to the answer of one command."""
    began = time.perf_counter()
    asked = bot.workspace.person(f"person-{who}").slash("/failures", command, channel="ml-team")
    ack = asked.acknowledged(timeout=30).seconds or 0.0
    asked.answer(timeout=30)
    return ack, time.perf_counter() - began


def summary(seconds: list[float]) -> str:
    """Median and p99 in milliseconds."""
    p99 = statistics.quantiles(seconds, n=100)[98]
    return f"median {statistics.median(seconds) * 1000:4.0f} ms, p99 {p99 * 1000:4.0f} ms"


if __name__ == "__main__":
    main()
