"""A run and its undo, through a real worker and a real practice Mailchimp."""

from typing import Any

import pytest

from lib.access import LOCAL_ADMINISTRATOR as ME
from lib.errors import InUseError, RefusedError
from lib.runs import desk
from lib.store import plans
from lib.store.plans import Plan, PlanState
from lib.store.runs import Run, RunState
from tests.runs.conftest import Company, until

THIRTY = "select profile_id from profiles where profile_id < 30"
KNOWN = 12
"""People 0.. whom the audience holds before the run."""


def fill(company: Company) -> None:
    """Let the audience hold a few of the people, some with a name, a tag, or no wish for mail."""
    for i in range(KNOWN):
        company.api(
            "POST",
            "/members",
            email_address=f"person{i}@post.no",
            status="transactional" if i == 3 else "subscribed",
            merge_fields={"FNAME": f"Old “{i}”"} if i % 2 else {},
            tags=["segment of all"] if i == 1 else ["Friend"],
        )


def members(company: Company) -> dict[str, Any]:
    """Return what anybody can see of the members, the archived included, by address."""
    seen = {}
    for status in ("", "archived"):
        fields = "fields=members.email_address,members.status,members.merge_fields,members.tags"
        page = company.api("GET", f"/members?count=1000&{fields}&status={status}")
        for one in page["members"]:
            tags = sorted(tag["name"] for tag in one["tags"])
            seen[one["email_address"]] = (one["status"], one["merge_fields"], tags)
    return seen


def pushed(company: Company) -> Run:
    fill(company)
    company.work()
    return company.end(company.start(company.export("All", THIRTY)).id)


def undo_plan(company: Company, run: Run) -> Plan:
    begun = desk.propose_undo(company.store, company.settings, ME, run.id)
    until(lambda: plans.get(company.store, ME, begun.id).state is not PlanState.MAKING)
    made = plans.get(company.store, ME, begun.id)
    assert made.state is PlanState.READY, made.message
    return made


def fates(plan: Plan) -> dict[str, int]:
    return {fate: n for fate, n in plan.counts["fates"].items() if n}


def test_an_undo_puts_values_and_tags_back_exactly_and_archives_who_was_added(
    company: Company,
) -> None:
    fill(company)
    before = members(company)
    company.work()
    run = company.end(company.start(company.export("All", THIRTY)).id)
    assert members(company) != before
    plan = undo_plan(company, run)
    assert fates(plan) == {"updated": KNOWN, "left": 30 - KNOWN}
    undone = company.end(company.approve(plan).id)
    assert (undone.state, undone.kind, undone.undoes) == (RunState.DONE, "undo", run.id)
    assert (undone.message, undone.outcomes["updated"]) == ("", KNOWN)
    after = members(company)
    assert {who: after[who] for who in before} == before
    assert all(after[who][0] == "archived" for who in after.keys() - before.keys())
    with pytest.raises(RefusedError, match="undone already"):
        desk.propose_undo(company.store, company.settings, ME, run.id)
    with pytest.raises(RefusedError, match="is an undo itself"):
        desk.propose_undo(company.store, company.settings, ME, undone.id)


def test_what_somebody_did_since_the_run_is_left_alone(company: Company) -> None:
    run = pushed(company)
    company.api("PATCH", f"/members/{ident(company, 5)}", merge_fields={"FNAME": "Chosen"})
    company.api("PATCH", f"/members/{ident(company, 20)}", merge_fields={"LNAME": "Chosen"})
    addresses = [f"person{i}@post.no" for i in (6, 21)]
    company.admin("self-unsubscribe", audience=company.practice.audience_id, addresses=addresses)
    plan = undo_plan(company, run)
    assert fates(plan) == {"updated": 11, "unchanged": 1, "suppressed": 2, "left": 16}
    assert plan.counts["reasons"] == {
        "archive": 16, "partly": 1, "touched_since": 1, "unsubscribed": 2
    }  # fmt: skip
    assert any("2 unsubscribed" in words for words in plan.counts["limits"])
    # Between the plan and the yes, too.
    company.api("PATCH", f"/members/{ident(company, 22)}", merge_fields={"LNAME": "Chosen"})
    undone = company.end(company.approve(plan).id)
    assert undone.state is RunState.DONE
    now = members(company)
    assert (now["person5@post.no"][1]["FNAME"], now["person5@post.no"][2]) == ("Chosen", ["Friend"])
    assert {now[who][0] for who in addresses} == {"unsubscribed"}
    assert {now[f"person{i}@post.no"][0] for i in (20, 22)} == {"subscribed"}
    assert now["person23@post.no"][0] == "archived"


def ident(company: Company, i: int) -> str:
    """Return the member id of a person."""
    path = "/members?count=1000&fields=members.id,members.email_address"
    page = company.api("GET", path)["members"]
    return next(str(m["id"]) for m in page if m["email_address"] == f"person{i}@post.no")


def test_a_run_is_undone_once_at_a_time_and_only_where_it_went(company: Company) -> None:
    run = pushed(company)
    plan = undo_plan(company, run)
    second = undo_plan(company, run)
    company.slow_down(0.05)
    undone = company.approve(plan)
    with pytest.raises(InUseError, match="being undone already"):
        desk.propose_undo(company.store, company.settings, ME, run.id)
    with pytest.raises((InUseError, RefusedError)):
        desk.approve_and_start(company.store, company.settings, ME, second.id)
    company.end(undone.id)
    with pytest.raises(RefusedError, match="undone already"):
        desk.approve_and_start(company.store, company.settings, ME, second.id)
