"""Failures that the catalogue does not know: listed in groups of one shape, named by people, renamed and taken back.
Whoever may see a failure may name it; that is checked again at every step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bot.domain.characters import harmless, one_line
from bot.domain.diagnosis import Catalogue, group_unknown
from bot.domain.diagnosis.organisation import OrganisationSignature, can_be_named, signature_id
from bot.domain.diagnosis.template import Unknowns, template_of
from bot.domain.evidence import Owner
from bot.domain.failure import Failure
from bot.domain.knowledge.solution import Solution, SolutionKind
from bot.domain.masking import mask
from bot.domain.period import Period
from bot.domain.scope import Scope
from bot.services.ports import History, Knowledge

MOST_LOOKED_AT = 20_000
"""Unknown failures of a period that are put into groups, the newest: a second's work."""
MOST_SHOWN = 10
LONGEST_NAME, LONGEST_EXPLANATION, LONGEST_REMEDY = 60, 1000, 300
"""Characters that a person may write."""


class Names(Protocol):
    """The causes that people named."""

    def signatures(self) -> list[OrganisationSignature]:
        """Those in use, oldest first."""

    def unknown(self, scope: Scope, period: Period, limit: int = MOST_LOOKED_AT) -> list[Failure]:
        """The newest failures of the period without a signature that have a line, without their logs and events."""

    def failures_in(self, scope: Scope, period: Period) -> tuple[int, int]:
        """How many failures the period has, and how many of them have a line but no signature."""

    def carrying(self, scope: Scope, signature: str) -> tuple[int, int]:
        """How many (failures, jobs) carry a signature."""

    def name(self, signature: OrganisationSignature) -> OrganisationSignature:
        """Name a shape, and all past failures of it, in one transaction. Where it has a name already, that one stays
        and is given back."""

    def rename_signature(self, signature: str, new: str, shown: str, *, by: str, at: datetime) -> bool:
        """Give a cause another id and name, with its failures and solutions; the old name is kept with who replaced it
        and when. False where it is not in use."""

    def retire_signature(self, signature: str, *, by: str, at: datetime) -> bool:
        """Take a name back: its failures are unknown again; who did it and when is kept. False where it is not in
        use."""


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


@dataclass(frozen=True, slots=True)
class Works:
    """The failures are being given their name."""

    name: str


class WhyNot(StrEnum):
    """Why a form changed nothing."""

    NO_FAILURE = "no failure"
    """The failure or the name is gone, or may not be seen (any more): they look the same."""
    STORE = "store"
    """The database is away."""
    MALFORMED = "malformed"
    """The form is not one of ours."""


@dataclass(frozen=True, slots=True)
class NotNamed:
    """A form that changed nothing."""

    why: WhyNot


def unknown_failures(names: Names, scope: Scope, period: Period) -> UnknownFailures:
    """The unknown failures of a period. Raises Unavailable where the store is away."""
    failures = names.unknown(scope, period)
    groups = group_unknown(failures)
    total, unknown = names.failures_in(scope, period)
    return UnknownFailures(
        period=period,
        project=scope.project,
        total=total,
        unknown=max(unknown, len(failures)),
        looked_at=len(failures),
        groups=tuple(_group(number, group) for number, group in enumerate(groups[:MOST_SHOWN], 1)),
        more_groups=max(0, len(groups) - MOST_SHOWN),
        named=_named(names, scope),
    )


def naming_form(failure_id: int, history: History, scope: Scope) -> NamingForm | None:
    """The form for the group of a failure; None where that may not be seen, is gone, or is known by now."""
    failure = history.failure(scope, failure_id)
    if failure is None or failure.signature is not None or not failure.error_message:
        return None
    template = template_of(failure.error_message)
    if not can_be_named(template):
        return None
    return NamingForm(failure_id=failure_id, sample=one_line(failure.error_message, 300), template=template)


def renaming_form(signature: str, names: Names, scope: Scope) -> RenamingForm | None:
    """The form for a named cause; None where nothing of it may be seen, or it is not in use."""
    found = visible(names, scope, signature)
    return None if found is None else RenamingForm(signature=found)


def problems(naming: Naming, catalogue: Catalogue) -> Mapping[str, str]:
    """What is wrong with what a person wrote, by field; empty where all is well."""
    found = name_problem(naming.name, catalogue)
    wrong = {
        "name": found,
        "explanation": _length_problem(naming.explanation, LONGEST_EXPLANATION, needed=True),
        "owner": None if naming.owner in set(Owner) else "Choose one of these.",
        "remedy": _length_problem(naming.remedy, LONGEST_REMEDY, needed=False),
    }
    return {field: problem for field, problem in wrong.items() if problem is not None}


