"""What differs between two pods' specs, one value for each fact, in words that say what somebody did about it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from bot.domain.knowledge.spec import Pairs, WorkloadSpec
from bot.domain.text.characters import one_line
from bot.domain.workload.quantity import ratio

Parameters = Mapping[str, str | int | float | bool]
_LONGEST_SHOWN = 80
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
NODE = "node"
RETRY = "retry"


@dataclass(frozen=True, slots=True)
class SpecChange:
    """One difference. `kind` names the fact: `memory`, `image`, `env:NCCL_DEBUG`, `option:batch-size` ..."""

    kind: str
    before: str | None
    after: str | None

    @property
    def multiplier(self) -> float | None:
        """How many times the former amount the new one is; None for what is no amount."""
        if self.kind.startswith("option:"):
            amounts = all(_NUMBER.fullmatch(each or "") for each in (self.before, self.after))
            return ratio(self.before, self.after) if amounts else None
        return ratio(self.before, self.after) if self.kind in AMOUNTS else None

    @property
    def parameters(self) -> Parameters:
        """The change as a solution's parameters: generalised by its multiplier where it is an amount."""
        said: dict[str, str | int | float | bool] = {"change": self.kind}
        if self.multiplier is not None:
            said["multiplier"] = self.multiplier
        said |= {key: value for key, value in (("from", self.before), ("to", self.after)) if value is not None}
        return said

    @property
    def words(self) -> str:
        """As an instruction: "Increase memory limit from 8Gi to 16Gi"."""
        return one_line(_words(self), 240)

    @property
    def short(self) -> str:
        """As a difference: "memory limit 8Gi → 16Gi"."""
        if self.before is None:
            return f"{_thing(self.kind, self.after)} added"
        if self.after is None:
            return f"{_thing(self.kind, self.before)} gone"
        return f"{_name(self.kind)} {_shown(self.before)} → {_shown(self.after)}"


def changes(before: WorkloadSpec, after: WorkloadSpec) -> tuple[SpecChange, ...]:
    """What differs, the telling facts first. Another node alone is a change; beside others it is an accident."""
    found = [
        *(
            SpecChange(kind, one, other)
            for kind, read in _FACTS.items()
            if (one := read(before)) != (other := read(after))
            and not (kind in _ONLY_IF_KNOWN and (one is None or other is None))
        ),
        *_pairs("env", before.env, after.env),
        *_pairs("selector", before.node_selector, after.node_selector),
        *_lists("pull_secret", before.pull_secrets, after.pull_secrets),
        *_lists("volume", before.volumes, after.volumes),
        *_lists("toleration", before.tolerations, after.tolerations),
        *_command(before.command, after.command),
    ]
    if not found and before.node and after.node and before.node != after.node:
        return (SpecChange(NODE, before.node, after.node),)
    return tuple(found)


def words_of(made: tuple[SpecChange, ...]) -> str:
    """A set of changes as one instruction; none of them is a plain retry."""
    if not made:
        return "Retry as it is"
    first, *rest = (each.words for each in made)
    return one_line(" and ".join([first, *(each[:1].lower() + each[1:] for each in rest)]), 300)


def parameters_of(made: tuple[SpecChange, ...]) -> Parameters:
    """The parameters of a set of changes. A set names its members, and is no proof of one of them."""
    if not made:
        return {RETRY: True}
    if len(made) == 1:
        return made[0].parameters
    return {"changes": ", ".join(sorted(each.kind for each in made))[:300]}


def fits(parameters: Mapping[str, object], description: str, made: tuple[SpecChange, ...]) -> bool:
    """Whether a solution with these parameters is what was changed. Amounts agree within a quarter."""
    if not made:
        return bool(parameters.get(RETRY)) or bool(parameters.get("avoid_node"))
    if len(made) > 1:
        return parameters.get("changes") == parameters_of(made)["changes"]
    (change,) = made
    if "change" in parameters:
        same = parameters["change"] == change.kind
        return same and (_near(parameters, change) if change.multiplier else parameters.get("to") == change.after)
    kind, _, detail = change.kind.partition(":")
    told = _RULES.get(kind)
    return told is not None and told(parameters, description.lower(), change, detail)


def _near(parameters: Mapping[str, object], change: SpecChange) -> bool:
    wanted = parameters.get("multiplier")
    if not isinstance(wanted, int | float) or not wanted or change.multiplier is None:
        return False
    return 0.75 <= change.multiplier / wanted <= 1.25


def _field(name: str) -> Callable[[Mapping[str, object], str, SpecChange, str], bool]:
    return lambda parameters, _words, _change, _detail: parameters.get("field") == name


def _memory(parameters: Mapping[str, object], description: str, change: SpecChange, _detail: str) -> bool:
    if parameters.get("field") == "memory_request":
        return True
    return "memory" in description and "field" not in parameters and _near(parameters, change)


