"""What people were told, one table for each kind of message. Before, one table held it all under keys with prefixes."""

import datetime
import json

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

Text = sa.String
Time = sa.DateTime(timezone=True)


def upgrade():
    create()
    carry_over()
    op.drop_table("notices")


def create():
    op.create_table(
        "outbox",
        sa.Column("key", Text, nullable=False),
        sa.Column("channel", Text, nullable=False),
        sa.Column("at", Time, nullable=False),
        sa.PrimaryKeyConstraint("key", "channel", name="pk_outbox"),
    )
    op.create_table(
        "incident_notices",
        sa.Column("incident_id", sa.Integer, nullable=False),
        sa.Column("channel", Text, nullable=False),
        sa.Column("ts", Text, nullable=False),
        sa.Column("face", Text, nullable=False),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("episode", sa.Integer, nullable=False),
        sa.Column("at", Time, nullable=False),
        sa.PrimaryKeyConstraint("incident_id", "channel", name="pk_incident_notices"),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name="fk_incident_notices_incident_id"),
    )
    op.create_index("ix_incident_notices_channel", "incident_notices", ["channel"])
    op.create_table(
        "unreachable_channels",
        sa.Column("channel", Text, nullable=False),
        sa.Column("why", Text, nullable=False),
        sa.Column("at", Time, nullable=False),
        sa.Column("told_in", Text),
        sa.Column("told_at", Time),
        sa.PrimaryKeyConstraint("channel", name="pk_unreachable_channels"),
    )
    op.create_table(
        "outages",
        sa.Column("cluster", Text, nullable=False),
        sa.Column("since", Time, nullable=False),
        sa.Column("until", Time, nullable=False),
        sa.Column("recovered", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("cluster", "since", name="pk_outages"),
    )
    op.create_table(
        "slack_outages",
        sa.Column("since", Time, nullable=False),
        sa.Column("until", Time, nullable=False),
        sa.Column("late", sa.Integer, nullable=False),
        sa.Column("over", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("since", name="pk_slack_outages"),
    )
    op.create_table(
        "outage_notices",
        sa.Column("cluster", Text, nullable=False),
        sa.Column("since", Time, nullable=False),
        sa.Column("channel", Text, nullable=False),
        sa.Column("ts", Text),
        sa.Column("over", sa.Boolean, nullable=False),
        sa.Column("at", Time, nullable=False),
        sa.PrimaryKeyConstraint("cluster", "since", "channel", name="pk_outage_notices"),
    )
    op.create_table(
        "pages",
        sa.Column("incident_id", sa.Integer, nullable=False),
        sa.Column("event", Text, nullable=False),
        sa.Column("at", Time, nullable=False),
        sa.PrimaryKeyConstraint("incident_id", name="pk_pages"),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name="fk_pages_incident_id"),
    )
    op.create_table(
        "digest_notices",
        sa.Column("place", Text, nullable=False),
        sa.Column("project", Text, nullable=False),
        sa.Column("week", Text, nullable=False),
        sa.Column("ts", Text),
        sa.Column("detail_ts", Text),
        sa.Column("at", Time, nullable=False),
        sa.PrimaryKeyConstraint("place", "project", "week", name="pk_digest_notices"),
    )
    op.create_table(
        "fix_questions",
        sa.Column("failure_id", sa.Integer, nullable=False),
        sa.Column("channel", Text, nullable=False),
        sa.Column("ts", Text),
        sa.Column("at", Time, nullable=False),
        sa.PrimaryKeyConstraint("failure_id", "channel", name="pk_fix_questions"),
    )


def carry_over():
    """Each old row by the beginning of its key. One that cannot be read is left behind: the worst that comes of it is
    one message that is posted a second time."""
    columns = ("key", "channel", "ts", "said")
    old = sa.table("notices", *map(sa.column, columns), sa.column("at", Time))
    rows = sorted(op.get_bind().execute(sa.select(old)).all(), key=lambda row: (row.key, row.channel))
    known = set(op.get_bind().execute(sa.text("SELECT id FROM incidents")).scalars())
    tables = {name: {} for name in _TABLES}
    for row in rows:
        prefix, _, rest = row.key.partition("/")
        try:
            _READ.get(prefix, _nothing)(tables, rest, row)
        except (ValueError, KeyError, TypeError):
            continue
    _exact_beginnings(tables)
    for name, columns in _TABLES.items():
        values = [value for value in tables[name].values() if value.get("incident_id") in {None, *known}]
        table = sa.table(name, *(sa.column(column, Time if column in _TIMES else None) for column in columns))
        if values:
            op.bulk_insert(table, values)


_TABLES = {
    "outbox": ("key", "channel", "at"),
    "incident_notices": ("incident_id", "channel", "ts", "face", "step", "episode", "at"),
    "unreachable_channels": ("channel", "why", "at", "told_in", "told_at"),
    "outages": ("cluster", "since", "until", "recovered"),
    "slack_outages": ("since", "until", "late", "over"),
    "outage_notices": ("cluster", "since", "channel", "ts", "over", "at"),
    "pages": ("incident_id", "event", "at"),
    "digest_notices": ("place", "project", "week", "ts", "detail_ts", "at"),
    "fix_questions": ("failure_id", "channel", "ts", "at"),
}
_TIMES = {"at", "told_at", "since", "until"}


def _nothing(tables, rest, row):
    """A key that no version wrote."""


def _about(tables, rest, row):
    tables["outbox"][rest, row.channel] = {"key": rest, "channel": row.channel, "at": row.at}


def _incident(tables, rest, row):
    told = json.loads(row.said)
    tables["incident_notices"][int(rest), row.channel] = {
        "incident_id": int(rest),
        "channel": row.channel,
        "ts": row.ts,
        "face": told["face"],
        "step": told["step"],
        "episode": told["episode"],
        "at": row.at,
    }


def _unreachable(tables, rest, row):
    """`unreachable` in the channel itself comes first; `unreachable/<channel>` is where its owner was told."""
    channels = tables["unreachable_channels"]
    if not rest:
        told = {"told_in": None, "told_at": None}
        channels[row.channel] = {"channel": row.channel, "why": row.said, "at": row.at, **told}
    elif rest in channels:
        channels[rest] |= {"told_in": row.channel, "told_at": row.at}


def _blind(tables, rest, row):
    if row.channel == "blind":
        said = json.loads(row.said)
        cluster, since = said["cluster"], _time(said["since"])
        tables["outages"][cluster, since] = {
            "cluster": cluster,
            "since": since,
            "until": row.at,
            "recovered": said["recovered"],
        }
    else:
        cluster, _, since = rest.rpartition("/")
        _outage_notice(tables, cluster, since, row)


def _slack_away(tables, rest, row):
    if row.channel != "blind":
        _outage_notice(tables, "", rest, row)
    elif rest:
        said = json.loads(row.said)
        since = _time(said["since"])
        tables["slack_outages"][since] = {"since": since, "until": row.at, "late": said["late"], "over": True}
    else:
        since, late = json.loads(row.said)
        if since is not None:
            since = _time(since)
            tables["slack_outages"][since] = {"since": since, "until": row.at, "late": late, "over": False}


def _outage_notice(tables, cluster, since, row):
    since = _time(since)
    tables["outage_notices"][cluster, since, row.channel] = {
        "cluster": cluster,
        "since": since,
        "channel": row.channel,
        "ts": row.ts or None,
        "over": row.said == "over",
        "at": row.at,
    }


def _exact_beginnings(tables):
    """Keys had whole seconds; the outages themselves have the moment."""
    exact = {(cluster, since.replace(microsecond=0)): since for cluster, since in tables["outages"]}
    exact |= {("", since.replace(microsecond=0)): since for since in tables["slack_outages"]}
    for notice in tables["outage_notices"].values():
        notice["since"] = exact.get((notice["cluster"], notice["since"]), notice["since"])


def _page(tables, rest, row):
    tables["pages"][int(rest)] = {"incident_id": int(rest), "event": row.said, "at": row.at}


def _digest(tables, rest, row):
    """`digest/<project>/<week>`, and then the same with `/rest` for what stands in the thread."""
    project, _, week = rest.removesuffix("/rest").rpartition("/")
    key = (row.channel, project, week)
    if rest.endswith("/rest"):
        tables["digest_notices"][key]["detail_ts"] = row.ts
    else:
        tables["digest_notices"][key] = {
            "place": row.channel.removeprefix("mailto:"),
            "project": "" if project == "*" else project,
            "week": week,
            "ts": row.ts or None,
            "detail_ts": None,
            "at": row.at,
        }


def _fix_seen(tables, rest, row):
    tables["fix_questions"][int(rest), row.channel] = {
        "failure_id": int(rest),
        "channel": row.channel,
        "ts": row.ts or None,
        "at": row.at,
    }


_READ = {
    "about": _about,
    "incident": _incident,
    "unreachable": _unreachable,
    "blind": _blind,
    "slack-away": _slack_away,
    "page": _page,
    "digest": _digest,
    "fix-seen": _fix_seen,
}


def _time(text):
    """A time as the database's columns have it: SQLite's are naive, and in UTC."""
    at = datetime.datetime.fromisoformat(text)
    at = at.replace(tzinfo=datetime.UTC) if at.tzinfo is None else at.astimezone(datetime.UTC)
    return at.replace(tzinfo=None) if op.get_bind().dialect.name == "sqlite" else at
