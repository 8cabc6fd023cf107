import csv
import json
import os
import pwd
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
from sqlalchemy import delete, select, text, update

from lib.settings import Settings
from lib.store import open_store
from lib.store.tables import audit, audit_head

if TYPE_CHECKING:
    from tests.cli.conftest import Muster


def holds(path: Path, address: str) -> bool:
    return (
        path.stat().st_size > 0 and address.lower() in str(pq.read_table(path).to_pylist()).lower()
    )


def test_the_log_names_the_account_that_ran_the_command(muster: "Muster") -> None:
    muster("segments", "add", "Gold", "--sql", "select * from profiles")
    (entry,) = muster("audit", "list", "--noun", "segment", "--json").data
    assert entry["who"] == f"{pwd.getpwuid(os.geteuid()).pw_name} (command line)"
    assert (entry["verb"], entry["name"]) == ("added", "Gold")
    assert entry["origin"] == f"command line on {socket.gethostname()}"
    assert muster("audit", "list", "--since", "2999-01-01", "--json").data == []


def test_a_changed_log_is_found_and_ends_with_1(muster: "Muster", settings: Settings) -> None:
    muster("segments", "add", "Gold", "--sql", "select * from profiles")
    assert muster("audit", "verify", "--json").data["ok"] is True
    with open_store(settings) as store, store.write() as db:
        db.execute(text("DROP TRIGGER audit_is_append_only_UPDATE"))
        db.execute(update(audit).where(audit.c.seq == 1).values(name="Silver"))
    said = muster("audit", "verify", "--json")
    assert said.status == 1 and said.data["broken_at"] == 1


def test_a_log_that_was_cut_off_is_found_by_a_head_kept_outside(
    muster: "Muster", settings: Settings
) -> None:
    for name in ("Gold", "Silver"):
        muster("segments", "add", name, "--sql", "select * from profiles")
    head = muster("audit", "verify", "--json").data["head"]
    seq, sealed = head.split(":")
    assert seq == "2" and len(sealed) == 64
    muster("segments", "remove", "Gold")
    assert muster("audit", "verify", "--expect", head).status == 0
    assert muster("audit", "verify", "--expect", f"1:{sealed}").status == 1
    assert muster("audit", "verify", "--expect", sealed).status == 2
    with open_store(settings) as store, store.write() as db:
        db.execute(text("DROP TRIGGER audit_is_append_only_DELETE"))
        db.execute(delete(audit).where(audit.c.seq > 1))
        first = db.execute(select(audit.c.hash)).scalar_one()
        db.execute(update(audit_head).values(seq=1, hash=first))
    assert muster("audit", "verify").status == 0, "cut off and sealed again"
    said = muster("audit", "verify", "--expect", head, "--json")
    assert said.status == 1 and said.data["broken_at"] == 2


def test_the_whole_log_is_downloaded(muster: "Muster", tmp_path: Path) -> None:
    muster("segments", "add", "=1+1", "--sql", "select * from profiles")
    muster("segments", "rename", "=1+1", "Silver")
    muster("audit", "download", "--out", str(tmp_path / "log.csv"))
    with (tmp_path / "log.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["verb"] for row in rows] == ["added", "changed"]
    assert rows[0]["name"] == "'=1+1", "no spreadsheet runs it"
    said = muster("audit", "download", "--out", str(tmp_path / "log.jsonl"), "--json")
    assert said.data["entries"] == 2
    lines = (tmp_path / "log.jsonl").read_text("utf-8").splitlines()
    assert json.loads(lines[1])["name"] == "Silver"
    assert muster("audit", "download", "--out", str(tmp_path / "log.txt")).status == 2


def test_a_person_is_purged_with_a_receipt(
    muster: "Muster", settings: Settings, export: str
) -> None:
    assert muster("exports", "plan", export, "--json").status == 0
    sql = "select email from profiles where country = 'NO' and email like '%@%.%' limit 1"
    (row,) = muster("query", sql, "--json").data
    address = row["email"].strip()
    muster("query", f"select 1 where 'x' <> '{address}'")
    said = muster("people", "purge", address.upper(), "--json")
    assert said.status == 0, said.err
    assert said.data["rows"] >= 1 and said.data["queries"] >= 1
    assert not [path for path in settings.state.rglob("*.parquet") if holds(path, address)]
    assert list((settings.state / "purges").glob("*.json"))
    assert muster("people", "purge", address, "--json").data["rows"] == 0
    assert address.lower() not in muster("audit", "list", "--json").out.lower()
    assert muster("people", "purge", "nobody").status == 2
