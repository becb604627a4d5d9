"""One text of the evidence, ready to be looked into: where its literals are, what it did after each line, and what kind
of text each line is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.domain.diagnosis.catalogue import Catalogue, Clause
from bot.domain.diagnosis.log_lines import line_at
from bot.domain.diagnosis.reading import Passage
from bot.domain.diagnosis.speakers import said
from bot.domain.diagnosis.timeline import Standing, Timeline, timeline_of
from bot.domain.diagnosis.zones import Zone, unnamed, zone_at


@dataclass(frozen=True, slots=True, order=True)
class Line:
    """A line of a text, the nearest to its end first. Places are characters from its beginning."""

    standing: Standing
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class ClausePlace:
    """Where a clause holds."""

    clause: Clause
    weak: bool
    position: int
    """Where the line begins in the evidence as a whole."""
    line: str
    in_text: bool = True
    named: Mapping[str, str] = field(default_factory=dict)
    standing: Standing = Standing.LAST

    @property
    def strength(self) -> tuple[Standing, bool, int]:
        """How well it shows that the signature is the cause; the smallest is the best."""
        return (self.standing, self.weak, self.position)


@dataclass(frozen=True, slots=True)
class Script:
    """A text with its literals and landmarks. What many clauses ask for is found once, and kept."""

    passage: Passage
    places: Mapping[bytes, list[int]]
    timeline: Timeline
    _lines: dict[bytes, list[Line]] = field(default_factory=dict)
    _zones: dict[int, Zone] = field(default_factory=dict)
    _bare: dict[int, str] = field(default_factory=dict)
    _numbers: dict[tuple[re.Pattern[str], int], Mapping[str, re.Match[str]]] = field(default_factory=dict)

    def lines(self, literal: bytes) -> list[Line]:
        """The lines that have this literal, those that stand nearer to the end first, in their order."""
        if literal not in self._lines:
            spans = dict.fromkeys(line_at(self.passage.text, position) for position in self.places[literal])
            self._lines[literal] = sorted(Line(self._standing(begin, end), begin, end) for begin, end in spans)
        return self._lines[literal]

    def words(self, line: Line) -> str:
        """The line's text."""
        return self.passage.text[line.begin : line.end]

    def bare(self, line: Line) -> str:
        """The line's text with its names blanked."""
        if line.begin not in self._bare:
            self._bare[line.begin] = unnamed(self.words(line))
        return self._bare[line.begin]

    def numbered(self, pattern: re.Pattern[str], line: Line) -> Mapping[str, re.Match[str]]:
        """What the pattern finds in the line, by its group `number`: hundreds of clauses share one pattern."""
        key = (pattern, line.begin)
        if key not in self._numbers:
            found = reversed(list(pattern.finditer(self.words(line))))
            self._numbers[key] = {match["number"]: match for match in found}
        return self._numbers[key]

    def _standing(self, begin: int, end: int) -> Standing:
        if begin >= self.timeline.settled:
            return Standing.LAST
        speaker = said(self.passage.text[begin:end]).speaker if self.timeline.many_speak else ""
        return self.timeline.standing(begin, speaker)

    def zone(self, line: Line) -> Zone:
        """The kind of text that the line is."""
        if line.begin not in self._zones:
            self._zones[line.begin] = zone_at(self.passage.text, line.begin, self.words(line))
        return self._zones[line.begin]


def script_of(passage: Passage, catalogue: Catalogue) -> Script:
    """The text, searched once for everything."""
    places = catalogue.literals.places(passage.folded)
    return Script(passage, places, timeline_of(passage.text, places, earlier=passage.earlier))
