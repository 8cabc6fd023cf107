"""The whole way through a worker: a plan, a yes, a push, a read-back, and what may go wrong."""

import threading
from collections import Counter

import polars as pl
import pytest

from lib.access import LOCAL_ADMINISTRATOR as ME
from lib.contacts.options import OnLeave, Options
from lib.errors import NotApprovedError, OverLimitError, StateInUseError
from lib.runs import desk, process, worker
from lib.runs.after import receipt
from lib.runs.sending import layout
from lib.settings import Settings
from lib.store import batches, connections, plans, progress, segments
from lib.store.plans import PlanState
from lib.store.runs import RunState
from tests.runs.conftest import PROFILES, Company, until

ALL = "select profile_id from profiles"
FEW = "select profile_id from profiles where profile_id < 1000"


def people(first: int, last: int) -> list[str]:
    return [f"person{i}@post.no" for i in range(first, last)]


def told(company: Company, run_id: str) -> pl.DataFrame:
    return pl.read_parquet(desk.outcomes_file(company.settings, run_id))


def assert_sums_agree(company: Company, run_id: str, contacts: int) -> None:
    """Counts, file and plan must say the same of every contact."""
    run, frame = company.run(run_id), told(company, run_id)
    plan = plans.get(company.store, ME, run.plan_id or "")
    assert frame.height == frame["ord"].n_unique() == contacts == sum(plan.counts["fates"].values())
    assert {k: v for k, v in run.outcomes.items() if v} == dict(Counter(frame["outcome"]))


def test_a_plan_that_was_approved_arrives_in_the_audience(company: Company) -> None:
    company.work()
    run = company.end(company.start(company.export("All", ALL)).id)
    assert (run.state, run.message) == (RunState.DONE, "")
    assert run.outcomes["added"] == company.members() == PROFILES
    assert_sums_agree(company, run.id, PROFILES)
    said = receipt.read(company.settings.runs_dir / run.id)
    assert said is not None
    assert said["read_back"] == {"equal": PROFILES, "different": 0, "examples": []}
    assert said["approved_by"] == ME.email


@pytest.mark.slow
def test_a_second_run_finds_everything_unchanged_and_sends_nothing(company: Company) -> None:
    company.work()
    company.export("Few", FEW)
    company.end(company.start("Few").id)
    company.admin("stats", reset=True)
    run = company.end(company.start("Few").id)
    assert run.outcomes["unchanged"] == 1000
    assert not batches.all(company.store, run.id)


def test_an_empty_segment_is_done_at_once(company: Company) -> None:
    company.work()
    company.export("Nobody", "select profile_id from profiles where profile_id < 0")
    run = company.end(company.start("Nobody").id)
    assert run.state is RunState.DONE
    assert sum(run.outcomes.values()) == 0


def test_a_plan_over_the_limit_is_made_but_never_run(company: Company) -> None:
    company.work()
    company.settings = company.settings.model_copy(update={"export_limit": 600})
    company.export("Few", FEW)
    plan = desk.plan_here(company.store, company.settings, ME, "Few")
    assert plan.counts["over_limit"] == 400
    with pytest.raises(OverLimitError, match="400"):
        desk.approve_and_start(company.store, company.settings, ME, plan.id)


def test_a_table_that_vanished_is_named_when_the_plan_is_made(company: Company) -> None:
    company.work()
    company.export("All", ALL)
    company.table.unlink()
    plan = company.plan("All")
    assert plan.state is PlanState.FAILED
    assert "profiles" in plan.message


def test_a_plan_that_nobody_approved_is_not_sent(company: Company) -> None:
    company.work()
    company.export("Few", FEW)
    plan = company.plan("Few")
    with pytest.raises(NotApprovedError):
        progress.request(company.store, ME, plan.id)
    assert company.members() == 0


def test_a_plan_whose_file_was_changed_after_the_yes_is_not_sent(company: Company) -> None:
    company.export("Few", FEW)
    plan = desk.plan_here(company.store, company.settings, ME, "Few")
    plans.approve(company.store, ME, plan.id)
    path = desk.plan_file(plan)
    pl.read_parquet(path).head(10).write_parquet(path)
    run = progress.request(company.store, ME, plan.id)
    company.work()
    ended = company.end(run.id)
    assert (ended.state, company.members()) == (RunState.FAILED, 0)
    assert "approved" in ended.message


