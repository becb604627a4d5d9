"""What the graph learns from: specs of the attempts that matter, what was suggested, and where a verdict was given."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

Text = sa.String
Time = sa.DateTime(timezone=True)


def upgrade():
    op.add_column("solution_outcomes", sa.Column("context", Text))
    op.add_column("solution_outcomes", sa.Column("seen", Text))
    op.create_table(
        "attempt_specs",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("cluster", Text, nullable=False),
        sa.Column("pod_uid", Text, nullable=False),
        sa.Column("project", Text),
        sa.Column("family", Text, nullable=False),
        sa.Column("job", Text, nullable=False),
        sa.Column("job_uid", Text),
        sa.Column("owner", Text),
        sa.Column("failed", sa.Boolean, nullable=False),
        sa.Column("answered", sa.Boolean, nullable=False),
        sa.Column("began_at", Time, nullable=False),
        sa.Column("ended_at", Time, nullable=False),
        sa.Column("spec", Text, nullable=False),
        sa.Column("studied_at", Time),
        sa.PrimaryKeyConstraint("id", name="pk_attempt_specs"),
        sa.UniqueConstraint("cluster", "pod_uid", name="uq_attempt_specs_pod"),
    )
    op.create_index("ix_attempt_specs_family", "attempt_specs", ["family", "ended_at"])
    op.create_index("ix_attempt_specs_job", "attempt_specs", ["job", "ended_at"])
    news = sa.text("studied_at IS NULL")
    op.create_index("ix_attempt_specs_news", "attempt_specs", ["id"], sqlite_where=news, postgresql_where=news)
    op.create_index("ix_attempt_specs_ended_at", "attempt_specs", ["ended_at"])
    op.create_table(
        "suggestions",
        sa.Column("failure_id", sa.Integer, nullable=False),
        sa.Column("solution_id", sa.Integer, nullable=False),
        sa.Column("at", Time, nullable=False),
        sa.PrimaryKeyConstraint("failure_id", "solution_id", name="pk_suggestions"),
    )
