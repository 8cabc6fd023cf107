# ruff: noqa: S608 - names and literals are quoted
"""The contacts of a plan as its file tells them.

What is sent stands in the bodies and nowhere else: beside them it would cost a fifth of the time of
making a plan (tests/bench/prepare.py), and could say something else. So the values (``new``, a
struct by tag), the tags (``tags_add``) and the status if it is new (``status_given``) of a contact
are read from its body.
"""

from collections.abc import Sequence
from pathlib import Path

import duckdb
import polars as pl
import pyarrow.parquet as pq

from lib.runs.local import disk
from lib.sql import text

_SENT = ("new", "tags_add", "changed")
"""Columns that plans of before had beside the body."""


def matched(plan: Path) -> tuple[str, ...]:
    """Return the tags of the merge fields that a plan is about; ``EMAIL`` when there are none.

    Raises:
        StorageError: it is missing or unreadable.
    """
    with disk():
        return tuple(field.name for field in pq.read_schema(plan).field("old").type)


def view(db: duckdb.DuckDBPyConnection, plan: Path) -> None:
    """Name the contacts of a plan ``plan``, with all that a plan tells.

    Args:
        db: the connection.
        plan: plan.parquet.

    Raises:
        StorageError: it is missing or unreadable.
    """
    tags = matched(plan)
    fields = [f'$.merge_fields."{tag}"' for tag in tags]
    paths = ", ".join(text(path) for path in [*fields, "$.status_if_new"])
    new = ", ".join(f"{text(tag)}: sent[{i}]" for i, tag in enumerate(tags, 1))
    kept = ", ".join(text(name) for name in _SENT)
    db.execute(
        "create view plan as select * exclude (sent),\n"
        f"  case when body is not null then {{{new}}} end as new,\n"
        f"  sent[{len(tags) + 1}] as status_given\n"
        f"from (select columns(lambda c: c not in ({kept})),\n"
        f"  json_extract_string(body, [{paths}]) as sent,\n"
        "  coalesce(json_extract_string(body, '$.tags[*]'), []) as tags_add\n"
        f"  from read_parquet({text(str(plan))}))"
    )


def with_sent(rows: pl.LazyFrame, tags: Sequence[str]) -> pl.LazyFrame:
    """Add what is sent to rows of plan.parquet.

    Polars takes its time over it, so first narrow the rows down.

    Args:
        rows: with ``body``.
        tags: of the plan, see ``matched``.
    """
    body = pl.col("body").str
    values = (body.json_path_match(f"$.merge_fields['{tag}']").alias(tag) for tag in tags)
    listed = body.json_path_match("$.tags").str.json_decode(pl.List(pl.String))
    return rows.with_columns(
        pl.struct(*values).alias("new"), listed.fill_null([]).alias("tags_add")
    )
