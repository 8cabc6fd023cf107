"""What moved between the yes and the run, and what the run says about it."""

from collections.abc import Callable
from typing import Any

from lib.contacts.matching import FieldMatch, Matching
from lib.contacts.options import Options
from lib.runs.after.receipt import read
from lib.store.runs import Run, RunState
from tests.proof.company import NAME, people
from tests.proof.works import Works


def receipt(works: Works, run: Run) -> dict[str, Any]:
    found = read(works.settings.runs_dir / run.id)
    assert found is not None
    return found


def test_a_member_changed_by_hand_after_the_yes_is_sent_and_the_run_says_so(works: Works) -> None:
    for i in range(3):
        works.join(f"p{i}@post.no", FNAME="Old")
    works.profiles(people(3))
    plan = works.ready(works.export(NAME, Options()))
    works.here("PATCH", "/members/p1@post.no", merge_fields={"FNAME": "Chosen"})
    run = works.carry_out(plan)
    assert run.state is RunState.DONE
    assert "Members changed in Mailchimp since the plan: 1." in run.message
    moved = receipt(works, run)["moved"]
    assert (moved["members"], moved["held"]) == (1, 0)
    assert works.hold()["p1@post.no"].merge == {"FNAME": "N1"}


def test_a_field_changed_after_the_yes_stops_the_run_before_anything_is_sent(works: Works) -> None:
    for i in range(3):
        works.join(f"p{i}@post.no", FNAME="Own")
    works.profiles(people(5))
    export = works.export(NAME, Options())
    plan = works.ready(export)
    works.here("PATCH", f"/merge-fields/{works.field('FNAME')}", tag="FIRST")
    before = works.hold()
    run = works.carry_out(plan)
    assert run.state is RunState.FAILED
    assert "FNAME" in run.message
    assert works.hold() == before


def test_a_field_made_anew_after_the_yes_into_an_empty_audience_stops_it_too(works: Works) -> None:
    works.profiles(people(2))
    plan = works.ready(works.export(NAME, Options()))
    works.here("DELETE", f"/merge-fields/{works.field('FNAME')}")
    works.here("POST", "/merge-fields", tag="FNAME", name="First name", type="number")
    run = works.carry_out(plan)
    assert (run.state, works.hold()) == (RunState.FAILED, {})


def test_a_field_that_the_export_does_not_feed_may_change(works: Works) -> None:
    works.join("p0@post.no", FNAME="Old", LTV=3)
    works.profiles(people(2))
    plan = works.ready(works.export(NAME, Options()))
    works.here("DELETE", f"/merge-fields/{works.field('LTV')}")
    assert works.carry_out(plan).state is RunState.DONE
    assert works.hold()["p0@post.no"].merge == {"FNAME": "N0"}


def test_a_field_under_another_tag_keeps_what_members_filled_in(works: Works) -> None:
    works.admin("fill", audience=works.audience_id, members=1500)
    works.join("p0@post.no", FNAME="Own")
    works.profiles(people(1))
    works.push(works.export(NAME, Options()))
    works.here("PATCH", "/members/p0@post.no", merge_fields={"FNAME": "Chosen"})
    works.ready(works.export(NAME, Options()))
    works.here("PATCH", f"/merge-fields/{works.field('FNAME')}", tag="FIRST")
    kept = Matching("email", (FieldMatch("FIRST", "first_name", keep_filled=True),))
    plan = works.ready(works.export(kept, Options()))
    assert works.planned(plan)["old"].to_list() == [{"FIRST": "Chosen"}]
    assert plan.counts["fates"]["unchanged"] == 1


def test_what_is_held_otherwise_than_sent_is_counted_with_examples(works: Works) -> None:
    works.profiles(people(3))
    run = works.work(works.ask(works.ready(works.export(NAME, Options()))).id, meddle(works))
    assert run.outcomes["added"] == 3
    assert "1 of 3 contacts are held otherwise than sent" in run.message
    found = receipt(works, run)["read_back"]
    assert (found["equal"], found["different"]) == (2, 1)
    told = [(one["what"], one["sent"], one["held"]) for one in found["examples"]]
    assert told == [("FNAME", "N1", "Chosen")]


def meddle(works: Works) -> Callable[[], bool]:
    """Return a look of the worker's in which somebody changes a member before the read-back."""
    done: list[bool] = []

    def closing() -> bool:
        if not done and works.count() == 3:
            done.append(True)
            works.here("PATCH", "/members/p1@post.no", merge_fields={"FNAME": "Chosen"})
        return False

    return closing


def test_nothing_is_said_when_nothing_moved(works: Works) -> None:
    works.join("p0@post.no", FNAME="Old")
    works.profiles(people(3))
    assert works.push(works.export(NAME, Options())).message == ""
