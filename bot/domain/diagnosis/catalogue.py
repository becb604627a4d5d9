"""The catalogue of signatures as frozen values: what to look for, what it means, who can mend it, what to try.
The data and its loader live in `bot.catalogue`; nothing here reads a file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import IntEnum, StrEnum
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from typing import TypeAlias

from bot.domain.diagnosis.literals import Literals
from bot.domain.diagnosis.speakers import Program
from bot.domain.diagnosis.timeline import LANDMARKS
from bot.domain.diagnosis.zones import Zone
from bot.domain.knowledge.solution import Solution
from bot.domain.workload.pod_evidence import CauseOwner


class Rank(IntEnum):
    """How near to the root a signature is. The smallest that fits is the cause, the others are its symptoms."""

    HARDWARE = 0
    """A broken GPU or link explains every error above it."""
    HOST = 1
    """The node or the container's limits: out of memory, disk full, node lost."""
    CAUSE = 2
    """A definite error of the program or its surroundings."""
    START = 3
    """The container could not be started."""
    PEER = 4
    """Communication failed; often because a peer died of something else."""
    CONSEQUENCE = 5
    """A watchdog or a peer reports that somebody else failed first."""
    GENERIC = 6
    """True, but it says little: an exception by name, a signal."""
    WAITING = 7
    """Not scheduled. A pod that got further was scheduled in the end."""
    WRAPPER = 8
    """A summary of failing: the launcher's, the job controller's."""


class Where(StrEnum):
    """Which evidence a clause reads."""

    ANYWHERE = "anywhere"
    LOGS = "logs"
    EVENTS = "events"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One way to recognise a signature; everything it names has to hold.

    `has` are literal parts of one line, in lower-case ASCII. The first is searched for in the whole text, the rest and
    `line` only where it was found: that keeps the search linear. `unless` are parts that the line must not have.
    The groups of `line` and `above` are what the line names: `what`, and `rank`, `code`, `pid`, `host` for `told`.
    """

    has: tuple[bytes, ...] = ()
    line: re.Pattern[str] | None = None
    number: str | None = None
    """What the group `number` of `line` has to find: hundreds of numbered errors share a few patterns."""
    above: re.Pattern[str] | None = None
    """Has to be found in the few lines above, too."""
    unless: tuple[bytes, ...] = ()
    said_by: frozenset[Program] = frozenset()
    """The programs one of which has to say the line; none: anybody may."""
    never_by: frozenset[Program] = frozenset()
    """Programs in whose words this means something else."""
    elsewhere: tuple[bytes, ...] = ()
    """Literal parts one of which the evidence has to have anywhere."""
    contradicted: tuple[bytes, ...] = ()
    """Literal parts that the evidence must not have anywhere."""
    zones: frozenset[Zone] = frozenset()
    """Zones that the clause reads beside speech."""
    names: bool = False
    """Whether paths, hosts and arguments count as said."""
    where: Where = Where.ANYWHERE
    reasons: frozenset[str] = frozenset()
    exit_codes: frozenset[int] = frozenset()
    weak: bool = False
    """Says less than the signature's rank promises: counts as `GENERIC`."""
    trusted: bool = False
    """Holds in a line that is only a warning or for information, too; other clauses are weak there."""
    died_first: bool = False
    """The line names the process that ended first, and how: that is nearer to the root than what its peers say."""
    doubtful: bool = False
    """Right most of the time: never certain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One cause that can be recognised. What the group `what` of a clause's `line` finds is told beside the title."""

    id: str
    family: str
    title: str
    failure_type: str
    rank: Rank
    owner: CauseOwner
    explanation: str
    clauses: tuple[Clause, ...]
    aliases: tuple[str, ...] = ()
    outranks: frozenset[str] = frozenset()
    """Signatures that this one explains, though their rank is nearer to the root."""
    replaces: frozenset[str] = frozenset()
    """Signatures that are a misreading of the same fault: where this one fits, they are not told at all."""
    told: str | None = None
    """A title in words that name `rank`, `code`, `pid` or `host`, used where the line names them all."""
    tells_frame: bool = False
    """Whether the last Python frame before the line is told beside the title."""
    rules: tuple[Solution, ...] = ()
    meaning: Meaning | None = field(default=None, compare=False, repr=False)
    """What the line that was found makes of it, where the line says more than that it fits: a sub-code, a number."""

    def as_said_in(self, line: str) -> Signature:
        """The signature as this line means it: its title, rank and owner may be others, or it is another one."""
        return self.meaning(line) if self.meaning is not None else self


