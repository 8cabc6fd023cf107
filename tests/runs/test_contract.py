"""What the contract with Mailchimp allows holds for all runs on the account together."""

from typing import TYPE_CHECKING

import pytest

from lib.access import LOCAL_ADMINISTRATOR as ME
from lib.errors import OverLimitError
from lib.runs import contract, desk
from lib.store import connections, plans, progress, runs
from lib.store.runs import RunState

if TYPE_CHECKING:
    from tests.runs.conftest import Company


def limited(company: "Company", contacts: int) -> None:
    found = connections.set_contract_limit(company.store, ME, "Practice", contacts)
    connections.edit(company.store, ME, found.id, contract_blocks=True)


def planned(company: "Company", name: str, first: int, last: int) -> plans.Plan:
    sql = f"select * from profiles where profile_id between {first} and {last}"
    return desk.plan_here(company.store, company.settings, ME, company.export(name, sql))


def test_what_other_runs_are_still_to_add_counts_and_a_run_is_measured_when_it_begins(
    company: "Company",
) -> None:
    store, settings = company.store, company.settings
    limited(company, 500)
    first, second = planned(company, "A", 0, 421), planned(company, "B", 422, 642)
    plans.approve(store, ME, first.id)
    run = progress.request(store, ME, first.id)
    with pytest.raises(OverLimitError, match="221 to 0 contacts and 422 that other runs are"):
        desk.approve_and_start(store, settings, ME, second.id)
    own = contract.room(store, settings, ME, first)
    assert own is not None and (own.adds, own.coming, own.over) == (422, 0, 0)
    limited(company, 400)
    company.work()
    stopped = company.end(run.id)
    assert stopped.state is RunState.STOPPED and not stopped.sent
    assert "22 more than the 400" in stopped.message and "resume" in stopped.message
    limited(company, 500)
    desk.resume(store, settings, ME, run.id)
    assert company.end(run.id).state is RunState.DONE
    after = contract.room(store, settings, ME, first)
    assert after is not None and (after.held, after.adds, after.coming) == (422, 0, 0)
    with pytest.raises(OverLimitError, match="221 to 422 contacts, 143 more"):
        desk.approve_and_start(store, settings, ME, second.id)
    assert runs.to_add(store, ME, stopped.connection_id or "") == 0
