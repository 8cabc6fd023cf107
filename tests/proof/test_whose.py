"""Whom an export added: theirs alone it archives, and only in the audience where it added them."""

import polars as pl
import pytest

from lib.access import LOCAL_ADMINISTRATOR as ME
from lib.contacts.options import OnLeave, Options
from lib.runs import stages
from lib.runs.after import receipt
from lib.runs.sending import answers, layout
from lib.runs.sending.cargo import Cargo
from lib.runs.sending.journal import Journal
from lib.runs.sending.outcomes import answers_dir
from lib.runs.stages import Shop
from lib.store import exports, progress, segments
from lib.store.runs import Run
from tests.proof.company import ALL, NAME, people
from tests.proof.works import Works, assert_sums_agree

ARCHIVE = Options(on_leave=OnLeave.ARCHIVE)


def shrink(works: Works, to: str = "false", segment: str = "All") -> None:
    """Let a segment hold those profiles only."""
    segments.edit(works.store, ME, segment, sql=f"{ALL} where {to}")


def statuses(works: Works) -> dict[str, str]:
    return {email: member.status for email, member in works.hold().items()}


def test_an_export_that_moves_to_another_audience_owns_nobody_there(works: Works) -> None:
    works.profiles(people(3))
    export = works.export(NAME, ARCHIVE)
    works.push(export)
    first = works.audience_id
    works.new_audience()
    for i in range(3):
        works.join(f"p{i}@post.no", FNAME="Theirs")
    exports.edit(works.store, ME, export, audience_id=works.audience_id)
    shrink(works, "profile_id = 0")
    works.push(export)
    assert set(statuses(works).values()) == {"subscribed"}
    works.audience_id = first
    exports.edit(works.store, ME, export, audience_id=first)
    assert works.push(export).outcomes["left"] == 2
    assert statuses(works)["p1@post.no"] == "archived"


def test_who_was_added_by_others_while_the_run_was_on_is_never_archived_as_ours(
    works: Works,
) -> None:
    works.profiles(people(2))
    export = works.export(NAME, ARCHIVE)
    run = works.ask(works.ready(export))
    shop = Shop(works.store, works.settings)
    assert stages.check(shop, run.id)
    works.join("p0@post.no", LNAME="Signed up")
    assert stages.send(shop, run.id)
    assert stages.read_back(shop, run.id)
    assert works.run(run.id).outcomes["added"] == 2
    shrink(works)
    works.push(export)
    assert statuses(works) == {"p0@post.no": "subscribed", "p1@post.no": "archived"}


def test_who_was_refused_once_and_signs_up_by_themselves_is_a_contact_as_others_are(
    works: Works,
) -> None:
    works.profiles(people(2))
    export = works.export(NAME, Options())
    works.admin("faults", faults=[{"name": "reject-address"}])
    assert works.push(export).outcomes["rejected"] == 2
    works.calm()
    works.join("p0@post.no", FNAME="By form")
    run = works.push(export)
    assert (run.outcomes["updated"], run.outcomes["suppressed"]) == (1, 1)
    assert works.hold()["p0@post.no"].merge == {"FNAME": "N0"}


@pytest.mark.parametrize("how", ["archived", "self"])
def test_who_was_gone_and_came_back_by_themselves_is_not_ours_any_more(
    works: Works, how: str
) -> None:
    works.profiles(people(2))
    export = works.export(NAME, ARCHIVE)
    works.push(export)
    works.befall("p0@post.no", how)
    works.push(export)
    works.here("PUT", "/members/p0@post.no", email_address="p0@post.no", status="pending")
    works.here("PATCH", "/members/p0@post.no", status="subscribed")
    shrink(works)
    works.push(export)
    assert statuses(works) == {"p0@post.no": "subscribed", "p1@post.no": "archived"}


def test_a_run_that_is_resumed_after_a_newer_one_forgets_nobody_whom_that_one_added(
    works: Works,
) -> None:
    works.profiles(people(1))
    export = works.export(NAME, ARCHIVE)
    run = works.ask(works.ready(export))
    assert stages.check(Shop(works.store, works.settings), run.id)
    progress.cancel(works.store, ME, run.id)
    works.work(run.id)
    works.profiles(people(3))
    works.push(export)
    progress.resume(works.store, ME, run.id)
    works.work(run.id)
    shrink(works)
    assert works.push(export).outcomes["left"] == 3


def left(works: Works, options: Options, count: int = 2) -> Run:
    """Let everybody leave an export that added them, up to the moment of sending."""
    works.profiles(people(count))
    export = works.export(NAME, options)
    works.push(export)
    shrink(works)
    run = works.ask(works.ready(export))
    assert stages.check(Shop(works.store, works.settings), run.id)
    return run


def sent(works: Works, run: Run) -> Run:
    """Carry on with a run that was checked."""
    shop = Shop(works.store, works.settings)
    assert stages.send(shop, run.id)
    assert stages.read_back(shop, run.id)
    assert_sums_agree(works, works.run(run.id))
    return works.run(run.id)


