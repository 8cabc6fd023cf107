"""A plan that a command makes itself, and that command killed with -9."""

import subprocess
import sys
import time

from lib.access import LOCAL_ADMINISTRATOR as ME
from lib.runs.plan import holding
from lib.store import plans
from lib.store.plans import Plan, PlanState
from tests.runs.conftest import Company, until
from tests.runs.test_worker import FEW

MAKER = """
import sys, time
from lib.runs.plan import holding
from lib.settings import load
with holding.held(load(state=sys.argv[1]), sys.argv[2]):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_plan_whose_maker_was_killed_fails_and_one_in_the_making_does_not(
    company: Company,
) -> None:
    company.export("Few", FEW)
    begun = plans.begin(company.store, ME, "Few", directory="here")

    def state() -> Plan:
        holding.give_up_orphans(company.store, company.settings, now=time.time() + 60)
        return plans.get(company.store, ME, begun.id)

    command = [sys.executable, "-c", MAKER, str(company.settings.state), begun.id]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as maker:
        assert maker.stdout is not None and maker.stdout.readline() == b"held\n"
        assert state().state is PlanState.MAKING
        maker.kill()
    until(lambda: state().state is PlanState.FAILED)
    assert "make it anew" in state().message
