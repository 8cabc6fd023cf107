"""What an adversary would try: the world moves between plan, yes, run and resume."""

import time

import polars as pl
import pytest

from lib.access import LOCAL_ADMINISTRATOR as ME
from lib.contacts.matching import FieldMatch, Matching
from lib.contacts.options import OnLeave, Options
from lib.errors import NotApprovedError, RefusedError
from lib.mailchimp.client import Mailchimp
from lib.runs import opening, stages
from lib.runs.audience import snapshot
from lib.runs.plan import making
from lib.runs.sending import layout
from lib.runs.stages import Shop
from lib.store import connections, consent, exports, plans, progress, segments
from lib.store.runs import RunState
from tests.proof.works import Works, assert_sums_agree

NAME = Matching("email", (FieldMatch("FNAME", "first_name"),))
BOTH = Matching("email", (FieldMatch("FNAME", "first_name"), FieldMatch("LNAME", "last_name")))
KEEP = Matching("email", (FieldMatch("FNAME", "first_name", keep_filled=True),))


SLOW = pytest.mark.slow


def people(count: int, first: int = 0) -> list[dict[str, object]]:
    return [
        {"profile_id": i, "email": f"p{i}@post.no", "first_name": f"N{i}", "last_name": f"L{i}"}
        for i in range(first, first + count)
    ]


def early_in_a_second() -> None:
    time.sleep(1 - time.time() % 1)


def client(works: Works) -> Mailchimp:
    connection = connections.get(works.store, ME, "Practice")
    return opening.mailchimp(works.store, works.settings, ME, connection.id)


@pytest.mark.parametrize("others", [0, 1500])
def test_a_member_changed_twice_in_one_second_is_known_as_changed_last(
    works: Works, others: int
) -> None:
    """``last_changed`` has whole seconds, so it cannot tell the two changes apart."""
    works.profiles(people(1))
    if others:
        works.admin("fill", audience=works.audience_id, members=others)
    export = works.export(NAME, Options(tag_segments=False))
    works.join("p0@post.no", FNAME="Old")
    works.ready(export)
    early_in_a_second()
    works.here("PATCH", "/members/p0@post.no", merge_fields={"FNAME": "N0"})
    connection = connections.get(works.store, ME, "Practice")
    directory = making.audience_dir(works.settings, connection.id, works.audience_id)
    with client(works) as mailchimp:
        snapshot.refresh(mailchimp, works.audience_id, directory)
        works.here("PATCH", "/members/p0@post.no", merge_fields={"FNAME": "Else"})
        snapshot.refresh(mailchimp, works.audience_id, directory)
    assert works.ready(export).counts["fates"]["updated"] == 1


@pytest.mark.parametrize("reading", ["stays", "revives"])
def test_an_archived_member_is_told_as_added_only_when_it_is_back(
    works: Works, reading: str
) -> None:
    works.profiles(people(2))
    works.join("p0@post.no", "archived", FNAME="Old")
    works.admin("disputes", archived_if_new=reading)
    run = works.push(works.export(NAME, Options(revive_archived=True)))
    back = sum(held.status == "subscribed" for held in works.hold().values())
    assert run.outcomes["added"] == back
    assert_sums_agree(works, run)


@pytest.mark.parametrize("reading", ["stays", "revives"])
def test_who_unsubscribed_and_was_archived_is_not_told_as_added(works: Works, reading: str) -> None:
    works.profiles(people(2))
    works.join("p0@post.no", "self", FNAME="Old")
    works.befall("p0@post.no", "archived")
    works.admin("disputes", archived_if_new=reading)
    run = works.push(works.export(NAME, Options(revive_archived=True)))
    assert works.hold()["p0@post.no"].status == "archived"
    assert run.outcomes["added"] == 1
    assert_sums_agree(works, run)


def test_a_field_filled_after_the_plan_is_not_overwritten_when_the_export_never_overwrites(
    works: Works,
) -> None:
    works.profiles(people(2))
    works.join("p0@post.no")
    plan = works.ready(works.export(KEEP, Options()))
    works.here("PATCH", "/members/p0@post.no", merge_fields={"FNAME": "By hand"})
    works.join("p1@post.no", FNAME="By hand")
    run = works.carry_out(plan)
    assert {held.merge["FNAME"] for held in works.hold().values()} == {"By hand"}
    assert run.outcomes["not_sent"] == 2
    assert "2 contacts got a value" in run.message
    assert_sums_agree(works, run)