def name_problem(name: str, catalogue: Catalogue) -> str | None:
    """What is wrong with a name; None where nothing is."""
    key = signature_id(_one(name))
    if len(key) < 3:
        return "A name has at least three letters or digits."
    if (too_long := _length_problem(name, LONGEST_NAME, needed=True)) is not None:
        return too_long
    taken = {*(one.id for one in catalogue.signatures), *(signature_id(kind.name) for kind in catalogue.types)}
    if key in taken:
        return f"The catalogue has a cause of the name {key}. Choose another name, or look at /failures fix {key}."
    return None


def name_cause(
    failure_id: int,
    naming: Naming,
    names: Names,
    history: History,
    knowledge: Knowledge,
    *,
    scope: Scope,
    by: str,
    now: datetime,
) -> CauseNamed | None:
    """Name the group of a failure: its past failures carry the name at once, new ones as they come. `naming` has no
    problems; `by` is a Slack user id. None where the failure may not be seen or is gone. Naming twice is once."""
    failure = history.failure(scope, failure_id)
    if failure is None or not failure.error_message:
        return None
    wanted = _signature(failure, naming, by, now)
    stands = wanted
    if failure.signature is None:
        stands = names.name(wanted)
    elif (known := visible(names, scope, failure.signature)) is not None:
        stands = known
    else:
        return None
    if naming.remedy.strip() and stands.id == wanted.id:
        knowledge.add_solution(
            Solution(
                failure_type=stands.failure_type,
                signature=stands.id,
                description=mask(_one(naming.remedy)),
                kind=SolutionKind.PERSON,
                created_by=by,
            )
        )
    return CauseNamed(cause=_counted(stands, names, scope), already=stands.id != wanted.id)


def rename_cause(signature: str, name: str, names: Names, *, scope: Scope, by: str, now: datetime) -> CauseNamed | None:
    """Give a named cause another name, which has no problem. None where nothing of it may be seen, or it is not in
    use."""
    shown = _one(name)
    new = signature_id(shown)
    if visible(names, scope, signature) is not None:
        names.rename_signature(signature, new, shown, by=by, at=now)
    found = visible(names, scope, new)
    return None if found is None else CauseNamed(cause=_counted(found, names, scope))


def retire_cause(signature: str, names: Names, *, scope: Scope, by: str, now: datetime) -> CauseRetired | None:
    """Take a name back. None where nothing of it may be seen, or it is not in use."""
    found = visible(names, scope, signature)
    if found is None or not names.retire_signature(signature, by=by, at=now):
        return None
    return CauseRetired(signature=found)


def visible(names: Names, scope: Scope, signature: str) -> OrganisationSignature | None:
    """A named cause by its id, or by its name however it is spelt; None where nothing of it may be seen."""
    key = signature_id(signature)
    found = next((one for one in names.signatures() if one.id == key), None)
    return found if found is not None and _may_see(found, names, scope) else None


def _may_see(signature: OrganisationSignature, names: Names, scope: Scope) -> bool:
    return scope.allowed is None or names.carrying(Scope(scope.allowed), signature.id)[0] > 0


def _group(number: int, group: Unknowns) -> UnknownGroup:
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


def _named(names: Names, scope: Scope) -> tuple[NamedCause, ...]:
    """Every named cause of which the scope may see something, those with most failures first."""
    oldest: dict[str, OrganisationSignature] = {}
    for signature in names.signatures():
        oldest.setdefault(signature.id, signature)
    causes = [_counted(signature, names, scope) for signature in oldest.values()]
    everything = scope.allowed is None and scope.project is None
    seen = [cause for cause in causes if cause.failures or everything]
    return tuple(sorted(seen, key=lambda cause: (-cause.failures, cause.signature.name)))


def _counted(signature: OrganisationSignature, names: Names, scope: Scope) -> NamedCause:
    failures, jobs = names.carrying(scope, signature.id)
    return NamedCause(signature=signature, failures=failures, jobs=jobs)


def _signature(failure: Failure, naming: Naming, by: str, now: datetime) -> OrganisationSignature:
    name = mask(_one(naming.name))
    return OrganisationSignature(
        id=signature_id(name),
        name=name,
        template=template_of(failure.error_message or ""),
        failure_type=failure.failure_type,
        explanation=mask(_one(naming.explanation)),
        owner=Owner(naming.owner),
        created_by=by,
        created_at=now,
    )


def _length_problem(text: str, most: int, *, needed: bool) -> str | None:
    length = len(_one(text))
    if needed and not length:
        return "Please write something here."
    return f"At most {most} characters; these are {length}." if length > most else None


def _one(text: str) -> str:
    return " ".join(harmless(text).split())
