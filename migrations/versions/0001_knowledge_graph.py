"""The knowledge graph: attempts, failures, solutions and their outcomes; what people were told; where watches are."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

Text = sa.String
Time = sa.DateTime(timezone=True)


def upgrade():
    attempts()
    failure_events()
    solutions()
    incidents()
    told()
    correlations()


def attempts():
    op.create_table(
        "attempts",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("cluster", Text, nullable=False),
        sa.Column("project", Text),
        sa.Column("job", Text, nullable=False),
        sa.Column("kind", Text),
        sa.Column("owner", Text),
        sa.Column("job_uid", Text),
        sa.Column("gang", Text),
        sa.Column("pod_uid", Text, nullable=False),
        sa.Column("pod_name", Text),
        sa.Column("container", Text, nullable=False),
        sa.Column("restart", sa.Integer, nullable=False),
        sa.Column("node", Text),
        sa.Column("nodes", Text),
        sa.Column("image", Text),
        sa.Column("gpu_count", sa.Float),
        sa.Column("gpu_type", Text),
        sa.Column("memory_request", Text),
        sa.Column("cpu_request", Text),
        sa.Column("created_at", Time),
        sa.Column("started_at", Time),
        sa.Column("finished_at", Time),
        sa.Column("ended_at", Time, nullable=False),
        sa.Column("outcome", Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_attempts"),
        sa.UniqueConstraint("cluster", "pod_uid", "container", "restart", name="uq_attempts_key"),
    )
    op.create_index("ix_attempts_ended_at", "attempts", ["ended_at"])
    op.create_index("ix_attempts_job", "attempts", ["job", "outcome", "ended_at"])
    op.create_index("ix_attempts_project", "attempts", ["project", "cluster"])


def failure_events():
    op.create_table(
        "failure_events",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("cluster", Text, nullable=False),
        sa.Column("project", Text),
        sa.Column("job_name", Text, nullable=False),
        sa.Column("job_type", Text),
        sa.Column("owner", Text),
        sa.Column("job_uid", Text),
        sa.Column("gang", Text),
        sa.Column("failure_type", Text, nullable=False),
        sa.Column("signature", Text),
        sa.Column("phase", Text),
        sa.Column("exit_code", sa.Integer),
        sa.Column("pod_uid", Text, nullable=False),
        sa.Column("pod_name", Text),
        sa.Column("container", Text, nullable=False),
        sa.Column("node_name", Text),
        sa.Column("nodes", Text),
        sa.Column("container_image", Text),
        sa.Column("error_message", Text),
        sa.Column("logs_snippet", Text),
        sa.Column("events_snippet", Text),
        sa.Column("gpu_count", sa.Float),
        sa.Column("gpu_type", Text),
        sa.Column("memory_request", Text),
        sa.Column("cpu_request", Text),
        sa.Column("timestamp", Time, nullable=False),
        sa.Column("first_fault", sa.Boolean, nullable=False),
        sa.Column("occurrences", sa.Integer, nullable=False),
        sa.Column("resolution", Text),
        sa.Column("resolved_at", Time),
        sa.Column("resolved_by", Text),
        sa.PrimaryKeyConstraint("id", name="pk_failure_events"),
        sa.UniqueConstraint("cluster", "pod_uid", "container", "failure_type", name="uq_failure_events_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_failure_events_timestamp", "failure_events", ["timestamp"])
    op.create_index("ix_failure_events_job", "failure_events", ["job_name", "timestamp"])
    op.create_index("ix_failure_events_type", "failure_events", ["failure_type", "timestamp"])
    op.create_index("ix_failure_events_project", "failure_events", ["project", "cluster"])
    in_a_gang = sa.text("gang IS NOT NULL")
    op.create_index(
        "ix_failure_events_gang", "failure_events", ["gang"], sqlite_where=in_a_gang, postgresql_where=in_a_gang
    )


def solutions():
    op.create_table(
        "failure_solutions",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("failure_type", Text, nullable=False),
        sa.Column("signature", Text),
        sa.Column("condition", Text),
        sa.Column("description", Text, nullable=False),
        sa.Column("kind", Text, nullable=False),
        sa.Column("parameters", Text, nullable=False),
        sa.Column("automatic", sa.Boolean, nullable=False),
        sa.Column("created_by", Text),
        sa.Column("last_used_at", Time),
        sa.Column("success_count", sa.Integer, nullable=False),
        sa.Column("failure_count", sa.Integer, nullable=False),
        sa.Column("retired", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_failure_solutions"),
    )
    op.create_index("ix_failure_solutions_type", "failure_solutions", ["failure_type", "signature"])
    op.create_table(
        "solution_outcomes",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("solution_id", sa.Integer, nullable=False),
        sa.Column("failure_id", sa.Integer),
        sa.Column("worked", sa.Boolean, nullable=False),
        sa.Column("source", Text, nullable=False),
        sa.Column("by", Text, nullable=False),
        sa.Column("at", Time, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_solution_outcomes"),
        sa.ForeignKeyConstraint(
            ["solution_id"], ["failure_solutions.id"], name="fk_solution_outcomes_solution_id"
        ),
    )
    # NULLs are all different to a unique constraint, so each of the two cases has its own index.
    one_failure, in_general = sa.text("failure_id IS NOT NULL"), sa.text("failure_id IS NULL")
    op.create_index(
        "uq_solution_outcomes_failure",
        "solution_outcomes",
        ["solution_id", "failure_id", "by"],
        unique=True,
        sqlite_where=one_failure,
        postgresql_where=one_failure,
    )
    op.create_index(
        "uq_solution_outcomes_general",
        "solution_outcomes",
        ["solution_id", "by"],
        unique=True,
        sqlite_where=in_general,
        postgresql_where=in_general,
    )
    op.create_index("ix_solution_outcomes_failure", "solution_outcomes", ["failure_id", "by"])


def incidents():
    op.create_table(
        "incidents",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("key", Text, nullable=False),
        sa.Column("kind", Text, nullable=False),
        sa.Column("subject", Text, nullable=False),
        sa.Column("cluster", Text),
        sa.Column("project", Text),
        sa.Column("severity", Text, nullable=False),
        sa.Column("state", Text, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("jobs", sa.Integer, nullable=False),
        sa.Column("detail", Text, nullable=False),
        sa.Column("opened_at", Time, nullable=False),
        sa.Column("updated_at", Time, nullable=False),
        sa.Column("acknowledged_at", Time),
        sa.Column("acknowledged_by", Text),
        sa.Column("snoozed_until", Time),
        sa.Column("resolved_at", Time),
        sa.Column("resolved_by", Text),
        sa.PrimaryKeyConstraint("id", name="pk_incidents"),
        sa.UniqueConstraint("key", name="uq_incidents_key"),
        sa.CheckConstraint(
            "state IN ('open', 'acknowledged', 'snoozed', 'resolved')", name=op.f("ck_incidents_state")
        ),
    )
    op.create_index("ix_incidents_state", "incidents", ["state", "updated_at"])
    op.create_table(
        "actions",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("cluster", Text, nullable=False),
        sa.Column("action", Text, nullable=False),
        sa.Column("subject", Text, nullable=False),
        sa.Column("incident_id", sa.Integer),
        sa.Column("state", Text, nullable=False),
        sa.Column("detail", Text, nullable=False),
        sa.Column("asked_by", Text, nullable=False),
        sa.Column("asked_at", Time, nullable=False),
        sa.Column("approved_by", Text),
        sa.Column("finished_at", Time),
        sa.Column("error", Text),
        sa.PrimaryKeyConstraint("id", name="pk_actions"),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name="fk_actions_incident_id"),
    )
    op.create_index("ix_actions_asked_at", "actions", ["asked_at"])


def told():
    op.create_table(
        "notices",
        sa.Column("key", Text, nullable=False),
        sa.Column("channel", Text, nullable=False),
        sa.Column("ts", Text, nullable=False),
        sa.Column("said", Text, nullable=False),
        sa.Column("at", Time, nullable=False),
        sa.PrimaryKeyConstraint("key", "channel", name="pk_notices"),
    )
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("channel", Text, nullable=False),
        sa.Column("project", Text, nullable=False),
        sa.Column("kind", Text, nullable=False),
        sa.Column("weekday", sa.Integer),
        sa.Column("hour", sa.Integer),
        sa.Column("time_zone", Text),
        sa.Column("created_by", Text, nullable=False),
        sa.Column("created_at", Time, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_subscriptions"),
        sa.UniqueConstraint("channel", "project", "kind", name="uq_subscriptions_channel"),
    )
    op.create_table(
        "watch_cursors",
        sa.Column("cluster", Text, nullable=False),
        sa.Column("resource_version", Text, nullable=False),
        sa.Column("seen_at", Time, nullable=False),
        sa.PrimaryKeyConstraint("cluster", name="pk_watch_cursors"),
    )


def correlations():
    """For people with a SQL console: what fails with what. Jobs and attempts are those with a failure, and all."""
    hour_of = {
        "sqlite": "strftime('%H', {0})",
        "postgresql": "to_char({0} AT TIME ZONE 'UTC', 'HH24')",
    }[op.get_bind().dialect.name]
    dimensions = (
        _correlation("node", "node_name", "node"),
        _correlation("image", "container_image", "image"),
        _correlation("project", "project", "project"),
        _correlation("hour", hour_of.format("timestamp"), hour_of.format("ended_at")),
    )
    op.execute("CREATE VIEW failure_correlations AS " + " UNION ALL ".join(dimensions))


def _correlation(kind, of_failure, of_attempt):
    return f"""
        SELECT '{kind}' AS kind, f.key, f.failures, f.jobs, coalesce(a.attempts, 0) AS attempts,
               f.first_seen, f.last_seen
        FROM (
            SELECT key, sum(failures) AS failures, count(*) AS jobs,
                   min(first_seen) AS first_seen, max(last_seen) AS last_seen
            FROM (
                SELECT {of_failure} AS key, count(*) AS failures,
                       min(timestamp) AS first_seen, max(timestamp) AS last_seen
                FROM failure_events
                WHERE {of_failure} IS NOT NULL
                GROUP BY {of_failure}, cluster, project, job_name
            ) AS by_job
            GROUP BY key
        ) AS f
        LEFT JOIN (
            SELECT {of_attempt} AS key, count(*) AS attempts FROM attempts GROUP BY {of_attempt}
        ) AS a ON a.key = f.key
    """
