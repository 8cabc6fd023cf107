"""Profiles to finished bodies, plan included, against merely writing the same JSON with Polars.

``python tests/bench/prepare.py [--profiles N]`` prints a table: seconds, ratio, peak memory. Each
way runs in a process of its own, three times, and its best counts.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import polars as pl

from lib.contacts.contacts import select_contacts
from lib.contacts.counts import counted, select_counts
from lib.contacts.fields import MergeField
from lib.contacts.matching import FieldMatch, Matching
from lib.contacts.options import Options
from lib.contacts.plan import PARQUET, select_plan
from lib.segments.members import SegmentQuery, select_members
from lib.sql import Sql
from lib.warehouse import ProfileTable

PROFILES = 1_000_000
MEMORY = "800MB"
MATCHING = Matching("email", (FieldMatch("FNAME", "first_name"), FieldMatch("LNAME", "last_name")))
FIELDS = (MergeField("FNAME", "First name"), MergeField("LNAME", "Last name"))
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


def muster(folder: Path) -> None:
    """Select members, make contacts and the plan with its bodies, write it, count it."""
    engine = duckdb.connect()
    engine.execute(f"set memory_limit = '{MEMORY}'; set preserve_insertion_order = true")
    engine.execute(f"set temp_directory = '{folder}/spill'; set threads = 2")
    engine.execute(f"create view profiles as from '{folder}/profiles.parquet'")
    everybody = SegmentQuery(
        "Everybody", Sql("select * from profiles"), ("profile_id", *MATCHING.columns)
    )
    members = select_members([everybody], ProfileTable("profiles", "profile_id"), MATCHING.columns)
    engine.execute(f"create view raw as {members.text}")
    engine.execute(
        "create temp table snapshot (member_id varchar, email varchar, status varchar,"
        ' "merge" map(varchar, varchar), tags varchar[], last_changed timestamp)'
    )
    contacts = select_contacts(MATCHING, FIELDS, Options())
    engine.execute(f"create temp table contacts as {contacts.text}", contacts.params)
    _lap("contacts")
    plan = select_plan(MATCHING, FIELDS, Options())
    path = folder / "plan.parquet"
    engine.execute(f"copy ({plan.text}) to '{path}' ({PARQUET})", plan.params)
    _lap("plan")
    engine.execute(f"create view plan as from '{path}'")
    counts = counted(engine.execute(select_counts().text).fetchall(), limit=PROFILES)
    _lap("counts")
    sys.stderr.write(f"{counts.fates}\n")


_STARTED = time.perf_counter()


def _lap(name: str) -> None:
    sys.stderr.write(f"  {name:10} {time.perf_counter() - _STARTED:6.2f} s since start\n")


def _measure(way: str, folder: Path) -> tuple[float, float, float]:
    """Run one way in processes of its own; return its best seconds, CPU seconds and peak MB."""
    best, cpu, peak = float("inf"), float("inf"), 0.0
    for _ in range(3):
        command = [sys.executable, __file__, "--way", way, "--folder", str(folder)]
        reply = subprocess.run(command, check=True, stdout=subprocess.PIPE)
        result = json.loads(reply.stdout)
        best, cpu = min(best, result["seconds"]), min(cpu, result["cpu"])
        peak = max(peak, result["peak_mb"])
    return best, cpu, peak


def _run(way: str, folder: Path) -> None:
    started, worked = time.perf_counter(), time.process_time()
    {"baseline": baseline, "muster": muster}[way](folder)
    seconds, cpu = time.perf_counter() - started, time.process_time() - worked
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps({"seconds": seconds, "cpu": cpu, "peak_mb": peak}))


def main() -> None:
    """Make the sample, measure both ways, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profiles", type=int, default=PROFILES)
    parser.add_argument("--way", choices=("baseline", "muster"))
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    if asked.way:
        _run(asked.way, asked.folder)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        duckdb.execute(SAMPLE.format(profiles=asked.profiles, path=folder / "profiles.parquet"))
        results = {way: _measure(way, folder) for way in ("baseline", "muster")}
    base = results["baseline"][0]
    head = f"{'way':<10}{'s':>8}{'ratio':>8}{'CPU s':>8}{'peak MB':>9}"
    sys.stdout.write(f"{asked.profiles:,} profiles\n{head}\n")
    for way, (seconds, cpu, peak) in results.items():
        row = f"{way:<10}{seconds:>8.2f}{seconds / base:>8.2f}{cpu:>8.2f}{peak:>9.0f}"
        sys.stdout.write(f"{row}\n")


if __name__ == "__main__":
    main()
