"""Reads which template a service's pod was made from: the first pod of a new one is a rollout. Pods of jobs that run to
an end have no such label, and cost one look."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.cluster.pods import Pod, when
from bot.cluster.submission import Place, attempt_of
from bot.domain.text.masking import masked_line
from bot.domain.workload.attempt import Outcome
from bot.domain.workload.version import ROLLOUT, VersionSeen

_LABELS = ("pod-template-hash", "controller-revision-hash", "leaderworkerset.sigs.k8s.io/template-revision-hash")
_LONGEST = 100
_REMEMBERED = 10_000
_NEVER = datetime.max.replace(tzinfo=UTC)


class Rollouts:
    """Tells of each template once, and again of an older pod of it. For one thread."""

    def __init__(self) -> None:
        self._known: dict[tuple[str | None, str], datetime] = {}

    def of(self, pod: Pod, place: Place) -> VersionSeen | None:
        """The pod's template, where that is news."""
        labels = pod.metadata.labels
        template = next((labels[key] for key in _LABELS if labels.get(key)), None) if labels else None
        if template is None:
            return None
        key = (pod.metadata.namespace, template)
        made_at = when(pod.metadata.creation_timestamp)
        if made_at is None or made_at >= self._known.get(key, _NEVER):
            return None
        self._known[key] = made_at
        if len(self._known) > _REMEMBERED:
            del self._known[next(iter(self._known))]
        job = attempt_of(pod, place, "", outcome=Outcome.SUCCEEDED)
        return VersionSeen(
            cluster=job.cluster,
            what=ROLLOUT,
            subject=job.job,
            value=masked_line(template, _LONGEST),
            at=made_at,
            project=job.project,
        )
