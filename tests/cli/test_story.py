"""The main job by command line, with a real worker and a real practice Mailchimp."""

import csv
from pathlib import Path

import psutil
import pytest
import requests

from lib.cli.place import whoever_runs_this
from lib.runs import process
from lib.settings import Settings
from lib.store import open_store, plans, progress
from tests.cli.conftest import Muster
from tests.conftest import Practice


def members(practice: Practice) -> int:
    reply = requests.get(
        f"{practice.url}/3.0/lists/{practice.audience_id}/members",
        params={"count": "1", "fields": "total_items"},
        auth=("any", practice.api_key),
        timeout=10,
    )
    return int(reply.json()["total_items"])


def test_an_export_goes_from_plan_to_contacts_in_the_audience(
    connected: Muster, export: str, practice: Practice
) -> None:
    before = members(practice)

    plan = connected("exports", "plan", export, "--json").data
    assert members(practice) == before, "a plan sends nothing"
    assert sum(plan["fates"].values()) == plan["contacts"]

    run = connected("exports", "run", export, "--wait", "--json")
    assert (run.status, run.data["state"]) == (0, "done"), run.err
    assert run.data["outcomes"]["added"] == plan["fates"]["added"] > 100
    assert members(practice) == before + run.data["outcomes"]["added"]

    again = connected("exports", "plan", export, "--json").data
    assert (again["fates"]["added"], again["calls"]) == (0, 0), "what is there costs no call"
    newest = connected("runs", "list", "--json").data[0]
    assert (newest["id"], newest["state"]) == (run.data["id"], "done")


def test_rejected_contacts_end_the_command_with_4_and_can_be_written_to_a_file(
    connected: Muster, export: str, practice: Practice, tmp_path: Path
) -> None:
    dial = {"faults": ["reject-address=0.2"]}
    requests.post(f"{practice.url}/practice/faults", json=dial, timeout=10).raise_for_status()

    run = connected("exports", "run", export, "--wait", "--json")
    assert run.status == 4, run.err
    rejected = run.data["outcomes"]["rejected"]
    assert rejected > 0

    out = tmp_path / "rejected.csv"
    said = connected("runs", "rejections", run.data["id"], "--out", str(out), "--json")
    assert (said.status, said.data) == (0, {"rows": rejected, "file": str(out)})
    assert len(connected("runs", "rejections", run.data["id"], "--json").data) == rejected
    rows = list(csv.DictReader(out.open(encoding="utf-8")))
    assert len(rows) == rejected
    assert all("@" in row["email"] and row["message"] for row in rows)


def test_a_run_over_the_limit_is_refused_with_3_and_sends_nothing(
    connected: Muster, export: str, practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = members(practice)
    monkeypatch.setenv("MUSTER_EXPORT_LIMIT", "100")
    plan = connected("exports", "plan", export, "--json").data
    assert plan["over_limit"] == plan["contacts"] - 100

    run = connected("exports", "run", export, "--wait")
    assert run.status == 3
    assert f"{plan['over_limit']:,}" in run.err
    assert members(practice) == before


@pytest.mark.slow
def test_a_run_is_taken_back_and_says_first_what_that_does(
    connected: Muster, export: str, practice: Practice
) -> None:
    before = members(practice)
    run = connected("exports", "run", export, "--wait", "--json").data
    added = run["outcomes"]["added"]
    said = connected("runs", "undo", run["id"], "--plan-only", "--json").data
    assert (said["undoes"], said["fates"]["left"]) == (run["id"], added)
    assert any("Mails that were sent" in limit for limit in said["limits"])
    assert members(practice) == before + added, "a plan sends nothing"

    undone = connected("runs", "undo", run["id"], "--wait", "--json")
    assert (undone.status, undone.data["undoes"]) == (0, run["id"]), undone.err
    assert f"{added:,} archived" in undone.err
    assert members(practice) == before

    again = connected("runs", "undo", run["id"])
    assert again.status == 3
    assert "undone already" in again.err
    assert connected("runs", "show", run["id"], "--json").data["receipt"]["read_back"]["equal"]


def test_who_follows_a_run_that_no_worker_carries_out_has_one_started(
    connected: Muster, export: str, settings: Settings
) -> None:
    def ordered() -> str:
        plan = connected("exports", "plan", export, "--json").data
        with open_store(settings) as store:
            plans.approve(store, whoever_runs_this(), plan["plan"])
            return progress.request(store, whoever_runs_this(), plan["plan"]).id

    followed = connected("runs", "watch", ordered(), "--json")
    assert (followed.status, followed.data["state"]) == (0, "done"), followed.err
    assert "No worker is there to do the work: starting one." in followed.err

    life = process.sign_of_life(settings)
    assert life is not None
    worker = psutil.Process(life.pid)
    worker.kill()
    worker.wait(20)
    left = ordered()
    with open_store(settings) as store:
        progress.begin(store, left)
    resumed = connected("runs", "resume", left, "--wait", "--json")
    assert (resumed.status, resumed.data["state"]) == (0, "done"), resumed.err


def test_a_plan_that_was_looked_at_is_what_is_carried_out(
    connected: Muster, export: str, tmp_path: Path
) -> None:
    connected("exports", "edit", export, "--field", "BIRTHDAY=city")
    out = tmp_path / "plan.csv"
    planned = connected("exports", "plan", export, "--out", str(out), "--json")
    assert planned.status == 0, planned.err
    contacts = planned.data["contacts"]
    assert planned.data["problems"]["BIRTHDAY"]["not_birthday"] > 0
    assert f"Contacts written to {out}: {contacts:,}." in planned.err
    assert "BIRTHDAY (" in planned.err and "Not a birthday" in planned.err
    rows = list(csv.DictReader(out.open(encoding="utf-8-sig")))
    assert len(rows) == contacts
    assert {"fate", "reason", "FNAME", "FNAME_now"} <= set(rows[0])
    assert connected("exports", "plan", export, "--out", str(tmp_path / "plan.txt")).status == 2

    connected("exports", "duplicate", export, "Copy")
    other = connected("exports", "run", "Copy", "--plan", planned.data["plan"])
    assert (other.status, "not of Copy" in other.err) == (2, True)

    run = connected("exports", "run", export, "--plan", planned.data["plan"], "--wait", "--json")
    assert (run.status, run.data["plan"]) == (0, planned.data["plan"]), run.err
    assert run.data["outcomes"]["added"] == planned.data["fates"]["added"]
    again = connected("exports", "run", export, "--plan", planned.data["plan"])
    assert (again.status, "carried out before" in again.err) == (3, True)

    stale = connected("exports", "plan", export, "--json").data["plan"]
    connected("exports", "edit", export, "--field", "BIRTHDAY=")
    changed = connected("exports", "run", export, "--plan", stale)
    assert (changed.status, "changed after this plan" in changed.err) == (3, True)
