"""A made-up trace of a large GPU cluster, as such traces are published: jobs, nodes, times and outcomes, nothing else.

It knows nothing of how the analysis works. What it is drawn after is public knowledge of such clusters: few users send
most jobs, in sessions; a session with a mistake fails on every node, retry after retry, a few jobs hundreds of times;
the scheduler sends a retry mostly elsewhere; some jobs are gangs over several nodes; users kill a part of what runs;
teams have nodes of their own; a node reboots under its jobs now and then; some nodes are bad, mostly for a time only,
and one that fails everything within minutes is always free, so it gets far more than its share."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.generator import CLUSTER, START, node_name
from bot.domain.analysis.attempt_table import Events, Gpus, Names, PeriodEvidence, Placement, Runs, milliseconds
from bot.domain.analysis.identity import family_number, job_number
from bot.domain.period import Period

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Columns = dict[str, NDArray[Any]]

LENGTHS = {"6 h": 0.25, "1 day": 1.0, "3 days": 3.0, "2 weeks": 14.0, "always": 1000.0}
"""How long a node is bad, in days."""
STRENGTHS = (0.3, 0.6, 1.0)
"""The chance that it fails an attempt."""
_SWIFT = 0.6
"""From this strength on it fails them within minutes, and so is free again."""


class Spell(NamedTuple):
    """A node, bad from a day to a day."""

    node: int
    length: str
    strength: float
    since: float
    until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """What the trace is drawn from. Times are in days from START."""

    seed: int = 0
    nodes: int = 550
    days: float = 90.0
    jobs: int = 120_000
    users: int = 320
    teams: int = 14
    own_nodes: float = 0.6
    """How often a job runs on a node of its team."""
    bad: int = 7
    """Nodes that are bad for a time, of all lengths and strengths in turn."""
    mistakes: float = 0.12
    """Share of sessions whose code is wrong."""
    flaky: float = 0.05
    """Share of sessions whose code fails now and then, wherever it runs."""
    session: float = 1.3
    """The exponent of the sessions' sizes: the smaller, the larger."""
    retries: int = 4
    stubborn: float = 0.002
    """Share of jobs that are retried up to 300 times."""
    killed: float = 0.18
    gangs: float = 0.07
    reboots: int = 40
    outages: tuple[tuple[float, float], ...] = ((31.4, 5.0),)
    """(day, hours) in which most attempts fail."""
    storms: tuple[tuple[float, int, float], ...] = ((20.3, 264, 1.0), (55.6, 90, 1.0), (70.2, 400, 6.0))
    """(day, failures, hours): two jobs that fail again and again."""
    linked: bool = True
    """Whether the attempts of a job are known to be of one job."""
    named: str = "counter"
    """`counter` one word and a number, `hash` nothing in common."""


@dataclass(frozen=True, slots=True)
class Trace:
    """What happened, one element an attempt, and what was behind it."""

    cluster: Cluster
    columns: Columns
    """`job`, `place`, `outcome` (0 succeeded, 1 failed, 2 killed), `end` in days, `hours`, `fault` (the node)."""
    places: tuple[tuple[int, ...], ...]
    spells: tuple[Spell, ...] = ()
    storm_jobs: tuple[frozenset[int], ...] = ()

    def __len__(self) -> int:
        return len(self.columns["job"])

    def where(self, mask: NDArray[np.bool_]) -> Trace:
        """Some of the attempts."""
        columns = {name: column[mask] for name, column in self.columns.items()}
        return Trace(self.cluster, columns, self.places, self.spells, self.storm_jobs)

    def without(self, nodes: set[int]) -> Trace:
        """The same without all attempts on these nodes."""
        free = np.array([not nodes & set(place) for place in self.places])
        return self.where(free[self.columns["place"]])

    def shuffled(self) -> Trace:
        """The same with all attempts' places exchanged at random: no node differs from another."""
        place = np.random.default_rng(self.cluster.seed).permutation(self.columns["place"])
        return Trace(self.cluster, self.columns | {"place": place}, self.places)

    def victims(self, node: int) -> int:
        """How many jobs a bad node really failed."""
        return len(np.unique(self.columns["job"][self.columns["fault"] == node]))


