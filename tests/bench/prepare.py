"""Profiles to finished bodies, plan included, against merely writing the same JSON with Polars.

``python -m tests.bench.prepare [--profiles N] [--pairs N]`` prints a table. Every measurement runs
in a process of its own, the ways take turns, and the ratio is between medians. Seconds of CPU tell
a slow way from a busy machine: with both cores free, ours takes little more than half of its own.

Muster's way is the one a worker goes: ``make_plan`` from a sandboxed warehouse, once against an
audience nobody is in and once against one that has everybody, one in a hundred with another name.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import polars as pl

from lib.contacts.fields import MergeField
from lib.contacts.matching import FieldMatch, Matching
from lib.contacts.options import Options
from lib.runs.plan.prepare import Audience, make_plan
from lib.runs.plan.wish import Wish
from lib.segments.members import SegmentQuery
from lib.sources import Source
from lib.sql import Sql
from lib.warehouse.duckdb import open_duckdb

PROFILES = 1_000_000
PAIRS = 5
MEMORY = "700MB"
"""As a worker's warehouse, lib.runs.opening."""
MATCHING = Matching("email", (FieldMatch("FNAME", "first_name"), FieldMatch("LNAME", "last_name")))
FIELDS = (MergeField("FNAME", "First name"), MergeField("LNAME", "Last name"))
EVERYBODY = Sql("select profile_id, email, first_name, last_name from profiles")
_HERE = (sys.executable, "-m", "tests.bench.prepare")
SAMPLE = """
copy (
  select i as profile_id,
    case when i % 97 = 0 then upper('user' || i || '@Firma' || i % 50 || '.no')
      when i % 1013 = 0 then 'broken' when i % 2003 = 0 then null
      when i % 211 = 0 then ' user' || (i - 1) || '@mail' || (i - 1) % 50 || '.no'
      else 'user' || i || '@mail' || i % 50 || '.no' end as email,
    case when i % 301 = 0 then null when i % 17 = 0 then '  Åse '
      else ['Ada', 'Bjørn', 'Cecilie', 'Дмитрий', 'Ève', '花子'][1 + i % 6] end as first_name,
    ['Hansen', 'O''Neil', 'Müller', 'Smith "Jr"'][1 + i % 4] || i % 5000 as last_name,
    ['NO', 'SE', 'DE'][1 + i % 3] as country, 'City ' || i % 300 as city,
    date '1950-01-01' + (i % 20000)::int as birthday, (i % 100000) / 7.0 as lifetime_value
  from range({profiles}) r(i)
) to '{path}' (format parquet)
"""
AUDIENCE = """
copy (
  select md5(lower(trim(email))) as member_id, any_value(lower(trim(email))) as email,
    'subscribed' as status,
    map(['FNAME', 'LNAME'], [coalesce(any_value(trim(first_name)), ''),
      case when any_value(profile_id) % 100 = 0 then 'Old' else any_value(trim(last_name)) end]
    ) as merge, ['Everybody'] as tags, timestamp '2026-01-01' as last_changed
  from '{profiles}' where contains(email, '@') and {who} group by 1
) to '{path}' (format parquet)
"""


def baseline(folder: Path) -> None:
    """Read the Parquet and write the same JSON, 500 members a request; nothing else."""
    columns = ["email", "first_name", "last_name"]
    frame = pl.read_parquet(folder / "profiles.parquet", columns=columns).select(
        email_address="email",
        status_if_new=pl.lit("subscribed"),
        merge_fields=pl.struct(FNAME="first_name", LNAME="last_name"),
        tags=pl.lit(["Everybody"], dtype=pl.List(pl.String)),
    )
    with (folder / "bodies.json").open("wb") as file:
        for batch in frame.iter_slices(500):
            file.write(b'{"members":')
            batch.write_json(file)
            file.write(b',"update_existing":true}\n')


def into_empty(folder: Path) -> None:
    """Plan an export into an audience nobody is in: every body is made."""
    _plan(folder, "empty")


def into_full(folder: Path) -> None:
    """Plan an export into an audience that has everybody: every contact is compared."""
    _plan(folder, "full")


WAYS: dict[str, Callable[[Path], None]] = {
    "polars": baseline,
    "empty": into_empty,
    "full": into_full,
}


def _plan(folder: Path, audience: str) -> None:
    source = Source("profiles", str(folder / "profiles.parquet"), key="profile_id")
    with open_duckdb([source], directory=folder / "warehouse", memory=MEMORY) as warehouse:
        columns = tuple(column.name for column in warehouse.describe(EVERYBODY))
        segment = SegmentQuery("Everybody", EVERYBODY, columns)
        wish = Wish((segment,), MATCHING, Options(), FIELDS, PROFILES)
        known = Audience(folder / f"{audience}.parquet", datetime.now(UTC))
        made = make_plan(warehouse, wish, lambda: known, folder / f"plan-{audience}")
    assert made.counts.contacts > 0, "there must be a plan"


def _sample(folder: Path, profiles: int) -> None:
    path = folder / "profiles.parquet"
    duckdb.execute(SAMPLE.format(profiles=profiles, path=path))
    for name, who in (("empty", "false"), ("full", "true")):
        audience = folder / f"{name}.parquet"
        duckdb.execute(AUDIENCE.format(profiles=path, who=who, path=audience))


def _run(way: str, folder: Path) -> None:
    started, worked = time.perf_counter(), time.process_time()
    WAYS[way](folder)
    seconds, cpu = time.perf_counter() - started, time.process_time() - worked
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps({"seconds": seconds, "cpu": cpu, "peak_mb": peak}))


def _measure(way: str, folder: Path) -> dict[str, float]:
    command = [*_HERE, "--way", way, "--folder", str(folder)]
    reply = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    result: dict[str, float] = json.loads(reply.stdout)
    return result


def _table(results: dict[str, list[dict[str, float]]]) -> str:
    """Lay the results out; the worst peak counts, of the rest the median."""
    lines = [f"{'way':<8}{'s':>7}{'ratio':>7}{'CPU s':>7}{'ratio':>7}{'peak MB':>9}"]
    middle = {
        way: [statistics.median(run[what] for run in runs) for what in ("seconds", "cpu")]
        for way, runs in results.items()
    }
    base, base_cpu = middle["polars"]
    for way, (seconds, cpu) in middle.items():
        peak = max(run["peak_mb"] for run in results[way])
        clock = f"{seconds:>7.2f}{seconds / base:>7.2f}{cpu:>7.2f}{cpu / base_cpu:>7.2f}"
        lines.append(f"{way:<8}{clock}{peak:>9.0f}")
    return "\n".join(lines)


def main() -> None:
    """Make the sample, measure all ways in turn, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profiles", type=int, default=PROFILES)
    parser.add_argument("--pairs", type=int, default=PAIRS)
    parser.add_argument("--way", choices=WAYS)
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    if asked.way:
        _run(asked.way, asked.folder)
        return
    if asked.folder:
        _sample(asked.folder, asked.profiles)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # Not here: whatever this process held counts in the peak of those that it starts.
        subprocess.run([*_HERE, "--folder", name, "--profiles", str(asked.profiles)], check=True)
        results: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
        for _ in range(asked.pairs):
            for way in WAYS:
                results[way].append(_measure(way, folder))
    sys.stdout.write(f"{asked.profiles:,} profiles, {asked.pairs} rounds\n{_table(results)}\n")


if __name__ == "__main__":
    main()
