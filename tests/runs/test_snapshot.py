"""The snapshot against the practice Mailchimp, over real HTTP."""

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest
import requests
from mailchimp_marketing import ListsApi

from lib.contacts.fields import MergeField
from lib.errors import CancelledError, MissingError, StorageError
from lib.mailchimp import batches
from lib.mailchimp.client import Mailchimp, connect
from lib.mailchimp.credentials import Credentials
from lib.mailchimp.member import MEMBERS, MemberPage
from lib.mailchimp.retries import Patience
from lib.runs.audience import definitions, snapshot
from lib.runs.audience.snapshot import Snapshot
from tests.conftest import Practice


@dataclass
class Audience:
    """An audience of the practice Mailchimp and its local copy."""

    practice: Practice
    client: Mailchimp
    directory: Path

    def dial(self, what: str, **settings: object) -> None:
        url = f"{self.practice.url}/practice/{what}"
        assert requests.post(url, json=settings, timeout=30).ok

    def push(self, first: int, count: int, name: str = "Ada") -> None:
        members = [
            json.dumps(
                {
                    "email_address": f"person{number}@fjordmail.no",
                    "status_if_new": "subscribed",
                    "merge_fields": {"FNAME": name},
                }
            )
            for number in range(first, first + count)
        ]
        for at in range(0, count, 500):
            batches.send(self.client, self.practice.audience_id, members[at : at + 500])

    def write(self, method: str, email: str, **said: object) -> None:
        url = f"{self.practice.url}/3.0/lists/{self.practice.audience_id}/members/{email}"
        auth = ("any", self.practice.api_key)
        requests.request(method, url, json=said, auth=auth, timeout=30).raise_for_status()

    def field(self, method: str, path: str, **said: object) -> None:
        """Change the merge fields by hand."""
        url = f"{self.practice.url}/3.0/lists/{self.practice.audience_id}/merge-fields{path}"
        auth = ("any", self.practice.api_key)
        requests.request(method, url, json=said or None, auth=auth, timeout=30).raise_for_status()

    def refresh(
        self,
        *,
        full: bool = False,
        archived: bool = True,
        fields: Sequence[MergeField] | None = None,
        cancelled: Callable[[], bool] | None = None,
        now: datetime | None = None,
        sleep: Callable[[float], None] = lambda seconds: None,
    ) -> Snapshot:
        return snapshot.refresh(
            self.client,
            self.practice.audience_id,
            self.directory,
            full=full,
            archived=archived,
            fields=fields,
            cancelled=cancelled,
            now=lambda: now or datetime.now(UTC),
            sleep=sleep,
        )

    def held(self) -> pl.DataFrame:
        return pl.read_parquet(self.directory / "snapshot.parquet").sort("member_id")

    def truth(self) -> pl.DataFrame:
        """Everything as Mailchimp holds it, page after page."""
        pages = [
            self.client.members(self.practice.audience_id, offset=offset, status=status).rows
            for status in ("", "archived")
            for offset in range(0, 10_000 if not status else 1000, 1000)
        ]
        whole = pl.concat([pl.DataFrame(page) for page in pages if page.num_rows])
        return whole.sort("member_id")

    def agrees(self) -> bool:
        columns = ["member_id", "email", "status", "last_changed"]
        return self.held().select(columns).equals(self.truth().select(columns))


@pytest.fixture
def audience(practice: Practice, tmp_path: Path) -> Iterator[Audience]:
    hurried = Patience(sleep=lambda seconds: time.sleep(min(seconds, 0.01)))
    with connect(Credentials(practice.url, practice.api_key), patience=hurried) as client:
        yield Audience(practice, client, tmp_path / "audience")


