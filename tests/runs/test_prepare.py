"""A plan made from a real warehouse, as a worker makes it."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from lib.contacts.fields import MergeField
from lib.contacts.matching import FieldMatch, Matching
from lib.contacts.options import Options
from lib.errors import CancelledError
from lib.runs.plan.prepare import Audience, make_plan
from lib.runs.plan.wish import Wish
from lib.segments.members import SegmentQuery
from lib.sources import Source
from lib.sql import Sql
from lib.warehouse.duckdb import open_duckdb

MEMBERS = 300_000
"""Enough for DuckDB to work on both cores and in several pieces."""
NOBODY = """
select '' as member_id, '' as email, '' as status, map(['FNAME'], ['']) as merge,
  cast([] as varchar[]) as tags, timestamp '2026-01-01' as last_changed limit 0
"""


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/Los_Angeles"])
def test_a_moment_is_the_day_that_the_warehouse_says_it_is(tmp_path: Path, zone: str) -> None:
    with duckdb.connect() as db:
        db.execute(f"set timezone = '{zone}'")
        db.sql(
            "select '1' as id, 'p1@firma.no' as email, timestamptz '1990-05-17 00:00' as born"
        ).write_parquet(str(tmp_path / "people.parquet"))
        db.sql(NOBODY).write_parquet(str(tmp_path / "nobody.parquet"))
    source = Source("people", str(tmp_path / "people.parquet"), key="id")
    segment = SegmentQuery("All", Sql("from people"), ("id", "email", "born"))
    matching = Matching("email", (FieldMatch("BIRTHDAY", "born"),))
    fields = (MergeField("BIRTHDAY", "Birthday", "birthday"),)
    wish = Wish((segment,), matching, Options(), fields, limit=1, time_zone=zone)
    audience = Audience(tmp_path / "nobody.parquet", datetime.now(UTC))
    with open_duckdb([source], directory=tmp_path / "warehouse", time_zone=zone) as warehouse:
        made = make_plan(warehouse, wish, lambda: audience, tmp_path / "plan")
    ((body,),) = (
        duckdb.read_parquet(str(made.directory / "plan.parquet")).project("body").fetchall()
    )
    assert json.loads(body)["merge_fields"] == {"BIRTHDAY": "05/17"}


def test_contacts_are_numbered_by_rising_key_however_the_warehouse_gives_them(
    tmp_path: Path,
) -> None:
    with duckdb.connect() as db:
        db.sql(
            "select hash(i) % 10_000_000_000 || '-' || i as id, 'p' || i || '@firma.no' as email,"
            f" 'N' || i as first_name from range({MEMBERS}) r(i)"
        ).write_parquet(str(tmp_path / "people.parquet"))
        db.sql(NOBODY).write_parquet(str(tmp_path / "nobody.parquet"))
    source = Source("people", str(tmp_path / "people.parquet"), key="id")
    segment = SegmentQuery("All", Sql("select id, email, first_name from people"),
                           ("id", "email", "first_name"))  # fmt: skip
    matching = Matching("email", (FieldMatch("FNAME", "first_name"),))
    wish = Wish((segment,), matching, Options(), (MergeField("FNAME", "First name"),), MEMBERS)
    audience = Audience(tmp_path / "nobody.parquet", datetime.now(UTC))
    with open_duckdb([source], directory=tmp_path / "warehouse", memory="500MB") as warehouse:
        made = make_plan(warehouse, wish, lambda: audience, tmp_path / "plan")
    plan = duckdb.read_parquet(str(made.directory / "plan.parquet"))
    placed = plan.project(
        'ord, row_number() over (order by length("key"), "key") - 1 as place, member_id, email'
    )
    ((rows, astray, strangers),) = placed.aggregate(
        "count(*), count(*) filter (ord <> place), count(*) filter (member_id <> md5(email))"
    ).fetchall()
    assert (rows, astray, strangers) == (MEMBERS, 0, 0)


@pytest.mark.parametrize("twice", ["false", f"i = {MEMBERS // 2}", "i % 3 = 0"])
def test_a_profile_of_several_rows_is_one_contact_and_its_smallest_row_counts(
    tmp_path: Path, twice: str
) -> None:
    told = []
    with duckdb.connect() as db:
        db.sql(
            "select i as id, 'p' || i || '@firma.no' as email, unnest(case when "
            f"{twice} then ['Zoe', 'Åse', 'Bo'] else ['Bo'] end) as first_name"
            f" from range({MEMBERS}) r(i) order by hash(i)"
        ).write_parquet(str(tmp_path / "people.parquet"))
        db.sql(NOBODY).write_parquet(str(tmp_path / "nobody.parquet"))
    source = Source("people", str(tmp_path / "people.parquet"), key="id")
    columns = ("id", "email", "first_name")
    segment = SegmentQuery("Fans", Sql("select * from people"), columns)
    matching = Matching("email", (FieldMatch("FNAME", "first_name"),))
    wish = Wish((segment,), matching, Options(), (MergeField("FNAME", "First name"),), MEMBERS)
    audience = Audience(tmp_path / "nobody.parquet", datetime.now(UTC))
    with open_duckdb([source], directory=tmp_path / "warehouse", memory="500MB") as warehouse:
        made = make_plan(
            warehouse,
            wish,
            lambda: audience,
            tmp_path / "plan",
            progress=lambda phase, share: told.append(phase),
        )
    assert made.counts.fates["added"] == made.counts.contacts == MEMBERS
    plan = duckdb.read_parquet(str(made.directory / "plan.parquet"))
    ((keys, bodies, inside),) = plan.aggregate(
        """count(distinct "key"), count(*) filter (contains(body, '"FNAME":"Bo"')),"""
        " count(*) filter (segments = ['Fans'])"
    ).fetchall()
    assert (keys, bodies, inside) == (MEMBERS, MEMBERS, MEMBERS)
    many = re.findall(r"Reading profiles \((.*?)\)", " ".join(told))
    # Whoever comes twice among many is seen at once, and all those rows are not read for nothing.
    assert max(int(one.replace(",", "")) for one in many) <= MEMBERS + 2


@pytest.mark.parametrize("at", [1, 2])
def test_what_breaks_off_the_reading_of_profiles_is_said_as_it_is(tmp_path: Path, at: int) -> None:
    with duckdb.connect() as db:
        rows = f"select i as id, 'p' || i || '@firma.no' as email from range({MEMBERS}) r(i)"
        db.sql(rows).write_parquet(str(tmp_path / "people.parquet"))
        db.sql(NOBODY).write_parquet(str(tmp_path / "nobody.parquet"))
    source = Source("people", str(tmp_path / "people.parquet"), key="id")
    segment = SegmentQuery("All", Sql("from people"), ("id", "email"))
    wish = Wish((segment,), Matching("email", ()), Options(), (), MEMBERS)
    audience = Audience(tmp_path / "nobody.parquet", datetime.now(UTC))
    asked = iter(range(100))
    with (
        open_duckdb([source], directory=tmp_path / "warehouse", memory="500MB") as warehouse,
        pytest.raises(CancelledError, match="nothing was sent"),
    ):
        make_plan(
            warehouse,
            wish,
            lambda: audience,
            tmp_path / "plan",
            cancelled=lambda: next(asked) >= at,
        )
    assert not (tmp_path / "plan").exists()
