"""Every table of the store; ``migrations`` must lead to exactly these."""

from datetime import datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    text,
)

from lib.store.types import UtcDateTime

HEAD = "0001"
"""The migration these tables belong to."""

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

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _text(name: str, *, index: bool = False) -> Column[str]:
    return Column(name, Text, nullable=False, server_default=text("''"), index=index or None)


def _count(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False, server_default=text("0"))


def _flag(name: str, default: str = "false") -> Column[bool]:
    return Column(name, Boolean, nullable=False, server_default=text(default))


def _made() -> tuple[Column[datetime], Column[str]]:
    return (Column("created_at", UtcDateTime, nullable=False), _text("created_by"))


def _named() -> tuple[Column[str], ...]:
    """A display name, and the form of it by which no two may be equal."""
    return (
        Column("name", Text, nullable=False),
        Column("name_key", Text, nullable=False, unique=True),
    )


connections = Table(
    "connections",
    metadata,
    Column("id", Text, primary_key=True),
    *_named(),
    _text("auth"),
    _text("api_url"),
    _flag("shared"),
    _flag("practice"),
    Column("agreed_by", Text),
    Column("agreed_at", UtcDateTime),
    _text("export_user"),
    _text("account_name"),
    _text("account_id"),
    _text("data_centre"),
    Column("contract_limit", BigInteger),
    _flag("contract_blocks"),
    *_made(),
)

secrets = Table(
    "secrets",
    metadata,
    Column(
        "connection_id", Text, ForeignKey("connections.id", ondelete="CASCADE"), primary_key=True
    ),
    Column("ciphertext", LargeBinary, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
)

segments = Table(
    "segments",
    metadata,
    Column("id", Text, primary_key=True),
    *_named(),
    _text("description"),
    Column("sql", Text, nullable=False),
    Column("rules", Text),
    *_made(),
    Column("changed_at", UtcDateTime, nullable=False),
    _text("changed_by"),
)

segment_counts = Table(
    "segment_counts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("segment_id", Text, ForeignKey("segments.id", ondelete="CASCADE"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    _count("count"),
    _text("version"),
    _text("query_hash"),
    Index("ix_segment_counts_newest", "segment_id", "id"),
)

sources = Table(
    "sources",
    metadata,
    Column("name_key", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("location", Text, nullable=False),
    _text("key"),
    _text("origin"),
    *_made(),
)

exports = Table(
    "exports",
    metadata,
    Column("id", Text, primary_key=True),
    *_named(),
    Column("connection_id", Text, ForeignKey("connections.id"), index=True),
    Column("audience_id", Text, nullable=False),
    _text("audience_name"),
    Column("matching", JSON, nullable=False),
    Column("options", JSON, nullable=False),
    _text("schedule"),
    _flag("active", "true"),
    Column("revision", Integer, nullable=False, server_default=text("1")),
    Column("guard", JSON),
    Column("rules_approved_by", Text),
    Column("rules_approved_at", UtcDateTime),
    *_made(),
    Column("changed_at", UtcDateTime, nullable=False),
    _text("changed_by"),
)

export_segments = Table(
    "export_segments",
    metadata,
    Column("export_id", Text, ForeignKey("exports.id", ondelete="CASCADE"), primary_key=True),
    Column("segment_id", Text, ForeignKey("segments.id"), primary_key=True, index=True),
    Column("position", Integer, nullable=False),
)

plans = Table(
    "plans",
    metadata,
    Column("id", Text, primary_key=True),
    # No foreign key: what was planned and run outlives its export.
    Column("export_id", Text, nullable=False),
    _text("export_name"),
    Column("export_revision", Integer, nullable=False),
    Column("state", Text, nullable=False),
    _text("kind"),
    Column("counts", JSON),
    _text("fingerprint"),
    _text("directory"),
    Column("made_at", UtcDateTime, nullable=False),
    _text("made_by"),
    Column("ready_at", UtcDateTime),
    Column("approved_by", Text),
    Column("approved_at", UtcDateTime),
    Column("approved_fingerprint", Text),
    _text("message"),
    Index("ix_plans_newest", "export_id", "made_at"),
)

runs = Table(
    "runs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("export_id", Text, nullable=False),
    _text("export_name"),
    Column("plan_id", Text, unique=True),
    Column("connection_id", Text),
    _text("audience_id"),
    _text("kind"),
    _text("undoes"),
    _text("trigger"),
    Column("state", Text, nullable=False),
    _text("phase"),
    *(_count(f"n_{outcome}") for outcome in OUTCOMES),
    _count("total"),
    _count("sent"),
    Column("rate_since", UtcDateTime),
    _count("rate_sent"),
    _flag("cancel_requested"),
    Column("heartbeat_at", UtcDateTime),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("requested_at", UtcDateTime, nullable=False),
    _text("requested_by"),
    Column("started_at", UtcDateTime),
    Column("finished_at", UtcDateTime),
    _text("message"),
    Index("ix_runs_newest", "requested_at"),
    Index(
        "uq_runs_live_export",
        "export_id",
        unique=True,
        sqlite_where=text("state IN ('queued', 'running')"),
        postgresql_where=text("state IN ('queued', 'running')"),
    ),
)

batches = Table(
    "batches",
    metadata,
    Column("run_id", Text, ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    _text("kind"),
    Column("first_ord", BigInteger, nullable=False),
    Column("last_ord", BigInteger, nullable=False),
    Column("contacts", Integer, nullable=False),
    Column("state", Text, nullable=False),
    *(_count(name) for name in ("created", "updated", "rejected", "in_doubt")),
    Column("sent_at", UtcDateTime),
    Column("answered_at", UtcDateTime),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    _text("message"),
)

rejections = Table(
    "rejections",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run_id", Text, ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("email", Text, nullable=False),
    _text("member_id", index=True),
    _text("code"),
    _text("message"),
    _text("field"),
    _text("field_message"),
    Index("ix_rejections_page", "run_id", "id"),
)

queries = Table(
    "queries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("who", Text, nullable=False),
    Column("sql", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("ms", Float, nullable=False),
    Column("rows", BigInteger),
    _text("error"),
    Index("ix_queries_newest", "who", "id"),
)

choices = Table(
    "choices",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", JSON, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    _text("changed_by"),
)

audit = Table(
    "audit",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("who", Text, nullable=False),
    _text("origin"),
    Column("verb", Text, nullable=False),
    Column("noun", Text, nullable=False),
    _text("ref"),
    _text("name"),
    # Text and not JSON: the hash covers these very characters.
    _text("old"),
    _text("new"),
    Column("prev", Text, nullable=False),
    Column("hash", Text, nullable=False),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", Integer, nullable=False),
    Column("hash", Text, nullable=False),
)
