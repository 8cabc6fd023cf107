"""What users of other products complain about, by number; the list is in test_traps."""

import duckdb
import polars as pl
import pytest

from lib.access import LOCAL_ADMINISTRATOR as ME
from lib.contacts.matching import FieldMatch, Matching
from lib.contacts.options import OnLeave, Options, StatusIfNew
from lib.runs import stages
from lib.runs.stages import Shop
from lib.store import plans, progress, segments
from lib.store.plans import PlanState
from lib.store.runs import RunState
from tests.bench.rounds import measure
from tests.proof.company import ALL, NAME, bodies, people
from tests.proof.works import Works, assert_sums_agree


@pytest.mark.parametrize("status", [StatusIfNew.TRANSACTIONAL, StatusIfNew.PENDING])
def test_b01_new_contacts_get_the_status_that_was_chosen(works: Works, status: StatusIfNew) -> None:
    works.profiles(people(2))
    works.push(works.export(NAME, Options(status_if_new=status)))
    assert {held.status for held in works.hold().values()} == {status.value}


@pytest.mark.parametrize("resubscribe", ["silent", "refused"])
def test_b03_who_said_no_is_never_subscribed_again_however_often_it_runs(
    works: Works, resubscribe: str
) -> None:
    works.admin("disputes", resubscribe=resubscribe)
    for i, status in enumerate(("self", "unsubscribed", "cleaned", "pending")):
        works.join(f"p{i}@post.no", status, FNAME="Old")
    works.profiles(people(4))
    before = works.hold()
    export = works.export(NAME, Options(revive_archived=True))
    for _ in range(2):
        run = works.push(export)
        assert run.outcomes["suppressed"] == 4
    assert works.hold() == before


@pytest.mark.parametrize("status", StatusIfNew)
def test_b03_who_said_no_and_was_archived_stays_so_even_when_the_archived_are_brought_back(
    works: Works, status: StatusIfNew
) -> None:
    works.admin("disputes", archived_if_new="revives")
    works.join("p0@post.no", "self")
    works.befall("p0@post.no", "archived")
    works.profiles(people(1))
    works.push(works.export(NAME, Options(status_if_new=status, revive_archived=True)))
    assert works.hold()["p0@post.no"].status == "archived"


@pytest.mark.parametrize("on_leave", OnLeave)
def test_b04_leaving_a_segment_unsubscribes_nobody(works: Works, on_leave: OnLeave) -> None:
    works.profiles(people(3))
    export = works.export(NAME, Options(on_leave=on_leave))
    works.push(export)
    segments.edit(works.store, ME, "All", sql=f"{ALL} where false")
    works.push(export)
    left = {"nothing": "subscribed", "untag": "subscribed", "archive": "archived"}[on_leave.value]
    held = works.hold().values()
    assert {one.status for one in held} == {left}
    assert {len(one.tags) for one in held} == {0 if on_leave is OnLeave.UNTAG else 1}


def test_b06_who_said_no_costs_neither_a_call_nor_a_contact(works: Works) -> None:
    for i in range(3):
        works.join(f"p{i}@post.no", "self")
    works.profiles(people(3))
    plan = works.ready(works.export(NAME, Options()))
    assert plan.counts["calls"] == 0
    works.carry_out(plan)
    assert len(works.hold()) == 3


def test_b07_members_that_others_added_are_never_archived_or_untagged(works: Works) -> None:
    works.join("p0@post.no", FNAME="Own")
    works.tag("All", "p0@post.no")
    works.join("stranger@post.no")
    works.profiles(people(2))
    export = works.export(NAME, Options(on_leave=OnLeave.ARCHIVE))
    works.push(export)
    segments.edit(works.store, ME, "All", sql=f"{ALL} where false")
    run = works.push(export)
    assert run.outcomes["left"] == 1
    held = works.hold()
    assert [e for e, one in held.items() if one.status == "archived"] == ["p1@post.no"]
    assert held["p0@post.no"].tags == {"All"}


