"""Why something was called no problem, and how much there was of it; and the projects that people chose for their Home tab.
Incidents that were dismissed before anybody was asked why count as expected."""

import datetime
import json

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("incidents", sa.Column("dismissal", sa.String))
    incidents = sa.table(
        "incidents",
        *map(sa.column, ("id", "dismissed", "dismissal", "jobs", "resolved_by")),
        sa.column("resolved_at", sa.DateTime(timezone=True)),
    )
    connection = op.get_bind()
    old = sa.select(incidents).where(incidents.c.dismissed == sa.true(), incidents.c.resolved_at.is_not(None))
    for row in connection.execute(old).all():
        at = row.resolved_at if row.resolved_at.tzinfo else row.resolved_at.replace(tzinfo=datetime.UTC)
        said = {"because": "expected", "by": row.resolved_by or "", "at": at.isoformat(), "jobs": row.jobs}
        changed = sa.update(incidents).where(incidents.c.id == row.id)
        connection.execute(changed.values(dismissal=json.dumps(said)))
    op.create_table(
        "home_choices",
        sa.Column("user_id", sa.String, nullable=False),
        sa.Column("projects", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_home_choices"),
    )
