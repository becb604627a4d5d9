"""Labelled histories of a made-up cluster, drawn from a seed: what is wrong is known, so what the analysis says of it
can be counted. The world is drawn in columns; from those come attempts for the store, or the evidence of a period."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.domain.analysis.attempt_table import Events, Gpus, Names, PeriodEvidence, Placement, Runs, milliseconds
from bot.domain.analysis.identity import family_number, job_number
from bot.domain.period import Period
from bot.domain.workload.attempt import Attempt, Outcome
from bot.domain.workload.failure import Failure

START = datetime(2026, 1, 1, tzinfo=UTC)
CLUSTER = "sim"
Ints = NDArray[np.int64]
Columns = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What the cluster is like. Times are in days from START; chances 0 to 1."""

    seed: int = 0
    nodes: int = 200
    days: float = 30.0
    jobs: int = 20_000
    users: int = 40
    projects: int = 10
    images: int = 30
    risk: float = 0.1
    """Mean chance that an attempt fails for reasons of its job."""
    families_agree: float = 1.0
    """The α + β of the Beta distribution of the families' risks: below 1 some nearly always fail, most hardly ever."""
    broken: float = 0.05
    """Share of jobs that fail whatever happens, retry after retry."""
    retries: int = 2
    killed: float = 0.15
    burst: float = 0.0
    """Share of jobs that belong to a burst: 30 jobs of one user in an hour, broken together with the chance 0.3."""
    burst_nodes: int = 3
    """Nodes that a burst lands on."""
    lemons: dict[int, tuple[float, float, float]] = field(default_factory=dict)
    """Node to (chance that it fails an attempt, from day, until day)."""
    black_holes: dict[int, tuple[float, float]] = field(default_factory=dict)
    """Node to (from day, until day): it fails everything at once, and so gets ten times the attempts."""
    bad_images: dict[int, float] = field(default_factory=dict)
    outages: tuple[tuple[float, float], ...] = ()
    """(day, hours) in which nearly everything fails."""
    storms: tuple[tuple[float, int], ...] = ()
    """(day, failures): two jobs that fail again and again within an hour."""
    sitting: tuple[tuple[int, int], ...] = ()
    """(node, failures): a crash-looping job that happens to sit on a node."""
    pools: tuple[float, ...] = (1.0,)
    """The risk of the jobs in each pool of nodes, as a multiple; pools split the nodes evenly, users keep to one."""
    weekly_drift: float = 0.0
    """How much the risk grows or shrinks over the period: +1 doubles it by the end."""
    hourly: tuple[int, ...] = ()
    """Hours of the day at which risk is three times as high."""
    business_hours: bool = True
    named: str = "families"
    """How jobs are called: `families` user and purpose, `counter` one word and a number, `hash` nothing in common."""
    labelled: bool = True
    """Whether projects, owners, images and GPUs are known."""


@dataclass(frozen=True, slots=True)
class History:
    """What happened, one element an attempt."""

    world: World
    job: Ints
    user: Ints
    family: Ints
    node: Ints
    image: Ints
    outcome: NDArray[np.uint8]
    """0 succeeded, 1 failed, 2 killed."""
    start: NDArray[np.float64]
    """Days from START."""
    hours: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.job)

    def without(self, nodes: set[int]) -> History:
        """The same without all attempts on these nodes."""
        keep = ~np.isin(self.node, list(nodes))
        return History(self.world, *(getattr(self, name)[keep] for name in _COLUMNS))


_COLUMNS = ("job", "user", "family", "node", "image", "outcome", "start", "hours")


def simulate(world: World) -> History:
    """Draw the history of a world."""
    rng = np.random.default_rng(world.seed)
    jobs = _jobs(world, rng)
    rounds = []
    todo = np.arange(world.jobs)
    start = jobs["start"].copy()
    for _ in range(world.retries + 1):
        part = _attempt(world, rng, jobs, todo, start)
        rounds.append(part)
        todo = todo[part["outcome"] == 1]
        start[todo] = (part["start"] + part["hours"] / 24)[part["outcome"] == 1] + 0.002
        if not len(todo):
            break
    rounds += list(_extras(world, rng))
    columns = {name: np.concatenate([part[name] for part in rounds]) for name in _COLUMNS}
    inside = columns["start"] + columns["hours"] / 24 < world.days
    return History(world, **{name: column[inside] for name, column in columns.items()})


