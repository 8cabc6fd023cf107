"""Traps that other products fell into (A), and what their users complain about (B), by number.

Where each is proven; ``here`` means a test below whose name begins with the number.

A01 mapped fields never sent               here
A02 member id of a mixed-case address      test_holes (the case of an address), contacts/test_plan
A03 merge validation switched off          test_holes (a field that became required)
A04 tags cut to ten characters collide     here
A05 a changed address subscribes again     here
A06 status sent for every row              here, mailchimp/test_transport
A07 partial failure called success         here (B15), runs/test_worker (refusals), cli/test_story
A08 PUT with subscribed                    here (A06)
A09 wrong times of consent                 here (A06): no times are sent
A10 200 with rejections, a bare 403        here, mailchimp/test_client (what passes by itself)
B01 everybody subscribed at first sync     here
B02 no way back, over the limit            runs/test_undo, runs/test_worker (over the limit)
B03 unsubscribed people subscribed again   here, test_machine
B04 a sync that unsubscribes               here
B05 marketing permissions                  not applicable: they are neither read nor sent
B06 the bill for people who said no        here
B07 contacts of others deleted             here, runs/test_worker (who left), test_holes (signed up)
B08 a dry run                              here
B09 required fields, said before           here
B10 merge fields silently missing          here, contacts/test_plan (a tag the audience lacks)
B11 long tags break the sync               here (A04)
B12 only what changed                      here, runs/test_worker (a second run)
B13 logs as a table                        here
B14 contacts missing without a reason      here
B15 some bounces fail everything           here
B16 the log says neither who nor why       here
B17 failed rows as a file                  cli/test_story (rejected contacts)
B18 nobody knows why                       here (B14)
B19 a week for the first sync              tests/bench
B20 slow batch operations                  not applicable: the queue of Mailchimp is never used
B21 starts over instead of resuming        here, runs/test_worker (cancel, killed), test_kills
B22 everything in memory                   tests/bench
B23 single calls instead of five hundred   here, test_holes (batches of every edge)
"""

import json
from typing import Any

import duckdb
import polars as pl
import pytest

from lib.access import LOCAL_ADMINISTRATOR as ME
from lib.contacts.matching import FieldMatch, Matching
from lib.contacts.options import OnLeave, Options, StatusIfNew
from lib.store import progress, segments
from lib.store.plans import Plan, PlanState
from lib.store.runs import RunState
from tests.proof.works import Works, assert_sums_agree

NAME = Matching("email", (FieldMatch("FNAME", "first_name"),))
ALL = "select profile_id from profiles"


def people(count: int, **more: str) -> list[dict[str, Any]]:
    return [
        {"profile_id": i, "email": f"p{i}@post.no", "first_name": f"N{i}"} | more
        for i in range(count)
    ]


def bodies(works: Works, plan: Plan) -> list[dict[str, Any]]:
    frame = works.planned(plan)
    return [json.loads(body) for body in frame["body"].drop_nulls()]


def test_a01_every_mapped_field_and_tag_arrives(works: Works) -> None:
    row = {"last_name": "Lie", "ltv": "12.5", "born": "1990-05-17", "phone": "+47 22 33 44 55"}
    works.profiles(people(1, **row))
    columns = {"LNAME": "last_name", "LTV": "ltv", "BIRTHDAY": "born", "PHONE": "phone"}
    fields = tuple(FieldMatch(tag, column) for tag, column in columns.items())
    works.push(works.export(Matching("email", (*NAME.fields, *fields)), Options()))
    held = works.hold()["p0@post.no"]
    assert held.merge == {
        "FNAME": "N0",
        "LNAME": "Lie",
        "LTV": 12.5,
        "BIRTHDAY": "05/17",
        "PHONE": "+47 22 33 44 55",
    }
    assert held.tags == {"All"}


def test_a04_b11_long_names_of_segments_stay_whole_and_apart(works: Works) -> None:
    names = ["customer_lifetime_value high", "customer_lifecycle active " + "x" * 60]
    works.profiles(people(2))
    works.push(works.export(NAME, Options(), dict.fromkeys(names, ALL)))
    assert {held.tags for held in works.hold().values()} == {frozenset(names)}


def test_a05_a_changed_address_leaves_the_old_member_as_they_chose(works: Works) -> None:
    works.join("old@post.no", "self", FNAME="Ada")
    works.profiles([{"profile_id": 1, "email": "old@post.no", "first_name": "Ada"}])
    export = works.export(NAME, Options(on_leave=OnLeave.UNTAG))
    works.push(export)
    works.profiles([{"profile_id": 1, "email": "new@post.no", "first_name": "Ada"}])
    works.push(export)
    assert works.hold()["old@post.no"].status == "unsubscribed"


def test_a06_no_row_carries_a_status_or_a_time(works: Works) -> None:
    works.join("p0@post.no", FNAME="Old")
    works.profiles(people(3))
    sent = bodies(works, works.ready(works.export(NAME, Options())))
    assert len(sent) == 3
    assert {key for one in sent for key in one} == {
        "email_address",
        "status_if_new",
        "merge_fields",
        "tags",
    }


def test_a10_a_bare_403_is_a_throttle_and_not_a_wrong_key(works: Works) -> None:
    works.profiles(people(3))
    plan = works.ready(works.export(NAME, Options()))
    works.admin("faults", faults=[{"name": "bare-403", "times": 1, "on": "batch"}])
    run = works.carry_out(plan)
    assert (run.state, run.outcomes["added"]) == (RunState.DONE, 3)


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
            "status_if_new": "subscribed",
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
    told = works.web.get(f"{works.practice.url}/practice/", timeout=20).json()["stats"]
    assert len(works.hold()) == 1_200
    assert told["calls"]["POST /lists/{list_id}"] == 3
    assert sum(told["calls"].values()) < 20