Meaning: TypeAlias = Callable[[str], Signature]


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureType:
    """A coarse class of failures, as Kubernetes names it."""

    name: str
    title: str
    explanation: str
    owner: CauseOwner
    aliases: tuple[str, ...] = ()
    rules: tuple[Solution, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What a person's words stand for: a failure type, and a signature if they named one."""

    failure_type: str
    signature: str | None = None

    @property
    def name(self) -> str:
        """The narrower of the two names."""
        return self.signature or self.failure_type


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """Everything that can be recognised, in the order of the files: of what stands in one line, the first is meant."""

    types: tuple[FailureType, ...]
    signatures: tuple[Signature, ...]

    def signature(self, signature_id: str) -> Signature | None:
        """The signature of this id."""
        return self._signatures.get(signature_id)

    def failure_type(self, name: str) -> FailureType | None:
        """The failure type of exactly this name."""
        return self._types.get(name)

    def rules(self) -> list[Solution]:
        """Every rule, those of the failure types first. What a signature shares with its type is one rule, the type's:
        two would split its record."""
        of_types = [rule for entry in self.types for rule in entry.rules]
        known = {(rule.failure_type, rule.description) for rule in of_types}
        of_signatures = [rule for entry in self.signatures for rule in entry.rules]
        return of_types + [rule for rule in of_signatures if (rule.failure_type, rule.description) not in known]

    def advice(self, known: Known) -> tuple[str, ...]:
        """What the rules for a cause say, in the order to try them: the signature's own before its type's."""
        signature, kind = self._signatures.get(known.signature or ""), self._types.get(known.failure_type)
        rules = [*(signature.rules if signature else ()), *(kind.rules if kind else ())]
        return tuple(dict.fromkeys(rule.description for rule in rules))

    def describe(self, name: str) -> str:
        """A failure type or signature in a sentence or two; empty where it is not known. Spelling may be loose."""
        known = self.lookup(name)
        if known is None:
            return ""
        entry = self._signatures.get(known.signature or "") or self._types[known.failure_type]
        return f"{entry.title}. {entry.explanation}"

    def lookup(self, words: str) -> Known | None:
        """What these words name: an id, a failure type, an alias, or a near spelling of one ("oom", "image pull")."""
        key = _folded(words)
        if key in self._names:
            return self._names[key]
        close = get_close_matches(key, self._names, n=1, cutoff=0.82)
        return self._names[close[0]] if close else None

    def nearest(self, words: str, most: int = 3) -> list[str]:
        """Names that these words may have meant, the nearest first: for "did you mean"."""
        key = _folded(words)
        holding = [name for name in self._names if key and key in name]
        close = get_close_matches(key, self._names, n=most * 2, cutoff=0.4)
        return list(dict.fromkeys(self._names[name].name for name in [*close, *holding]))[:most]

    @cached_property
    def literals(self) -> Literals:
        """The literals that are looked for: those the clauses search for first, or want elsewhere, and the landmarks of
        a log."""
        clauses = [clause for signature in self.signatures for clause in signature.clauses]
        beside = {part for clause in clauses for part in (*clause.elsewhere, *clause.contradicted)}
        return Literals({*(clause.has[0] for clause in clauses if clause.has), *beside, *LANDMARKS})

    def candidates(self, found: Iterable[bytes]) -> Iterator[tuple[int, list[Clause]]]:
        """What may fit evidence that has these literals: the places of signatures, in order, each with its clauses that
        search for one of them, or for none."""
        places = sorted(place for literal in (b"", *found) for place in self._by_literal.get(literal, ()))
        for order, clauses in groupby(places, key=itemgetter(0)):
            yield order, [self.signatures[order].clauses[place] for _, place in clauses]

    @cached_property
    def _by_literal(self) -> Mapping[bytes, Sequence[tuple[int, int]]]:
        """The clauses by the literal that they search for first, "" for none: places of signature and clause."""
        places: dict[bytes, list[tuple[int, int]]] = {b"": []}
        for order, signature in enumerate(self.signatures):
            for place, clause in enumerate(signature.clauses):
                places.setdefault(clause.has[0] if clause.has else b"", []).append((order, place))
        return places

    @cached_property
    def _signatures(self) -> Mapping[str, Signature]:
        return {signature.id: signature for signature in self.signatures}

    @cached_property
    def _types(self) -> Mapping[str, FailureType]:
        return {kind.name: kind for kind in self.types}

    @cached_property
    def _names(self) -> Mapping[str, Known]:
        names: dict[str, Known] = {}
        for kind in self.types:
            _add(names, (kind.name, *kind.aliases), Known(kind.name))
        for signature in self.signatures:
            known = Known(signature.failure_type, signature.id)
            _add(names, (signature.id, *signature.aliases, signature.title), known)
        return names


def _add(names: dict[str, Known], words: Iterable[str], known: Known) -> None:
    for word in words:
        names.setdefault(_folded(word), known)


_NO_LETTER = re.compile(r"[^a-z0-9]+")
_LONGEST_NAME = 80


def _folded(words: str) -> str:
    """The words without case, blanks and punctuation: "Image pull" and "image-pull" are one."""
    return _NO_LETTER.sub("", words[:_LONGEST_NAME].lower())
