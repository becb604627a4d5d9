"""The tables of the knowledge graph, as SQLModel classes. The migrations create the same ones; a test compares them.

`failure_correlations` is missing here on purpose: it is a view over the rows below (see the first migration), so
that it can never be out of date. Times are aware and in UTC on the way in and out. Text that is a list or a mapping
inside (`nodes`, `parameters`, `detail`) is JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, MetaData, Table, UniqueConstraint, text
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from bot.store.said import SaidText
from bot.store.times import UtcTime

METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


class _Row(SQLModel, registry=registry(metadata=METADATA)):
    """What all rows share: one set of tables, apart from anybody else's SQLModel classes."""


def _time(**options: Any) -> Any:  # noqa: ANN401 sqlmodel's Field is typed so
    return Field(sa_type=UtcTime, **options)


def _said(**options: Any) -> Any:  # noqa: ANN401 sqlmodel's Field is typed so
    return Field(sa_type=SaidText, **options)


class AttemptRow(_Row, table=True):
    """`domain.attempt.Attempt`, and `ended_at`: the time it counts at."""

    __tablename__ = "attempts"
    __table_args__ = (
        UniqueConstraint("cluster", "pod_uid", "container", "restart", name="uq_attempts_key"),
        Index("ix_attempts_ended_at", "ended_at"),
        Index("ix_attempts_job", "job", "outcome", "ended_at"),
        Index("ix_attempts_project", "project", "cluster"),
    )

    id: int | None = Field(default=None, primary_key=True)
    cluster: str
    project: str | None = None
    job: str
    kind: str | None = None
    owner: str | None = None
    job_uid: str | None = None
    gang: str | None = None
    pod_uid: str
    pod_name: str | None = None
    container: str
    restart: int
    node: str | None = None
    nodes: str | None = None
    image: str | None = None
    gpu_count: float | None = None
    gpu_type: str | None = None
    memory_request: str | None = None
    cpu_request: str | None = None
    created_at: datetime | None = _time(default=None)
    started_at: datetime | None = _time(default=None)
    finished_at: datetime | None = _time(default=None)
    ended_at: datetime = _time()
    outcome: str
    reason: str | None = None


