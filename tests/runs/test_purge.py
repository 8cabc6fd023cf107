import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lib.access import LOCAL_ADMINISTRATOR, Person, Role
from lib.config import Office, removal, warehouse
from lib.contacts.matching import Matching
from lib.errors import ForbiddenError, InputError, InUseError
from lib.runs import desk
from lib.runs.keeping import purge, retention, tidying, turns
from lib.settings import Settings, load
from lib.sql import Sql
from lib.store import Store, connections, exports, history, open_store, plans, segments
from lib.store.tables import plans as plans_table

if TYPE_CHECKING:
    from tests.runs.conftest import Company

ADA, BO = "ada@muster.test", "bo@muster.test"
ADMIN = LOCAL_ADMINISTRATOR


def md5(address: str) -> str:
    return hashlib.md5(address.encode()).hexdigest()


def people(*addresses: str) -> pa.Table:
    return pa.table(
        {
            "ord": pa.array(range(len(addresses)), pa.int64()),
            "email": list(addresses),
            "member_id": [md5(one) for one in addresses],
        }
    )


def put(path: Path, rows: pa.Table, group: int = 1) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(rows, path, row_group_size=group)
    return path


def test_a_person_is_gone_from_every_file_and_batches_keep_their_place(settings: Settings) -> None:
    run = settings.runs_dir / "run_1"
    upserts = put(run / "upserts.parquet", people(BO, ADA, "c@muster.test"))
    answers = put(run / "answers" / "1.parquet", people(BO, ADA).select(["ord"]), 10)
    differs = put(run / "differences.parquet", people(BO, ADA).select(["ord"]), 10)
    given = pa.table({"email_given": [" Ada@Muster.test ", None], "x": [1, 2]})
    contacts = put(settings.runs_dir / "plans" / "pln_1" / "contacts.parquet", given)
    held = put(settings.snapshots_dir / "con" / "aud" / "snapshot.parquet", people(ADA, BO), 10)
    (run / "untags.parquet").touch()
    other = put(settings.runs_dir / "run_2" / "settled.parquet", people(BO, BO).select(["ord"]))
    before = other.stat().st_mtime_ns
    with open_store(settings) as store:
        receipt = purge.purge_person(store, settings, ADMIN, " ADA@muster.test")
    assert (receipt.files, receipt.rows) == (5, 5)
    assert pq.read_table(upserts)["email"].to_pylist() == [BO, "c@muster.test"]
    assert pq.ParquetFile(upserts).num_row_groups == 3
    assert pq.read_table(answers)["ord"].to_pylist() == [0]
    assert pq.read_table(differs)["ord"].to_pylist() == [0]
    assert pq.read_table(contacts)["x"].to_pylist() == [2]
    assert pq.read_table(held)["email"].to_pylist() == [BO]
    assert other.stat().st_mtime_ns == before
    (kept,) = (settings.state / purge.PURGES).glob("*.json")
    assert "ada" not in kept.read_text("utf-8")


def test_segments_that_hold_the_address_are_named_and_left(settings: Settings) -> None:
    with open_store(settings) as store:
        segments.add(store, ADMIN, name="Only Ada", sql=f"select * from p where email = '{ADA}'")
        receipt = purge.purge_person(store, settings, ADMIN, ADA)
    assert receipt.segments == ("Only Ada",) and receipt.audit_entries == 1


def test_only_an_administrator_purges_and_only_an_address(settings: Settings) -> None:
    cora = Person("cora@muster.test", "Cora", Role.CONTRIBUTOR)
    with open_store(settings) as store:
        with pytest.raises(ForbiddenError):
            purge.purge_person(store, settings, cora, ADA)
        with pytest.raises(ForbiddenError):
            retention.sweep(store, settings.model_copy(update={"retention_days": 1}), cora,
                            now=datetime.now(UTC))  # fmt: skip
        for typed in ("", "ada", "@", "a b@x.test", "ada@"):
            with pytest.raises(InputError):
                purge.purge_person(store, settings, ADMIN, typed)