_RULES: Mapping[str, Callable[[Mapping[str, object], str, SpecChange, str], bool]] = {
    "memory": _memory,
    "cpu": lambda said, words, change, _: "cpu" in words and "field" not in said and _near(said, change),
    "gpu_count": _field("gpu_count"),
    "gpu_type": lambda said, *_: said.get("node_selector") == "nvidia.com/gpu.product",
    "shm": lambda said, *_: said.get("medium") == "Memory",
    "pull_secret": lambda said, _words, change, _: said.get("field") == "imagePullSecrets" and change.before is None,
    "toleration": lambda said, _words, change, _: said.get("field") == "tolerations" and change.before is None,
    "env": lambda said, _words, _change, name: said.get("env") == name,
    "selector": lambda said, _words, _change, name: said.get("node_selector") == name,
    NODE: lambda said, *_: bool(said.get("avoid_node")) or bool(said.get(RETRY)),
    "option": lambda said, _words, change, name: (
        str(said.get("field", "")).replace("_", "-") in name and "field" in said and _near(said, change)
    ),
}
"""How the catalogue's rules say what they change."""


def _gpus(spec: WorkloadSpec) -> str | None:
    return None if spec.gpu_count is None else f"{spec.gpu_count:g}"


_FACTS: Mapping[str, Callable[[WorkloadSpec], str | None]] = {
    "memory": lambda spec: spec.memory,
    "cpu": lambda spec: spec.cpu,
    "gpu_count": _gpus,
    "gpu_type": lambda spec: spec.gpu_type,
    "shm": lambda spec: spec.shm,
    "image": lambda spec: spec.image,
}
_ONLY_IF_KNOWN = frozenset({"gpu_type"})  # a pod without a node has none yet
AMOUNTS = frozenset({"memory", "cpu", "gpu_count", "shm"})
_NAMES = {
    "memory": "memory limit",
    "cpu": "CPU request",
    "gpu_count": "number of GPUs",
    "gpu_type": "GPU type",
    "shm": "size of /dev/shm",
    "image": "image",
    "command": "command",
    NODE: "node",
}
_THINGS = {
    "env": "environment variable",
    "selector": "node selector",
    "pull_secret": "image pull secret",
    "volume": "volume",
    "toleration": "toleration",
    "option": "option",
}


def _name(kind: str) -> str:
    kind, _, detail = kind.partition(":")
    return f"{_THINGS[kind]} {detail}".strip() if kind in _THINGS else _NAMES.get(kind, kind)


def _thing(kind: str, value: str | None) -> str:
    """A thing that came or went: "option lr=0.1", "image pull secret ecr", "environment variable HF_HOME"."""
    link = "=" if ":" in kind else " "
    return f"{_name(kind)}{link}{_shown(value)}" if value else _name(kind)


def _shown(value: str | None) -> str:
    return one_line(value or "", _LONGEST_SHOWN)


def _words(change: SpecChange) -> str:
    name = _name(change.kind)
    if change.kind == NODE:
        return "Retry on another node"
    if change.kind == "command":
        return "Change the command"
    if change.before is None:
        return f"Add {_thing(change.kind, change.after)}"
    if change.after is None:
        return f"Remove {_thing(change.kind, change.before)}"
    times = change.multiplier
    verb = "Change" if times is None or times == 1 else "Increase" if times > 1 else "Reduce"
    return f"{verb} {name} from {_shown(change.before)} to {_shown(change.after)}"


def _pairs(kind: str, before: Pairs, after: Pairs) -> Iterator[SpecChange]:
    """A name that came or went has no value where that may not be kept: then the name says it all."""
    one, other = dict(before), dict(after)
    for name in sorted({*one, *other}):
        if name not in other:
            yield SpecChange(f"{kind}:{name}", one[name] or "", None)
        elif name not in one:
            yield SpecChange(f"{kind}:{name}", None, other[name] or "")
        elif one[name] != other[name]:
            yield SpecChange(f"{kind}:{name}", one[name] or "", other[name] or "")


def _lists(kind: str, before: tuple[str, ...], after: tuple[str, ...]) -> Iterator[SpecChange]:
    for entry in sorted({*before, *after}):
        if (entry in before) != (entry in after):
            yield SpecChange(kind, entry if entry in before else None, entry if entry in after else None)


def _command(before: tuple[str, ...], after: tuple[str, ...]) -> Iterator[SpecChange]:
    """Options by name, where nothing else of the command differs; else the command as a whole."""
    if before == after:
        return
    (plain, options), (new_plain, new_options) = _options(before), _options(after)
    if plain != new_plain or options == new_options:
        yield SpecChange("command", " ".join(before), " ".join(after))
        return
    yield from _pairs("option", tuple(options.items()), tuple(new_options.items()))


def _options(command: tuple[str, ...]) -> tuple[list[str], dict[str, str | None]]:
    """A command's words and its options: `--name value`, `--name=value`, `--name`."""
    words, options = [], dict[str, str | None]()
    last = None
    for word in (part for text in command for part in text.split()):
        if word.startswith("--") and len(word) > 2:
            name, equals, value = word[2:].partition("=")
            last = None if equals else name.replace("_", "-")
            options[name.replace("_", "-")] = value if equals else None
        elif last is not None and not word.startswith("-"):
            options[last], last = word, None
        else:
            words.append(word)
            last = None
    return words, options
