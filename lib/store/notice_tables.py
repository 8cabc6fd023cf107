"""Tables of who is told: channels, how each export was last told to be, and what was sent."""

from sqlalchemy import JSON, Column, ForeignKey, Integer, LargeBinary, Table, Text, text

from lib.store.columns import UtcDateTime, flag, made, metadata, named, words

channels = Table(
    "channels",
    metadata,
    Column("id", Text, primary_key=True),
    *named(),
    words("kind"),
    words("address"),
    # A webhook's address lets anybody write there, so it is kept like a key.
    Column("ciphertext", LargeBinary),
    flag("active", "true"),
    *made(),
)

conditions = Table(
    "conditions",
    metadata,
    Column("export_id", Text, primary_key=True),
    words("condition"),
    words("run_id"),
    Column("at", UtcDateTime, nullable=False),
)

notices = Table(
    "notices",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    words("event"),
    words("export_id"),
    words("run_id"),
    Column("body", JSON, nullable=False),
    Column("channel_id", Text, ForeignKey("channels.id", ondelete="CASCADE"), nullable=False),
    Column("sent_at", UtcDateTime),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("next_at", UtcDateTime),
    words("error"),
)
