"""Why an attempt ended as it did; of a failure, of which run the evidence is, and the cause before that one."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("attempts", sa.Column("reason", sa.String()))
    op.add_column("failure_events", sa.Column("evidence_at", sa.DateTime(timezone=True)))
    op.add_column("failure_events", sa.Column("earlier_signature", sa.String()))
    op.add_column("failure_events", sa.Column("earlier_at", sa.DateTime(timezone=True)))
