"""Every table of the store; ``migrations`` must lead to exactly these."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    text,
)

from lib.store.columns import UtcDateTime, count, flag, made, metadata, named, words
from lib.store.notice_tables import channels, conditions, notices
from lib.store.run_tables import LIVE, OUTCOMES, batches, firings, plans, rejections, runs

__all__ = [
    "LIVE",
    "OUTCOMES",
    "batches",
    "channels",
    "conditions",
    "firings",
    "metadata",
    "notices",
    "plans",
    "rejections",
    "runs",
]

HEAD = "0007"
"""The migration these tables belong to."""

connections = Table(
    "connections",
    metadata,
    Column("id", Text, primary_key=True),
    *named(),
    words("auth"),
    words("api_url"),
    flag("shared"),
    flag("practice"),
    Column("agreed_by", Text),
    Column("agreed_at", UtcDateTime),
    words("agreed_terms"),
    words("export_user"),
    words("account_name"),
    words("account_id"),
    words("data_centre"),
    Column("contract_limit", BigInteger),
    flag("contract_blocks"),
    *made(),
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
    *named(),
    words("description"),
    Column("sql", Text, nullable=False),
    Column("rules", Text),
    *made(),
    Column("changed_at", UtcDateTime, nullable=False),
    words("changed_by"),
)

segment_counts = Table(
    "segment_counts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("segment_id", Text, ForeignKey("segments.id", ondelete="CASCADE"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    count("count"),
    words("version"),
    words("query_hash"),
    Index("ix_segment_counts_newest", "segment_id", "id"),
)

sources = Table(
    "sources",
    metadata,
    Column("name_key", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("location", Text, nullable=False),
    words("key"),
    words("origin"),
    words("note"),
    *made(),
)

exports = Table(
    "exports",
    metadata,
    Column("id", Text, primary_key=True),
    *named(),
    Column("connection_id", Text, ForeignKey("connections.id"), index=True),
    # Without a connection: whether contributors could use the one that was taken away.
    flag("was_shared"),
    Column("audience_id", Text, nullable=False),
    words("audience_name"),
    Column("matching", JSON, nullable=False),
    Column("options", JSON, nullable=False),
    words("schedule"),
    flag("active", "true"),
    Column("revision", Integer, nullable=False, server_default=text("1")),
    Column("guard", JSON),
    Column("rules_approved_by", Text),
    Column("rules_approved_at", UtcDateTime),
    # What was approved is the export as it was: a later revision asks again.
    Column("rules_approved_revision", Integer),
    *made(),
    Column("changed_at", UtcDateTime, nullable=False),
    words("changed_by"),
)

export_segments = Table(
    "export_segments",
    metadata,
    Column("export_id", Text, ForeignKey("exports.id", ondelete="CASCADE"), primary_key=True),
    Column("segment_id", Text, ForeignKey("segments.id"), primary_key=True, index=True),
    Column("position", Integer, nullable=False),
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
    words("error"),
    Index("ix_queries_newest", "who", "id"),
)

choices = Table(
    "choices",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", JSON, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    words("changed_by"),
)

audit = Table(
    "audit",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("who", Text, nullable=False),
    words("origin"),
    Column("verb", Text, nullable=False),
    Column("noun", Text, nullable=False),
    words("ref"),
    words("name"),
    # Text and not JSON: the hash covers these very characters.
    words("old"),
    words("new"),
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
