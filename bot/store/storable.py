"""What a database can take. Names from clusters and imports are hostile: here they lose what PostgreSQL refuses (NUL,
lone surrogates) and secrets, names too long for an index are cut, numbers are kept in range. What differs stays
different: a cut name ends in a digest of the whole."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from hashlib import sha256
from operator import attrgetter
from typing import Any, TypeVar

from bot.domain.text.masking import mask
from bot.domain.workload.attempt import Attempt
from bot.domain.workload.failure import Failure

T = TypeVar("T", Attempt, Failure)

_LIMITS: Mapping[str, int] = {
    "cluster": 100,
    "pod_uid": 200,
    "container": 200,
    "failure_type": 100,
    "project": 200,
    "job": 300,
    "job_uid": 200,
    "gang": 300,
    "kind": 100,
    "owner": 300,
    "pod_name": 300,
    "node": 300,
    "image": 500,
    "gpu_type": 100,
    "memory_request": 100,
    "cpu_request": 100,
    "phase": 100,
    "reason": 200,
    "signature": 200,
    "earlier_signature": 200,
}
"""Most characters of each name. An index row of PostgreSQL holds 2704 bytes, a character is up to 4: the longest key
(cluster, pod_uid, container, failure_type) has 600 characters. Kubernetes' own names have at most 253."""
_UNBOUNDED = ("error_message", "logs_snippet", "events_snippet")
_NAMES = {
    Attempt: tuple(name for name in _LIMITS if name in Attempt.__slots__),
    Failure: tuple(name for name in _LIMITS if name in Failure.__slots__),
}
_GET_NAMES = {kind: attrgetter(*names) for kind, names in _NAMES.items()}
_SHORT = min(_LIMITS.values())
_DIGEST = 16
_DIGESTS = re.compile(r"(?:line-[\dT:-]{13}-)?[0-9a-f-]{32,36}|.{0,7}", re.DOTALL)
"""Identities of pods and of lines, which are no secrets and never the same, and what is too short for one."""
_INT32 = 2**31 - 1


def storable(value: T) -> T:
    """The value as it is stored; the very same object where nothing is wrong with it, which is nearly always."""
    cleaned = {**_names(value), **_texts(value), **_numbers(value)}
    return replace(value, **cleaned) if cleaned else value


def bounded(field: str, name: str) -> str:
    """One name as it is stored in this field; a question about the name has to be asked with the same."""
    name = clean(name)
    if _has_secret(name):
        name = str(mask(name))  # of exactly this type: msgspec takes no other
    limit = _LIMITS.get(field, len(name))
    if len(name) <= limit:
        return name
    return f"{name[: limit - _DIGEST - 1]}~{sha256(name.encode()).hexdigest()[:_DIGEST]}"


def clean(name: str) -> str:
    """Text without what no UTF-8 database takes: NUL and lone surrogates become the replacement character."""
    if name.isascii() and "\0" not in name:
        return name
    return name.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


@lru_cache(65_536)
def _has_secret(name: str) -> bool:
    """Whether there is something to mask. What only deceives stays in a name: it tells names apart."""
    return not _DIGESTS.fullmatch(name) and (masked := mask(name)) != name and "[masked " in masked


def _names(value: Attempt | Failure) -> dict[str, Any]:
    """The names that are stored otherwise than they came. Most values are short and ASCII, which is told at once."""
    names = _GET_NAMES[type(value)](value)
    known = [name for name in names if name]
    whole = "".join(known)
    plain = not value.nodes and whole.isascii() and "\0" not in whole and max(map(len, known)) <= _SHORT
    if plain and not any(map(_has_secret, known)):
        return {}
    stored: dict[str, Any] = {
        field: bounded(field, name) for field, name in zip(_NAMES[type(value)], names, strict=True) if name
    }
    stored["nodes"] = tuple(bounded("node", node) for node in value.nodes)
    return {field: name for field, name in stored.items() if name != getattr(value, field)}


def _texts(value: Attempt | Failure) -> dict[str, str]:
    """The texts of a failure as they are stored: cleaned and masked, which costs nothing where that is done already."""
    if isinstance(value, Attempt):
        return {}
    texts = ((field, getattr(value, field)) for field in _UNBOUNDED)
    return {field: masked for field, text in texts if text and (masked := mask(clean(text))) != text}


def _numbers(value: Attempt | Failure) -> dict[str, Any]:
    """The numbers that are out of a database's range, as they are stored."""
    gpus = value.gpu_count
    cleaned: dict[str, Any] = {}
    if gpus is not None and not math.isfinite(gpus):
        cleaned["gpu_count"] = None
    for field in ("restart", "exit_code", "occurrences"):
        number = getattr(value, field, None)
        if number is not None and not -_INT32 <= number <= _INT32:
            cleaned[field] = max(-_INT32, min(number, _INT32))
    return cleaned
