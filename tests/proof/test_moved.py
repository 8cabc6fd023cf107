"""What moved between the yes and the run, and what the run says about it."""

import json

from lib.contacts.options import Options
from lib.store.runs import RunState
from tests.proof.company import NAME, people
from tests.proof.works import Works


def test_a_member_changed_by_hand_after_the_yes_is_sent_and_the_run_says_so(works: Works) -> None:
    for i in range(3):
        works.join(f"p{i}@post.no", FNAME="Old")
    works.profiles(people(3))
    plan = works.ready(works.export(NAME, Options()))
    works.here("PATCH", "/members/p1@post.no", merge_fields={"FNAME": "Chosen"})
    run = works.carry_out(plan)
    assert run.state is RunState.DONE
    assert "1 members were changed in Mailchimp since the plan." in run.message
    receipt = json.loads((works.settings.runs_dir / run.id / "receipt.json").read_text("utf-8"))
    assert (receipt["moved"]["members"], receipt["moved"]["held"]) == (1, 0)
    assert works.hold()["p1@post.no"].merge == {"FNAME": "N1"}


def test_nothing_is_said_when_nothing_moved(works: Works) -> None:
    works.join("p0@post.no", FNAME="Old")
    works.profiles(people(3))
    assert works.push(works.export(NAME, Options())).message == ""