def test_what_a_run_filled_itself_is_not_held_back_when_it_is_resumed(works: Works) -> None:
    works.profiles(people(3))
    works.join("p0@post.no")
    run = works.ask(works.ready(works.export(KEEP, Options())))
    assert stages.check(Shop(works.store, works.settings), run.id)
    works.admin("faults", faults=[{"name": "reset-after", "on": "batch"}])
    shop = Shop(works.store, works.settings, closing=lambda: len(works.hold()) == 3)
    assert not stages.send(shop, run.id)
    works.calm()
    ended = works.work(run.id)
    assert (ended.state, ended.message) == (RunState.DONE, "")
    assert (ended.outcomes["added"], ended.outcomes["updated"]) == (2, 1)


def test_who_was_archived_while_a_batch_was_in_doubt_stays_archived(works: Works) -> None:
    """Under the reading in which ``status_if_new`` revives the archived."""
    works.admin("disputes", archived_if_new="revives")
    works.profiles(people(3))
    run = works.ask(works.ready(works.export(NAME, Options())))
    shop = Shop(works.store, works.settings)
    assert stages.check(shop, run.id)
    works.admin("faults", faults=[{"name": "reset-after", "on": "batch"}])
    shop = Shop(works.store, works.settings, closing=lambda: len(works.hold()) == 3)
    assert not stages.send(shop, run.id)
    works.calm()
    works.admin("disputes", archived_if_new="revives")
    assert len(works.hold()) == 3
    works.befall("p1@post.no", "archived")
    ended = works.work(run.id)
    assert ended.state is RunState.DONE
    assert works.hold()["p1@post.no"].status == "archived"
    assert_sums_agree(works, ended)


