"""Tables of what happened: plans, runs, firings, batches, rejections."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    text,
)

from lib.store.columns import UtcDateTime, count, flag, metadata, words

LIVE = ("queued", "running")
"""States of a run that is not over."""

OUTCOMES = (
    "added",
    "updated",
    "unchanged",
    "suppressed",
    "invalid",
    "duplicate",
    "left",
    "rejected",
    "in_doubt",
    "not_sent",
)
"""What becomes of a contact; each has a column ``n_<outcome>`` in ``runs``."""

plans = Table(
    "plans",
    metadata,
    Column("id", Text, primary_key=True),
    # No foreign key: what was planned and run outlives its export.
    Column("export_id", Text, nullable=False),
    words("export_name"),
    Column("export_revision", Integer, nullable=False),
    Column("state", Text, nullable=False),
    words("kind"),
    Column("counts", JSON),
    words("fingerprint"),
    words("directory"),
    Column("made_at", UtcDateTime, nullable=False),
    words("made_by"),
    Column("ready_at", UtcDateTime),
    Column("approved_by", Text),
    Column("approved_at", UtcDateTime),
    Column("approved_fingerprint", Text),
    words("message"),
    words("undoes"),
    words("trigger"),
    Index("ix_plans_newest", "export_id", "made_at"),
)

runs = Table(
    "runs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("export_id", Text, nullable=False),
    words("export_name"),
    Column("plan_id", Text, unique=True),
    Column("connection_id", Text),
    words("audience_id"),
    words("kind"),
    words("undoes"),
    words("trigger"),
    Column("state", Text, nullable=False),
    words("phase"),
    *(count(f"n_{outcome}") for outcome in OUTCOMES),
    count("total"),
    count("sent"),
    Column("rate_since", UtcDateTime),
    count("rate_sent"),
    flag("cancel_requested"),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("requested_at", UtcDateTime, nullable=False),
    words("requested_by"),
    Column("started_at", UtcDateTime),
    Column("finished_at", UtcDateTime),
    words("message"),
    # Which guard rail stopped it; the message says it in words.
    words("rail"),
    Index("ix_runs_newest", "requested_at"),
    Index(
        "uq_runs_live_export",
        "export_id",
        unique=True,
        sqlite_where=text("state IN ('queued', 'running')"),
        postgresql_where=text("state IN ('queued', 'running')"),
    ),
)

firings = Table(
    "firings",
    metadata,
    # No foreign key, and one row for each moment that an export was due: it cannot fire twice.
    Column("export_id", Text, primary_key=True),
    Column("due_at", UtcDateTime, primary_key=True),
    Column("plan_id", Text),
    words("note"),
)

batches = Table(
    "batches",
    metadata,
    Column("run_id", Text, ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    words("kind"),
    Column("first_ord", BigInteger, nullable=False),
    Column("last_ord", BigInteger, nullable=False),
    Column("contacts", Integer, nullable=False),
    Column("state", Text, nullable=False),
    *(count(name) for name in ("created", "updated", "rejected", "in_doubt")),
    Column("sent_at", UtcDateTime),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    words("message"),
)

rejections = Table(
    "rejections",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run_id", Text, ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("email", Text, nullable=False),
    words("member_id", index=True),
    words("code"),
    words("message"),
    words("field"),
    words("field_message"),
    Index("ix_rejections_page", "run_id", "id"),
)