def simulate(cluster: Cluster) -> Trace:
    """Draw a trace."""
    rng = np.random.default_rng(cluster.seed)
    draw = _Draw(cluster, rng, _spells(cluster, rng))
    jobs = draw.jobs()
    todo, start = np.arange(cluster.jobs), jobs["start"].copy()
    last, rounds = np.full(cluster.jobs, -1), []
    for again in range(300):
        part = draw.attempt(jobs, todo, start[todo], last[todo])
        rounds.append(part)
        failed = part["outcome"] == 1
        start[todo], last[todo] = part["end"] + 0.5 / 1440, part["place"]
        todo = todo[failed & (jobs["retries"][todo] > again)]
        if not len(todo):
            break
    storms = [draw.storm(cluster.jobs + 2 * number, *storm) for number, storm in enumerate(cluster.storms)]
    rounds += storms
    columns = {name: np.concatenate([part[name] for part in rounds]) for name in rounds[0]}
    inside = columns["end"] < cluster.days
    columns = {name: column[inside] for name, column in columns.items()}
    if not cluster.linked:
        columns["job"] = np.arange(len(columns["job"]))
    named = tuple(frozenset(storm["job"].tolist()) for storm in storms)
    return Trace(cluster, columns, tuple(draw.places), draw.spells, named)


def _spells(cluster: Cluster, rng: np.random.Generator) -> tuple[Spell, ...]:
    kinds = [(length, strength) for strength in STRENGTHS for length in LENGTHS]
    chosen = [kinds[(cluster.seed * cluster.bad + at) % len(kinds)] for at in range(cluster.bad)]
    nodes = rng.permutation(cluster.nodes)[: cluster.bad]
    spells = []
    for node, (length, strength) in zip(nodes.tolist(), chosen, strict=True):
        since = max(0.0, rng.random() * (cluster.days - LENGTHS[length]))
        spells.append(Spell(node, length, strength, since, min(cluster.days, since + LENGTHS[length])))
    return tuple(spells)