@pytest.mark.parametrize(
    "count", [0, *(pytest.param(n, marks=SLOW) for n in (1, 499, 500, 1000, 1001)), 501]
)
def test_batches_of_every_edge_arrive_whole(works: Works, count: int) -> None:
    works.profiles(people(count) or [{"profile_id": 0, "email": None, "first_name": None}])
    run = works.push(works.export(NAME, Options()))
    assert run.outcomes["added"] == len(works.hold()) == count
    assert len(layout.read_layout(works.settings.runs_dir / run.id).parcels) == -(-count // 500)
    assert_sums_agree(works, run)


def test_an_export_changed_after_the_yes_is_not_run(works: Works) -> None:
    works.profiles(people(2))
    export = works.export(NAME, Options())
    plan = works.ready(export)
    plans.approve(works.store, ME, plan.id)
    exports.edit(works.store, ME, export, matching=BOTH)
    with pytest.raises(NotApprovedError):
        progress.request(works.store, ME, plan.id)
    assert not works.hold()


@SLOW
def test_an_export_changed_while_its_run_waits_does_not_change_what_is_sent(works: Works) -> None:
    works.profiles(people(2))
    export = works.export(NAME, Options())
    run = works.ask(works.ready(export))
    exports.edit(works.store, ME, export, matching=BOTH)
    segments.edit(works.store, ME, "All", sql="select profile_id from profiles where false")
    ended = works.work(run.id)
    held = works.hold()
    assert len(held) == 2 or ended.state is RunState.FAILED
    assert all("LNAME" not in member.merge for member in held.values())


@SLOW
def test_a_segment_changed_after_the_plan_does_not_change_what_is_sent(works: Works) -> None:
    works.profiles(people(3))
    plan = works.ready(works.export(NAME, Options()))
    segments.edit(works.store, ME, "All", sql="select profile_id from profiles where profile_id=0")
    try:
        works.carry_out(plan)
    except NotApprovedError:
        assert not works.hold()
    else:
        assert len(works.hold()) == 3


def test_profiles_changed_after_the_plan_do_not_change_what_is_sent_and_the_run_says_so(
    works: Works,
) -> None:
    works.profiles(people(3))
    plan = works.ready(works.export(NAME, Options()))
    works.profiles(people(5, first=100))
    run = works.carry_out(plan)
    assert set(works.hold()) == {"p0@post.no", "p1@post.no", "p2@post.no"}
    assert "profiles have changed" in run.message


@SLOW
def test_consent_withdrawn_before_the_run_sends_nothing(works: Works) -> None:
    works.profiles(people(3))
    run = works.ask(works.ready(works.export(NAME, Options())))
    consent.withdraw(works.store, ME, "Practice")
    ended = works.work(run.id)
    assert ended.state is RunState.FAILED
    assert "consent" in ended.message.lower()
    assert not works.hold()


def test_consent_withdrawn_in_mid_run_stops_it(works: Works, small_batches: None) -> None:
    works.profiles(people(120))
    run = works.ask(works.ready(works.export(NAME, Options())))
    works.admin("latency", usual=0.3)
    seen: list[int] = []

    def look() -> bool:
        if not seen and works.count():
            seen.append(works.count())
            consent.withdraw(works.store, ME, "Practice")
        return False

    ended = works.work(run.id, look)
    works.admin("latency", usual=0.0)
    assert seen
    assert len(works.hold()) < 120
    assert ended.state is RunState.STOPPED
    assert "“Practice” was withdrawn" in ended.message
    assert_sums_agree(works, ended)
    with pytest.raises(RefusedError, match="withdrawn"):
        progress.resume(works.store, ME, run.id)
    consent.agree(works.store, ME, "Practice")
    progress.resume(works.store, ME, run.id)
    assert works.work(run.id).state is RunState.DONE
    assert len(works.hold()) == 120


def test_a_key_rotated_in_mid_run_ends_the_run_whole_or_resumable(
    works: Works, small_batches: None
) -> None:
    works.profiles(people(30))
    run = works.ask(works.ready(works.export(NAME, Options())))
    assert stages.check(Shop(works.store, works.settings), run.id)
    connections.rotate(works.store, ME, "Practice", works.practice.api_key[:-4] + "-us6")
    ended = works.work(run.id)
    assert ended.state in (RunState.FAILED, RunState.STOPPED)
    assert "key" in ended.message.lower()
    connections.rotate(works.store, ME, "Practice", works.practice.api_key)
    progress.resume(works.store, ME, run.id)
    ended = works.work(run.id)
    assert ended.state is RunState.DONE
    assert len(works.hold()) == 30


def test_the_case_of_an_address_makes_no_second_member_and_no_second_subscription(
    works: Works,
) -> None:
    works.join("Ola.Nordmann@Post.no", "self", FNAME="Ola")
    works.join("Kari@post.no", FNAME="Kari")
    works.profiles(
        [
            {"profile_id": 1, "email": "OLA.NORDMANN@POST.NO", "first_name": "X"},
            {"profile_id": 2, "email": "kARI@POST.no", "first_name": "Y"},
        ]
    )
    run = works.push(works.export(NAME, Options()))
    held = works.hold()
    assert {one.status for one in held.values()} == {"unsubscribed", "subscribed"}
    assert len(held) == 2
    assert run.outcomes["suppressed"] == run.outcomes["updated"] == 1


@pytest.mark.parametrize(
    "what",
    [
        "archived",
        *(pytest.param(w, marks=SLOW) for w in ("self", "unsubscribed", "cleaned", "forgotten")),
    ],
)
def test_who_became_unreachable_between_plan_and_run_is_left_as_they_are(
    works: Works, what: str
) -> None:
    works.admin("disputes", archived_if_new="revives")
    works.profiles(people(4))
    works.join("p0@post.no")
    works.join("p1@post.no")
    plan = works.ready(works.export(NAME, Options()))
    works.befall("p0@post.no", what)
    works.join("p2@post.no", what)
    before = works.hold()
    run = works.carry_out(plan)
    after = works.hold()
    for email in ("p0@post.no", "p2@post.no"):
        assert after.get(email) == before.get(email)
    assert run.state is RunState.DONE
    assert_sums_agree(works, run)
    if what != "forgotten":
        assert "2 contacts" in run.message


def test_a_tag_known_in_another_case_is_not_given_twice(works: Works) -> None:
    works.profiles(people(2))
    works.join("p0@post.no", FNAME="N0")
    works.tag("GOLD", "p0@post.no")
    export = works.export(NAME, Options(), {"Gold": "select profile_id from profiles"})
    assert works.push(export).outcomes["unchanged"] == 1
    assert {tuple(held.tags) for held in works.hold().values()} == {("GOLD",)}
    assert works.push(export).outcomes["unchanged"] == 2


def test_a_member_with_more_than_fifty_tags_does_not_change_for_ever(works: Works) -> None:
    """A listing shows fifty tags of a member at most."""
    works.profiles(people(1))
    works.join("p0@post.no", FNAME="N0")
    tags = [{"name": f"Tag {i:02}", "status": "active"} for i in range(60)]
    works.here("POST", "/members/p0@post.no/tags", tags=tags)
    export = works.export(NAME, Options())
    first = works.push(export)
    assert (first.state, first.message, first.outcomes["updated"]) == (RunState.DONE, "", 1)
    held = works.here("GET", "/members/p0@post.no/tags?count=100")
    assert held["total_items"] == 61
    assert works.push(export).outcomes["unchanged"] == 1
    assert works.push(export).outcomes["unchanged"] == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    "value",
    [
        "😀" * 63,
        "😀" * 64,
        "é" * 128,
        "x" * 255,
        "x" * 256,
        "x" * 253 + "😀",
        "x" * 254 + " y",
        "👩‍👩‍👧‍👦" * 20,
        'quote " and \\ slash',
        "</script>\u2028\u2029",
        "a\tb\r\nc",
        "*|EMAIL|*",
        "\u202eevil",
        "null",
        "0",
    ],
)
@pytest.mark.parametrize("reading", ["refused", "cut"])
def test_any_text_arrives_and_is_unchanged_the_second_time(
    works: Works, value: str, reading: str
) -> None:
    works.admin("disputes", long_text=reading)
    works.profiles([{"profile_id": 1, "email": "a@post.no", "first_name": value}])
    export = works.export(NAME, Options())
    run = works.push(export)
    assert (run.outcomes["added"], run.message) == (1, "")
    held = works.hold()["a@post.no"].merge["FNAME"]
    assert len(held.encode()) <= 255
    assert works.push(export).outcomes["unchanged"] == 1


