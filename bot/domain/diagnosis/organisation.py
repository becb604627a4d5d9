"""Causes that people of this organisation named: a shape of error line (see `template`) with a name, what it means and
who can mend it. The catalogue comes first; only where it knows nothing, these are asked."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.diagnosis.template import template_of
from bot.domain.workload.failure import Failure
from bot.domain.workload.pod_evidence import CauseOwner, Diagnosis

LONGEST_ID = 80
_NO_WORD = re.compile(r"[\W_]+")
_PLACEHOLDER = re.compile(r"<(?:time|url|id|address|path|n)>")
_SAYS_LITTLE = frozenset({"exit", "code", "error", "failed", "failure", "exited", "with", "status"})


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationSignature:
    """One shape of error line under a name that a person gave. Several shapes may have one name: then they are one
    cause, and the oldest says what it means."""

    id: str
    """What failures carry as their signature: the name in small letters, with dashes."""
    name: str
    template: str
    failure_type: str
    explanation: str
    owner: CauseOwner
    created_by: str
    """A Slack user id."""
    created_at: datetime

    @property
    def title(self) -> str:
        """The name, under the word that the catalogue's signatures have for it."""
        return self.name


def signature_id(name: str) -> str:
    """The id of a name: "Licence server away!" is "licence-server-away". Empty for a name without letters or digits."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return _NO_WORD.sub("-", plain).strip("-")[:LONGEST_ID].rstrip("-")


def can_be_named(template: str) -> bool:
    """Whether a shape says enough to be the sign of one cause: "exit code <n>" does not."""
    words = _NO_WORD.sub(" ", _PLACEHOLDER.sub(" ", template)).casefold().split()
    return any(len(word) > 1 and not word.isdecimal() and word not in _SAYS_LITTLE for word in words)


def by_template(signatures: Iterable[OrganisationSignature]) -> Mapping[str, OrganisationSignature]:
    """The signatures by their shape."""
    return {signature.template: signature for signature in signatures}


def named(failure: Failure, known: Mapping[str, OrganisationSignature]) -> Failure:
    """The failure with the signature of its shape, where the catalogue gave it none."""
    if failure.signature is not None or not failure.error_message:
        return failure
    found = known.get(template_of(failure.error_message))
    return failure if found is None else replace(failure, signature=found.id)


def recognised(diagnosis: Diagnosis, known: Mapping[str, OrganisationSignature]) -> Diagnosis:
    """The diagnosis as this organisation knows it, where the catalogue does not."""
    if diagnosis.signature is not None or not diagnosis.evidence_line:
        return diagnosis
    found = known.get(template_of(diagnosis.evidence_line))
    if found is None:
        return diagnosis
    return replace(diagnosis, signature=found.id, title=found.title, explanation=found.explanation, owner=found.owner)
