"""Which of the exceptions in a log ended the program. One process ends of one exception: the last that nobody caught.
Python writes a chain from its first to its last; the first is the reason. Of several processes, the earliest counts."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.domain.diagnosis.reading import ReadEvidence
from bot.domain.diagnosis.script import ClausePlace
from bot.domain.diagnosis.speakers import said

_CHAINED = re.compile(
    r"During handling of the above exception|The above exception was the direct cause|[Cc]aused by(?::| the following)"
)
_MANY_PROCESSES = re.compile(
    r"local_rank|\[rank\d|torchrun|torch\.distributed|world.size|mpirun|\bpid=\d", re.IGNORECASE
)
_TAIL = 20_000


def deciding(places: Sequence[ClausePlace], facts: ReadEvidence, spoken: set[int]) -> ClausePlace | None:
    """The exception that counts, of those that no other signature explains (`spoken` are the lines of others); None
    where all are explained."""
    own = sorted(
        {place.position: place for place in places if place.position not in spoken}.values(),
        key=lambda place: (place.standing, place.weak, place.position),
    )
    if not own:
        return None
    equal = [place for place in own if (place.standing, place.weak) == (own[0].standing, own[0].weak)]
    if len({said(place.line).speaker for place in equal}) > 1 or _many_processes(facts):
        return equal[0]
    last = equal[-1]
    for before in reversed(equal[:-1]):
        if not _CHAINED.search(_between(facts, before.position, last.position)):
            break
        last = before
    return last


def _between(facts: ReadEvidence, begin: int, end: int) -> str:
    passage = next((each for each in reversed(facts.passages) if each.offset <= begin), None)
    return "" if passage is None else passage.text[begin - passage.offset : end - passage.offset]


def _many_processes(facts: ReadEvidence) -> bool:
    return any(_MANY_PROCESSES.search(passage.text[-_TAIL:]) for passage in facts.passages)