@SLOW
def test_a_merge_field_deleted_after_the_yes_is_told(works: Works) -> None:
    works.profiles(people(2))
    export = works.export(BOTH, Options())
    plan = works.ready(export)
    fields = works.here("GET", "/merge-fields?count=100")["merge_fields"]
    last = next(one["merge_id"] for one in fields if one["tag"] == "LNAME")
    works.here("DELETE", f"/merge-fields/{last}")
    run = works.carry_out(plan)
    assert run.message
    assert "LNAME" in works.plan(export).message


def test_a_field_that_became_required_after_the_yes_rejects_with_its_name(works: Works) -> None:
    works.profiles(people(2))
    export = works.export(NAME, Options())
    plan = works.ready(export)
    fields = works.here("GET", "/merge-fields?count=100")["merge_fields"]
    last = next(one["merge_id"] for one in fields if one["tag"] == "LNAME")
    works.here("PATCH", f"/merge-fields/{last}", required=True)
    run = works.carry_out(plan)
    assert run.outcomes["rejected"] == 2
    told = works.told(run.id)
    assert set(told["field"]) == {"LNAME"}
    assert_sums_agree(works, run)
    again = works.ready(export)
    assert again.counts["fates"]["invalid"] == 2


@pytest.mark.parametrize("reading", ["incomplete", "accepted"])
def test_an_address_without_a_state_does_not_cost_the_contact(works: Works, reading: str) -> None:
    """Most countries have none."""
    works.admin("disputes", blank_state=reading)
    parts = (("addr1", "street"), ("city", "city"), ("zip", "zip"), ("country", "country"))
    works.profiles(
        [
            {
                "profile_id": 1,
                "email": "a@post.no",
                "street": "Storgata 1",
                "city": "Oslo",
                "zip": "0155",
                "country": "NO",
            }
        ]
    )
    export = works.export(
        Matching("email", (FieldMatch("ADDRESS", "street", parts=parts),)), Options()
    )
    plan = works.ready(export)
    assert works.planned(plan)["problems"].to_list() == [["ADDRESS:no_state"]]
    assert works.carry_out(plan).outcomes["added"] == 1


@SLOW
def test_two_exports_through_two_connections_to_one_audience_lose_nothing(works: Works) -> None:
    connections.add(
        works.store,
        ME,
        name="Other",
        api_key=works.practice.api_key,
        api_url=works.practice.url,
        practice=True,
    )
    works.profiles(people(40))
    one = works.export(
        NAME, Options(), {"One": "select profile_id from profiles where profile_id < 30"}
    )
    two = works.export(
        BOTH, Options(), {"Two": "select profile_id from profiles where profile_id >= 10"}, "Other"
    )
    first, second = works.ready(one), works.ready(two)
    ends = [works.carry_out(first), works.carry_out(second)]
    assert [end.state for end in ends] == [RunState.DONE] * 2
    held = works.hold()
    assert len(held) == 40
    assert all(("One" in m.tags) == (int(e[1:].split("@")[0]) < 30) for e, m in held.items())
    assert all(("Two" in m.tags) == (int(e[1:].split("@")[0]) >= 10) for e, m in held.items())
    for end in ends:
        assert_sums_agree(works, end)


