"""Explains a log that a person pasted: the cause, the line that decided, and what to try first. The log is kept
nowhere: what a button needs to say it again, it carries."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.commands.button import Retold
from bot.domain.diagnosis.catalogue import Known
from bot.domain.diagnosis.organisation import by_template, recognised
from bot.domain.diagnosis.reasons import ERROR
from bot.domain.knowledge.fixes import Fixes
from bot.domain.period import Period
from bot.domain.scope import Scope
from bot.domain.text.masking import mask
from bot.domain.text.pasted_log import Pasted
from bot.domain.workload.pod_evidence import CauseOwner, Diagnosis, Match
from bot.services.answers.answer import LOOK_BACK, Asking
from bot.services.answers.diagnose import diagnosed
from bot.services.knowledge.fixes import Sources, fixes_for


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What a pasted log says."""

    diagnosis: Diagnosis
    fixes: Fixes | None
    """None where the cause is not known."""
    lines: int = 0
    """Lines that were read; 0 where it is said again."""
    unread_files: int = 0
    cut: bool = False
    """Whether the log was too long, and only its end was read."""
    ts: str | None = None
    """The message that the log stands in."""


def explain(pasted: Pasted, sources: Sources, *, scope: Scope, asking: Asking, ts: str | None) -> Explanation:
    """What went wrong, from a pasted log. Raises Unavailable where the store is away."""
    found = diagnosed(pasted.text.encode("utf-8", "replace"), catalogue=sources.catalogue)
    if sources.names is not None and found.signature is None:
        found = recognised(found, by_template(sources.names.signatures(scope)))
    return Explanation(
        diagnosis=found,
        fixes=_fixes(found, sources, scope, asking),
        lines=pasted.lines,
        unread_files=pasted.unread_files,
        cut=pasted.cut,
        ts=ts,
    )


def explain_again(retold: Retold, sources: Sources, *, scope: Scope, asking: Asking) -> Explanation:
    """What was said of a log, with the record as it is now. Raises Unavailable where the store is away."""
    signature = retold.signature or ""
    entry = sources.named(signature, scope) or sources.catalogue.signature(signature)
    kind = sources.catalogue.failure_type(retold.failure_type) if retold.failure_type != ERROR else None
    meaning = entry or kind
    found = Diagnosis(
        failure_type=retold.failure_type,
        signature=entry.id if entry is not None else None,
        title=_title(retold, None if entry is None else entry.title),
        explanation=meaning.explanation if meaning is not None else "",
        owner=meaning.owner if meaning is not None else CauseOwner.UNKNOWN,
        evidence_line=mask(retold.line),
        others=tuple(Match(other, "") for other in retold.others),
    )
    return Explanation(diagnosis=found, fixes=_fixes(found, sources, scope, asking), ts=retold.ts)


def _title(retold: Retold, title: str | None) -> str:
    """As it was said then; of a cause that may not be shown any more, or is gone, what is known without it."""
    return retold.title if retold.signature is None else title or retold.failure_type


def retold(explanation: Explanation) -> Retold:
    """What a button carries of an explanation."""
    found = explanation.diagnosis
    return Retold(
        failure_type=found.failure_type,
        signature=found.signature,
        title=found.title,
        line=found.evidence_line,
        others=tuple(other.signature for other in found.others),
        ts=explanation.ts,
    )


def _fixes(found: Diagnosis, sources: Sources, scope: Scope, asking: Asking) -> Fixes | None:
    """What helps; for a failure that is only known to have failed, nothing in particular does."""
    if found.signature is None and found.failure_type == ERROR:
        return None
    period = Period.last(LOOK_BACK, until=asking.now)
    known = Known(found.failure_type, found.signature)
    return fixes_for(known, sources, scope=scope, period=period, by=asking.user or None)
