"""The columns that reports are made of: attempts and failure events of a day as a few numbers each."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "period_chunks",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("day", sa.Integer, nullable=False),
        sa.Column("sign", sa.Integer, nullable=False),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_period_chunks"),
    )
    op.create_index("ix_period_chunks_day", "period_chunks", ["kind", "day", "sign", "rows"])