def test_who_signed_up_by_themselves_after_the_plan_is_never_archived_as_ours(
    works: Works,
) -> None:
    works.profiles(people(3))
    export = works.export(NAME, Options(on_leave=OnLeave.ARCHIVE))
    plan = works.ready(export)
    works.join("p0@post.no", FNAME="Self")
    works.carry_out(plan)
    segments.edit(works.store, ME, "All", sql="select profile_id from profiles where false")
    works.push(export)
    assert {e: m.status for e, m in works.hold().items()} == {
        "p0@post.no": "subscribed",
        "p1@post.no": "archived",
        "p2@post.no": "archived",
    }


@SLOW
@pytest.mark.parametrize(
    "domain", ["İstanbul.com", "ΑΣ.gr", "münchen.de", "MÜNCHEN.DE", "xn--mnchen-3ya.de"]
)
def test_a_domain_in_any_script_gets_the_id_mailchimp_gives_it(works: Works, domain: str) -> None:
    works.profiles([{"profile_id": 1, "email": f"a@{domain}", "first_name": "A"}])
    export = works.export(NAME, Options())
    run = works.push(export)
    assert (run.outcomes["added"], run.outcomes["in_doubt"], run.message) == (1, 0, "")
    assert works.push(export).outcomes["unchanged"] == 1


@pytest.mark.parametrize("unchanged", ["updated", "left_out"])
def test_tags_that_do_not_come_with_a_batch_are_given_by_themselves(
    works: Works, unchanged: str
) -> None:
    """Under ``left_out`` Mailchimp says nothing about members of whom it takes no tag."""
    works.admin("disputes", tags_in_batch="ignored", unchanged=unchanged)
    works.join("p0@post.no", FNAME="N0")
    works.profiles(people(501))
    export = works.export(NAME, Options())
    run = works.push(export)
    assert (run.outcomes["added"], run.outcomes["updated"], run.message) == (500, 1, "")
    assert {tuple(held.tags) for held in works.hold().values()} == {("All",)}
    assert works.push(export).outcomes["unchanged"] == 501


@SLOW
def test_a_deleted_audience_fails_with_a_sentence(works: Works) -> None:
    works.profiles(people(3))
    plan = works.ready(works.export(NAME, Options()))
    works.api("DELETE", f"/{works.audience_id}")
    run = works.carry_out(plan)
    assert run.state is RunState.FAILED
    assert run.message


@SLOW
def test_thousands_of_digits_and_odd_numbers_do_no_harm(works: Works) -> None:
    odd = [
        "1e5",
        "1e99",
        "-0",
        "+5",
        "007",
        "1,234",
        "1.234,50",
        "NaN",
        "inf",
        "12 345",
        "٣",
        "1_000",
        "0x10",
        "9" * 400,
        "1e-99",
        ".5",
        "5.",
    ]
    works.profiles(
        [{"profile_id": i, "email": f"p{i}@post.no", "ltv": value} for i, value in enumerate(odd)]
    )
    export = works.export(Matching("email", (FieldMatch("LTV", "ltv"),)), Options())
    run = works.push(export)
    assert run.outcomes["added"] == len(odd), works.told(run.id).filter(
        pl.col("outcome") != "added"
    )
    assert run.message == ""
    assert works.push(export).outcomes["unchanged"] == len(odd)


@pytest.mark.parametrize("joined", ["before the plan", "after the plan"])
def test_who_unsubscribes_and_is_archived_while_the_run_is_on_is_not_subscribed_again(
    works: Works, joined: str
) -> None:
    works.admin("disputes", archived_if_new="revives")
    works.profiles(people(2))
    if joined == "before the plan":
        works.join("p0@post.no", FNAME="Old")
    run = works.ask(works.ready(works.export(NAME, Options())))
    if joined == "after the plan":
        works.join("p0@post.no", FNAME="Old")
    shop = Shop(works.store, works.settings)
    assert stages.check(shop, run.id)
    works.befall("p0@post.no", "unsubscribed")
    works.befall("p0@post.no", "archived")
    assert stages.send(shop, run.id)
    assert stages.read_back(shop, run.id)
    assert works.hold()["p0@post.no"].status == "transactional"
    assert_sums_agree(works, works.run(run.id))