class FailureRow(_Row, table=True):
    """`domain.failure.Failure` under the column names people know from the tool before this one. Ids are never given
    twice, since an outcome may outlive the failure that it names."""

    __tablename__ = "failure_events"
    __table_args__ = (
        UniqueConstraint("cluster", "pod_uid", "container", "failure_type", name="uq_failure_events_key"),
        Index("ix_failure_events_timestamp", "timestamp"),
        Index("ix_failure_events_job", "job_name", "timestamp"),
        Index("ix_failure_events_type", "failure_type", "timestamp"),
        Index("ix_failure_events_project", "project", "cluster"),
        Index(
            "ix_failure_events_gang",
            "gang",
            sqlite_where=text("gang IS NOT NULL"),
            postgresql_where=text("gang IS NOT NULL"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    cluster: str
    project: str | None = None
    job_name: str
    job_type: str | None = None
    owner: str | None = None
    job_uid: str | None = None
    gang: str | None = None
    failure_type: str
    signature: str | None = None
    phase: str | None = None
    exit_code: int | None = None
    pod_uid: str
    pod_name: str | None = None
    container: str
    node_name: str | None = None
    nodes: str | None = None
    container_image: str | None = None
    error_message: str | None = _said(default=None)
    logs_snippet: str | None = _said(default=None)
    events_snippet: str | None = _said(default=None)
    gpu_count: float | None = None
    gpu_type: str | None = None
    memory_request: str | None = None
    cpu_request: str | None = None
    timestamp: datetime = _time()
    first_fault: bool
    occurrences: int
    resolution: str | None = None
    resolved_at: datetime | None = _time(default=None)
    resolved_by: str | None = None
    evidence_at: datetime | None = _time(default=None)
    earlier_signature: str | None = None
    earlier_at: datetime | None = _time(default=None)


class SolutionRow(_Row, table=True):
    """`domain.knowledge.solution.Solution`. The counts are derived from the outcomes at each vote. A rule that the
    catalogue dropped is retired: no longer offered, its record kept."""

    __tablename__ = "failure_solutions"
    __table_args__ = (Index("ix_failure_solutions_type", "failure_type", "signature"),)

    id: int | None = Field(default=None, primary_key=True)
    failure_type: str
    signature: str | None = None
    condition: str | None = _said(default=None)
    description: str = _said()
    kind: str
    parameters: str
    automatic: bool
    created_by: str | None = None
    last_used_at: datetime | None = _time(default=None)
    success_count: int = 0
    failure_count: int = 0
    retired: bool = False


class OutcomeRow(_Row, table=True):
    """`domain.knowledge.solution.Outcome`. `failure_id` is no foreign key: what people learnt outlives the failure,
    which goes with its retention period."""

    __tablename__ = "solution_outcomes"
    __table_args__ = (
        Index(
            "uq_solution_outcomes_failure",
            "solution_id",
            "failure_id",
            "by",
            unique=True,
            sqlite_where=text("failure_id IS NOT NULL"),
            postgresql_where=text("failure_id IS NOT NULL"),
        ),
        Index(
            "uq_solution_outcomes_general",
            "solution_id",
            "by",
            unique=True,
            sqlite_where=text("failure_id IS NULL"),
            postgresql_where=text("failure_id IS NULL"),
        ),
        Index("ix_solution_outcomes_failure", "failure_id", "by"),
    )

    id: int | None = Field(default=None, primary_key=True)
    solution_id: int = Field(foreign_key="failure_solutions.id")
    failure_id: int | None = None
    worked: bool
    source: str
    by: str
    at: datetime = _time()
    context: str | None = None
    project: str | None = None
    seen: str | None = None


class SolutionOriginRow(_Row, table=True):
    """A project that a solution comes from; "" where it was meant for everybody."""

    __tablename__ = "solution_origins"

    solution_id: int = Field(primary_key=True, foreign_key="failure_solutions.id")
    project: str = Field(primary_key=True)


class SpecRow(_Row, table=True):
    """`domain.knowledge.spec.WorkloadSpec` of a pod that failed, or of one that succeeded after its job had failed; the
    rest of them are not worth their room. A failed one is answered once a success of its job is kept. `studied_at` is
    when it was compared with the tries around it."""

    __tablename__ = "attempt_specs"
    __table_args__ = (
        UniqueConstraint("cluster", "pod_uid", name="uq_attempt_specs_pod"),
        Index("ix_attempt_specs_family", "family", "ended_at"),
        Index("ix_attempt_specs_job", "job", "ended_at"),
        Index(
            "ix_attempt_specs_news",
            "id",
            sqlite_where=text("studied_at IS NULL"),
            postgresql_where=text("studied_at IS NULL"),
        ),
        Index("ix_attempt_specs_ended_at", "ended_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    cluster: str
    pod_uid: str
    project: str | None = None
    family: str
    job: str
    job_uid: str | None = None
    owner: str | None = None
    failed: bool
    answered: bool = False
    began_at: datetime = _time()
    ended_at: datetime = _time()
    spec: str
    studied_at: datetime | None = _time(default=None)


class SuggestionRow(_Row, table=True):
    """That a solution was shown to somebody for a failure."""

    __tablename__ = "suggestions"

    failure_id: int = Field(primary_key=True)
    solution_id: int = Field(primary_key=True)
    at: datetime = _time()


class OutboxRow(_Row, table=True):
    """A message that is about to be said."""

    __tablename__ = "outbox"

    key: str = Field(primary_key=True)
    channel: str = Field(primary_key=True)
    at: datetime = _time()


class IncidentNoticeRow(_Row, table=True):
    """`services.incidents.notices.IncidentNotice`: the message of an incident in a channel."""

    __tablename__ = "incident_notices"
    __table_args__ = (Index("ix_incident_notices_channel", "channel"),)

    incident_id: int = Field(primary_key=True, foreign_key="incidents.id")
    channel: str = Field(primary_key=True)
    ts: str
    face: str
    step: int
    episode: int
    at: datetime = _time()


class UnreachableChannelRow(_Row, table=True):
    """A channel that refused the bot, and when its owner was told."""

    __tablename__ = "unreachable_channels"

    channel: str = Field(primary_key=True)
    why: str
    at: datetime = _time()
    told_in: str | None = None
    told_at: datetime | None = _time(default=None)


class OutageRow(_Row, table=True):
    """`domain.incidents.outage.Outage`: a cluster could not be watched."""

    __tablename__ = "outages"

    cluster: str = Field(primary_key=True)
    since: datetime = _time(primary_key=True)
    until: datetime = _time()
    recovered: int


class SlackOutageRow(_Row, table=True):
    """`domain.incidents.outage.SlackAway`: Slack took no messages. One that is not over is the current one."""

    __tablename__ = "slack_outages"

    since: datetime = _time(primary_key=True)
    until: datetime = _time()
    late: int
    over: bool


class OutageNoticeRow(_Row, table=True):
    """`services.incidents.notices.OutageNotice`; the cluster of an outage of Slack is ""."""

    __tablename__ = "outage_notices"

    cluster: str = Field(primary_key=True)
    since: datetime = _time(primary_key=True)
    channel: str = Field(primary_key=True)
    ts: str | None = None
    over: bool
    at: datetime = _time()


class PageRow(_Row, table=True):
    """What the pager was sent last of an incident."""

    __tablename__ = "pages"

    incident_id: int = Field(primary_key=True, foreign_key="incidents.id")
    event: str
    at: datetime = _time()


class DigestNoticeRow(_Row, table=True):
    """`services.incidents.notices.DigestNotice`; an empty project is all of them."""

    __tablename__ = "digest_notices"

    place: str = Field(primary_key=True)
    project: str = Field(primary_key=True)
    week: str = Field(primary_key=True)
    ts: str | None = None
    detail_ts: str | None = None
    at: datetime = _time()


class FixQuestionRow(_Row, table=True):
    """`services.knowledge.ports.FixQuestion`: an owner was asked about a fix."""

    __tablename__ = "fix_questions"

    failure_id: int = Field(primary_key=True)
    channel: str = Field(primary_key=True)
    ts: str | None = None
    at: datetime = _time()


class VersionRow(_Row, table=True):
    """`domain.version.Version`: one row for each value. The project of a node, and one that is unknown, is ""."""

    __tablename__ = "versions"
    __table_args__ = (
        Index(
            "ix_versions_changed",
            "first_seen",
            sqlite_where=text("replaced IS NOT NULL"),
            postgresql_where=text("replaced IS NOT NULL"),
        ),
    )

    cluster: str = Field(primary_key=True)
    what: str = Field(primary_key=True)
    project: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    value: str = Field(primary_key=True)
    first_seen: datetime = _time()
    last_seen: datetime = _time()
    replaced: str | None = None
    replaced_seen: datetime | None = _time(default=None)


class CursorRow(_Row, table=True):
    """Where a cluster's watch is."""

    __tablename__ = "watch_cursors"

    cluster: str = Field(primary_key=True)
    resource_version: str
    seen_at: datetime = _time()


class IncidentRow(_Row, table=True):
    """An open pattern or failure that people are told about; `key` is its subject and cause. `allowed` is a list of the
    projects that were looked at when it was observed last; without one it was all of them."""

    __tablename__ = "incidents"
    __table_args__ = (
        UniqueConstraint("key", name="uq_incidents_key"),
        Index("ix_incidents_state", "state", "updated_at"),
        CheckConstraint("state IN ('open', 'acknowledged', 'snoozed', 'resolved')", name="state"),
    )

    id: int | None = Field(default=None, primary_key=True)
    key: str
    kind: str
    subject: str
    cluster: str | None = None
    project: str | None = None
    severity: str
    state: str
    failures: int = 0
    jobs: int = 0
    detail: str
    opened_at: datetime = _time()
    updated_at: datetime = _time()
    seen_at: datetime = _time()
    loud_at: datetime = _time()
    loud_failures: int = 1
    episode: int = 1
    acknowledged_at: datetime | None = _time(default=None)
    acknowledged_by: str | None = None
    snoozed_until: datetime | None = _time(default=None)
    snoozed_by: str | None = None
    dismissed: bool = False
    dismissal: str | None = None
    resolved_at: datetime | None = _time(default=None)
    resolved_by: str | None = None
    allowed: str | None = None


class StepRow(_Row, table=True):
    """Something that happened to an incident: later steps have higher ids, which are never given twice."""

    __tablename__ = "incident_steps"
    __table_args__ = (Index("ix_incident_steps_incident", "incident_id", "id"), {"sqlite_autoincrement": True})

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incidents.id")
    did: str
    by: str | None = None
    at: datetime = _time()
    said: str = _said()
    allowed: str | None = None


class DecisionRow(_Row, table=True):
    """Why a channel was told of an incident, or not. The same decision again and again is one row."""

    __tablename__ = "incident_decisions"
    __table_args__ = (Index("ix_incident_decisions_incident", "incident_id", "channel", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incidents.id")
    channel: str
    act: str
    reason: str
    first_at: datetime = _time()
    last_at: datetime = _time()
    times: int = 1


class MaintenanceRow(_Row, table=True):
    """A node, project or cluster that people work on."""

    __tablename__ = "maintenance"

    id: int | None = Field(default=None, primary_key=True)
    part: str
    name: str = _said()
    since: datetime = _time()
    until: datetime = _time()
    by: str


class HomeChoiceRow(_Row, table=True):
    """The projects that a person wants to see on the Home tab."""

    __tablename__ = "home_choices"

    user_id: str = Field(primary_key=True)
    projects: str


class SubscriptionRow(_Row, table=True):
    """That a channel wants a project's alerts, digests or failures; an empty project is all of them."""

    __tablename__ = "subscriptions"
    __table_args__ = (UniqueConstraint("channel", "project", "kind", name="uq_subscriptions_channel"),)

    id: int | None = Field(default=None, primary_key=True)
    channel: str
    project: str
    kind: str
    weekday: int | None = None
    hour: int | None = None
    time_zone: str | None = None
    threshold: int | None = None
    daily: bool = False
    skip_empty: bool = True
    created_by: str
    created_at: datetime = _time()


class ActionRow(_Row, table=True):
    """The audit of what the bot did to a cluster, or was asked to: never changed but in its state."""

    __tablename__ = "actions"
    __table_args__ = (Index("ix_actions_asked_at", "asked_at"),)

    id: int | None = Field(default=None, primary_key=True)
    cluster: str
    action: str
    subject: str
    incident_id: int | None = Field(default=None, foreign_key="incidents.id")
    state: str
    detail: str
    asked_by: str
    asked_at: datetime = _time()
    approved_by: str | None = None
    finished_at: datetime | None = _time(default=None)
    error: str | None = _said(default=None)


class OrganisationSignatureRow(_Row, table=True):
    """`domain.diagnosis.organisation.OrganisationSignature`, and its own audit: a row never changes, it is retired, and
    a new name is a new row."""

    __tablename__ = "organisation_signatures"
    __table_args__ = (
        Index(
            "uq_organisation_signatures_template",
            "template",
            unique=True,
            sqlite_where=text("retired_at IS NULL"),
            postgresql_where=text("retired_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    signature: str
    name: str = _said()
    template: str = _said()
    failure_type: str
    explanation: str = _said()
    owner: str
    created_by: str
    created_at: datetime = _time()
    retired_by: str | None = None
    retired_at: datetime | None = _time(default=None)


class ChunkRow(_Row, table=True):
    """Attempts or failure events of one day as columns of numbers: what reports read (see `counts`). `day` counts from
    1970-01-01 UTC; `sign` is 1 for rows that were added and -1 for rows taken back."""

    __tablename__ = "period_chunks"
    __table_args__ = (Index("ix_period_chunks_day", "kind", "day", "sign", "rows"),)

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    day: int
    sign: int
    rows: int
    data: bytes


def _table(name: str) -> Table:
    return METADATA.tables[name]


ATTEMPTS = _table("attempts")
FAILURES = _table("failure_events")
SOLUTIONS = _table("failure_solutions")
OUTCOMES = _table("solution_outcomes")
ORIGINS = _table("solution_origins")
SPECS = _table("attempt_specs")
SUGGESTIONS = _table("suggestions")
ACTIONS = _table("actions")
OUTBOX = _table("outbox")
INCIDENT_NOTICES = _table("incident_notices")
UNREACHABLE_CHANNELS = _table("unreachable_channels")
OUTAGES = _table("outages")
SLACK_OUTAGES = _table("slack_outages")
OUTAGE_NOTICES = _table("outage_notices")
PAGES = _table("pages")
DIGEST_NOTICES = _table("digest_notices")
FIX_QUESTIONS = _table("fix_questions")
VERSIONS = _table("versions")
INCIDENTS = _table("incidents")
STEPS = _table("incident_steps")
DECISIONS = _table("incident_decisions")
MAINTENANCE = _table("maintenance")
SUBSCRIPTIONS = _table("subscriptions")
HOME_CHOICES = _table("home_choices")
CURSORS = _table("watch_cursors")
CHUNKS = _table("period_chunks")
NAMED = _table("organisation_signatures")
