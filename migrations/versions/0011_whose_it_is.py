"""Whose it is: the project of an outcome, the projects that a solution comes from, and of an incident of all projects those
that were looked at. What nobody knows it of is shown only to those who may see everything."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("incidents", sa.Column("allowed", sa.String))
    op.add_column("incident_steps", sa.Column("allowed", sa.String))
    op.add_column("solution_outcomes", sa.Column("project", sa.String))
    op.create_table(
        "solution_origins",
        sa.Column("solution_id", sa.Integer, nullable=False),
        sa.Column("project", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("solution_id", "project", name="pk_solution_origins"),
        sa.ForeignKeyConstraint(["solution_id"], ["failure_solutions.id"], name="fk_solution_origins_solution_id"),
    )
    outcomes = _outcomes()
    _solutions(outcomes)


def _outcomes():
    """The outcomes by solution, oldest first, each with its project."""
    table = sa.table(
        "solution_outcomes",
        *map(sa.column, ("id", "solution_id", "failure_id", "source", "by", "at", "context", "seen", "project")),
    )
    connection, found = op.get_bind(), {}
    for row in connection.execute(sa.select(table).order_by(table.c.at, table.c.id)).mappings().all():
        project = json.loads(row["context"]).get("project") if row["context"] else None
        if project is not None:
            connection.execute(sa.update(table).where(table.c.id == row["id"]).values(project=project))
        found.setdefault(row["solution_id"], []).append({**row, "project": project})
    return found


def _solutions(outcomes):
    table = sa.table("failure_solutions", *map(sa.column, ("id", "kind", "created_by")))
    origins = sa.table("solution_origins", *map(sa.column, ("solution_id", "project")))
    rows = [
        {"solution_id": row.id, "project": project}
        for row in op.get_bind().execute(sa.select(table)).all()
        for project in sorted(_origins(row, outcomes.get(row.id, [])))
    ]
    if rows:
        op.bulk_insert(origins, rows)


def _origins(solution, outcomes):
    """Of an observed one the projects where the values in its words were seen: those of its first outcome. Of a person's
    the one for whose failure they said it, else it was meant for everybody."""
    if solution.created_by == "import":
        return {""}
    if solution.kind == "observed":
        seen = [each for each in outcomes if each["source"] == "observed"]
        return {each["project"] for each in seen if each["project"] and each["seen"] == seen[0]["seen"]}
    if solution.kind == "person":
        said = [each for each in outcomes if each["by"] == solution.created_by]
        at_large = not said or any(each["failure_id"] is None for each in said)
        return {each["project"] for each in said if each["project"]} | ({""} if at_large else set())
    return set()
