"""The knowledge graph as a value that can be carried to another installation: what helps, and its record. People are
left out; who said what stays where it was said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.domain.knowledge.context import DIMENSIONS, Context
from bot.domain.knowledge.ranking import verdicts
from bot.domain.knowledge.solution import IMPORTED, OutcomeSource, Record, Solution, SolutionKind, SolutionOutcome
from bot.domain.scope import Scope
from bot.domain.text.characters import one_line
from bot.domain.text.masking import mask_value, masked_line
from bot.services.knowledge.ports import Knowledge

VERSION = 1
_MOST_VERDICTS = 10_000
_LONGEST = 500
_SCALARS = (str, int, float, bool)


class BadKnowledge(ValueError):
    """What is no export of ours; the message says where and why."""


@dataclass(frozen=True, slots=True)
class ImportedKnowledge:
    """What an import brought."""

    solutions: int
    verdicts: int


def exported(knowledge: Knowledge, scope: Scope) -> dict[str, Any]:
    """Every solution that is offered and has a record or is no rule, with its verdicts, as far as the scope sees them.
    Plain values only."""
    known = [
        (solution, record)
        for solution, record in knowledge.browse(scope)
        if solution.kind is not SolutionKind.RULE or verdicts(record)
    ]
    outcomes: dict[int, list[SolutionOutcome]] = {}
    for outcome in knowledge.outcomes(scope, (solution.id for solution, _ in known if solution.id is not None)):
        outcomes.setdefault(outcome.solution_id, []).append(outcome)
    return {
        "version": VERSION,
        "solutions": [_written(solution, record, outcomes.get(solution.id or 0, [])) for solution, record in known],
    }


def imported(document: object, knowledge: Knowledge, *, source: str) -> ImportedKnowledge:
    """Add an export to what is known. The same one again from the same `source` adds nothing. Raises BadKnowledge
    before anything is written, and Unavailable."""
    read = list(_read(document))
    brought = 0
    for solution, outcomes in read:
        solution_id = knowledge.add_solution(solution)
        for number, outcome in enumerate(outcomes):
            said = SolutionOutcome(
                solution_id=solution_id,
                worked=outcome.worked,
                by=f"{IMPORTED}{source}/{number}",
                at=outcome.at,
                source=outcome.source,
                context=outcome.context,
            )
            brought += knowledge.vote(said)
    return ImportedKnowledge(len(read), brought)


def _written(solution: Solution, record: Record, outcomes: Sequence[SolutionOutcome]) -> dict[str, Any]:
    fields = {
        "failure_type": solution.failure_type,
        "signature": solution.signature,
        "condition": solution.condition,
        "description": solution.description,
        "kind": solution.kind.value,
        "parameters": dict(solution.parameters) or None,
        "worked": record.worked or None,
        "failed": record.failed or None,
        "observed_worked": record.observed_worked or None,
        "observed_failed": record.observed_failed or None,
        "verdicts": [_verdict(each) for each in outcomes] or None,
    }
    return {key: value for key, value in fields.items() if value is not None}


def _verdict(outcome: SolutionOutcome) -> dict[str, Any]:
    """One verdict, without who gave it."""
    return {
        "worked": outcome.worked,
        "source": outcome.source.value,
        "at": outcome.at.astimezone(UTC).isoformat(),
        **({"context": dict(outcome.context.known())} if outcome.context.known() else {}),
    }


def _read(document: object) -> Iterator[tuple[Solution, list[SolutionOutcome]]]:
    if not isinstance(document, Mapping) or document.get("version") != VERSION:
        raise BadKnowledge(f"expected an export of version {VERSION}, as `failures db export` writes it")
    solutions = document.get("solutions")
    if not isinstance(solutions, list):
        raise BadKnowledge("expected a list of solutions")
    for place, entry in enumerate(solutions, 1):
        try:
            yield _solution(entry), list(_outcomes(entry.get("verdicts") or ()))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise BadKnowledge(f"solution {place}: {one_line(str(error) or type(error).__name__, 120)}") from None


def _solution(entry: Mapping[str, Any]) -> Solution:
    kind = SolutionKind(entry.get("kind", "person"))
    parameters = {_text(str(key)): _scalar(str(key), value) for key, value in (entry.get("parameters") or {}).items()}
    return Solution(
        failure_type=_text(entry["failure_type"]),
        description=_text(entry["description"]),
        kind=SolutionKind.PERSON if kind is SolutionKind.RULE else kind,
        signature=_text(entry["signature"]) if entry.get("signature") else None,
        condition=_text(entry["condition"]) if entry.get("condition") else None,
        parameters=parameters,
        created_by="import",
        origins=frozenset({None}),
    )


def _outcomes(entries: Iterable[Mapping[str, Any]]) -> Iterator[SolutionOutcome]:
    for place, entry in enumerate(entries):
        if place >= _MOST_VERDICTS:
            raise BadKnowledge(f"more than {_MOST_VERDICTS} verdicts")
        if not isinstance(entry["worked"], bool):
            raise BadKnowledge("`worked` is true or false")
        at = entry["at"] if isinstance(entry["at"], datetime) else datetime.fromisoformat(entry["at"])
        known = entry.get("context") or {}
        yield SolutionOutcome(
            solution_id=0,
            worked=entry["worked"],
            by="",
            at=at if at.tzinfo is not None else at.replace(tzinfo=UTC),
            source=OutcomeSource(entry.get("source", "person")),
            context=Context(**{name: _text(known[name]) for name in DIMENSIONS if name in known}),
        )


def _scalar(name: str, value: object) -> str | int | float | bool:
    if not isinstance(value, _SCALARS):
        raise BadKnowledge("a parameter is a text, a number or a truth value")
    return mask_value(name, value).first(_LONGEST) if isinstance(value, str) else value


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise BadKnowledge(f"expected a text, not {str(value)[:40]!r}")
    return masked_line(value, _LONGEST)