def test_b07_members_added_by_a_run_that_was_cancelled_are_ours_as_well(
    works: Works, small_batches: None
) -> None:
    works.profiles(people(300))
    export = works.export(NAME, Options(on_leave=OnLeave.ARCHIVE))
    run = works.ask(works.ready(export))
    works.admin("latency", usual=0.2)

    def look() -> bool:
        if works.count() and works.run(run.id).state is RunState.RUNNING:
            progress.cancel(works.store, ME, run.id)
        return False

    ended = works.work(run.id, look)
    works.admin("latency", usual=0.0)
    assert ended.state is RunState.CANCELLED
    added = len(works.hold())
    assert 0 < added < 300
    segments.edit(works.store, ME, "All", sql=f"{ALL} where false")
    assert works.push(export).outcomes["left"] == added


def test_b08_a_plan_writes_nothing_to_mailchimp(works: Works) -> None:
    works.join("p0@post.no", FNAME="Old")
    works.profiles(people(3))
    before = works.hold()
    works.ready(works.export(NAME, Options()))
    assert works.hold() == before


def test_b09_a_required_field_without_a_value_is_named_before_anything_is_sent(
    works: Works,
) -> None:
    works.require("LNAME")
    works.profiles(people(3))
    plan = works.ready(works.export(NAME, Options()))
    assert plan.counts["fates"]["invalid"] == 3
    assert works.planned(plan)["detail"].str.contains("LNAME").all()


def test_b10_a_field_that_the_audience_lacks_is_named_and_nothing_is_planned(works: Works) -> None:
    works.profiles(people(3))
    plan = works.plan(
        works.export(Matching("email", (FieldMatch("NOSUCH", "first_name"),)), Options())
    )
    assert plan.state is PlanState.FAILED
    assert "NOSUCH" in plan.message


def test_b12_only_changed_contacts_and_only_their_changed_fields_are_sent(works: Works) -> None:
    both = Matching("email", (*NAME.fields, FieldMatch("LNAME", "last_name")))
    works.profiles(people(3, last_name="Lie"))
    export = works.export(both, Options())
    works.push(export)
    works.profiles(
        [
            one | {"first_name": "New"} if one["profile_id"] == 1 else one
            for one in people(3, last_name="Lie")
        ]
    )
    plan = works.ready(export)
    assert bodies(works, plan) == [
        {
            "email_address": "p1@post.no",
            "status_if_new": "transactional",
            "merge_fields": {"FNAME": "New"},
        }
    ]


def test_b13_what_became_of_everybody_is_a_table_that_sql_can_read(works: Works) -> None:
    works.profiles(people(3))
    run = works.push(works.export(NAME, Options()))
    path = works.settings.runs_dir / run.id / "outcomes.parquet"
    with duckdb.connect() as db:
        query = f"select outcome, count(*) from '{path}' group by all"
        found = db.execute(query).fetchall()
    assert found == [("added", 3)]


def test_b14_b18_whoever_is_not_sent_has_a_reason_in_words(works: Works) -> None:
    for i, status in enumerate(("self", "cleaned", "pending", "archived")):
        works.join(f"p{i}@post.no", status)
    odd = [None, "", "no address", "x@example.com", "P9@POST.NO"]
    rows = people(10) + [
        {"profile_id": 100 + i, "email": email, "first_name": "X"} for i, email in enumerate(odd)
    ]
    works.profiles(rows)
    works.admin("faults", faults=[{"name": "reject-address", "rate": 0.3}])
    run = works.push(works.export(NAME, Options()))
    told = works.told(run.id)
    assert told.height == 15
    silent = told.filter(~pl.col("outcome").is_in(["added", "updated", "unchanged"]))
    assert silent.height >= 9
    assert silent.filter((pl.col("message") == "") | (pl.col("code") == "")).is_empty()
    assert_sums_agree(works, run)


def test_b15_refusals_and_bounces_do_not_fail_a_run_nor_the_next(works: Works) -> None:
    works.join("p0@post.no", "cleaned")
    works.join("p1@post.no", "forgotten")
    works.profiles(people(5))
    export = works.export(NAME, Options())
    run = works.push(export)
    assert run.state is RunState.DONE
    assert {k: v for k, v in run.outcomes.items() if v} == {
        "added": 3,
        "suppressed": 1,
        "rejected": 1,
    }
    again = works.push(export)
    assert again.state is RunState.DONE
    assert again.outcomes["unchanged"] == 3