def test_a_small_audience_costs_two_calls_and_holds_the_archived_too(audience: Audience) -> None:
    taken = audience.refresh()
    assert (taken.calls, taken.full, taken.agrees, taken.members) == (2, True, True, 16)
    assert audience.agrees()
    assert pq.read_schema(taken.path).names == MEMBERS.names
    held = audience.held()
    assert set(held["status"]) == {
        "subscribed", "unsubscribed", "cleaned", "pending", "transactional", "archived",
    }  # fmt: skip
    ingrid = held.row(by_predicate=pl.col("email") == "ingrid.hansen@nordlys.no", named=True)
    assert ingrid["merge"]["FNAME"] == "Ingrid"
    assert ingrid["tags"] == ["VIP"]


def test_a_large_audience_is_read_whole_once_then_by_its_changes(audience: Audience) -> None:
    audience.dial("fill", members=5000)
    taken = audience.refresh()
    assert (taken.full, taken.agrees, taken.members) == (True, True, 5016)
    assert audience.agrees()

    again = audience.refresh()
    assert (again.full, again.calls) == (False, 2)

    audience.push(0, 20)
    archived = audience.held().filter(pl.col("status") == "subscribed")["member_id"][100]
    audience.client.archive(audience.practice.audience_id, archived)
    changed = audience.refresh()
    assert not changed.full
    assert changed.calls <= 4
    assert changed.members == 5036
    assert audience.agrees()


def test_who_leaves_or_joins_the_archive_is_seen_without_looking_into_it(
    audience: Audience,
) -> None:
    audience.dial("fill", members=5000)
    audience.refresh()
    audience.push(0, 20)
    time.sleep(3)
    assert audience.refresh(archived=False).calls == 1
    assert audience.agrees()

    back = audience.held().filter(pl.col("status") == "archived")["email"][0]
    audience.write("PUT", back, status="subscribed", status_if_new="subscribed")
    time.sleep(3)
    assert audience.refresh(archived=False).calls == 1
    assert audience.agrees()

    gone = audience.held().filter(pl.col("status") == "subscribed")["member_id"][100]
    audience.client.archive(audience.practice.audience_id, gone)
    audience.push(20, 1)
    assert audience.refresh(archived=False).calls > 1
    assert audience.agrees()


def test_thousands_of_changes_in_the_same_second_are_all_seen(audience: Audience) -> None:
    audience.dial("fill", members=2000)
    audience.refresh()
    audience.push(0, 3500)
    taken = audience.refresh(sleep=time.sleep)
    assert (taken.full, taken.members) == (False, 5516)
    assert audience.agrees()
    after = audience.refresh()
    assert after.calls == 2
    audience.push(0, 1, name="Eva")
    audience.refresh()
    assert audience.agrees()


def test_members_deleted_for_good_make_it_read_everything_again(audience: Audience) -> None:
    audience.dial("fill", members=3000)
    audience.refresh()
    kept = pl.read_parquet(audience.directory / "snapshot.parquet")
    ghost = kept.head(1).with_columns(member_id=pl.lit("0" * 32), email=pl.lit("ghost@x.no"))
    pl.concat([kept, ghost]).write_parquet(audience.directory / "snapshot.parquet")
    taken = audience.refresh()
    assert taken.full
    assert taken.agrees
    assert audience.agrees()


def test_after_a_week_everything_is_read_again(audience: Audience) -> None:
    audience.dial("fill", members=1500)
    audience.refresh(now=datetime.now(UTC) - timedelta(days=8))
    assert audience.refresh().full
    assert not audience.refresh().full
    assert audience.refresh(full=True).full


def test_a_cancelled_reading_goes_on_where_it_was(audience: Audience) -> None:
    audience.dial("fill", members=9000)
    asked: list[int] = []

    def cancelled() -> bool:
        asked.append(1)
        return len(asked) > 8

    with pytest.raises(CancelledError):
        audience.refresh(cancelled=cancelled)
    kept = len(list((audience.directory / "reading").rglob("*.parquet")))
    assert kept >= 3
    taken = audience.refresh()
    assert taken.calls <= 16 - kept + 2
    assert audience.agrees()
    assert not (audience.directory / "reading").exists()


