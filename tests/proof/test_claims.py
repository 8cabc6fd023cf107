"""Two exports in one audience: whom one of them lets go, the other may still want."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl
import pytest

from lib.access import LOCAL_ADMINISTRATOR as ME
from lib.contacts.options import OnLeave, Options
from lib.runs import desk, stages
from lib.runs.plan import claims
from lib.runs.stages import Shop
from lib.store import connections, exports, segments
from lib.store.plans import PlanState
from tests.proof.company import ALL, NAME, people
from tests.proof.works import Works

ARCHIVE, UNTAG = Options(on_leave=OnLeave.ARCHIVE), Options(on_leave=OnLeave.UNTAG)


def first(works: Works, options: Options, count: int = 3) -> str:
    """Add people by an export whose segment “Mine” has nobody any more."""
    works.profiles(people(count))
    export = works.export(NAME, options, {"Mine": ALL})
    works.push(export)
    return export


def let_go(works: Works, to: str = "false") -> None:
    segments.edit(works.store, ME, "Mine", sql=f"{ALL} where {to}")


def connect_again(works: Works) -> None:
    """Add a connection “Second” to the same account."""
    at = works.practice
    connections.add(
        works.store, ME, name="Second", api_key=at.api_key, api_url=at.url, practice=True
    )


def held(works: Works) -> dict[str, tuple[str, set[str]]]:
    return {email: (one.status, set(one.tags)) for email, one in works.hold().items()}


def test_whom_another_export_wants_is_untagged_instead_of_archived(works: Works) -> None:
    export = first(works, ARCHIVE)
    works.push(works.export(NAME, Options(), {"Theirs": f"{ALL} where profile_id = 0"}))
    let_go(works)
    plan = works.ready(export)
    assert dict(works.planned(plan).select("email", "reason").iter_rows()) == {
        "p0@post.no": "wanted_elsewhere", "p1@post.no": "archive", "p2@post.no": "archive"
    }  # fmt: skip
    assert works.carry_out(plan).outcomes["left"] == 3
    assert held(works) == {
        "p0@post.no": ("subscribed", {"Theirs"}),
        "p1@post.no": ("archived", {"Mine"}),
        "p2@post.no": ("archived", {"Mine"}),
    }
    assert works.ready(export).counts["calls"] == 0


def test_once_the_other_export_lets_go_too_they_are_archived(works: Works) -> None:
    export = first(works, ARCHIVE, 1)
    other = works.export(NAME, Options(), {"Theirs": ALL})
    works.push(other)
    let_go(works)
    assert works.push(export).outcomes["left"] == 1
    segments.edit(works.store, ME, "Theirs", sql=f"{ALL} where false")
    works.ready(other)
    assert works.push(export).outcomes["left"] == 1
    assert held(works)["p0@post.no"][0] == "archived"


def test_an_export_that_found_nothing_to_send_wants_its_contacts_all_the_same(
    works: Works,
) -> None:
    export = first(works, ARCHIVE, 1)
    plain = Options(tag_segments=False)
    assert works.ready(works.export(NAME, plain, {"Theirs": ALL})).counts["calls"] == 0
    let_go(works)
    works.push(export)
    assert held(works) == {"p0@post.no": ("subscribed", set())}


@pytest.mark.parametrize("tags", [True, False])
def test_a_tag_that_another_export_gives_stays(works: Works, tags: bool) -> None:
    works.profiles(people(2))
    export = works.export(NAME, UNTAG, {"Mine": ALL, "Rest": f"{ALL} where profile_id = 0"})
    works.push(export)
    works.push(works.export(NAME, Options(tag_segments=tags), {"Mine": ALL}))
    exports.edit(works.store, ME, export, segments=["Rest"])
    works.push(export)
    mine = {"Mine"} if tags else set()
    assert held(works) == {
        "p0@post.no": ("subscribed", {"Rest"} | mine), "p1@post.no": ("subscribed", mine)
    }  # fmt: skip


def test_who_left_a_segment_of_both_leaves_when_the_other_has_seen_it_too(works: Works) -> None:
    export = first(works, UNTAG, 1)
    other = works.export(NAME, Options(), {"Mine": ALL})
    works.push(other)
    let_go(works)
    works.push(export)
    assert held(works) == {"p0@post.no": ("subscribed", {"Mine"})}
    works.ready(other)
    works.push(export)
    assert held(works) == {"p0@post.no": ("subscribed", set())}


def test_plans_of_one_export_that_end_at_once_do_not_meet(works: Works, tmp_path: Path) -> None:
    works.profiles(people(2))
    export = works.export(NAME, Options(), {"Mine": ALL})
    made = [Path(works.ready(export).directory) / "plan.parquet" for _ in range(4)]
    own = tmp_path / "connection" / "audience"
    with ThreadPoolExecutor(4) as pool:
        for _ in range(10):
            list(pool.map(lambda plan: claims.stake(plan, own), made))
    assert pl.read_parquet(own / "claim.parquet").height == 2


@pytest.mark.parametrize("change", ["pending", "required"])
def test_whom_an_export_cannot_write_to_now_it_wants_all_the_same(
    works: Works, change: str
) -> None:
    export = first(works, ARCHIVE, 1)
    if change == "required":
        works.profiles([{"profile_id": 0, "email": "p0@post.no", "first_name": ""}])
        works.here("PATCH", "/members/p0@post.no", merge_fields={"FNAME": ""})
        works.require("FNAME")
    else:
        works.here("PUT", "/members/p0@post.no", email_address="p0@post.no", status="pending")
    plan = works.ready(works.export(NAME, Options(tag_segments=False), {"Theirs": ALL}))
    assert not plan.counts["calls"]
    if change == "pending":
        works.here("PATCH", "/members/p0@post.no", status="subscribed")
    let_go(works)
    works.push(export)
    assert held(works) == {"p0@post.no": ("subscribed", set())}


def test_a_claim_that_is_newer_than_the_plan_counts_for_a_segment_of_both_too(
    works: Works,
) -> None:
    export = first(works, ARCHIVE, 1)
    other = works.export(NAME, Options(), {"Mine": ALL})
    let_go(works)
    works.ready(other)
    run = works.ask(works.ready(export))
    let_go(works, "true")
    works.push(other)
    assert works.work(run.id).outcomes["left"] == 0
    assert held(works)["p0@post.no"][0] == "subscribed"


def test_who_was_held_back_is_still_ours_when_the_other_lets_go(works: Works) -> None:
    export = first(works, ARCHIVE, 2)
    let_go(works)
    run = works.ask(works.ready(export))
    other = works.export(NAME, Options(), {"Theirs": ALL})
    works.ready(other)
    assert works.work(run.id).outcomes["not_sent"] == 2
    segments.edit(works.store, ME, "Theirs", sql=f"{ALL} where false")
    works.ready(other)
    assert works.push(export).outcomes["left"] == 2
    assert {status for status, _ in held(works).values()} == {"archived"}


def test_a_claim_over_a_connection_of_before_is_let_go(works: Works) -> None:
    export = first(works, ARCHIVE, 1)
    connect_again(works)
    other = works.export(NAME, Options(), {"Theirs": ALL})
    works.push(other)
    exports.edit(works.store, ME, other, connection="Second")
    segments.edit(works.store, ME, "Theirs", sql=f"{ALL} where false")
    works.ready(other)
    let_go(works)
    works.push(export)
    assert held(works)["p0@post.no"][0] == "archived"


def test_a_claim_that_cannot_be_read_ends_a_plan_in_one_sentence(works: Works) -> None:
    export = first(works, ARCHIVE, 1)
    other = works.export(NAME, Options(), {"Theirs": ALL})
    works.ready(other)
    (claim,) = (works.settings.exports_dir / exports.get(works.store, ME, other).id).rglob(
        "claim.parquet"
    )
    claim.write_bytes(b"no Parquet")
    let_go(works)
    plan = works.plan(export)
    assert plan.state is PlanState.FAILED
    assert plan.message == (
        f"Whom the export “{other}” wants in this audience cannot be read: make a plan of it, then"
        " try again."
    )
    works.ready(other)
    works.ready(export)


def test_an_undo_leaves_a_tag_that_another_export_gives(works: Works) -> None:
    works.profiles(people(1))
    works.join("p0@post.no", FNAME="Own")
    run = works.push(works.export(NAME, Options(), {"Mine": ALL}))
    works.ready(works.export(NAME, Options(), {"Mine": ALL}))
    works.carry_out(desk.undo_here(works.store, works.settings, ME, run.id))
    assert held(works) == {"p0@post.no": ("subscribed", {"Mine"})}
    assert works.hold()["p0@post.no"].merge == {"FNAME": "Own"}


def test_a_removed_export_and_one_in_another_audience_want_nobody(works: Works) -> None:
    export = first(works, ARCHIVE, 1)
    removed = works.export(NAME, Options(), {"Theirs": ALL})
    works.push(removed)
    exports.remove(works.store, ME, removed)
    here = works.audience_id
    moved = works.export(NAME, Options(), {"Theirs": ALL})
    works.push(moved)
    works.new_audience()
    exports.edit(works.store, ME, moved, audience_id=works.audience_id)
    works.audience_id = here
    let_go(works)
    works.push(export)
    assert held(works)["p0@post.no"][0] == "archived"


def test_an_export_over_another_connection_to_the_same_audience_counts(works: Works) -> None:
    export = first(works, ARCHIVE, 1)
    connect_again(works)
    other = works.export(NAME, Options(), {"Theirs": ALL}, connection="Second")
    works.push(other)
    exports.detach(works.store, ME, other)
    let_go(works)
    works.push(export)
    assert held(works) == {"p0@post.no": ("subscribed", {"Theirs"})}


@pytest.mark.parametrize("resumed", [False, True])
def test_who_is_wanted_by_another_export_since_the_plan_is_not_archived(
    works: Works, resumed: bool
) -> None:
    export = first(works, ARCHIVE, 2)
    let_go(works)
    run = works.ask(works.ready(export))
    if resumed:
        assert stages.check(Shop(works.store, works.settings), run.id)
    works.ready(works.export(NAME, Options(), {"Theirs": f"{ALL} where profile_id = 0"}))
    run = works.work(run.id)
    assert {email: status for email, (status, _) in held(works).items()} == {
        "p0@post.no": "subscribed", "p1@post.no": "archived"
    }  # fmt: skip
    assert (run.outcomes["left"], run.outcomes["not_sent"]) == (1, 1)
    assert "another export wants since the plan, and that are not archived: 1." in run.message


@pytest.mark.parametrize("late", [False, True])
def test_an_undo_leaves_whom_another_export_wants(works: Works, late: bool) -> None:
    works.profiles(people(2))
    run = works.push(works.export(NAME, Options(), {"Mine": ALL}))
    plan = desk.undo_here(works.store, works.settings, ME, run.id)
    other = works.export(NAME, Options(tag_segments=False), {"Theirs": f"{ALL} where profile_id=0"})
    works.ready(other)
    if not late:
        plan = desk.undo_here(works.store, works.settings, ME, run.id)
        assert plan.counts["reasons"] == {"archive": 1, "wanted_too": 1}
        assert any("another export to this audience has them" in s for s in plan.counts["limits"])
    works.carry_out(plan)
    assert {email: status for email, (status, _) in held(works).items()} == {
        "p0@post.no": "subscribed", "p1@post.no": "archived"
    }  # fmt: skip
