"""Which signatures fit the evidence, and where. Literal parts are searched for first, in the whole text; everything
else looks only at the bounded lines they stand in. So the time grows with the text and not with what is in it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from bot.domain.diagnosis.catalogue import Catalogue, Clause, Rank, Signature, Where
from bot.domain.diagnosis.exceptions import deciding
from bot.domain.diagnosis.reading import ReadEvidence
from bot.domain.diagnosis.script import ClausePlace, Line, Script, script_of
from bot.domain.diagnosis.speech import goes_on, is_speech, names_in
from bot.domain.diagnosis.timeline import Standing


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
    named: Mapping[str, str] = field(default_factory=dict)
    """What the line names: `what` (a module, an exception), `rank`, `code`, `pid`, `host`."""
    weak: bool = False
    standing: Standing = Standing.LAST
    died_first: bool = False
    doubtful: bool = False


def hits(facts: ReadEvidence, catalogue: Catalogue) -> list[Hit]:
    """Every signature that fits, at most once each, in the order of the catalogue."""
    scripts = [script_of(passage, catalogue) for passage in facts.passages]
    literals = {literal for script in scripts for literal in script.places}
    found = {
        order: places
        for order, clauses in catalogue.candidates(literals)
        if (places := _places(catalogue.signatures[order], _apt(clauses, facts, literals), facts, scripts))
    }
    explained = {
        place.position
        for order, places in found.items()
        if not catalogue.signatures[order].tells_frame
        for place in places
        if place.in_text and not place.weak
    }
    chosen = {order: _best(catalogue.signatures[order], places, facts, explained) for order, places in found.items()}
    return [_hit(catalogue.signatures[order], order, best) for order, best in chosen.items() if best is not None]


def _apt(clauses: Sequence[Clause], facts: ReadEvidence, literals: Collection[bytes]) -> list[Clause]:
    """The clauses that the evidence as a whole allows."""
    return [
        clause
        for clause in clauses
        if (not clause.reasons or clause.reasons & facts.reasons.keys())
        and (not clause.exit_codes or clause.exit_codes & facts.exit_codes)
        and (not clause.elsewhere or any(part in literals for part in clause.elsewhere))
        and not any(part in literals for part in clause.contradicted)
    ]


def _best(
    signature: Signature, places: Sequence[ClausePlace], facts: ReadEvidence, explained: set[int]
) -> ClausePlace | None:
    """The place that shows the signature best. Of exceptions it is the one that ended the program, and that no other
    signature explains."""
    if signature.tells_frame:
        return deciding(places, facts, explained)
    return min(places, key=lambda place: place.strength)


def _hit(signature: Signature, order: int, best: ClausePlace) -> Hit:
    signature = signature.as_said_in(best.line)
    return Hit(
        signature=signature,
        rank=max(signature.rank, Rank.GENERIC) if best.weak else signature.rank,
        order=order,
        position=best.position,
        line=best.line,
        in_text=best.in_text,
        named=best.named,
        weak=best.weak,
        standing=best.standing,
        died_first=best.clause.died_first,
        doubtful=best.clause.doubtful,
    )


def _places(
    signature: Signature, clauses: Sequence[Clause], facts: ReadEvidence, scripts: Sequence[Script]
) -> list[ClausePlace]:
    """Where the clauses hold: the best place of each in each text; of exceptions, all."""
    found = []
    for clause in clauses:
        if not clause.has:
            found.append(ClausePlace(clause, clause.weak, facts.end, _told_by(clause, facts), in_text=False))
            continue
        for script in scripts:
            if clause.has[0] in script.places and clause.where in {Where.ANYWHERE, script.passage.where}:
                found.extend(_in_script(signature, clause, script))
    return found


def _told_by(clause: Clause, facts: ReadEvidence) -> str:
    """The line for a clause that reads no line: Kubernetes' reason or the exit code."""
    for reason, line in facts.reasons.items():
        if reason in clause.reasons:
            return line
    return f"exit code {min(clause.exit_codes & facts.exit_codes)}"


def _in_script(signature: Signature, clause: Clause, script: Script) -> list[ClausePlace]:
    """The best place of a clause in one text; of exceptions, every one. Lines that stand nearer to the end are looked
    at first: one that holds there without doubt is enough."""
    found: list[ClausePlace] = []
    for line in script.lines(clause.has[0]):
        place = _at(signature, clause, script, line)
        if place is None:
            continue
        if not place.weak and not signature.tells_frame:
            return [place]
        found.append(place)
    return found if signature.tells_frame else found[:1]


def _at(signature: Signature, clause: Clause, script: Script, line: Line) -> ClausePlace | None:
    """The place, if the clause holds in this line."""
    passage = script.passage
    low = passage.folded[line.begin : line.end]
    if not all(part in low for part in clause.has) or any(part in low for part in clause.unless):
        return None
    named = names_in(clause, script, line)
    if named is None or not is_speech(signature, clause, script, line, named):
        return None
    words = script.words(line)
    weak = clause.weak or (passage.where is Where.LOGS and not clause.trusted and goes_on(words))
    return ClausePlace(clause, weak, passage.offset + line.begin, words, named=named, standing=line.standing)
