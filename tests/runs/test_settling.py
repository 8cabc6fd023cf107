"""A run that ends before its end: what was in doubt is asked of Mailchimp at once."""

import pytest

from lib.access import LOCAL_ADMINISTRATOR as ME
from lib.runs import desk
from lib.store.runs import RunState
from tests.runs.conftest import Company
from tests.runs.test_worker import FEW, assert_sums_agree


@pytest.mark.slow
def test_a_run_that_stops_while_every_reply_is_lost_says_what_arrived(company: Company) -> None:
    company.admin("faults", faults=[{"name": "reset-after", "rate": 1.0, "on": "batch"}])
    company.settings = company.settings.model_copy(update={"mailchimp_patience_s": 0.5})
    company.work()
    run = company.end(company.start(company.export("Few", FEW)).id)
    assert run.state is RunState.STOPPED
    assert company.members() == run.outcomes["added"] > 0
    assert run.outcomes["added"] + run.outcomes["not_sent"] == 1000
    assert_sums_agree(company, run.id, 1000)
    company.admin("faults", faults=[])
    desk.resume(company.store, company.settings, ME, run.id)
    ended = company.end(run.id)
    assert (ended.state, company.members()) == (RunState.DONE, 1000)
    assert ended.outcomes["added"] == 1000
    assert_sums_agree(company, run.id, 1000)
