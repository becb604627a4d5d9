"""An instruction as what somebody did: "Increase memory by 2x" becomes "increasing memory by 2x"."""

from __future__ import annotations

_DOUBLED = frozenset(
    {"cut", "drop", "get", "pin", "put", "rerun", "run", "set", "shut", "skip", "split", "stop", "trim"}
)
_VERBS = frozenset(
    {
        "add", "adjust", "allow", "ask", "build", "change", "check", "clean", "clear", "configure", "cordon", "create",
        "decrease", "delete", "disable", "downgrade", "drain", "enable", "find", "fix", "free", "give", "go", "halve",
        "increase", "install", "keep", "limit", "load", "lower", "make", "mount", "move", "offload", "optimise",
        "optimize", "patch", "pull", "push", "raise", "rebuild", "reduce", "reinstall", "remove", "renew", "replace",
        "request", "resize", "restart", "resubmit", "retry", "revert", "save", "scale", "schedule", "select", "shard",
        "shrink", "start", "switch", "train", "turn", "update", "upgrade", "use", "wait", "write",
    }
    | _DOUBLED
)  # fmt: skip
"""Verbs that fixes begin with. Anything else may be a noun, so it is quoted instead."""


def doing(instruction: str) -> str:
    """What somebody did who followed it, to be read after "by"; in quotes where it begins with no known verb."""
    text = instruction.strip().rstrip(".")
    verb, space, rest = text.partition(" ")
    low = verb.lower()
    if low not in _VERBS:
        return f"“{text}”"
    return f"{_gerund(low)}{space}{rest}"


def _gerund(verb: str) -> str:
    if verb in _DOUBLED:
        return f"{verb}{verb[-1]}ing"
    if verb.endswith("e") and not verb.endswith(("ee", "oe", "ye")):
        return f"{verb[:-1]}ing"
    return f"{verb}ing"