def a_failed_plan(store: Store, days_ago: int) -> plans.Plan:
    made = replace(plans.begin(store, ADMIN, "Weekly"))
    plans.fail(store, made.id, "tried")
    moment = datetime.now(UTC) - timedelta(days=days_ago)
    with store.write() as db:
        mine = plans_table.c.id == made.id
        db.execute(plans_table.update().where(mine).values(made_at=moment))
    return made


def test_a_sweep_removes_what_is_older_than_the_settings_say(settings: Settings) -> None:
    kept_90 = load(**(settings.model_dump() | {"retention_days": 90}))
    with open_store(settings) as store:
        key = connections.add(store, ADMIN, name="C", api_key="k-us1", agreed=True)
        one = segments.add(store, ADMIN, name="S", sql="select 1")
        exports.add(
            store, ADMIN, name="Weekly", connection=key.id, audience_id="a",
            matching=Matching("email"), segments=[one.id],
        )  # fmt: skip
        old, fresh = a_failed_plan(store, 91), a_failed_plan(store, 89)
        for made in (old, fresh):
            put(settings.runs_dir / "plans" / made.id / "plan.parquet", people(ADA))
        now = datetime.now(UTC)
        assert retention.sweep(store, settings, ADMIN, now=now) == retention.Swept()
        assert retention.sweep(store, kept_90, ADMIN, now=now).plans == 1
        assert not (settings.runs_dir / "plans" / old.id).exists()
        assert (settings.runs_dir / "plans" / fresh.id).exists()
        assert retention.sweep(store, kept_90, ADMIN, now=now).plans == 0


def test_what_an_administrator_chose_goes_before_the_setting(settings: Settings) -> None:
    kept_90 = load(**(settings.model_dump() | {"retention_days": 90}))
    with open_store(settings) as store:
        assert retention.days(store, kept_90) == 90
        retention.choose(store, ADMIN, 30)
        assert retention.days(store, kept_90) == 30
        retention.choose(store, ADMIN, 0)
        assert retention.days(store, kept_90) == 0
        retention.choose(store, ADMIN, None)
        assert retention.days(store, kept_90) == 90
        with pytest.raises(InputError):
            retention.choose(store, ADMIN, -1)
        with pytest.raises(ForbiddenError):
            retention.choose(store, Person("c@x.test", "Cora", Role.CONTRIBUTOR), 7)


def test_a_sweep_goes_by_what_was_chosen(settings: Settings) -> None:
    with open_store(settings) as store:
        key = connections.add(store, ADMIN, name="C", api_key="k-us1", agreed=True)
        one = segments.add(store, ADMIN, name="S", sql="select 1")
        exports.add(
            store, ADMIN, name="Weekly", connection=key.id, audience_id="a",
            matching=Matching("email"), segments=[one.id],
        )  # fmt: skip
        put(settings.runs_dir / "plans" / a_failed_plan(store, 8).id / "plan.parquet", people(ADA))
        retention.choose(store, ADMIN, 7)
        assert retention.sweep(store, settings, ADMIN, now=datetime.now(UTC)).plans == 1