KILLED = """
import sys
from pathlib import Path
from lib.mailchimp.client import connect
from lib.mailchimp.credentials import Credentials
from lib.runs.audience import snapshot
url, key, audience, directory = sys.argv[1:]
with connect(Credentials(url, key)) as client:
    snapshot.refresh(client, audience, Path(directory),
                     progress=lambda share, words: print(share, flush=True))
"""


def test_a_reading_killed_with_9_goes_on_where_it_was(audience: Audience) -> None:
    audience.dial("fill", members=9000)
    audience.dial("latency", usual=0.1)
    command = [sys.executable, "-c", KILLED, audience.practice.url, audience.practice.api_key]
    command += [audience.practice.audience_id, str(audience.directory)]
    reading = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert reading.stdout is not None
    assert reading.stdout.readline()
    assert reading.poll() is None
    reading.send_signal(signal.SIGKILL)
    reading.wait()
    reading.stdout.close()
    audience.dial("latency", usual=0.0)
    assert audience.refresh().members == 9016
    assert audience.agrees()


class Few(Mailchimp):
    """A client of a server that gives fewer members a page than it is asked for."""

    def members(self, audience_id: str, **asked: object) -> MemberPage:
        return super().members(audience_id, **{**asked, "count": 400})  # type: ignore[arg-type]


def test_a_server_with_shorter_pages_is_read_whole_too(audience: Audience) -> None:
    audience.dial("fill", members=3000)
    few = Audience(audience.practice, Few(audience.client._asking), audience.directory)
    taken = few.refresh()
    assert (taken.agrees, taken.members, taken.calls) == (True, 3016, 2 + 9 + 2)
    assert audience.agrees()
    audience.push(0, 2000)
    assert few.refresh(sleep=time.sleep).agrees
    assert audience.agrees()


class Withholding(Mailchimp):
    """A client of a server that lists fewer members than it counts."""

    def members(self, audience_id: str, **asked: object) -> MemberPage:
        page = super().members(audience_id, **asked)  # type: ignore[arg-type]
        if asked.get("offset") == 1000 and not asked.get("order"):
            return MemberPage(page.total, page.rows.slice(0, 0), page.at)
        return page


def test_members_that_are_counted_and_never_listed_are_said_to_be_missing(
    audience: Audience,
) -> None:
    audience.dial("fill", members=4000)
    withholding = Withholding(audience.client._asking)
    taken = Audience(audience.practice, withholding, audience.directory).refresh()
    assert 0 < taken.missing <= 1000
    assert not taken.agrees
    assert f"{taken.missing:,} members more than it lists" in taken.doubt
    assert audience.refresh().agrees


class Deleting(Mailchimp):
    """A client during whose reading somebody deletes members for good that were read already."""

    deleted = 0

    def members(self, audience_id: str, **asked: object) -> MemberPage:
        page = super().members(audience_id, **asked)  # type: ignore[arg-type]
        if not self.deleted and not asked.get("order") and not asked.get("status"):
            self.deleted = 3
            gone = page.rows.column("member_id").to_pylist()[:3]
            delete = ListsApi(self._asking.transport).delete_list_member_permanent
            for one in gone:
                self._asking.ask(partial(delete, audience_id, one), bool)
        return page


def test_whoever_is_deleted_for_good_while_it_is_read_does_not_stay(audience: Audience) -> None:
    audience.dial("fill", members=2000)
    taken = Audience(audience.practice, Deleting(audience.client._asking), audience.directory)
    found = taken.refresh()
    assert (found.agrees, found.members) == (True, 2013)
    assert found.calls <= 2 + 2 * (4 + 2) + 3
    assert audience.agrees()


