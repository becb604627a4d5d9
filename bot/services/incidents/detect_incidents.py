"""The first part of the sweep: what the detectors see now becomes incidents, in one transaction. Nobody is told."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime, timedelta

from bot.domain.analysis.report import Report, Stats
from bot.domain.incidents.detect import GROUP_WINDOW, WINDOW, Detected, detected, grouped, is_back, lasting
from bot.domain.incidents.incident import Finding, Incident, IncidentKind
from bot.domain.incidents.lifecycle import Transition, opened, seen, unseen, woken
from bot.domain.incidents.subscription import Subscription, Wants, alerted_projects
from bot.domain.period import Period
from bot.domain.scope import Scope
from bot.services.incidents.ports import Incidents

EVIDENCE_COMES_IN = timedelta(seconds=30)
"""A failure without a cause waits so long for it, so that it is told once, under its own name."""
_MENDED = frozenset({IncidentKind.HOT_NODE, IncidentKind.BAD_IMAGE})
"""What can be mended; the others are over when they stop."""


def detect(
    subscriptions: Sequence[Subscription],
    analyze: Callable[[str | None, Period], Report],
    incidents: Incidents,
    scope: Callable[[str | None], Scope],
    *,
    long_report: Callable[[str | None], Report] | None = None,
    counts: Callable[[str | None, Period], Stats] | None = None,
    seen_since: Callable[[datetime], datetime] = lambda since: since,
    unread_since: datetime | None = None,
    now: datetime,
) -> Detected:
    """What is wrong now, as far as anybody subscribed to it. `analyze` takes a project, or None for all of them;
    `long_report` gives the one over `LONG_WINDOW`, which may be an hour old, `counts` the raw numbers of a period.
    `seen_since` moves the time from which failures are news to before the blind spells that have just ended; the
    evidence of failures since `unread_since` is still being read."""
    hour = now.replace(minute=0, second=0, microsecond=0)  # hours of a spike are to be the same in every sweep
    period = Period(hour - WINDOW, now)
    found = [
        detected(analyze(project, period), now=now).beside(lasting(long_report(project)) if long_report else Detected())
        for project in alerted_projects(subscriptions)
    ]
    recovered = {key: said for each in found for key, said in (each.recovered or {}).items()}
    ended = {
        one.key: one.resolved_at for one in incidents.live(scope(None), ended_since=now - WINDOW) if one.resolved_at
    }
    findings = [
        finding
        for each in found
        for finding in each.findings
        if _stands_anew(finding, ended.get(finding.key), counts, now)
    ]
    news, settled = seen_since(now - GROUP_WINDOW), min(now - EVIDENCE_COMES_IN, unread_since or now)
    for project in {one.project for one in subscriptions if one.wants is Wants.FAILURES}:
        groups = incidents.failure_groups(scope(project), now - WINDOW, settled)
        findings += grouped(one for one in groups if one.last_at >= news)
    return Detected(tuple({finding.key: finding for finding in findings}.values()), recovered)


def _stands_anew(
    finding: Finding, ended: datetime | None, counts: Callable[[str | None, Period], Stats] | None, now: datetime
) -> bool:
    """Whether a node or an image that was mended within the window stands out by what happened since, not only with
    what was before: one job that fails for another reason does not bring it back."""
    if ended is None or counts is None or finding.kind not in _MENDED or finding.hard or finding.last_at is None:
        return True
    if finding.last_at <= ended:
        return False
    since = counts(finding.project, Period(ended, now))
    rows = since.nodes if finding.kind is IncidentKind.HOT_NODE else since.images
    return any(is_back(finding, row) for row in rows if row.name == finding.subject)


def observe(
    seen_now: Detected,
    incidents: Incidents,
    scope: Scope,
    *,
    repeat_after: timedelta,
    unwatched: Collection[str] = (),
    now: datetime,
) -> None:
    """Open, continue and end incidents by what is seen now, with this scope; new ones in the order in which they began.
    Nothing ends in a cluster that is not watched just now: what cannot be seen may still be there."""

    def apply(known: Sequence[Incident]) -> list[Transition]:
        keys = {incident.key for incident in known}
        began = sorted(seen_now.findings, key=lambda finding: finding.since or finding.last_at or now)
        new = [opened(finding, now=now) for finding in began if finding.key not in keys]
        return [*new, *_continued(known, seen_now, unwatched, repeat_after=repeat_after, now=now)]

    incidents.observe(scope, [finding.key for finding in seen_now.findings], apply, now=now)


def _continued(
    known: Sequence[Incident],
    seen_now: Detected,
    unwatched: Collection[str],
    *,
    repeat_after: timedelta,
    now: datetime,
) -> Iterator[Transition]:
    findings, recovered = {finding.key: finding for finding in seen_now.findings}, seen_now.recovered or {}
    for incident in known:
        finding = findings.get(incident.key)
        if finding is not None:
            change = seen(incident, finding, repeat_after=repeat_after, now=now)
        elif incident.finding.cluster in unwatched or (incident.finding.cluster is None and unwatched):
            change = woken(incident, now=now)
        else:
            change = unseen(incident, said=recovered.get(incident.key, ""), now=now)
        if change.step is not None or change.incident != incident:
            yield change
