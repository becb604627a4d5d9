"""The shape of an unknown failure: its last error line with everything that changes from run to run masked. Failures of
one shape are one group, which a person can name."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from bot.domain.diagnosis.log_lines import last_lines, shown
from bot.domain.diagnosis.reading import ReadEvidence
from bot.domain.diagnosis.zones import Zone, zone_at
from bot.domain.workload.failure import Failure

_TAIL = 200
"""Last lines among which the error line is looked for."""
_SAID = frozenset({Zone.SPEECH, Zone.METRIC})
_ERROR_WORDS = re.compile(
    r"error|exception|fail|fatal|critical|panic|abort|killed|denied|cannot|can't|could not|unable|not found|invalid",
    re.IGNORECASE,
)
_MASKS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?"), "<time>"),
    (re.compile(r"\b\d\d:\d\d:\d\d(?:[.,]\d{1,9})?\b"), "<time>"),
    (re.compile(r"\b[a-z]{2,10}://[^\s'\"<>]{1,300}", re.IGNORECASE), "<url>"),
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", re.IGNORECASE), "<id>"),
    (re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?\b"), "<address>"),
    (re.compile(r"\b0x[0-9a-f]{1,32}\b", re.IGNORECASE), "<id>"),
    (re.compile(r"(?<![\w<])(?:[A-Za-z]:)?(?:[\w.@+~-]{1,100}){0,1}(?:/[\w.@+~-]{1,100}){2,30}/?"), "<path>"),
    (re.compile(r"\b(?=[0-9a-f]{0,11}\d)[0-9a-f]{12,64}\b", re.IGNORECASE), "<id>"),
    (re.compile(r"\d{1,40}(?:\.\d{1,40})?(?:e[+-]?\d{1,3})?", re.IGNORECASE), "<n>"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknowns:
    """Failures without a signature whose error lines have one shape."""

    template: str
    failures: tuple[Failure, ...]

    @property
    def jobs(self) -> int:
        """How many different jobs they are of."""
        return len({(failure.cluster, failure.project, failure.job) for failure in self.failures})


def template_of(line: str) -> str:
    """The line with times, addresses, paths, ids and numbers masked; the same for the same error of another run."""
    template = shown(line)
    for pattern, name in _MASKS:
        template = pattern.sub(name, template)
    return template


def last_error_line(facts: ReadEvidence) -> str:
    """The last line that looks like an error, else the last line that says anything; empty without any text."""
    return next(iter(worth_reading(facts)), "")


def worth_reading(facts: ReadEvidence, most: int = 3) -> tuple[str, ...]:
    """The lines that say most about an unknown end, the best first: the last that look like an error, the first of them
    in sight, and the last line at all. Lines of one shape count once."""
    errors: dict[str, str] = {}
    last: dict[str, str] = {}
    for passage in reversed(facts.passages):
        for begin, line in last_lines(passage.text, _TAIL):
            wanted = errors if _ERROR_WORDS.search(line) and zone_at(passage.text, begin, line) in _SAID else last
            wanted.setdefault(template_of(line), line.strip())
    first = list(errors.values())
    return tuple(dict.fromkeys([*first[: most - 1], *first[-1:], *last.values()]))[:most]


def group_unknown(failures: Iterable[Failure]) -> list[Unknowns]:
    """The failures of no signature in groups of one shape, the largest first. Those without any line are left out."""
    groups: dict[str, list[Failure]] = defaultdict(list)
    for failure in failures:
        if failure.signature is None and failure.error_message:
            groups[template_of(failure.error_message)].append(failure)
    grouped = [Unknowns(template=template, failures=tuple(members)) for template, members in groups.items()]
    return sorted(grouped, key=lambda group: (-len(group.failures), group.template))
