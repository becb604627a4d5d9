"""What a log did after each of its lines. An error that was caught and retried, and after which the program went on or
succeeded, is history. A crash loop or `torchrun --max-restarts` writes several starts into one log: the last
one is the one that ended it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum

from bot.domain.diagnosis.speakers import said

_TAIL = 60_000
"""Characters from the end of a text in which progress is looked for."""
_MOST_PROGRESS = 400
_ENOUGH = 2
"""Lines of progress after an error that show that the program went on."""

_PROGRESS = re.compile(
    r"^.{0,160}?(?:"
    r"\b(?:global[ _]?step|step|epoch|iter(?:ation)?|batch|update)s?\b[\"']?\W{0,12}(?P<at>\d{1,12})(?:\.\d+)?\b"
    r"|\bloss[\"']?\s{0,3}[:=]\s{0,3}[\"']?(?P<loss>\d[\d.e+-]{0,20})"
    r"|\d{1,3}%\|.{0,120}?\| (?P<bar>\d{1,12})/\d{1,12} "
    r")[^\n]{0,600}$",
    re.MULTILINE | re.IGNORECASE,
)
_NO_PROGRESS = re.compile(
    r"error|exception|fail|fatal|abort|\bnan\b|\binf\b|kill|timed? ?out|timeout|traceback|oom|out of memory|overflow"
    r"|\bwaiting\b|stuck|resum|restor|\bat step\b|rank\d?\W{1,3}\d+.{0,40}collective",
    re.IGNORECASE,
)
_SUCCESS = re.compile(
    r"^.{0,160}?(?:\b(?:training|run|job|evaluation|pipeline|task|program|script|all \w{1,20})\b.{0,40}"
    r"\b(?:succeeded|complete[d]?|finished|done)\b|\bsuccessfully (?:completed|finished)|\bfinished successfully"
    r"|\bcompleted successfully)(?!.{0,80}(?:error|fail|with code|exit))[^\n]{0,200}$",
    re.MULTILINE | re.IGNORECASE,
)

END_OF_WORKERS = b"failed (exitcode:"
_STARTS = (
    b"restarting worker group",
    b"will restart worker group",
    b"restarting training",
    b"restarting process",
    b"restarting the job",
    b"restarting job",
    b"restarting container",
    b"restart attempt",
    b"starting attempt",
    b"retry attempt",
    b"run attempt",
    b"=== attempt",
    b"--- attempt",
    b"=== restart",
    b"=== start",
    b"--- start",
    b"=== run",
    b"job requeued",
    b"requeued",
    b"restart count",
    b"restarts so far",
    b"resuming from checkpoint",
    b"resumed from checkpoint",
    b"restoring states from the checkpoint",
    b"attempting to recover from",
)
LANDMARKS = frozenset({END_OF_WORKERS, *_STARTS})
"""Literals that are to be looked for in every text."""
_OF_THE_LAUNCHER = re.compile(
    r"torch[./]distributed|torchelastic|elastic|^\s{0,4}$|^={5,}|^-{5,}|FAILED$|^\s{0,4}(?:Failures|Root Cause)|^\s"
    r"|^\[\d{1,6}\]:|<NO_OTHER_FAILURES>|^Traceback|ChildFailedError"
)


class Standing(IntEnum):
    """What a line of a log is to its end, the strongest first."""

    LAST = 0
    """Said in the last start, and nothing shows that the program went on."""
    EARLIER = 1
    """Said in an earlier start."""
    HISTORY = 2
    """Said before the program made progress or succeeded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The landmarks of one text. Places are characters from its beginning."""

    last_start: int
    progress: tuple[tuple[int, str], ...]
    """Lines of progress near the end: where, and who says them."""
    success: int
    """Where the last line of success begins; -1 where there is none."""
    settled: int
    """From here on every line stands in the last start, with nothing after it that is progress."""

    @property
    def many_speak(self) -> bool:
        """Whether it matters who says a line."""
        return any(speaker for _, speaker in self.progress)

    def standing(self, place: int, speaker: str) -> Standing:
        """What a line at this place, said by this speaker, is to the end."""
        if place >= self.settled:
            return Standing.LAST
        if place < self.success or self._went_on(place, speaker):
            return Standing.HISTORY
        return Standing.EARLIER if place < self.last_start else Standing.LAST

    def _went_on(self, place: int, speaker: str) -> bool:
        after = self.progress[bisect_right(self.progress, (place, "\uffff")) :]
        same = [at for at, who in after if not speaker or not who or who == speaker]
        return len(same) >= _ENOUGH


def timeline_of(text: str, places: Mapping[bytes, list[int]], *, earlier: bool = False) -> Timeline:
    """The landmarks of a text, where `places` says where its literals are. A text that is `earlier` as a whole is that
    of a run before."""
    progress = tuple(_progress(text))
    success = max((match.start() for match in _SUCCESS.finditer(text, _tail(text))), default=-1)
    start = len(text) + 1 if earlier else _last_start(text, places)
    gone_on = progress[-_ENOUGH][0] + 1 if len(progress) >= _ENOUGH else 0
    return Timeline(last_start=start, progress=progress, success=success, settled=max(start, gone_on, success))


def _tail(text: str) -> int:
    begin = max(0, len(text) - _TAIL)
    return text.rfind("\n", max(0, begin - _TAIL), begin) + 1 or begin


def _progress(text: str) -> Iterator[tuple[int, str]]:
    """The last lines of progress whose counters differ from the line before."""
    found: list[tuple[int, str]] = []
    before = None
    for match in _PROGRESS.finditer(text, _tail(text)):
        line = match[0]
        if _NO_PROGRESS.search(line):
            continue
        counted = match["at"] or match["bar"] or match["loss"]
        if counted != before:
            found.append((match.start(), said(line).speaker))
        before = counted
    yield from found[-_MOST_PROGRESS:]


def _last_start(text: str, places: Mapping[bytes, list[int]]) -> int:
    """Where the last start begins; 0 where there is only one."""
    marked = [at for literal in _STARTS for at in places.get(literal, ())]
    marked += [at for at in places.get(END_OF_WORKERS, ()) if _works_after(text, at)]
    marked += _repeats(text)
    return max(marked, default=0)


def _works_after(text: str, place: int) -> bool:
    """Whether workers say something after their launcher told that they failed: then they were started again."""
    lines = text[text.find("\n", place) + 1 : place + 6000].split("\n")[:60]
    return sum(not _OF_THE_LAUNCHER.search(line) for line in lines if text.find("\n", place) >= 0) >= 2


_MASKED = re.compile(r"\d+")
_NO_BANNER = re.compile(r"traceback|error|exception|\bfile \"|\b(?:step|epoch|iter|loss|warn)", re.IGNORECASE)
_FIRST_LINES = 3
_MOST_REPEATS = 40


def _repeats(text: str) -> list[int]:
    """Where the first lines of the text come again, one after the other: a program that was started anew."""
    head = [line for line in text[:4000].split("\n") if line.strip()][:_FIRST_LINES]
    shapes = [_MASKED.sub("0", line.strip()) for line in head]
    if len(set(shapes)) < _FIRST_LINES or any(_NO_BANNER.search(line) for line in head):
        return []
    fragment = max(_MASKED.split(head[0]), key=len)
    if len(fragment.strip()) < 8:
        return []
    found: list[int] = []
    at = text.rfind(fragment)
    while at > 0 and len(found) < _MOST_REPEATS:
        begin = text.rfind("\n", 0, at) + 1
        lines = [line for line in text[begin : begin + 4000].split("\n")[: 2 * _FIRST_LINES] if line.strip()]
        found.append(begin if [_MASKED.sub("0", each.strip()) for each in lines[:_FIRST_LINES]] == shapes else 0)
        if found[-1]:
            break
        at = text.rfind(fragment, 0, at)
    return found
