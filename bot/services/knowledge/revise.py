"""Changes to what people taught the bot: an author's or a responder's is made at once, everybody else's is proposed to
the author. Rights and state are checked at each step anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.domain.diagnosis.organisation import signature_id
from bot.domain.incidents.handle import EVERYBODY, may_handle
from bot.domain.knowledge.revision import Revised, Revision, RevisionKind, Taught
from bot.domain.knowledge.solution import SolutionKind
from bot.domain.knowledge.transformation import has_own_words
from bot.domain.scope import Scope
from bot.services.incidents.acknowledge import IncidentContext
from bot.services.knowledge.fixes import Sources
from bot.services.knowledge.name_causes import rename_cause, retire_cause, visible
from bot.services.replies import Refusal, Why

_OF_A_FIX = {RevisionKind.REWORD, RevisionKind.RETIRE, RevisionKind.RESTORE}


def taught(revision: Revision, sources: Sources, scope: Scope) -> Taught | None:
    """What a change is about, as it is now; None where it is gone, or may not be seen, or is the catalogue's."""
    if revision.kind not in _OF_A_FIX:
        cause = sources.named(revision.key, scope)
        return None if cause is None else Taught(author=cause.created_by, text=cause.name)
    known = sources.knowledge.solution(scope, int(revision.key)) if revision.key.isdecimal() else None
    if known is None or known[0].kind is SolutionKind.RULE or not has_own_words(known[0], scope):
        return None
    return Taught(author=known[0].created_by, text=known[0].description, condition=known[0].condition)


def may_revise(user: str, of: Taught, incidents: IncidentContext | None) -> bool:
    """Whether a person may change it: as its author, or as a responder who is named as such. Where everybody is a
    responder, that makes nobody the owner of what somebody else taught; what no person taught is then everybody's."""
    if user == of.author:
        return True
    if not of.has_author:
        return incidents is None or incidents.may_handle(user)
    named = () if incidents is None else tuple(one for one in incidents.responders if one != EVERYBODY)
    return incidents is not None and may_handle(user, named, incidents.groups)


def revise(
    revision: Revision,
    sources: Sources,
    incidents: IncidentContext | None,
    *,
    scope: Scope,
    by: str,
    now: datetime,
    proposed_by: str | None = None,
) -> Revised | Refusal:
    """Make a change, if `by`, a Slack user id, may. The audit says who did it."""
    before = taught(revision, sources, scope)
    if before is None:
        return Refusal(Why.NO_SOLUTION if revision.kind in _OF_A_FIX else Why.NOTHING_TO_NAME)
    if not may_revise(by, before, incidents):
        return Refusal(Why.NOT_YOURS, before.author or "")
    if not _made(revision, sources, scope=scope, by=by, now=now):
        return Refusal(Why.TWIN if revision.kind in _OF_A_FIX else Why.NOTHING_TO_NAME)
    return Revised(revision=revision, taught=before, by=by, proposed_by=proposed_by)


def _made(revision: Revision, sources: Sources, *, scope: Scope, by: str, now: datetime) -> bool:
    knowledge, names = sources.knowledge, sources.names
    match revision.kind:
        case RevisionKind.REWORD:
            return knowledge.edit(scope, int(revision.key), revision.text, revision.condition, by=by, at=now)
        case RevisionKind.RETIRE:
            return knowledge.retire(scope, int(revision.key), by=by, at=now)
        case RevisionKind.RESTORE:
            known = knowledge.solution(scope, int(revision.key))
            return known is not None and knowledge.add_solution(replace(known[0], id=None)) == int(revision.key)
        case RevisionKind.RENAME:
            if names is None:
                return False
            author = visible(names, scope, revision.key)
            renamed = rename_cause(revision.key, revision.text, names, scope=scope, by=by, now=now)
            return renamed is not None and author is not None
        case RevisionKind.UNNAME:
            return names is not None and retire_cause(revision.key, names, scope=scope, by=by, now=now) is not None


def key_now(revision: Revision) -> str:
    """The id of what was changed, after the change."""
    return signature_id(revision.text) if revision.kind is RevisionKind.RENAME else revision.key
