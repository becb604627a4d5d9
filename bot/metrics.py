"""What the bot tells Prometheus of itself: counters of the watches, of the tasks, and of what Slack was answered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from prometheus_client import CollectorRegistry, Counter
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.services.recording.watch import Tally

_COUNTERS = {
    "pods": "States of pods that were seen",
    "odd": "States of pods with odd or missing fields",
    "attempts": "Attempts that were recorded for the first time",
    "failures": "Failure events that were recorded for the first time",
    "evidence_skipped": "Failures without logs and events, since too many others waited for theirs",
    "lists": "Complete lists of all pods",
    "troubles": "Times the API server could not be watched",
    "crashes": "Defects that a watch survived",
}


class Metrics:
    """A registry of its own, so that two bots in one process do not meet."""

    def __init__(self, tallies: Sequence[Tally]) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(_Watches(tallies))
        self._tasks_failed = Counter(
            "failures_bot_task_failures", "Runs of a timed task that failed", ["task"], registry=self.registry
        )

    def task_failed(self, name: str) -> None:
        """A timed task failed."""
        self._tasks_failed.labels(name).inc()


class _Watches(Collector):
    """Reads the tallies when it is asked."""

    def __init__(self, tallies: Sequence[Tally]) -> None:
        self._tallies = tallies

    def collect(self) -> Iterable[Metric]:
        """One counter for each thing the watches count, and how things stand now."""
        for name, meaning in _COUNTERS.items():
            counter = CounterMetricFamily(f"failures_bot_watch_{name}", meaning, labels=["cluster"])
            for tally in self._tallies:
                counter.add_metric([tally.cluster], getattr(tally, name))
            yield counter
        alive = GaugeMetricFamily(
            "failures_bot_watch_alive_timestamp_seconds", "When the cluster was last heard of", labels=["cluster"]
        )
        waiting = GaugeMetricFamily(
            "failures_bot_watch_evidence_waiting",
            "Failures whose logs and events are being fetched",
            labels=["cluster"],
        )
        for tally in self._tallies:
            alive.add_metric([tally.cluster], tally.alive_at.timestamp() if tally.alive_at else 0.0)
            waiting.add_metric([tally.cluster], tally.evidence_waiting)
        yield from (alive, waiting)
