"""From evidence to the cause. The signature nearest to the root wins, the others are its symptoms; where none fits,
only Kubernetes' own word stands, and the cause stays unknown."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.domain.diagnosis.catalogue import Catalogue, Rank
from bot.domain.diagnosis.confidence import confidence_of
from bot.domain.diagnosis.frame import last_frame
from bot.domain.diagnosis.log_lines import shown
from bot.domain.diagnosis.matching import Hit, hits
from bot.domain.diagnosis.ordering import nearest_first
from bot.domain.diagnosis.reading import ReadEvidence, read
from bot.domain.diagnosis.reasons import ERROR, PENDING, STARTING, stands_beside_a_cause, strongest_type, type_said_in
from bot.domain.diagnosis.template import last_error_line, worth_reading
from bot.domain.text.masking import mask
from bot.domain.workload.pod_evidence import CauseOwner, Confidence, Diagnosis, Evidence, Match

_UNKNOWN_TITLE = "Cause not known"
_UNKNOWN_EXPLANATION = "Nothing in the evidence fits a known cause. The last line that looks like an error is shown."
_LONGEST_NAME = 80
_RANK_OF_GANG = re.compile(r"\[?\brank[ :=]?(?P<rank>\d{1,5})\b", re.IGNORECASE)


def diagnose(evidence: Evidence, catalogue: Catalogue) -> Diagnosis:
    """What went wrong. Lines in the answer are masked and bounded. Never raises on odd input."""
    facts = read(evidence)
    found = nearest_first(hits(facts, catalogue), facts)
    if not found:
        return _unknown(facts, catalogue)
    cause = found[0]
    return Diagnosis(
        failure_type=_type(cause, facts),
        signature=cause.signature.id,
        title=_title(cause, facts),
        explanation=cause.signature.explanation,
        owner=cause.signature.owner,
        evidence_line=shown(mask(cause.line)),
        others=tuple(Match(hit.signature.id, shown(mask(hit.line))) for hit in _beside(cause, found[1:])),
        confidence=confidence_of(cause, found[1:]),
    )


def _beside(cause: Hit, others: list[Hit]) -> Iterator[Hit]:
    """The symptoms worth telling: those that stand in another line than the cause, and that were not over before it."""
    return (hit for hit in others if hit.in_text and hit.position != cause.position and hit.standing <= cause.standing)


def _type(cause: Hit, facts: ReadEvidence) -> str:
    """The signature's own type, unless Kubernetes says more: where the type is no more than `Error`, its strong
    reasons and the step that the line reports on; where the signature is generic, its strong reasons."""
    own, said = cause.signature.failure_type, strongest_type(facts.reasons)
    if said in STARTING and own in STARTING:
        return said
    if said is not None and stands_beside_a_cause(said) and (own == ERROR or cause.rank is Rank.GENERIC):
        return said
    step = type_said_in(cause.line)
    if own in {ERROR, "CreateContainerConfigError"} and stands_beside_a_cause(step):
        return step or own
    return own


def _unknown(facts: ReadEvidence, catalogue: Catalogue) -> Diagnosis:
    line = last_error_line(facts) or _said(facts)
    failure_type = _unknown_type(facts, line)
    named = catalogue.failure_type(failure_type) if failure_type != ERROR else None
    return Diagnosis(
        failure_type=failure_type,
        signature=None,
        title=named.title if named is not None else _UNKNOWN_TITLE,
        explanation=named.explanation if named is not None else _UNKNOWN_EXPLANATION,
        owner=named.owner if named is not None else CauseOwner.UNKNOWN,
        evidence_line=shown(mask(line)),
        confidence=Confidence.UNKNOWN,
        lines=tuple(shown(mask(each)) for each in worth_reading(facts)),
    )


def _unknown_type(facts: ReadEvidence, line: str) -> str:
    """Kubernetes' reason; for a pod that waits, or says nothing, what its events say."""
    said = strongest_type(facts.reasons)
    if said is not None and said != PENDING:
        return said
    return type_said_in(line) or strongest_type(facts.event_reasons) or said or ERROR


def _said(facts: ReadEvidence) -> str:
    """Kubernetes' own line, where there is no log."""
    lines = [*facts.reasons.values(), *facts.event_reasons.values()]
    if lines:
        return lines[0]
    return f"exit code {min(facts.exit_codes)}" if facts.exit_codes else ""


def _told(cause: Hit) -> str | None:
    """The title in words that name what the line names, where it names all of that, with process and host."""
    if cause.signature.told is None:
        return None
    named = {key: shown(mask(value))[:_LONGEST_NAME] for key, value in cause.named.items()}
    try:
        told = cause.signature.told.format_map(named)
    except KeyError:
        return None
    beside = [f"{key} {named[key]}" for key in ("pid", "host") if key in named and f"{{{key}}}" not in told]
    return f"{told} ({', '.join(beside)})" if beside else told


def _title(cause: Hit, facts: ReadEvidence) -> str:
    """The signature's title, with what its line names, the Python frame and the rank of the gang."""
    told = _told(cause)
    if told is not None:
        return told
    title = cause.signature.title
    if what := cause.named.get("what"):
        title = f"{title}: {shown(mask(what))[:_LONGEST_NAME]}"
    if cause.signature.tells_frame and (frame := last_frame(facts, cause.position)):
        title = f"{title} at {shown(mask(frame))}"
    match = _RANK_OF_GANG.search(cause.line)
    return f"{title} on rank {match['rank']}" if match is not None else title
