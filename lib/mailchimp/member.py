"""Members of an audience as Arrow, in the columns of ``snapshot.parquet``."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import pyarrow as pa

Order = Literal["", "newest"]

MEMBERS = pa.schema(
    [
        ("member_id", pa.string()),
        ("email", pa.string()),
        ("status", pa.string()),
        ("merge", pa.map_(pa.string(), pa.string())),
        ("tags", pa.list_(pa.string())),
        ("last_changed", pa.timestamp("us")),
    ]
)
"""Merge values are text (an address is JSON text); ``last_changed`` is UTC."""

PAGE = 1000
"""Most members in one page; more is silently cut to it (Marketing API reference)."""

SHOWN_TAGS = 50
"""Most tags of a member that a page shows (Marketing API 3.0 reference)."""

FIELDS = [
    "members.id",
    "members.email_address",
    "members.status",
    "members.merge_fields",
    "members.tags",
    "members.last_changed",
    "total_items",
]
"""What is asked for; without it a member takes 3 KB instead of 0.3."""


@dataclass(frozen=True, slots=True)
class MemberPage:
    """One page of a listing; ``total`` counts the whole listing, ``rows`` are MEMBERS."""

    total: int
    rows: pa.Table
    at: datetime | None = None
    """Mailchimp's clock when it answered, UTC without zone."""
