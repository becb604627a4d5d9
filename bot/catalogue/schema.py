"""The shapes of the catalogue's files, and how each becomes a value of the domain."""

from __future__ import annotations

import re
from typing import Annotated

import msgspec

from bot.domain.diagnosis.catalogue import Clause, FailureType, Rank, Signature, Where
from bot.domain.diagnosis.speakers import Program
from bot.domain.diagnosis.zones import Zone
from bot.domain.knowledge.solution import Solution, SolutionKind
from bot.domain.workload.pod_evidence import CauseOwner

Id = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
Name = Annotated[str, msgspec.Meta(pattern=r"^[A-Z][A-Za-z]+$", max_length=60)]
Line = Annotated[str, msgspec.Meta(min_length=3, max_length=160)]
Prose = Annotated[str, msgspec.Meta(min_length=20, max_length=600)]
TwoSentences = Annotated[str, msgspec.Meta(pattern=r"\.\s+[A-Z][\s\S]*\.\s*$", min_length=60, max_length=400)]
Parameters = dict[str, str | int | float | bool]


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """No unknown keys: a misspelt one would be ignored silently."""


class RuleEntry(Entry, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Something to try."""

    text: Line
    parameters: Parameters = {}
    automatic: bool = False
    condition: str | None = None

    def value(self, failure_type: str, signature: str | None) -> Solution:
        """The rule of this type or signature."""
        return Solution(
            failure_type=failure_type,
            signature=signature,
            description=self.text,
            kind=SolutionKind.RULE,
            condition=self.condition,
            parameters=self.parameters,
            automatic=self.automatic,
        )


class ClauseEntry(Entry, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One way to recognise a signature. Lists may be written as a single word."""

    has: str | list[str] = []
    line: str | None = None
    above: str | None = None
    unless: str | list[str] = []
    said_by: str | list[str] = []
    never_by: str | list[str] = []
    elsewhere: str | list[str] = []
    contradicted: str | list[str] = []
    zones: list[Zone] = []
    names: bool = False
    where: Where = Where.ANYWHERE
    reason: str | list[str] = []
    exit_code: int | list[int] = []
    weak: bool = False
    trusted: bool = False
    died_first: bool = False
    doubtful: bool = False

    def value(self) -> Clause:
        """The clause. Raises ValueError for a pattern that is none, or that nothing prepares for."""
        has = _folded(self.has)
        codes = [self.exit_code] if isinstance(self.exit_code, int) else self.exit_code
        if not has and (self.line or not (self.reason or codes)):
            raise ValueError("a clause needs `has`, or `reason` or `exit_code` without `line`")
        if any(len(part) < 3 or not part.isascii() for part in (*has, *_folded(self.elsewhere))):
            raise ValueError("a part in `has` and `elsewhere` has at least 3 characters, all ASCII")
        return Clause(
            has=has,
            line=_pattern("line", self.line),
            above=_pattern("above", self.above),
            unless=_folded(self.unless),
            said_by=frozenset(Program(name) for name in _listed(self.said_by)),
            never_by=frozenset(Program(name) for name in _listed(self.never_by)),
            elsewhere=_folded(self.elsewhere),
            contradicted=_folded(self.contradicted),
            zones=frozenset(self.zones),
            names=self.names,
            where=self.where,
            reasons=frozenset(_listed(self.reason)),
            exit_codes=frozenset(codes),
            weak=self.weak,
            trusted=self.trusted,
            died_first=self.died_first,
            doubtful=self.doubtful,
        )


class SignatureEntry(Entry, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One cause that can be recognised. `rank` is a name of `Rank` in lower case."""

    id: Id
    title: Line
    rank: str
    owner: CauseOwner
    explanation: TwoSentences
    when: Annotated[list[ClauseEntry], msgspec.Meta(min_length=1)]
    type: Name = "Error"
    aliases: list[str] = []
    outranks: list[Id] = []
    replaces: list[Id] = []
    told: str | None = None
    tells_frame: bool = False
    rules: Annotated[list[RuleEntry], msgspec.Meta(min_length=1)]

    def value(self, family: str) -> Signature:
        """The signature. Raises ValueError where a clause or the rank is wrong."""
        if self.rank.upper() not in Rank.__members__:
            raise ValueError(f"`rank` is one of {', '.join(rank.name.lower() for rank in Rank)}, not {self.rank!r}")
        return Signature(
            id=self.id,
            family=family,
            title=self.title,
            failure_type=self.type,
            rank=Rank[self.rank.upper()],
            owner=self.owner,
            explanation=" ".join(self.explanation.split()),
            clauses=tuple(clause.value() for clause in self.when),
            aliases=tuple(self.aliases),
            outranks=frozenset(self.outranks),
            replaces=frozenset(self.replaces),
            told=self.told,
            tells_frame=self.tells_frame,
            rules=tuple(rule.value(self.type, self.id) for rule in self.rules),
        )


class TypeEntry(Entry, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A coarse class of failures."""

    name: Name
    title: Line
    owner: CauseOwner
    explanation: TwoSentences
    aliases: list[str] = []
    rules: Annotated[list[RuleEntry], msgspec.Meta(min_length=1)]

    def value(self) -> FailureType:
        """The failure type."""
        return FailureType(
            name=self.name,
            title=self.title,
            explanation=" ".join(self.explanation.split()),
            owner=self.owner,
            aliases=tuple(self.aliases),
            rules=tuple(rule.value(self.name, None) for rule in self.rules),
        )


class Family(Entry, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A file of signatures."""

    family: Line
    about: Prose
    signatures: list[SignatureEntry]


class Types(Entry, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The file of failure types."""

    types: list[TypeEntry]


def _folded(parts: str | list[str]) -> tuple[bytes, ...]:
    return tuple(part.lower().encode() for part in _listed(parts))


def _pattern(key: str, words: str | None) -> re.Pattern[str] | None:
    """The regular expression. Raises ValueError where it is none."""
    try:
        return re.compile(words, re.IGNORECASE) if words else None
    except re.error as error:
        raise ValueError(f"`{key}` is no regular expression: {error}") from None


def _listed(words: str | list[str]) -> list[str]:
    return [words] if isinstance(words, str) else words
