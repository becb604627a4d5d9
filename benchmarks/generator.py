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
    even: bool = False
    """Whether all users send alike many jobs; else a few send most."""
    families: int = 8
    """Of each user."""
    home: int = 0
    """Nodes that each family always runs on, the next families on the next ones; 0 is any node."""
    zone: tuple[int, float] = (0, 1.0)
    """The last so many nodes are one user's, who runs nowhere else and whose risk is so many times the others'."""
    sizes: tuple[float, ...] = (1.0,)
    """Jobs that nodes get, node after node in turn, as multiples."""
    added: dict[int, float] = field(default_factory=dict)
    removed: dict[int, float] = field(default_factory=dict)
    """Node to the day from which on, or up to which, it gets jobs."""
    generations: tuple[float, ...] = (1.0,)
    """The risk of all jobs on each generation of GPUs, as a multiple; nodes are of them in turn."""
    tags_in_turn: bool = False
    """Whether each family has two images of its own, one on even days and one on odd days."""
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
    size, number = world.jobs, world.families
    user = rng.integers(0, world.users, size) if world.even else np.minimum(_busy(rng, world), world.users - 1)
    family = user * number + rng.integers(0, number, size)
    agree = world.families_agree
    by_family = rng.beta(world.risk * agree, (1 - world.risk) * agree, world.users * number + size)
    start = _starts(world, rng, size)
    burst = 30
    homes = rng.integers(0, world.nodes, (size, world.burst_nodes))
    home = np.full(size, -1)
    for one in range(int(size * world.burst / burst)):
        these = slice(one * burst, (one + 1) * burst)
        user[these], family[these] = user[one * burst], world.users * number + one
        by_family[world.users * number + one] = 0.95 if rng.random() < 0.3 else world.risk / 2
        start[these] = start[one * burst] + rng.random(burst) / 24
        home[these] = homes[one, rng.integers(0, world.burst_nodes, burst)]
    risk = np.where(rng.random(size) < world.broken, 1.0, by_family[family])
    image = (family * 7 + rng.integers(0, 2, size)) % world.images
    if world.tags_in_turn:
        image = 2 * family + start.astype(int) % 2
    pool = user % len(world.pools)
    risk = risk * np.array(world.pools)[pool] * np.where(user == world.users - 1, world.zone[1], 1.0)
    return {
        "user": user, "family": family, "risk": np.minimum(1, risk), "start": start, "image": image, "home": home,
        "pool": pool,
    }  # fmt: skip


def _busy(rng: np.random.Generator, world: World) -> Ints:
    return np.asarray((rng.pareto(1.2, world.jobs) * world.users / 8).astype(int))


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
    node = _nodes(world, rng, {name: column[todo] for name, column in jobs.items()}, at)
    for hole, (since, until) in world.black_holes.items():
        pulled = (at >= since) & (at < until) & (rng.random(size) < 10 / world.nodes)
        node = np.where(pulled, hole, node)
    risk = jobs["risk"][todo] * (1 + world.weekly_drift * at / world.days)
    risk = risk * np.array(world.generations)[node % len(world.generations)]
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


def _nodes(world: World, rng: np.random.Generator, jobs: Columns, at: NDArray[np.float64]) -> Ints:
    """Where each attempt goes."""
    size = len(at)
    free = world.nodes - world.zone[0]
    width = free // len(world.pools)
    weight = np.resize(np.array(world.sizes), width)

    def drawn(number: int) -> Ints:
        return np.asarray(rng.choice(width, number, p=weight / weight.sum()))

    node = jobs["pool"] * width + drawn(size)
    if world.home:
        node = (jobs["family"] * world.home + rng.integers(0, world.home, size)) % free
    if world.zone[0]:
        node = np.where(jobs["user"] == world.users - 1, free + rng.integers(0, world.zone[0], size), node)
    node = np.where((jobs["home"] >= 0) & (rng.random(size) < 0.9), jobs["home"], node)
    for day, late in ((world.added, False), (world.removed, True)):
        for one, when in day.items():
            away = np.flatnonzero((node == one) & ((at >= when) if late else (at < when)))
            others = np.setdiff1d(np.arange(free), [*world.added, *world.removed])
            node[away] = rng.choice(others, len(away))
    return node


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
        "family": np.full(size, user * world.families),
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


def image_name(world: World, image: int) -> str:
    """What the image is called."""
    if world.tags_in_turn:
        return f"registry.example/team-{image // 2}:{image % 2 + 1}.0"
    return f"registry.example/image:{image}"


def _images(world: World) -> int:
    return 2 * world.users * world.families if world.tags_in_turn else world.images


_GENERATIONS = ("H100", "A100", "V100", "T4")


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
            image=image_name(world, int(history.image[row])) if known else None,
            gpu_count=float(1 << job % 4) if known else None,
            gpu_type=_GENERATIONS[int(history.node[row]) % len(world.generations)] if known else None,
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
    gpus = (nodes % len(world.generations)).astype(np.int32) if labelled else zero
    runs = Runs(
        job, family, zero.astype(np.uint32), owner, nodes.astype(np.int32), image, project, gpus,
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
        tuple(image_name(world, i) for i in range(_images(world))) if labelled else (None,),
        tuple(f"team-{i}" for i in range(world.projects)) if labelled else (None,),
        tuple(Gpus(1.0, _GENERATIONS[i]) for i in range(len(world.generations))) if labelled else (Gpus(),),
        ("Error",),
        (None,),
    )
    period = Period(START + timedelta(days=since), START + timedelta(days=until))
    return PeriodEvidence(period, runs, events, names)


def _numbers(history: History, inside: NDArray[np.bool_]) -> tuple[NDArray[np.uint64], NDArray[np.uint32]]:
    """Numbers of the jobs and families, alike where those of their names are alike (see `job_name`)."""
    world, job, family = history.world, history.job[inside], history.family[inside]
    alike = {"families": family, "counter": history.user[inside] * world.labelled, "hash": job}
    return _mixed(job), (_mixed(alike[world.named]) >> np.uint64(32)).astype(np.uint32)


def _mixed(numbers: Ints) -> NDArray[np.uint64]:
    """These numbers with their bits mixed: SplitMix64 (G. L. Steele et al., "Fast splittable pseudorandom number
    generators", OOPSLA 2014)."""
    mixed = (numbers.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)))