def test_a_changed_merge_field_makes_it_read_everything_again(audience: Audience) -> None:
    audience.dial("fill", members=2500)

    def read() -> Snapshot:
        return audience.refresh(fields=audience.client.merge_fields(audience.practice.audience_id))

    assert read().full
    assert not read().full
    names = audience.client.merge_fields(audience.practice.audience_id)
    ids = {field.tag: field.merge_id for field in names}

    audience.field("PATCH", f"/{ids['FNAME']}", tag="FIRST")
    assert read().full
    assert "FIRST" in audience.held()["merge"][0]

    audience.field("DELETE", f"/{ids['LNAME']}")
    audience.field("POST", "", tag="LNAME", name="Last name", type="text")
    assert read().full
    assert not any(merge.get("LNAME") for merge in audience.held()["merge"])

    audience.field("POST", "", tag="NEW", name="New", type="text")
    assert not read().full


def test_without_the_merge_fields_their_change_is_told_by_the_members(audience: Audience) -> None:
    audience.dial("fill", members=2500)
    fields = audience.client.merge_fields(audience.practice.audience_id)
    audience.refresh(fields=fields)
    assert audience.refresh().calls == 2
    lname = next(field.merge_id for field in fields if field.tag == "LNAME")
    audience.field("DELETE", f"/{lname}")
    audience.field("POST", "", tag="LNAME", name="Last name", type="text")
    taken = audience.refresh(archived=False)
    assert taken.full
    assert taken.definitions == definitions.of(
        audience.client.merge_fields(audience.practice.audience_id)
    )
    assert audience.refresh().calls == 2


class Moving(Mailchimp):
    """A client during whose reading somebody archives members of pages already read."""

    moves = 3

    def members(self, audience_id: str, **asked: object) -> MemberPage:
        page = super().members(audience_id, **asked)  # type: ignore[arg-type]
        if asked.get("order") != "newest" and not asked.get("status") and self.moves:
            self.moves -= 1
            for member in page.rows.column("member_id").to_pylist()[:3]:
                self.archive(audience_id, member)
        return page


def test_members_that_move_between_pages_while_reading_are_neither_lost_nor_doubled(
    audience: Audience,
) -> None:
    audience.dial("fill", members=4000)
    moving = Moving(audience.client._asking)
    taken = Audience(audience.practice, moving, audience.directory).refresh()
    assert taken.agrees
    assert audience.held()["member_id"].is_unique().all()
    assert audience.agrees()


@pytest.mark.parametrize("fault", ["bare-429", "truncated-json", "reset-before", "502-html"])
def test_faults_in_the_middle_of_it_do_no_harm(audience: Audience, fault: str) -> None:
    audience.dial("fill", members=3000)
    audience.dial("faults", faults=[{"name": fault, "times": 3, "after": 2}])
    assert audience.refresh().agrees
    assert audience.agrees()


@pytest.mark.parametrize("reading", ["exclusive", "inclusive"])
def test_it_is_right_under_both_readings_of_since(audience: Audience, reading: str) -> None:
    audience.dial("disputes", since=reading)
    audience.dial("fill", members=1500)
    audience.refresh()
    audience.push(0, 2500)
    audience.refresh()
    assert audience.agrees()


def test_an_unknown_audience_leaves_the_snapshot_as_it_was(audience: Audience) -> None:
    audience.refresh()
    before = audience.held()
    with pytest.raises(MissingError):
        snapshot.refresh(audience.client, "nowhere", audience.directory)
    assert audience.held().equals(before)


@pytest.mark.parametrize("broken", ["{", '{"whole_at": 1}', "{}"])
def test_a_broken_note_of_the_last_time_means_reading_everything(
    audience: Audience, broken: str
) -> None:
    audience.dial("fill", members=1500)
    audience.refresh()
    (audience.directory / "snapshot.json").write_text(broken)
    assert audience.refresh().full


def test_a_directory_that_cannot_be_written_is_said_in_one_sentence(audience: Audience) -> None:
    shutil.rmtree(audience.directory, ignore_errors=True)
    audience.directory.write_text("in the way")
    with pytest.raises(StorageError):
        audience.refresh()