def test_b16_a_refusal_says_who_which_field_and_why(works: Works) -> None:
    works.profiles(people(2))
    plan = works.ready(works.export(NAME, Options()))
    works.require("LNAME")
    told = works.told(works.carry_out(plan).id)
    assert told.select("email", "outcome", "field", "field_message").rows() == [
        (f"p{i}@post.no", "rejected", "LNAME", "Please enter a value") for i in range(2)
    ]


def test_b21_a_run_that_stopped_goes_on_and_sends_nothing_twice(
    works: Works, small_batches: None
) -> None:
    works.profiles(people(30))
    run = works.ask(works.ready(works.export(NAME, Options())))
    works.admin("faults", faults=[{"name": "key-revoked", "on": "batch", "after": 4}])
    stopped = works.work(run.id)
    assert stopped.state is RunState.FAILED
    done = len(works.hold())
    assert 0 < done < 30
    works.calm()
    progress.resume(works.store, ME, run.id)
    ended = works.work(run.id)
    assert (ended.state, ended.outcomes["added"]) == (RunState.DONE, 30)
    assert_sums_agree(works, ended)


def test_b23_five_hundred_members_go_in_each_call(works: Works) -> None:
    works.profiles(people(1_200))
    plan = works.ready(works.export(NAME, Options(on_leave=OnLeave.UNTAG)))
    assert plan.counts["calls"] == 3
    works.admin("stats", reset=True)
    works.carry_out(plan)
    told = works.stats()
    assert len(works.hold()) == 1_200
    assert told["calls"]["POST /lists/{list_id}"] == 3
    assert sum(told["calls"].values()) < 20


def test_b02_a_run_by_mistake_is_taken_back(works: Works) -> None:
    works.join("p0@post.no", FNAME="Own")
    before = works.hold()
    works.profiles(people(5))
    run = works.push(works.export(NAME, Options()))
    begun = plans.begin(works.store, ME, run.export_id, undoes=run.id)
    stages.plan(Shop(works.store, works.settings), begun.id)
    works.carry_out(plans.get(works.store, ME, begun.id))
    held = works.hold()
    assert {email: one for email, one in held.items() if one.status != "archived"} == before
    assert len(held) == 5


def test_b17_failed_rows_are_a_file_with_key_address_and_reason(works: Works) -> None:
    works.profiles(people(40))
    works.admin("faults", faults=[{"name": "reject-address", "rate": 0.3}])
    run = works.push(works.export(NAME, Options()))
    failed = works.told(run.id).filter(pl.col("outcome") == "rejected")
    rows = pl.read_csv(failed.drop("segments").write_csv().encode())
    assert rows.height == run.outcomes["rejected"] > 0
    told = rows.select("key", "email_given", "message").rows()
    assert all(f"p{key}@post.no" == email and "fake" in why for key, email, why in told)


def test_b19_b20_ten_connections_are_used_and_no_queue(works: Works, small_batches: None) -> None:
    works.profiles(people(90))
    plan = works.ready(works.export(NAME, Options()))
    works.admin("stats", reset=True)
    # Long enough for ten to be under way on a machine that is busy with other tests.
    works.admin("latency", usual=1.0)
    works.carry_out(plan)
    works.admin("latency", usual=0.0)
    told = works.stats()
    assert told["calls"]["POST /lists/{list_id}"] == 30
    assert told["peak_connections"] == 10
    assert not [call for call in told["calls"] if "batches" in call]


@pytest.mark.slow
def test_b22_a_push_takes_no_more_memory_for_ten_times_the_contacts() -> None:
    peaks = []
    for contacts in (20_000, 200_000):
        first, _ = measure(contacts, 0.0)
        peaks.append(first.peak_mb)
    # Besides a plan's sorting, which may take its share of memory and no more.
    assert peaks[1] < peaks[0] + 300
