"""What was in use and since when: drivers and kernels of nodes, templates of services."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "versions",
        sa.Column("cluster", sa.String, nullable=False),
        sa.Column("what", sa.String, nullable=False),
        sa.Column("project", sa.String, nullable=False),
        sa.Column("subject", sa.String, nullable=False),
        sa.Column("value", sa.String, nullable=False),
        sa.Column("first_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced", sa.String),
        sa.Column("replaced_seen", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("cluster", "what", "project", "subject", "value", name="pk_versions"),
    )
    changed = sa.text("replaced IS NOT NULL")
    op.create_index(
        "ix_versions_changed", "versions", ["first_seen"], sqlite_where=changed, postgresql_where=changed
    )