def test_who_unsubscribes_after_the_yes_is_left_alone_and_the_run_says_so(
    company: Company,
) -> None:
    company.work()
    company.end(company.start(company.export("Few", FEW)).id)
    company.export("More", "select profile_id, 'New' as first_name from profiles limit 1000")
    plan = company.plan("More")
    company.admin("self-unsubscribe", audience=company.practice.audience_id, addresses=people(0, 7))
    run = company.end(company.approve(plan).id)
    assert run.outcomes["suppressed"] == 7
    assert run.outcomes["updated"] == 993
    assert "7 contacts" in run.message
    assert company.members(status="unsubscribed") == 7
    assert_sums_agree(company, run.id, 1000)


def test_two_exports_on_one_audience_go_one_after_the_other(company: Company) -> None:
    company.slow_down(0.1)
    company.work()
    company.export("One", FEW)
    company.export("Two", "select profile_id from profiles where profile_id between 500 and 1499")
    first, second = company.start("One"), company.start("Two")
    ends = [company.end(first.id), company.end(second.id)]
    assert [end.state for end in ends] == [RunState.DONE] * 2
    assert ends[1].started_at is not None
    assert ends[0].finished_at is not None
    assert ends[1].started_at >= ends[0].finished_at
    assert company.members() == 1500


@pytest.mark.slow
def test_a_wrong_key_in_mid_run_fails_clearly_and_resumes_after_rotation(
    company: Company,
) -> None:
    company.slow_down(0.1)
    company.few_connections()
    company.work()
    run = company.start(company.export("All", ALL))
    company.until_sending(run.id)
    company.admin("faults", faults=["key-revoked"])
    ended = company.end(run.id)
    assert ended.state is RunState.FAILED
    assert "key" in ended.message.lower() or "account" in ended.message.lower()
    company.admin("faults", faults=[])
    connections.rotate(company.store, ME, "Practice", company.practice.api_key)
    company.slow_down(0)
    desk.resume(company.store, company.settings, ME, run.id)
    assert company.end(run.id).state is RunState.DONE
    assert company.members() == PROFILES
    assert_sums_agree(company, run.id, PROFILES)