def read_back(works: Works, run: Run) -> tuple[int, int, list[tuple[str, str, str]]]:
    found = receipt.read(works.settings.runs_dir / run.id)
    assert found is not None
    back = found["read_back"]
    told = [(one["what"], one["sent"], one["held"]) for one in back["examples"]]
    return back["equal"], back["different"], told


def test_who_cannot_be_archived_is_rejected_and_stays_ours(works: Works) -> None:
    run = left(works, ARCHIVE)
    works.befall("p0@post.no", "cleaned")
    ended = sent(works, run)
    assert (ended.outcomes["rejected"], ended.outcomes["left"]) == (1, 1)
    told = works.told(run.id).filter(pl.col("outcome") == "rejected")
    assert told["message"].to_list() == [
        "Mailchimp does not archive this member, who is cleaned now."
    ]
    owned = pl.concat(
        pl.read_parquet(path) for path in works.settings.runs_dir.rglob("owned.parquet")
    )
    assert owned.height == 1
    assert read_back(works, run) == (1, 0, [])


def test_who_was_archived_by_a_call_whose_answer_was_lost_has_left(works: Works) -> None:
    run = left(works, ARCHIVE)
    works.admin("faults", faults=[{"name": "reset-after", "on": "writes", "times": 2}])
    assert sent(works, run).outcomes["left"] == 2
    assert read_back(works, run) == (2, 0, [])


def test_who_lost_a_tag_by_a_call_whose_answer_was_lost_has_left(works: Works) -> None:
    run = left(works, Options(on_leave=OnLeave.UNTAG))
    works.admin("faults", faults=[{"name": "reset-after", "on": "writes", "times": 2}])
    assert sent(works, run).outcomes["left"] == 2
    assert read_back(works, run) == (2, 0, [])


@pytest.mark.parametrize("about", ["refused", "unsure"])
def test_who_still_has_a_tag_that_was_to_be_taken_off_is_rejected(works: Works, about: str) -> None:
    run = left(works, Options(on_leave=OnLeave.UNTAG))
    directory = works.settings.runs_dir / run.id
    laid = layout.read_layout(directory)
    rows = Cargo(directory).rows(laid.parcels[0])
    refused = dict.fromkeys(rows["member_id"], "No.") if about == "refused" else {}
    answer = answers.but_for(rows, refused, unsure=rows["member_id"].to_list())
    answers_dir(directory).mkdir()
    journal = Journal(works.store, run.id, laid)
    journal.sent(0)
    answers.keep(answer, 0, directory)
    journal.answered(0, answer)
    assert sent(works, run).outcomes["rejected"] == 2
    assert all(member.tags == {"All"} for member in works.hold().values())


def test_a_tag_that_comes_back_after_it_was_taken_off_shows_in_the_receipt(works: Works) -> None:
    run = left(works, Options(on_leave=OnLeave.UNTAG))
    assert stages.send(Shop(works.store, works.settings), run.id)
    works.tag("All", "p0@post.no")
    assert sent(works, run).outcomes["left"] == 2
    assert read_back(works, run) == (1, 1, [("tags", "", "All")])


def test_a_status_that_is_not_the_one_given_shows_in_the_receipt(works: Works) -> None:
    works.here("PATCH", "", double_optin=True)
    works.admin("disputes", forced_opt_in="pending")
    works.profiles(people(1))
    run = works.push(works.export(NAME, Options()))
    assert read_back(works, run) == (0, 1, [("status", "subscribed", "pending")])


def test_a_member_whose_status_changes_while_the_run_is_on_shows_in_the_receipt(
    works: Works,
) -> None:
    works.profiles(people(3))
    for i in range(3):
        works.join(f"p{i}@post.no", "transactional" if i else "subscribed")
    run = works.ask(works.ready(works.export(NAME, Options())))
    works.here("PATCH", "/members/p1@post.no", status="subscribed")
    assert stages.check(Shop(works.store, works.settings), run.id)
    works.here("PATCH", "/members/p2@post.no", status="subscribed")
    sent(works, run)
    assert read_back(works, run) == (2, 1, [("status", "transactional", "subscribed")])


def test_a_tag_deleted_in_mailchimp_is_off_for_who_left_and_for_who_moved(works: Works) -> None:
    works.profiles(people(2))
    export = works.export(
        NAME, Options(on_leave=OnLeave.UNTAG), {"Old": ALL, "New": f"{ALL} where false"}
    )
    works.push(export)
    shrink(works, "profile_id < 0", "Old")
    shrink(works, "profile_id = 0", "New")
    run = works.ask(works.ready(export))
    assert stages.check(Shop(works.store, works.settings), run.id)
    tags = works.here("GET", "/segments?count=100")["segments"]
    (old,) = [tag["id"] for tag in tags if tag["name"] == "Old"]
    works.here("DELETE", f"/segments/{old}")
    ended = sent(works, run)
    assert (ended.outcomes["left"], ended.outcomes["updated"], ended.message) == (1, 1, "")
    assert {email: set(member.tags) for email, member in works.hold().items()} == {
        "p0@post.no": {"New"},
        "p1@post.no": set(),
    }