def a_csv(folder: Path, name: str, *lines: str) -> Path:
    path = folder / f"{name}.csv"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def test_copies_of_sources_lose_the_person_and_the_sources_are_named(
    settings: Settings, tmp_path: Path
) -> None:
    lines = ("id,mail,note", f"1,Ada <{ADA.upper()}> ,x", f"2,{BO},y")
    people_csv = a_csv(tmp_path, "people", *lines)
    orders = put(tmp_path / "orders.parquet", pa.table({"who": [ADA, BO]}))
    notes = a_csv(tmp_path, "notes", "n", f"call {ADA}!")
    with open_store(settings) as store:
        office = Office(settings, store, ADMIN)
        for name, path in (("people", people_csv), ("orders", orders), ("notes", notes)):
            warehouse.add_source(office, name, str(path))
        receipt = purge.purge_person(store, settings, ADMIN, ADA)
        assert (receipt.sources, receipt.files, receipt.rows) == (
            ("notes", "orders", "people"),
            1,
            1,
        )
        with warehouse.open_warehouse(office) as opened:
            held = opened.preview(Sql("select id, mail, note from people"), 9).rows.to_pylist()
        assert held == [{"id": 2, "mail": BO, "note": "y"}]
        assert pq.read_table(orders).num_rows == 2, "sources are never written"
        copy = Path(warehouse.remove_source(office, "people").location)
    assert not copy.exists() and people_csv.exists()


def test_an_address_with_an_apostrophe_is_found_as_sql_writes_it(settings: Settings) -> None:
    address, sql = "o'brien@muster.test", "select * from p where e = 'o''brien@muster.test'"
    with open_store(settings) as store:
        history.record(store, ADMIN, sql, ms=1.0)
        segments.add(store, ADMIN, name="His", sql=sql)
        receipt = purge.purge_person(store, settings, ADMIN, address)
        assert (receipt.queries, receipt.segments, receipt.audit_entries) == (1, ("His",), 1)
        assert history.all(store, ADMIN) == ()


def test_a_receipt_proves_whose_it_is_without_the_address(settings: Settings) -> None:
    with open_store(settings) as store:
        of_ada = purge.purge_person(store, settings, ADMIN, ADA)
        of_bo = purge.purge_person(store, settings, ADMIN, BO)
        assert purge.receipts(store, settings, ADMIN) == (of_bo, of_ada)
        assert purge.receipts(store, settings, ADMIN, f" {ADA.upper()}") == (of_ada,)
        assert purge.receipts(store, settings, ADMIN, "c@muster.test") == ()
    assert "audit log" in of_ada.places and len(of_ada.mark) == 64


def test_nobody_is_purged_while_a_plan_is_being_made(company: "Company") -> None:
    name, refused = company.export("News", "select * from profiles limit 10"), []

    def tell(phase: str, share: float) -> None:
        if "audience" in phase:
            with pytest.raises(InUseError):
                purge.purge_person(company.store, company.settings, ADMIN, ADA)
            refused.append(phase)

    desk.plan_here(company.store, company.settings, ADMIN, name, tell)
    assert refused
    purge.purge_person(company.store, company.settings, ADMIN, ADA)


def test_files_of_contacts_go_when_their_owner_is_gone(settings: Settings) -> None:
    with open_store(settings) as store:
        key = connections.add(store, ADMIN, name="C", api_key="k-us1", agreed=True)
        one = segments.add(store, ADMIN, name="S", sql="select 1")
        made = [
            exports.add(
                store, ADMIN, name=name, connection=key.id, audience_id=name,
                matching=Matching("email"), segments=[one.id],
            )
            for name in ("kept", "detached", "removed")
        ]  # fmt: skip
        learned = [settings.exports_dir / export.id for export in made]
        held = [settings.snapshots_dir / key.id / export.audience_id for export in made]
        for folder in (*learned, *held):
            put(folder / "x.parquet", people(ADA))
        exports.detach(store, ADMIN, "detached")
        exports.remove(store, ADMIN, "removed")
        with turns.together(settings):
            assert tidying.tidy(store, settings) == tidying.Tidied(), "a plan is being made"
        swept = retention.sweep(store, settings, ADMIN, now=datetime.now(UTC))
        assert swept == retention.Swept(tidied=tidying.Tidied(exports=1, snapshots=1))
        assert [folder.exists() for folder in learned] == [True, True, False]
        assert [folder.exists() for folder in held] == [True, True, False]
        removal.remove(Office(settings, store, ADMIN), "C", "remove")
        assert [folder.exists() for folder in (*learned, *held)] == [False, True] + [False] * 4
