"""Which signatures fit the evidence, and where. Literal parts are searched for first, in the whole text; everything
else looks only at the bounded lines they stand in. So the time grows with the text and not with what is in it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from bot.domain.diagnosis.catalogue import Catalogue, Clause, Rank, Signature, Where
from bot.domain.diagnosis.log_lines import line_at
from bot.domain.diagnosis.reading import Facts, Passage

_WARNING = re.compile(r"(?:^|[\s\[(|])(?:WARN|WARNING|W\d{4}|W|\w{0,20}Warning)(?=[\s:\]|])")
_NO_WARNING = re.compile(r"(?i:NCCL) WARN|\bWarning[ \t]+[A-Z][A-Za-z]{3,40}\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A signature that fits, the line that says so, and what the line names."""

    signature: Signature
    rank: Rank
    """The signature's own, or `GENERIC` where only a weak clause or a warning says so."""
    order: int
    """The signature's place in the catalogue."""
    position: int
    """Where the line begins in the evidence as a whole, oldest text first."""
    line: str
    in_text: bool = True
    """False where only a reason or an exit code says so."""
    what: str | None = None
    """What the line names: a module, an exception."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a clause holds."""

    weak: bool
    position: int
    line: str
    in_text: bool
    what: str | None = None


_Texts: TypeAlias = list[tuple[Passage, Mapping[bytes, list[int]]]]


def hits(facts: Facts, catalogue: Catalogue) -> list[Hit]:
    """Every signature that fits, at most once each, in the order of the catalogue."""
    texts = [(passage, catalogue.literals.places(passage.folded)) for passage in facts.passages]
    found = []
    for order, clauses in catalogue.candidates({literal for _, places in texts for literal in places}):
        places = [place for clause in clauses if (place := _place(clause, facts, texts)) is not None]
        if places:
            found.append(_hit(catalogue.signatures[order], order, places))
    return found


def _hit(signature: Signature, order: int, places: Sequence[_Place]) -> Hit:
    """The best place where a clause of the signature holds: the earliest one that is not weak."""
    best = min(places, key=lambda place: (place.weak, place.position))
    signature = signature.as_said_in(best.line)
    return Hit(
        signature=signature,
        rank=max(signature.rank, Rank.GENERIC) if best.weak else signature.rank,
        order=order,
        position=best.position,
        line=best.line,
        in_text=best.in_text,
        what=best.what,
    )


def _place(clause: Clause, facts: Facts, texts: _Texts) -> _Place | None:
    if clause.reasons and not clause.reasons & facts.reasons.keys():
        return None
    if clause.exit_codes and not clause.exit_codes & facts.exit_codes:
        return None
    if not clause.has:
        return _Place(clause.weak, facts.end, _said(clause, facts), in_text=False)
    places = [
        place
        for passage, found in texts
        if clause.has[0] in found
        and clause.where in (Where.ANYWHERE, passage.where)
        and (place := _in_passage(clause, passage, found[clause.has[0]])) is not None
    ]
    return min(places, key=lambda place: (place.weak, place.position), default=None)


def _said(clause: Clause, facts: Facts) -> str:
    """The line for a clause that reads no line: Kubernetes' reason or the exit code."""
    for reason, line in facts.reasons.items():
        if reason in clause.reasons:
            return line
    return f"exit code {min(clause.exit_codes & facts.exit_codes)}"


def _in_passage(clause: Clause, passage: Passage, positions: list[int]) -> _Place | None:
    """The first line where the clause holds; a line that only warns is taken where there is no other."""
    warned = None
    for begin, end in dict.fromkeys(line_at(passage.text, position) for position in positions):
        low = passage.folded[begin:end]
        if not all(part in low for part in clause.has) or any(part in low for part in clause.unless):
            continue
        line = passage.text[begin:end]
        match = _match(clause, line)
        if clause.line is not None and match is None:
            continue
        what = match.groupdict().get("what") if match is not None else None
        weak = clause.weak or (_only_warns(line) and not clause.trusted)
        place = _Place(weak, passage.offset + begin, line, in_text=True, what=what)
        if not place.weak or clause.weak:
            return place
        warned = warned or place
    return warned


def _match(clause: Clause, line: str) -> re.Match[str] | None:
    if clause.line is None or clause.number is None:
        return clause.line.search(line) if clause.line is not None else None
    return next((match for match in clause.line.finditer(line) if match["number"] == clause.number), None)


def _only_warns(line: str) -> bool:
    """Whether the line is a program's warning, after which it went on. NCCL's and Kubernetes' warnings are errors."""
    return _WARNING.search(line) is not None and _NO_WARNING.search(line) is None
