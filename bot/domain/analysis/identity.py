"""Names as numbers: what lets a million jobs be counted without their names. Every number is a hash of the name that is
the same in every process; 0 is never given and stands for unknown."""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import blake2b

_COUNTERS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}|[0-9]+")
"""A UUID, or any run of digits."""
_SEPARATOR = "\x1f"


def job_number(cluster: str, project: str | None, job: str) -> int:
    """One job, in 64 bits. Among ten million jobs two share a number with a chance of 3 in a million (n²/2⁶⁵)."""
    return _number(_SEPARATOR.join((cluster, _maybe(project), job)), 8)


@lru_cache(maxsize=4096)
def family_number(cluster: str, project: str | None, owner: str | None, job: str) -> int:
    """One job family, in 32 bits: the jobs of one project and owner whose names differ only in their counters.

    `sweep-17` and `sweep-18` tend to fail together, for a reason of their own.
    """
    stem = _COUNTERS.sub("#", job.lower())
    return _number(_SEPARATOR.join((cluster, _maybe(project), _maybe(owner), stem)), 4)


@lru_cache(maxsize=4096)
def small_number(name: str | None) -> int:
    """Any other name (an owner, a submission) in 32 bits; 0 for None."""
    return 0 if name is None else _number(name, 4)


def _maybe(name: str | None) -> str:
    return "" if name is None else "=" + name


def _number(text: str, size: int) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=size).digest(), "little") or 1