def _jobs(world: World, rng: np.random.Generator) -> Columns:
    """Each job's user, family, risk, image and first start."""
    user = np.minimum((rng.pareto(1.2, world.jobs) * world.users / 8).astype(int), world.users - 1)
    family = user * 8 + rng.integers(0, 8, world.jobs)
    agree = world.families_agree
    by_family = rng.beta(world.risk * agree, (1 - world.risk) * agree, world.users * 8 + world.jobs)
    start = _starts(world, rng, world.jobs)
    size = 30
    bursts = int(world.jobs * world.burst / size)
    homes = rng.integers(0, world.nodes, (world.jobs, world.burst_nodes))
    home = np.full(world.jobs, -1)
    for number in range(bursts):
        these = slice(number * size, (number + 1) * size)
        user[these], family[these] = user[number * size], world.users * 8 + number
        by_family[world.users * 8 + number] = 0.95 if rng.random() < 0.3 else world.risk / 2
        start[these] = start[number * size] + rng.random(size) / 24
        home[these] = homes[number, rng.integers(0, world.burst_nodes, size)]
    risk = by_family[family]
    risk = np.where(rng.random(world.jobs) < world.broken, 1.0, risk)
    image = (family * 7 + rng.integers(0, 2, world.jobs)) % world.images
    pool = user % len(world.pools)
    risk = np.minimum(1, risk * np.array(world.pools)[pool])
    return {"user": user, "family": family, "risk": risk, "start": start, "image": image, "home": home, "pool": pool}


def _starts(world: World, rng: np.random.Generator, size: int) -> NDArray[np.float64]:
    day = rng.random(size) * world.days
    if world.business_hours:
        busy = rng.random(size) < 0.6
        day = np.where(busy, np.floor(day) + (9 + 8 * rng.random(size)) / 24, day)
    return np.asarray(day)


def _attempt(
    world: World,
    rng: np.random.Generator,
    jobs: Columns,
    todo: Ints,
    start: NDArray[np.float64],
) -> Columns:
    """One attempt of each of these jobs."""
    size = len(todo)
    at = start[todo]
    width = world.nodes // len(world.pools)
    node = jobs["pool"][todo] * width + rng.integers(0, width, size)
    home = jobs["home"][todo]
    node = np.where((home >= 0) & (rng.random(size) < 0.9), home, node)
    for hole, (since, until) in world.black_holes.items():
        pulled = (at >= since) & (at < until) & (rng.random(size) < 10 / world.nodes)
        node = np.where(pulled, hole, node)
    risk = jobs["risk"][todo] * (1 + world.weekly_drift * at / world.days)
    if world.hourly:
        risk = np.where(np.isin((at % 1 * 24).astype(int), world.hourly), 3 * risk, risk)
    hours = rng.lognormal(0, 1.3, size)
    end = at + hours / 24
    bad = rng.random(size) < risk
    for image, strength in world.bad_images.items():
        bad |= (jobs["image"][todo] == image) & (rng.random(size) < strength)
    for lemon, (strength, since, until) in world.lemons.items():
        bad |= (node == lemon) & (at >= since) & (at < until) & (rng.random(size) < strength)
    for hole, (since, until) in world.black_holes.items():
        swallowed = (node == hole) & (at >= since) & (at < until)
        bad |= swallowed
        hours = np.where(swallowed, 0.01, hours)
    for day, length in world.outages:
        hit = (at < day + length / 24) & (end > day) & (rng.random(size) < 0.8)
        bad |= hit
        hours = np.where(hit, np.maximum(0.01, (np.maximum(day, at) - at) * 24 + rng.random(size) * length), hours)
    outcome = np.where(bad, 1, np.where(rng.random(size) < world.killed, 2, 0)).astype(np.uint8)
    return {
        "job": todo,
        "user": jobs["user"][todo],
        "family": jobs["family"][todo],
        "node": node,
        "image": jobs["image"][todo],
        "outcome": outcome,
        "start": at,
        "hours": hours,
    }


