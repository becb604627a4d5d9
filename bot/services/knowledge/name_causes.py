"""Failures that the catalogue does not know: listed in groups of one shape, named by people, renamed and taken back.
Whoever may see a failure may name it; that is checked again at every step."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from bot.domain.answers.unknown_failures import (
    CauseNamed,
    CauseRetired,
    NamedCause,
    Naming,
    NamingForm,
    RenamingForm,
    UnknownFailures,
    group_of,
    plain,
    signature_of,
)
from bot.domain.diagnosis import group_unknown
from bot.domain.diagnosis.organisation import OrganisationSignature, can_be_named, signature_id
from bot.domain.diagnosis.template import template_of
from bot.domain.knowledge.solution import Solution, SolutionKind
from bot.domain.period import Period
from bot.domain.scope import Scope
from bot.domain.text.characters import one_line
from bot.domain.workload.failure import Failure
from bot.services.knowledge.ports import History, Knowledge

MOST_LOOKED_AT = 20_000
"""Unknown failures of a period that are put into groups, the newest: a second's work."""
MOST_SHOWN = 10


class NamedCauses(Protocol):
    """The causes that people named. Every question has a Scope: a cause is seen where a failure that carries it is."""

    def signatures(self, scope: Scope) -> list[OrganisationSignature]:
        """Those in use, oldest first. Of the scope only the projects that may be seen at all matter here."""

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


def unknown_failures(names: NamedCauses, scope: Scope, period: Period) -> UnknownFailures:
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
        groups=tuple(group_of(number, group) for number, group in enumerate(groups[:MOST_SHOWN], 1)),
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


def renaming_form(signature: str, names: NamedCauses, scope: Scope) -> RenamingForm | None:
    """The form for a named cause; None where nothing of it may be seen, or it is not in use."""
    found = visible(names, scope, signature)
    return None if found is None else RenamingForm(signature=found)


def name_cause(
    failure_id: int,
    naming: Naming,
    names: NamedCauses,
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
    wanted = signature_of(failure, naming, by, now)
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
                description=plain(naming.remedy),
                kind=SolutionKind.PERSON,
                created_by=by,
                origins=frozenset({failure.project} - {None}),
            )
        )
    return CauseNamed(cause=_counted(stands, names, scope), already=stands.id != wanted.id)


def rename_cause(
    signature: str, name: str, names: NamedCauses, *, scope: Scope, by: str, now: datetime
) -> CauseNamed | None:
    """Give a named cause another name, which has no problem. None where nothing of it may be seen, or it is not in
    use."""
    shown = plain(name)
    new = signature_id(shown)
    if visible(names, scope, signature) is not None:
        names.rename_signature(signature, new, shown, by=by, at=now)
    return renamed(shown, names, scope)


def renamed(name: str, names: NamedCauses, scope: Scope) -> CauseNamed | None:
    """The cause that has a name now; None where nothing of it may be seen."""
    found = visible(names, scope, signature_id(plain(name)))
    return None if found is None else CauseNamed(cause=_counted(found, names, scope))


def retire_cause(signature: str, names: NamedCauses, *, scope: Scope, by: str, now: datetime) -> CauseRetired | None:
    """Take a name back. None where nothing of it may be seen, or it is not in use."""
    found = visible(names, scope, signature)
    if found is None or not names.retire_signature(signature, by=by, at=now):
        return None
    return CauseRetired(signature=found)


def visible(names: NamedCauses, scope: Scope, signature: str) -> OrganisationSignature | None:
    """A named cause by its id, or by its name however it is spelt; None where nothing of it may be seen."""
    key = signature_id(signature)
    return next((one for one in names.signatures(scope) if one.id == key), None)


def _named(names: NamedCauses, scope: Scope) -> tuple[NamedCause, ...]:
    """Every named cause of which the scope may see something, those with most failures first."""
    oldest: dict[str, OrganisationSignature] = {}
    for signature in names.signatures(scope):
        oldest.setdefault(signature.id, signature)
    causes = [_counted(signature, names, scope) for signature in oldest.values()]
    everything = scope.allowed is None and scope.project is None
    seen = [cause for cause in causes if cause.failures or everything]
    return tuple(sorted(seen, key=lambda cause: (-cause.failures, cause.signature.name)))


def _counted(signature: OrganisationSignature, names: NamedCauses, scope: Scope) -> NamedCause:
    failures, jobs = names.carrying(scope, signature.id)
    return NamedCause(signature=signature, failures=failures, jobs=jobs)
