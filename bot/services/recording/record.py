"""Recording what a watch saw: sightings become failure events (diagnosed, masked, bounded), and are written together
with the attempts in one transaction; then the gangs among them are sorted into first faults and victims."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.text.masking import mask
from bot.domain.workload.attempt import Attempt
from bot.domain.workload.failure import Failure
from bot.domain.workload.gang import first_faults
from bot.domain.workload.pod_evidence import Diagnosis, Evidence
from bot.domain.workload.sighting import Sighting
from bot.services.recording.ports import Recorded, Recorder

LONGEST_LOGS = 16 * 1024
LONGEST_EVENTS = 4 * 1024
LONGEST_MESSAGE = 1024
"""Characters of a text that are kept; the end of a log tells more than its beginning."""
_LONGEST_SECRET = 16 * 1024
_MOST_TYPES = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Scribe:
    """How sightings are written down."""

    recorder: Recorder
    diagnose: Callable[[Evidence], Diagnosis]
    depth: Callable[[Failure], float] | None = None
    """How near to the root a failure is; the smallest figure in a gang is its first fault. None goes by time alone."""
    types: dict[Evidence, str] = field(default_factory=dict, repr=False)
    """Failure types of bare evidence, which is much the same for most failures."""

    def type_of(self, bare_evidence: Evidence) -> str:
        """The failure type, as far as the pod itself tells."""
        if bare_evidence not in self.types:
            if len(self.types) >= _MOST_TYPES:
                self.types.clear()
            self.types[bare_evidence] = self.diagnose(bare_evidence).failure_type
        return self.types[bare_evidence]


def record_batch(
    scribe: Scribe,
    attempts: Sequence[Attempt],
    sightings: Sequence[Sighting],
    *,
    enriched: Sequence[Failure] = (),
) -> Recorded:
    """Write what was seen, in one transaction; then mark first faults. Raises Unavailable.

    A sighting is written bare, since its pod may be gone before its evidence is here; `enriched` are the failures
    whose evidence has come since.
    """
    failures = [*(bare(scribe, sighting) for sighting in sightings), *enriched]
    if not attempts and not failures:
        return Recorded()
    recorded = scribe.recorder.record(attempts, failures)
    if recorded.failures or recorded.changed:
        _mark_gangs(scribe, failures)
    return recorded


def bare(scribe: Scribe, sighting: Sighting) -> Failure:
    """The failure before anybody looked at its evidence. Its cause and its error message are left open: whoever looks
    will know better, and of two different texts the store can only keep the longer."""
    said = sighting.evidence
    line = f"{said.reason}: {said.message}" if said.reason and said.message else ""
    return _failure(scribe, sighting, events_snippet=_kept(f"{line}\n{said.events}", LONGEST_EVENTS))


def with_evidence(scribe: Scribe, sighting: Sighting, evidence: Evidence) -> Failure:
    """The failure with its cause. Its type is the one it has when it is bare, so that both are the same episode."""
    diagnosis = scribe.diagnose(evidence)
    decided = not evidence.unread and (diagnosis.recorded is not None or bool(evidence.logs))
    return _failure(
        scribe,
        sighting,
        evidence_at=sighting.timestamp if decided else None,
        signature=diagnosis.recorded,
        error_message=_kept(diagnosis.evidence_line or evidence.message, LONGEST_MESSAGE),
        logs_snippet=_kept(evidence.logs or evidence.previous_logs, LONGEST_LOGS),
        events_snippet=_kept(evidence.events, LONGEST_EVENTS),
    )


def _failure(
    scribe: Scribe,
    sighting: Sighting,
    *,
    signature: str | None = None,
    error_message: str | None = None,
    logs_snippet: str | None = None,
    events_snippet: str | None = None,
    evidence_at: datetime | None = None,
) -> Failure:
    attempt, evidence = sighting.attempt, sighting.evidence
    return Failure(
        cluster=attempt.cluster,
        job=attempt.job,
        pod_uid=attempt.pod_uid,
        failure_type=scribe.type_of(evidence),
        timestamp=sighting.timestamp,
        project=attempt.project,
        kind=attempt.kind,
        owner=attempt.owner,
        job_uid=attempt.job_uid,
        gang=attempt.gang,
        pod_name=attempt.pod_name,
        container=attempt.container,
        node=attempt.node,
        image=attempt.image,
        gpu_count=attempt.gpu_count,
        gpu_type=attempt.gpu_type,
        memory_request=attempt.memory_request,
        cpu_request=attempt.cpu_request,
        phase=evidence.phase,
        exit_code=evidence.exit_code,
        signature=signature,
        error_message=error_message,
        logs_snippet=logs_snippet,
        events_snippet=events_snippet,
        occurrences=sighting.occurrences,
        evidence_at=evidence_at,
    )


def _kept(text: str | None, most: int) -> str | None:
    """What is stored of a text: its end. It is masked before it is cut to size, so that no half of a secret (of a key's
    many lines) stays."""
    return (mask(text[-most - _LONGEST_SECRET :]).last(most) or None) if text else None


def _mark_gangs(scribe: Scribe, failures: Iterable[Failure]) -> None:
    touched: dict[str, set[str]] = defaultdict(set)
    for each in failures:
        if each.gang is not None:
            touched[each.cluster].add(each.gang)
    for cluster, gangs in touched.items():
        _sort_out(scribe, cluster, gangs)


def _sort_out(scribe: Scribe, cluster: str, gangs: Iterable[str]) -> None:
    """Mark the first faults and the victims of these gangs, of those that several pods failed in."""
    by_gang: dict[str | None, list[Failure]] = defaultdict(list)
    for member in scribe.recorder.gang_failures(cluster, gangs):
        by_gang[member.gang].append(member)
    several = [members for members in by_gang.values() if len({each.pod_uid for each in members}) > 1]
    if several:
        starts = scribe.recorder.pod_starts(cluster, {each.pod_uid for members in several for each in members})
        faults = [first_faults(members, starts=starts, depth=scribe.depth) for members in several]
        scribe.recorder.set_first_faults(
            {failure for each in faults for failure in each.first},
            {failure for each in faults for failure in each.victims},
        )