@dataclass(slots=True)
class _Draw:
    """The parts of a trace, one after the other."""

    cluster: Cluster
    rng: np.random.Generator
    spells: tuple[Spell, ...]
    places: list[tuple[int, ...]] = field(default_factory=list)
    team_of: Ints = field(init=False)
    size_of: Floats = field(init=False)
    reboots: dict[int, list[float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        cluster, rng = self.cluster, self.rng
        self.places = [(node,) for node in range(cluster.nodes)]
        self.team_of = rng.choice(cluster.teams, cluster.nodes, p=rng.dirichlet(np.full(cluster.teams, 2.0)))
        self.size_of = np.where(rng.random(cluster.nodes) < 0.6, 8.0, 2.0)
        for node in rng.integers(0, cluster.nodes, cluster.reboots):
            self.reboots.setdefault(int(node), []).append(rng.random() * cluster.days)

    def jobs(self) -> Columns:
        """Each job's team, mistake, risk, first start, length, width and retries."""
        cluster, rng = self.cluster, self.rng
        sizes = np.minimum(rng.zipf(cluster.session + 0.4, cluster.jobs), 80)
        sizes = sizes[: int(np.searchsorted(np.cumsum(sizes), cluster.jobs)) + 1]
        session = np.repeat(np.arange(len(sizes)), sizes)[: cluster.jobs]
        user = np.minimum((rng.pareto(1.1, len(sizes)) * cluster.users / 12).astype(int), cluster.users - 1)
        risky = rng.beta(0.4, 6.0, cluster.users)
        wrong = rng.random(len(sizes)) < cluster.mistakes
        shaky = np.where(rng.random(len(sizes)) < cluster.flaky, rng.uniform(0.2, 0.8, len(sizes)), 0.0)
        begin = self._begins(len(sizes))
        spread = rng.exponential(1 / 24, len(sizes)) * rng.choice([0.1, 1.0, 8.0], len(sizes))
        size = cluster.jobs
        return {
            "team": (user % cluster.teams)[session],
            "mistake": wrong[session] & (rng.random(size) < 0.95),
            "risk": risky[user][session],
            "shaky": shaky[session],
            "start": begin[session] + rng.random(size) * spread[session],
            "hours": np.exp(rng.normal(-0.3, 1.2, len(sizes)))[session] * np.exp(rng.normal(0, 1.0, size)),
            "width": np.where(rng.random(size) < cluster.gangs, rng.choice([2, 2, 2, 3, 4, 8], size), 1),
            "retries": np.where(rng.random(size) < cluster.stubborn, 300, rng.integers(1, cluster.retries + 1, size)),
            "soon": np.exp(rng.normal(-2.0, 1.5, len(sizes)))[session],
        }

    def _begins(self, size: int) -> Floats:
        """Starts by day and hour as people work."""
        rng, days = self.rng, self.cluster.days
        day = np.floor(rng.random(3 * size) * days)
        hour = np.where(rng.random(3 * size) < 0.6, 9 + 9 * rng.random(3 * size), 24 * rng.random(3 * size))
        kept = (day % 7 < 5) | (rng.random(3 * size) < 0.4)
        return np.asarray((day + hour / 24)[kept][:size])

    def attempt(self, jobs: Columns, todo: Ints, at: Floats, last: Ints) -> Columns:
        """One attempt of each of these jobs."""
        cluster, rng, size = self.cluster, self.rng, len(todo)
        node = self._nodes(jobs["team"][todo], at, last)
        hours = np.minimum(jobs["hours"][todo] * np.exp(rng.normal(0, 0.2, size)), 24 * 20)
        bad = rng.random(size) < np.where(jobs["mistake"][todo], 0.97, jobs["risk"][todo] * (1 - np.exp(-hours / 3)))
        bad |= rng.random(size) < jobs["shaky"][todo]
        early = np.where(jobs["mistake"][todo], jobs["soon"][todo], hours * rng.random(size))
        hours = np.where(bad, np.minimum(hours, early), hours)
        place, fault = node.copy(), np.full(size, -1)
        for row in np.flatnonzero(jobs["width"][todo] > 1):
            place[row] = self._gang(int(node[row]), int(jobs["width"][todo[row]]), int(jobs["team"][todo[row]]))
        self._trouble(place, at, hours, bad, fault)
        for day, length in cluster.outages:
            hit = (at < day + length / 24) & (at + hours / 24 > day) & (rng.random(size) < 0.7)
            hours = np.where(hit, (np.maximum(day, at) - at) * 24 + rng.random(size) * length / 2, hours)
            bad |= hit
        stopped = ~bad & (rng.random(size) < cluster.killed)
        return {
            "job": todo,
            "place": place,
            "outcome": np.where(bad, 1, np.where(stopped, 2, 0)).astype(np.uint8),
            "end": at + hours / 24 + 1e-4,
            "hours": hours,
            "fault": fault,
        }

    def _nodes(self, team: Ints, at: Floats, last: Ints) -> Ints:
        """Where each attempt goes: to a free node, of its team mostly, a retry seldom to the same one."""
        cluster, rng, size = self.cluster, self.rng, len(team)
        node = rng.choice(cluster.nodes, size, p=self.size_of / self.size_of.sum())
        for one in range(cluster.teams):
            own = np.flatnonzero(self.team_of == one)
            here = np.flatnonzero((team == one) & (rng.random(size) < cluster.own_nodes))
            if len(own):
                weight = self.size_of[own] / self.size_of[own].sum()
                node[here] = rng.choice(own, len(here), p=weight)
        for spell in self.spells:
            if spell.strength >= _SWIFT:
                during = (at >= spell.since) & (at < spell.until)
                pull = np.where(last == spell.node, 0.5, 0.05 * spell.strength**2)
                node[during & (rng.random(size) < pull)] = spell.node
        again = (last >= 0) & (last < cluster.nodes) & (rng.random(size) < 0.12)
        return np.where(again, last, node)

    def _gang(self, first: int, width: int, team: int) -> int:
        """A place of several nodes."""
        own = np.flatnonzero(self.team_of == team)
        pool = own if len(own) > 2 * width else np.arange(self.cluster.nodes)
        others = [int(node) for node in self.rng.choice(pool, width, replace=False) if node != first]
        self.places.append((first, *others[: width - 1]))
        return len(self.places) - 1

    def _trouble(self, place: Ints, at: Floats, hours: Floats, bad: NDArray[np.bool_], fault: Ints) -> None:
        """What bad nodes and reboots do to the attempts that they have a part in; all in place."""
        where: dict[int, list[int]] = {}
        watched = {spell.node for spell in self.spells} | set(self.reboots)
        for row, code in enumerate(place.tolist()):
            for node in self.places[code]:
                if node in watched:
                    where.setdefault(node, []).append(row)
        for spell in self.spells:
            rows = np.array(where.get(spell.node, []), dtype=np.int64)
            rows = rows[(at[rows] >= spell.since) & (at[rows] < spell.until)]
            rows = rows[self.rng.random(len(rows)) < spell.strength]
            soon = 0.03 if spell.strength >= _SWIFT else hours[rows] * self.rng.random(len(rows))
            hours[rows] = np.minimum(hours[rows], soon)
            bad[rows], fault[rows] = True, spell.node
        for node, days in self.reboots.items():
            rows = np.array(where.get(node, []), dtype=np.int64)
            for day in days:
                hit = rows[(at[rows] < day) & (at[rows] + hours[rows] / 24 > day)]
                bad[hit], hours[hit] = True, (day - at[hit]) * 24

    def storm(self, job: int, day: float, failures: int, hours: float) -> Columns:
        """Two jobs that fail again and again within so many hours."""
        rng = self.rng
        return {
            "job": np.where(rng.random(failures) < 0.6, job, job + 1),
            "place": rng.integers(0, self.cluster.nodes, failures),
            "outcome": np.ones(failures, dtype=np.uint8),
            "end": day + rng.random(failures) * hours / 24,
            "hours": np.full(failures, 0.005),
            "fault": np.full(failures, -1),
        }


def job_name(cluster: Cluster, job: int) -> str:
    """What a job is called."""
    if cluster.named == "counter":
        return f"application_1506638472019_{job}"
    digits = f"{(job * 2654435761 + 12345) * 0x9E3779B97F4A7C15 % 2**64:016x}"
    return "".join(chr(ord("g") + int(digit, 16)) for digit in digits)


def number(cluster: Cluster, job: int) -> int:
    """The job's number in the evidence."""
    return job_number(CLUSTER, None, job_name(cluster, job))


def evidence(trace: Trace, since: float = 0.0, until: float | None = None) -> PeriodEvidence:
    """What the store would say of the period between these days."""
    until = trace.cluster.days if until is None else until
    columns = trace.where((trace.columns["end"] >= since) & (trace.columns["end"] < until)).columns
    jobs, place = np.unique(columns["job"], return_inverse=True)
    names = [job_name(trace.cluster, int(job)) for job in jobs]
    job = np.array([job_number(CLUSTER, None, name) for name in names], np.uint64)[place]
    family = np.array([family_number(CLUSTER, None, None, name) for name in names], np.uint32)[place]
    ended = milliseconds(START) + (columns["end"] * 86_400).astype(np.int64) * 1000
    zero, none = np.zeros(len(job), np.int32), np.zeros(len(job), np.uint32)
    at = columns["place"].astype(np.int32)
    seconds = (columns["hours"] * 3600).astype(np.float32)
    runs = Runs(job, family, none, none, at, zero, zero, zero, columns["outcome"], ended, seconds)
    bad = columns["outcome"] == 1
    ones = np.ones(int(bad.sum()), np.uint8)
    events = Events(
        job[bad], family[bad], none[bad], none[bad], at[bad], zero[bad], zero[bad], zero[bad], zero[bad], ones,
        ended[bad],
    )  # fmt: skip
    places = tuple(Placement(CLUSTER, tuple(map(node_name, nodes))) for nodes in trace.places)
    period = Period(START + timedelta(days=since), START + timedelta(days=until))
    return PeriodEvidence(period, runs, events, Names(places, (None,), (None,), (Gpus(),), ("Error",), (None,)))
