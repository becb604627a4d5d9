"""Which jobs are the same one submitted again under another name: people and pipelines append a counter, a date or a
random tail. The family is the name without them."""

from __future__ import annotations

import re

_TAIL = re.compile(
    r"[-_.](?:"
    r"(?:v|try|retry|attempt|run|rerun|again|fix)?[-_.]?\d{1,14}"  # a counter or a moment
    r"|\d{4}[-_.]?\d{2}[-_.]?\d{2}(?:[-_.t]?\d{2}[-_.]?\d{2}(?:[-_.]?\d{2})?)?z?"  # a date
    r"|(?=[a-z]*\d)[bcdfghjklmnpqrstvwxz2456789]{5,10}"  # at random, in the letters that Kubernetes takes
    r"|(?=[0-9a-f]*\d)[0-9a-f]{12,40}"  # a digest
    r"|retry|rerun|again|fixed|new"
    r")$",
    re.IGNORECASE,
)
_MOST_TAILS = 4


def family(job: str) -> str:
    """The name that a job shares with those that differ from it by a counter or a time; at least one word is left."""
    for _ in range(_MOST_TAILS):
        shorter = _TAIL.sub("", job)
        if shorter == job or not shorter:
            break
        job = shorter
    return job
