"""An observed fix as the change it is, without the values of the job it was seen in: "×2", "a newer tag of the same
repository". What one team's images, variables and buckets are called is no other team's business, and a fix that others
may try is the transformation, not the value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from bot.domain.knowledge.context import image_parts
from bot.domain.knowledge.solution import Record, Solution, SolutionKind, SolutionOutcome, joined
from bot.domain.knowledge.spec_change import AMOUNTS, NODE, RETRY, Parameters
from bot.domain.scope import Scope

_NUMBER = re.compile(r"\d+")
_QUANTITY = re.compile(r"(\d+(?:\.\d+)?)([A-Za-z]{0,2})")
"""A quantity of Kubernetes: "8Gi"."""


class _Thing(NamedTuple):
    """How a kind of change is told: what it is called, and each way of changing it."""

    name: str
    added: str
    removed: str
    changed: str


def _thing(name: str, *, added: str = "Set") -> _Thing:
    return _Thing(name, f"{added} {name}", f"Remove {name}", f"Change {name}")


_THINGS: Mapping[str, _Thing] = {
    "memory": _thing("the memory limit"),
    "cpu": _thing("the CPU request"),
    "gpu_count": _thing("the number of GPUs"),
    "gpu_type": _Thing("the GPU type", "Ask for a GPU type", "Ask for no GPU type", "Use another GPU type"),
    "shm": _thing("the size of /dev/shm"),
    "image": _Thing("the image", "Name an image", "Name no image", "Use another image"),
    "command": _thing("the command"),
    "env": _thing("an environment variable"),
    "selector": _thing("a node selector"),
    "pull_secret": _thing("an image pull secret", added="Add"),
    "volume": _thing("a volume", added="Add"),
    "toleration": _thing("a toleration", added="Add"),
    "option": _thing("an option of the command"),
    NODE: _Thing("the node", "Retry on another node", "Retry on another node", "Retry on another node"),
}


def told_to(solution: Solution, project: str | None) -> Solution:
    """A solution in the words that it has in an answer about this project (None: about no project): its own where it
    was seen there or is an amount, which is nobody's; rules and people's solutions are meant for others."""
    if solution.kind is not SolutionKind.OBSERVED or solution.parameters.get("change") in AMOUNTS:
        return solution
    if None in solution.origins or (project is not None and project in solution.origins):
        return solution
    return generalised(solution) or solution


def pooled(
    known: Sequence[tuple[Solution, Record]], outcomes: Iterable[SolutionOutcome]
) -> tuple[tuple[tuple[Solution, Record], ...], tuple[SolutionOutcome, ...]]:
    """With those that say the same as one: the first of them, with the verdicts on all."""
    first: dict[tuple[str | None, ...], Solution] = {}
    stands_for: dict[int | None, int | None] = {}
    records: dict[int | None, list[Record]] = {}
    for solution, record in known:
        same = (solution.failure_type, solution.signature, solution.condition, _what(solution))
        stands = first.setdefault(same, solution)
        if stands.description != solution.description:
            first[same] = stands = generalised(stands) or stands
        stands_for[solution.id] = stands.id
        records.setdefault(stands.id, []).append(record)
    both = tuple((solution, joined(records[solution.id])) for solution in first.values())
    moved = (replace(each, solution_id=stands_for.get(each.solution_id) or each.solution_id) for each in outcomes)
    return both, tuple(moved)


def in_terms_of(solution: Solution, memory: str | None) -> Solution:
    """An observed change of memory in the terms of a job that asks for so much: "×2 (8Gi → 16Gi)"."""
    multiplier = solution.parameters.get("multiplier")
    said = _QUANTITY.fullmatch(memory or "")
    if (
        solution.kind is not SolutionKind.OBSERVED
        or solution.parameters.get("change") != "memory"
        or not isinstance(multiplier, int | float)
        or said is None
        or solution.parameters.get("from") == memory
    ):
        return solution
    words = _words({**_bare(solution.parameters), "from": "", "to": ""})
    after = f"{float(said[1]) * multiplier:.4g}{said[2]}"
    return replace(solution, description=f"{words} ({memory} → {after})")


def _what(solution: Solution) -> str:
    """What two solutions share that say the same: their words, or the amount by which they change a thing."""
    multiplier = solution.parameters.get("multiplier")
    change = solution.parameters.get("change")
    if solution.kind is SolutionKind.OBSERVED and change in AMOUNTS and isinstance(multiplier, int | float):
        return f"{change} ×{multiplier:.2g}"
    return solution.description


def as_seen(solution: Solution, scope: Scope, *, has_outcome: bool) -> Solution | None:
    """A solution as this scope sees it: with its own words, as a transformation, or not at all. `has_outcome` says
    whether the scope sees an outcome of it."""
    if solution.kind is SolutionKind.RULE or scope.allowed is None:
        return solution
    seen = frozenset(each for each in solution.origins if each is None or scope.may_see(each))
    if seen:
        return replace(solution, origins=seen)
    return generalised(solution) if has_outcome else None


def has_own_words(solution: Solution, scope: Scope) -> bool:
    """Whether a solution, as this scope sees it, has the words that are stored: only then it may be changed."""
    return scope.allowed is None or solution.kind is SolutionKind.RULE or bool(solution.origins)


def generalised(solution: Solution) -> Solution | None:
    """The solution as a transformation; None for one that cannot be told without its values."""
    if solution.kind is not SolutionKind.OBSERVED:
        return None
    words = _words(solution.parameters)
    if words is None:
        return None
    return replace(
        solution, description=words, condition=None, parameters=_bare(solution.parameters), origins=frozenset()
    )


def _words(parameters: Parameters) -> str | None:
    if parameters.get(RETRY):
        return "Retry as it is"
    if "changes" in parameters:
        return _several(str(parameters["changes"]).split(", "))
    kind = str(parameters.get("change", "")).partition(":")[0]
    return _one(kind, _THINGS[kind], parameters) if kind in _THINGS else None


def _several(kinds: Sequence[str]) -> str | None:
    known = (_THINGS.get(kind.partition(":")[0]) for kind in kinds)
    names = list(dict.fromkeys(thing.name for thing in known if thing is not None))
    if not names:
        return None
    *others, last = names
    together = f"{', '.join(others)} and {last}" if others else last
    return f"Change several things at once: {together}"


def _one(kind: str, thing: _Thing, parameters: Parameters) -> str:
    before, after = _text(parameters.get("from")), _text(parameters.get("to"))
    if before is None or after is None:
        return thing.added if before is None else thing.removed
    if kind == "image":
        return _image(before, after)
    multiplier = parameters.get("multiplier")
    if kind in AMOUNTS and isinstance(multiplier, int | float) and multiplier != 1:
        return f"{'Increase' if multiplier > 1 else 'Reduce'} {thing.name} ×{multiplier:.2g}"
    return thing.changed


def _image(before: str, after: str) -> str:
    if image_parts(before)[1] != image_parts(after)[1]:
        return "Use an image of another repository"
    age = {True: "a newer", False: "an older", None: "another"}[_is_newer(before, after)]
    return f"Use {age} tag of the same repository"


def _is_newer(before: str, after: str) -> bool | None:
    """Whether a tag comes after another one, where both differ by their numbers alone; None where that is not known."""
    tags = [image.partition("@")[0].rpartition("/")[2].partition(":")[2] for image in (before, after)]
    if _NUMBER.sub("#", tags[0]) != _NUMBER.sub("#", tags[1]) or tags[0] == tags[1]:
        return None
    one, other = ([int(number) for number in _NUMBER.findall(tag)] for tag in tags)
    return None if one == other else other > one


def _bare(parameters: Parameters) -> Parameters:
    """The parameters without names and values."""
    said = {key: parameters[key] for key in (RETRY, "multiplier") if key in parameters}
    if "change" in parameters:
        said["change"] = str(parameters["change"]).partition(":")[0]
    return said


def _text(value: object) -> str | None:
    return None if value is None else str(value)
