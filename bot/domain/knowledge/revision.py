"""A change to what people taught the bot: another wording or name, or that it is offered no more; and whose it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

_PERSON = re.compile(r"[UW][A-Z0-9]{1,30}")


class RevisionKind(StrEnum):
    """What is done to a fix or a named cause."""

    REWORD = "reword"
    RETIRE = "retire"
    RESTORE = "restore"
    """A retired fix is offered again."""
    RENAME = "rename"
    UNNAME = "unname"
    """The name of a cause is taken back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One change. `key` is the id of a solution, or of a named cause."""

    kind: RevisionKind
    key: str
    text: str = ""
    """The new wording or name."""
    condition: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Taught:
    """What is to be changed, as it is now. `author` is whoever taught it: a Slack user id, or no person."""

    author: str | None
    text: str
    condition: str | None = None

    @property
    def has_author(self) -> bool:
        """Whether a person in Slack taught it: what the bot saw, and what was imported, is nobody's."""
        return self.author is not None and _PERSON.fullmatch(self.author) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedRevision:
    """Somebody who may not change it proposes a change: what its author reads."""

    revision: Revision
    taught: Taught
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Revised:
    """A change that was made, with what stood there before."""

    revision: Revision
    taught: Taught
    by: str
    proposed_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionAsked:
    """The author was asked: what whoever proposed it reads."""

    author: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionDeclined:
    """The author does not want it: what stands in place of the question."""

    revision: Revision
    taught: Taught
    by: str


def undone(revision: Revision, before: Taught, *, key: str) -> Revision | None:
    """What takes a change back, where `key` is the id that the thing has now; None where nothing does."""
    match revision.kind:
        case RevisionKind.REWORD | RevisionKind.RENAME:
            return Revision(kind=revision.kind, key=key, text=before.text, condition=before.condition)
        case RevisionKind.RETIRE:
            return Revision(kind=RevisionKind.RESTORE, key=key)
        case RevisionKind.RESTORE | RevisionKind.UNNAME:
            return None
