"""Incidents: episodes, steps, the decisions to tell or not; maintenance windows; what a subscription asks for."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

Text = sa.String
Time = sa.DateTime(timezone=True)


def upgrade():
    _columns(
        "incidents",
        sa.Column("seen_at", Time, nullable=False, server_default="1970-01-01 00:00:00.000000"),
        sa.Column("loud_at", Time, nullable=False, server_default="1970-01-01 00:00:00.000000"),
        sa.Column("loud_failures", sa.Integer, nullable=False, server_default="1"),
        sa.Column("episode", sa.Integer, nullable=False, server_default="1"),
        sa.Column("snoozed_by", Text),
        sa.Column("dismissed", sa.Boolean, nullable=False, server_default=sa.false()),
    )
    _columns(
        "subscriptions",
        sa.Column("threshold", sa.Integer),
        sa.Column("daily", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("skip_empty", sa.Boolean, nullable=False, server_default=sa.true()),
    )
    op.create_table(
        "incident_steps",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("incident_id", sa.Integer, nullable=False),
        sa.Column("did", Text, nullable=False),
        sa.Column("by", Text),
        sa.Column("at", Time, nullable=False),
        sa.Column("said", Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_incident_steps"),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name="fk_incident_steps_incident_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_incident_steps_incident", "incident_steps", ["incident_id", "id"])
    op.create_table(
        "incident_decisions",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("incident_id", sa.Integer, nullable=False),
        sa.Column("channel", Text, nullable=False),
        sa.Column("act", Text, nullable=False),
        sa.Column("reason", Text, nullable=False),
        sa.Column("first_at", Time, nullable=False),
        sa.Column("last_at", Time, nullable=False),
        sa.Column("times", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_incident_decisions"),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name="fk_incident_decisions_incident_id"),
    )
    op.create_index("ix_incident_decisions_incident", "incident_decisions", ["incident_id", "channel", "id"])
    op.create_table(
        "maintenance",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("part", Text, nullable=False),
        sa.Column("name", Text, nullable=False),
        sa.Column("since", Time, nullable=False),
        sa.Column("until", Time, nullable=False),
        sa.Column("by", Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_maintenance"),
    )


def _columns(table, *columns):
    with op.batch_alter_table(table) as batch:
        for column in columns:
            batch.add_column(column)
