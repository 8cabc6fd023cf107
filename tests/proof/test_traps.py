"""Traps that other products fell into (A), by number; what users complain about is B.

Where each is proven; ``here`` means a test below whose name begins with the number, and
``complaints`` one in test_complaints.

A01 mapped fields never sent               here
A02 member id of a mixed-case address      here, test_holes (the case of an address)
A03 merge validation switched off          here
A04 tags cut to ten characters collide     here
A05 a changed address subscribes again     here
A06 status sent for every row              here, mailchimp/test_transport
A07 partial failure called success         here, cli/test_story
A08 PUT with subscribed                    here
A09 wrong times of consent                 here
A10 200 with rejections, a bare 403        here, mailchimp/test_client (what passes by itself)
B01 everybody subscribed at first sync     complaints
B02 no way back, over the limit            complaints, runs/test_undo
B03 unsubscribed people subscribed again   complaints, test_machine
B04 a sync that unsubscribes               complaints
B05 marketing permissions                  not applicable: they are neither read nor sent (A06)
B06 the bill for people who said no        complaints
B07 contacts of others deleted             complaints, runs/test_worker (who left)
B08 a dry run                              complaints
B09 required fields, said before           complaints
B10 merge fields silently missing          complaints
B11 long tags break the sync               here (A04)
B12 only what changed                      complaints, runs/test_worker (a second run)
B13 logs as a table                        complaints
B14 contacts missing without a reason      complaints
B15 some bounces fail everything           complaints
B16 the log says neither who nor why       complaints
B17 failed rows as a file                  complaints, cli/test_story (rejected contacts)
B18 nobody knows why                       complaints (B14)
B19 a week for the first sync              complaints, tests/bench
B20 slow batch operations                  complaints (B19): the queue of Mailchimp is never used
B21 starts over instead of resuming        complaints, runs/test_worker, test_kills
B22 everything in memory                   complaints, tests/bench
B23 single calls instead of five hundred   complaints, test_holes (batches of every edge)
"""

import polars as pl

from lib.contacts.matching import FieldMatch, Matching
from lib.contacts.options import OnLeave, Options
from lib.store.runs import RunState
from tests.proof.company import ALL, NAME, bodies, people
from tests.proof.works import Works


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


def test_a02_a_mixed_case_address_is_known_as_who_unsubscribed(works: Works) -> None:
    works.join("Person.One@Post.no", "self", FNAME="Old")
    works.profiles([{"profile_id": 1, "email": "PERSON.one@post.NO", "first_name": "New"}])
    before = works.hold()
    assert works.push(works.export(NAME, Options())).outcomes["suppressed"] == 1
    assert works.hold() == before


def test_a03_merge_validation_is_never_switched_off(works: Works) -> None:
    works.profiles(people(2))
    plan = works.ready(works.export(NAME, Options()))
    works.require("LNAME")
    run = works.carry_out(plan)
    assert (run.outcomes["rejected"], works.hold()) == (2, {})


def test_a07_a_run_with_rejections_names_their_number_and_each_of_them(works: Works) -> None:
    works.profiles(people(60))
    works.admin("faults", faults=[{"name": "reject-address", "rate": 0.3}])
    run = works.push(works.export(NAME, Options()))
    told = works.told(run.id).filter(pl.col("outcome") == "rejected")
    assert run.outcomes["rejected"] == told.height == 60 - len(works.hold()) > 0
    assert told["message"].str.contains("fake").all()


def test_a08_members_keep_their_status_and_nobody_is_put_singly(works: Works) -> None:
    for i, status in enumerate(("transactional", "pending", "self", "cleaned")):
        works.join(f"p{i}@post.no", status, FNAME="Old")
    works.profiles(people(4))
    before = {email: held.status for email, held in works.hold().items()}
    works.admin("stats", reset=True)
    works.push(works.export(NAME, Options()))
    asked = works.stats()["calls"]
    assert {email: held.status for email, held in works.hold().items()} == before
    assert not [call for call in asked if call.startswith(("PUT", "PATCH"))]


def test_a09_times_of_consent_stay_as_mailchimp_holds_them(works: Works) -> None:
    works.join("p0@post.no", FNAME="Old")
    path = "/members/p0@post.no?fields=timestamp_opt,timestamp_signup,ip_opt,merge_fields"
    before = works.here("GET", path)
    works.profiles(people(1))
    works.push(works.export(NAME, Options()))
    after = works.here("GET", path)
    assert after.pop("merge_fields") != before.pop("merge_fields")
    assert after == before
