"""Causes that people named: the shape of an error line, its name and what it means."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "organisation_signatures",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("signature", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("template", sa.String, nullable=False),
        sa.Column("failure_type", sa.String, nullable=False),
        sa.Column("explanation", sa.String, nullable=False),
        sa.Column("owner", sa.String, nullable=False),
        sa.Column("created_by", sa.String, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_by", sa.String),
        sa.Column("retired_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_organisation_signatures"),
    )
    in_use = sa.text("retired_at IS NULL")
    op.create_index(
        "uq_organisation_signatures_template",
        "organisation_signatures",
        ["template"],
        unique=True,
        sqlite_where=in_use,
        postgresql_where=in_use,
    )
