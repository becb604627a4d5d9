"""The story of one job: its attempts, why the newest failure happened, and what to try."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.domain.diagnosis import diagnose
from bot.domain.diagnosis.catalogue import Catalogue, Known
from bot.domain.diagnosis.organisation import OrganisationSignature
from bot.domain.knowledge.fixes import JobStory
from bot.domain.period import Period
from bot.domain.scope import Scope
from bot.domain.workload.failure import Failure
from bot.domain.workload.pod_evidence import CauseOwner, Diagnosis, Evidence
from bot.services.knowledge.fixes import Sources, fixes_for


def job_story(job: str, sources: Sources, *, scope: Scope, period: Period, by: str | None = None) -> JobStory | None:
    """What is known of a job in this scope; of the newest, where several have the name. None if nothing is."""
    attempts = sources.history.job_attempts(scope, job)
    failures = sources.history.job_failures(scope, job)
    seen = [(one.ended_at, one.cluster, one.project) for one in attempts]
    seen += [(one.timestamp, one.cluster, one.project) for one in failures]
    if not seen:
        return None
    place = max(seen, key=lambda each: each[0])[1:]
    attempts = [one for one in attempts if (one.cluster, one.project) == place]
    failures = [one for one in failures if (one.cluster, one.project) == place]
    cause = root(failures)
    diagnosis = fixes = None
    if cause is not None:
        diagnosis = explained(cause, sources.catalogue, sources.named(cause.signature or "", scope))
        known = Known(cause.failure_type, diagnosis.signature)
        fixes = fixes_for(known, sources, scope=scope, period=period, failure=cause, by=by)
    return JobStory(
        job=job,
        project=place[1],
        cluster=place[0],
        attempts=tuple(attempts),
        failures=tuple(failures),
        diagnosis=diagnosis,
        fixes=fixes,
        first_failed_at=min((one.timestamp for one in failures), default=None),
        last_outcome=str(attempts[-1].outcome) if attempts else None,
        earlier_cause=_earlier_cause(cause, sources.catalogue),
    )


def _earlier_cause(failure: Failure | None, catalogue: Catalogue) -> str | None:
    name = failure.earlier_signature if failure is not None else None
    entry = catalogue.signature(name) if name else None
    return entry.title if entry is not None else name


def root(failures: Sequence[Failure]) -> Failure | None:
    """The newest failure that is no victim of another one in its gang; the newest at all where none is."""
    faults = [one for one in failures if one.first_fault] or failures
    return max(faults, key=lambda one: one.timestamp, default=None)


def explained(failure: Failure, catalogue: Catalogue, named: OrganisationSignature | None = None) -> Diagnosis:
    """What a recorded failure means. The recorded verdict stands; it is read again for title and symptoms. `named` is
    the verdict's meaning where people named it."""
    evidence = Evidence(
        phase=failure.phase,
        reason=failure.failure_type,
        message=failure.error_message,
        exit_code=failure.exit_code,
        logs=failure.logs_snippet or "",
        events=failure.events_snippet or "",
    )
    again = diagnose(evidence, catalogue)
    if failure.signature in {None, again.signature}:
        return replace(again, failure_type=failure.failure_type)
    entry = named or catalogue.signature(failure.signature or "") or catalogue.failure_type(failure.failure_type)
    return Diagnosis(
        failure_type=failure.failure_type,
        signature=failure.signature,
        title=entry.title if entry else failure.failure_type,
        explanation=entry.explanation if entry else "",
        owner=entry.owner if entry else CauseOwner.UNKNOWN,
        evidence_line=failure.error_message or again.evidence_line,
        others=again.others,
    )
