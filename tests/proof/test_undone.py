"""Undo of runs that ended early, undos that are interrupted, and what an undo cannot see."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from lib.access import LOCAL_ADMINISTRATOR as ME
from lib.contacts.matching import FieldMatch, Matching
from lib.contacts.options import Options
from lib.runs import desk, stages
from lib.runs.stages import Shop
from lib.store import progress
from lib.store.plans import Plan
from lib.store.runs import Run, RunState
from tests.proof.company import NAME, people
from tests.proof.works import Works, assert_sums_agree

BOTH = Matching("email", (FieldMatch("FNAME", "first_name"), FieldMatch("LNAME", "last_name")))
MANY = [f"tag {i:02}" for i in range(55)]
"""More tags than Mailchimp shows of a member."""


def undo_plan(works: Works, run: Run) -> Plan:
    return desk.undo_here(works.store, works.settings, ME, run.id)


def reasons(works: Works, plan: Plan) -> dict[str, str]:
    return dict(works.planned(plan).select("email", "reason").iter_rows())


def after(works: Works, run: Run) -> Path:
    return works.settings.runs_dir / run.id / "after.parquet"


def cut_off(works: Works, *, reachable: bool) -> tuple[Run, list[str]]:
    """Have a run of two batches that ends after the first; return it with whom it added."""
    works.profiles(people(6))
    run = works.ask(works.ready(works.export(NAME, Options())))
    assert stages.check(Shop(works.store, works.settings), run.id)
    times = {"times": 1} if reachable else {}
    works.admin("faults", faults=[{"name": "key-revoked", "after": 1, **times}])
    assert not stages.send(Shop(works.store, works.settings), run.id)
    works.calm()
    return works.run(run.id), sorted(works.hold())


@pytest.mark.parametrize("reachable", [True, False])
def test_whom_somebody_changed_after_a_run_that_was_cut_off_is_not_archived_by_its_undo(
    works: Works, small_batches: None, reachable: bool
) -> None:
    run, added = cut_off(works, reachable=reachable)
    assert (run.state, len(added)) == (RunState.FAILED, 3)
    assert after(works, run).exists() is reachable
    works.here("PATCH", f"/members/{added[0]}", merge_fields={"LNAME": "Own words"})
    plan = undo_plan(works, run)
    why = "touched_since" if reachable else "unproven"
    assert reasons(works, plan) == {added[0]: why, **dict.fromkeys(added[1:], "archive")}
    said = " ".join(plan.counts["limits"])
    assert ("Mailchimp could not be asked when the run ended" in said) is not reachable
    assert works.carry_out(plan).state is RunState.DONE
    assert [works.hold()[one].status for one in added] == ["subscribed", "archived", "archived"]


def test_whom_somebody_changed_before_a_run_went_on_is_not_archived_by_its_undo(
    works: Works, small_batches: None
) -> None:
    run, added = cut_off(works, reachable=True)
    works.here("PATCH", f"/members/{added[0]}", merge_fields={"LNAME": "Own words"})
    progress.resume(works.store, ME, run.id)
    run = works.work(run.id)
    assert (run.state, run.outcomes["added"]) == (RunState.DONE, 6)
    assert pl.read_parquet(after(works, run))["member_id"].n_unique() == 6
    found = reasons(works, undo_plan(works, run))
    assert [who for who, why in found.items() if why != "archive"] == [added[0]]


def test_a_run_that_added_nobody_asks_nothing_when_it_ends_early(
    works: Works, small_batches: None
) -> None:
    works.profiles(people(3))
    run = works.ask(works.ready(works.export(NAME, Options())))
    assert stages.check(Shop(works.store, works.settings), run.id)
    works.admin("faults", faults=[{"name": "key-revoked", "times": 1}])
    works.admin("stats")
    assert not stages.send(Shop(works.store, works.settings), run.id)
    assert works.stats()["calls"] == {"POST /lists/{list_id}": 1}


def pushed(works: Works, count: int, *, tags: bool = True) -> Run:
    """Have members whose old names a run replaces."""
    for i in range(count):
        works.join(f"p{i}@post.no", FNAME="Old")
    works.profiles(people(count, last_name="New"))
    return works.push(works.export(BOTH, Options(tag_segments=tags)))


def names(works: Works) -> list[Any]:
    return [held.merge.get("FNAME") for _, held in sorted(works.hold().items())]


def test_an_undo_that_goes_on_leaves_alone_what_was_changed_since_its_plan(
    works: Works, small_batches: None
) -> None:
    plan = undo_plan(works, pushed(works, 8))
    run, shop = works.ask(plan), Shop(works.store, works.settings)
    assert stages.check(shop, run.id)
    works.admin("faults", faults=[{"name": "key-revoked", "on": "batch", "after": 1}])
    assert not stages.send(shop, run.id)
    works.calm()
    back = [i for i, name in enumerate(names(works)) if name == "Old"]
    waiting = [i for i, name in enumerate(names(works)) if name != "Old"]
    assert (len(back), len(waiting)) in ((3, 5), (2, 6))
    # Whoever is done already is no contact that is not sent.
    for i in (back[0], waiting[0]):
        works.here("PATCH", f"/members/p{i}@post.no", merge_fields={"FNAME": "Mine"})
    progress.resume(works.store, ME, run.id)
    ended = works.work(run.id)
    assert ended.state is RunState.DONE
    assert (ended.outcomes["updated"], ended.outcomes["not_sent"]) == (7, 1)
    assert "1 contacts changed since the plan and stay as they are." in ended.message
    assert_sums_agree(works, ended)
    mine = {back[0], waiting[0]}
    assert names(works) == ["Mine" if i in mine else "Old" for i in range(8)]


def test_an_undo_whose_answers_were_lost_is_told_as_done_and_spares_whom_somebody_changed(
    works: Works,
) -> None:
    run = works.ask(undo_plan(works, pushed(works, 3)))
    works.admin("faults", faults=[{"name": "reset-after", "on": "batch"}])
    works.work(run.id, lambda: works.run(run.id).phase == "sending" and "Old" in names(works))
    works.calm()
    assert names(works) == ["Old"] * 3
    works.here("PATCH", "/members/p1@post.no", merge_fields={"LNAME": "Mine"})
    ended = works.work(run.id)
    assert (ended.outcomes["updated"], ended.outcomes["not_sent"]) == (2, 1)
    held = works.hold()
    assert [held[f"p{i}@post.no"].merge for i in range(3)] == [
        {"FNAME": "Old"}, {"FNAME": "Old", "LNAME": "Mine"}, {"FNAME": "Old"}
    ]  # fmt: skip
    assert [len(held[f"p{i}@post.no"].tags) for i in range(3)] == [0, 1, 0]


def test_an_undo_leaves_the_tags_alone_of_whom_mailchimp_does_not_show_all(works: Works) -> None:
    works.join("p0@post.no", FNAME="Own")
    works.join("p1@post.no", FNAME="N1")
    for name in MANY:
        works.tag(name, "p0@post.no", "p1@post.no")
    works.join("p2@post.no")
    works.profiles(people(3))
    plan = undo_plan(works, works.push(works.export(NAME, Options())))
    planned = {row["email"]: row for row in works.planned(plan).iter_rows(named=True)}
    assert [planned[f"p{i}@post.no"]["fate"] for i in range(3)] == [
        "updated", "unchanged", "updated"
    ]  # fmt: skip
    assert [len(planned[f"p{i}@post.no"]["tags_remove"]) for i in range(3)] == [0, 0, 1]
    assert "2 have more tags than Mailchimp shows" in " ".join(plan.counts["limits"])
    works.carry_out(plan)
    names_of = works.here("GET", "/members/p1@post.no/tags?count=100")["tags"]
    assert len(names_of) == len(MANY) + 1
    assert works.hold()["p0@post.no"].merge == {"FNAME": "Own"}