def test_cancel_ends_within_one_batch_and_resume_sends_the_rest(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    # With batches of 500 nearly all of them would be under way when cancel comes.
    monkeypatch.setitem(layout.SIZES, "upsert", 100)
    company.slow_down(0.3)
    company.few_connections()
    company.work()
    run = company.start(company.export("All", ALL))
    company.until_sending(run.id)
    desk.cancel(company.store, ME, run.id)
    ended = company.end(run.id)
    assert ended.state is RunState.CANCELLED
    assert PROFILES / 2 < ended.outcomes["not_sent"] < PROFILES
    assert ended.outcomes["added"] == company.members()
    assert_sums_agree(company, run.id, PROFILES)
    company.slow_down(0)
    desk.resume(company.store, company.settings, ME, run.id)
    assert company.end(run.id).state is RunState.DONE
    assert company.members() == PROFILES
    assert_sums_agree(company, run.id, PROFILES)


def test_refusals_are_kept_with_mailchimps_words(company: Company) -> None:
    company.admin("faults", faults=["reject-address=0.05"])
    company.work()
    run = company.end(company.start(company.export("Few", FEW)).id)
    refused = told(company, run.id).filter(pl.col("outcome") == "rejected")
    assert run.outcomes["rejected"] == refused.height > 0
    assert refused["message"].str.contains("fake").all()
    assert_sums_agree(company, run.id, 1000)
    again = company.plan("Few")
    assert again.counts["reasons"]["rejected_before"] == refused.height


@pytest.mark.slow
def test_who_left_is_archived_only_when_this_export_added_them(company: Company) -> None:
    company.api("POST", "/members", email_address="person7@post.no", status="subscribed")
    company.work()
    company.export("Few", FEW, options=Options(on_leave=OnLeave.ARCHIVE))
    company.end(company.start("Few").id)
    sql = "select profile_id from profiles where profile_id between 50 and 999"
    segments.edit(company.store, ME, "Segment of Few", sql=sql)
    run = company.end(company.start("Few").id)
    assert run.state is RunState.DONE
    assert run.outcomes["left"] == company.members(status="archived") == 49
    assert company.members() == 951


def test_lost_replies_lose_and_repeat_nobody(company: Company) -> None:
    company.admin("faults", faults=[{"name": "reset-after", "rate": 0.3, "on": "batch"}], seed=7)
    company.work()
    run = company.end(company.start(company.export("All", ALL)).id)
    assert run.state is RunState.DONE
    assert run.outcomes["added"] == company.members() == PROFILES
    assert_sums_agree(company, run.id, PROFILES)


def test_a_second_worker_is_turned_away(company: Company) -> None:
    company.work()
    with pytest.raises(StateInUseError, match="Another"):
        worker.serve(company.settings)


def started(settings: Settings) -> None:
    process.ensure(settings, idle_exit_s=30)


@pytest.mark.slow
def test_two_that_start_a_worker_at_once_start_one(company: Company) -> None:
    both = [threading.Thread(target=started, args=(company.settings,)) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    log = (company.settings.state / "worker.log").read_text()
    assert process.alive(company.settings)
    assert "Another" not in log


def test_a_worker_killed_while_sending_goes_on_where_it_was(company: Company) -> None:
    company.slow_down(0.1)
    company.few_connections()
    run = company.start(company.export("All", ALL))
    company.until_sending(run.id)
    company.kill_worker()
    halfway = company.run(run.id)
    assert halfway.state is RunState.RUNNING
    process.ensure(company.settings)
    ended = company.end(run.id)
    assert ended.state is RunState.DONE
    assert ended.outcomes["added"] == company.members() == PROFILES
    assert_sums_agree(company, run.id, PROFILES)
    again = [batch for batch in batches.all(company.store, run.id) if batch.attempts > 1]
    assert len(again) <= 14


def test_mailchimp_away_in_mid_run_stops_it_and_resume_loses_nothing(company: Company) -> None:
    company.slow_down(0.1)
    company.few_connections()
    company.settings = company.settings.model_copy(update={"mailchimp_patience_s": 1.0})
    company.work()
    run = company.start(company.export("All", ALL))
    company.until_sending(run.id)
    company.practice.kill()
    ended = company.end(run.id)
    assert ended.state is RunState.STOPPED
    assert "resume" in ended.message
    assert sum(ended.outcomes.values()) == PROFILES
    company.practice.start()
    desk.resume(company.store, company.settings, ME, run.id)
    ended = company.end(run.id)
    assert (ended.state, company.members()) == (RunState.DONE, PROFILES)
    assert_sums_agree(company, run.id, PROFILES)


@pytest.mark.slow
def test_mailchimp_back_within_patience_ends_the_run_as_if_nothing_had_been(
    company: Company,
) -> None:
    company.slow_down(0.1)
    company.few_connections()
    company.work()
    run = company.start(company.export("All", ALL))
    company.until_sending(run.id)
    company.practice.kill()
    company.practice.start()
    ended = company.end(run.id)
    assert (ended.state, company.members()) == (RunState.DONE, PROFILES)
    assert_sums_agree(company, run.id, PROFILES)


@pytest.mark.slow
def test_a_worker_that_is_told_to_end_leaves_the_run_to_the_next_one(company: Company) -> None:
    company.slow_down(0.1)
    company.few_connections()
    company.work()
    run = company.start(company.export("All", ALL))
    company.until_sending(run.id)
    worker.close()
    until(lambda: not process.held(company.settings))
    assert company.run(run.id).state is RunState.RUNNING
    company.work()
    ended = company.end(run.id)
    assert (ended.state, company.members()) == (RunState.DONE, PROFILES)
    assert_sums_agree(company, run.id, PROFILES)
