"""A number in the details of incidents has its new name: `fine_since` is `successes_since_failure`."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade():
    incidents = sa.table("incidents", sa.column("id"), sa.column("detail"))
    connection = op.get_bind()
    for row in connection.execute(sa.select(incidents)).all():
        detail = json.loads(row.detail)
        if "fine_since" in detail:
            detail["successes_since_failure"] = detail.pop("fine_since")
            changed = sa.update(incidents).where(incidents.c.id == row.id)
            connection.execute(changed.values(detail=json.dumps(detail)))