def _extras(world: World, rng: np.random.Generator) -> Iterator[Columns]:
    """Retry storms, and crash-looping jobs that sit on one node."""
    number = world.jobs
    for day, failures in world.storms:
        for size in (failures * 6 // 10, failures * 4 // 10):
            yield _repeated(world, rng, number, rng.integers(0, world.nodes, size), day)
            number += 1
    for node, failures in world.sitting:
        day = rng.random() * (world.days - 2)
        yield _repeated(world, rng, number, np.full(failures, node), day, length=1.5)
        number += 1


def _repeated(
    world: World, rng: np.random.Generator, job: int, node: Ints, day: float, *, length: float = 0.035
) -> Columns:
    """Failed attempts of one job, one on each of these nodes, within so many days."""
    size = len(node)
    user = int(rng.integers(0, world.users))
    return {
        "job": np.full(size, job),
        "user": np.full(size, user),
        "family": np.full(size, user * 8),
        "node": node,
        "image": np.full(size, user % world.images),
        "outcome": np.ones(size, dtype=np.uint8),
        "start": day + rng.random(size) * length,
        "hours": np.full(size, 0.004),
    }


def job_name(world: World, job: int, user: int, family: int) -> str:
    """What the job is called."""
    if world.named == "families":
        return f"{_WORDS[user % len(_WORDS)]}{user}-{_WORDS[family % 8]}{'abcdefghij'[family // 8 % 10]}-{job}"
    if world.named == "counter":
        return f"application_1506638472019_{job}"
    digits = f"{(job * 2654435761 + 12345) % 2**64:016x}"
    return "".join(chr(ord("g") + int(digit, 16)) for digit in digits)


_WORDS = ("train", "eval", "sweep", "prep", "bert", "llama", "resnet", "serve", "tune", "infer", "rl")


def node_name(node: int) -> str:
    """What the node is called."""
    return f"gpu-node-{node:04d}"


def attempts(history: History) -> Iterator[tuple[Attempt, Failure | None]]:
    """The history as the store takes it, in the order of the attempts' ends."""
    world = history.world
    end = history.start + history.hours / 24
    for row in np.argsort(end, kind="stable"):
        user, family, job = int(history.user[row]), int(history.family[row]), int(history.job[row])
        known = world.labelled
        attempt = Attempt(
            cluster=CLUSTER,
            job=job_name(world, job, user, family),
            pod_uid=f"a{row}",
            outcome=(Outcome.SUCCEEDED, Outcome.FAILED, Outcome.KILLED)[history.outcome[row]],
            project=f"team-{user % world.projects}" if known else None,
            owner=f"user-{user}" if known else None,
            node=node_name(int(history.node[row])),
            image=f"registry.example/image:{history.image[row]}" if known else None,
            gpu_count=float(1 << job % 4) if known else None,
            gpu_type="H100" if known else None,
            started_at=_time(history.start[row]),
            finished_at=_time(end[row]),
        )
        yield attempt, _failure(attempt) if attempt.outcome is Outcome.FAILED else None


def _failure(attempt: Attempt) -> Failure:
    return Failure(
        cluster=attempt.cluster,
        job=attempt.job,
        pod_uid=attempt.pod_uid,
        failure_type=("OOMKilled", "Error", "Error", "Evicted")[len(attempt.job) % 4],
        timestamp=attempt.ended_at,
        project=attempt.project,
        owner=attempt.owner,
        node=attempt.node,
        image=attempt.image,
        gpu_count=attempt.gpu_count,
        gpu_type=attempt.gpu_type,
    )


def _time(day: float) -> datetime:
    return START + timedelta(seconds=round(day * 86_400))


def evidence(history: History, since: float = 0.0, until: float | None = None) -> PeriodEvidence:
    """What the store would say of the period between these days."""
    world = history.world
    until = world.days if until is None else until
    end = history.start + history.hours / 24
    inside = (end >= since) & (end < until)
    first = milliseconds(START)
    job, family = _numbers(history, inside)
    ended = first + (end[inside] * 86_400).astype(np.int64) * 1000
    nodes, images, projects = history.node[inside], history.image[inside], history.user[inside] % world.projects
    zero = np.zeros(len(job), dtype=np.int32)
    labelled = world.labelled
    image = images.astype(np.int32) if labelled else zero
    project = projects.astype(np.int32) if labelled else zero
    owner = (history.user[inside] + 1 if labelled else zero).astype(np.uint32)
    runs = Runs(
        job, family, zero.astype(np.uint32), owner, nodes.astype(np.int32), image, project, zero,
        history.outcome[inside], ended, (history.hours[inside] * 3600).astype(np.float32),
    )  # fmt: skip
    bad = history.outcome[inside] == 1
    none = zero[bad]
    events = Events(
        job[bad], family[bad], none.astype(np.uint32), owner[bad], runs.place[bad], image[bad], project[bad],
        none, none, np.ones(int(bad.sum()), dtype=np.uint8), ended[bad],
    )  # fmt: skip
    names = Names(
        tuple(Placement(CLUSTER, (node_name(node),)) for node in range(world.nodes)),
        tuple(f"registry.example/image:{i}" for i in range(world.images)) if labelled else (None,),
        tuple(f"team-{i}" for i in range(world.projects)) if labelled else (None,),
        (Gpus(1.0, "H100"),),
        ("Error",),
        (None,),
    )
    period = Period(START + timedelta(days=since), START + timedelta(days=until))
    return PeriodEvidence(period, runs, events, names)


def _numbers(history: History, inside: NDArray[np.bool_]) -> tuple[NDArray[np.uint64], NDArray[np.uint32]]:
    """The jobs' and families' numbers, from their names."""
    world = history.world
    distinct, first, place = np.unique(history.job[inside], return_index=True, return_inverse=True)
    users, families = history.user[inside][first], history.family[inside][first]
    jobs, kin = [], []
    for job, user, family in zip(distinct.tolist(), users.tolist(), families.tolist(), strict=True):
        name = job_name(world, job, user, family)
        project, owner = (f"team-{user % world.projects}", f"user-{user}") if world.labelled else (None, None)
        jobs.append(job_number(CLUSTER, project, name))
        kin.append(family_number(CLUSTER, project, owner, name))
    return np.array(jobs, np.uint64)[place], np.array(kin, np.uint32)[place]
