"""Naming what the catalogue does not know: the groups of unknown failures, the forms that people fill in, and what may
be written into them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.diagnosis.catalogue import Catalogue
from bot.domain.diagnosis.organisation import OrganisationSignature, can_be_named, signature_id
from bot.domain.diagnosis.template import Unknowns, template_of
from bot.domain.period import Period
from bot.domain.text.characters import one_line
from bot.domain.text.masking import mask
from bot.domain.workload.failure import Failure
from bot.domain.workload.pod_evidence import CauseOwner

SHORTEST_NAME, LONGEST_NAME, LONGEST_EXPLANATION, LONGEST_REMEDY = 3, 60, 1000, 300
"""Characters that a person may write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownGroup:
    """Failures of one shape that nobody knows the cause of."""

    number: int
    template: str
    sample: str
    """The newest line of them."""
    failures: int
    jobs: int
    projects: tuple[str, ...]
    failure_id: int | None
    """The newest failure; None where the shape says too little to be named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedCause:
    """A cause that people named, and how many failures carry it."""

    signature: OrganisationSignature
    failures: int
    jobs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownFailures:
    """The unknown failures of a period in groups, the largest first, and the causes that were named before."""

    period: Period
    project: str | None
    total: int
    """All failures of the period."""
    unknown: int
    """Those without a signature that have a line to go by."""
    looked_at: int = 0
    """The newest of them, as many as were put into groups."""
    groups: tuple[UnknownGroup, ...] = ()
    more_groups: int = 0
    named: tuple[NamedCause, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NamingForm:
    """What a person fills in to name a group."""

    failure_id: int
    sample: str
    template: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RenamingForm:
    """What a person fills in to give a named cause another name."""

    signature: OrganisationSignature


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """What a person wrote into the form, as it came."""

    name: str
    explanation: str
    owner: str
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseNamed:
    """A cause has a name now. `already` where somebody else was first: then theirs stands."""

    cause: NamedCause
    already: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseRetired:
    """A name was taken back; the failures are unknown again."""

    signature: OrganisationSignature


class Wrong(StrEnum):
    """What is wrong with a field of a form."""

    EMPTY = "empty"
    TOO_SHORT = "too short"
    TOO_LONG = "too long"
    TAKEN = "taken"
    """The catalogue has a cause of this name."""
    NO_CHOICE = "no choice"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldProblem:
    """What stands under a field of a form that was not taken."""

    wrong: Wrong
    least: int = 0
    most: int = 0
    """Characters that it may have."""
    length: int = 0
    name: str = ""
    """The name that is taken."""


def group_of(number: int, group: Unknowns) -> UnknownGroup:
    """The group of this number, as it is shown."""
    newest = max(group.failures, key=lambda failure: failure.timestamp)
    projects = Counter(failure.project or "no project" for failure in group.failures)
    return UnknownGroup(
        number=number,
        template=group.template,
        sample=one_line(newest.error_message or "", 300),
        failures=len(group.failures),
        jobs=group.jobs,
        projects=tuple(project for project, _ in projects.most_common()),
        failure_id=newest.id if can_be_named(group.template) else None,
    )


def problems(naming: Naming, catalogue: Catalogue) -> Mapping[str, FieldProblem]:
    """What is wrong with what a person wrote, by field; empty where all is well."""
    wrong = {
        "name": name_problem(naming.name, catalogue),
        "explanation": _length_problem(naming.explanation, LONGEST_EXPLANATION, needed=True),
        "owner": None if naming.owner in set(CauseOwner) else FieldProblem(wrong=Wrong.NO_CHOICE),
        "remedy": _length_problem(naming.remedy, LONGEST_REMEDY, needed=False),
    }
    return {field: problem for field, problem in wrong.items() if problem is not None}


def name_problem(name: str, catalogue: Catalogue) -> FieldProblem | None:
    """What is wrong with a name; None where nothing is."""
    key = signature_id(plain(name))
    if len(key) < SHORTEST_NAME:
        return FieldProblem(wrong=Wrong.TOO_SHORT, least=SHORTEST_NAME)
    if (too_long := _length_problem(name, LONGEST_NAME, needed=True)) is not None:
        return too_long
    taken = {*(one.id for one in catalogue.signatures), *(signature_id(kind.name) for kind in catalogue.types)}
    return FieldProblem(wrong=Wrong.TAKEN, name=key) if key in taken else None


def signature_of(failure: Failure, naming: Naming, by: str, now: datetime) -> OrganisationSignature:
    """The cause that a person names by a failure of it; secrets are masked. `by` is a Slack user id."""
    name = plain(naming.name)
    return OrganisationSignature(
        id=signature_id(name),
        name=name,
        template=template_of(failure.error_message or ""),
        failure_type=failure.failure_type,
        explanation=plain(naming.explanation),
        owner=CauseOwner(naming.owner),
        created_by=by,
        created_at=now,
    )


def _length_problem(text: str, most: int, *, needed: bool) -> FieldProblem | None:
    length = len(plain(text))
    if needed and not length:
        return FieldProblem(wrong=Wrong.EMPTY)
    return FieldProblem(wrong=Wrong.TOO_LONG, most=most, length=length) if length > most else None


def plain(text: str) -> str:
    """What a person wrote, masked and on one line."""
    return " ".join(mask(text).split())
