"""A disk that is full while a plan is made: one sentence, nothing half-made, and later it works."""

import subprocess
import sys

from lib.access import LOCAL_ADMINISTRATOR as ME
from lib.contacts.matching import FieldMatch, Matching
from lib.contacts.options import Options
from lib.runs.plan import job
from lib.store import plans
from lib.store.plans import PlanState
from tests.proof.works import Works

PEOPLE = 40_000
ROOM = 1_500_000
"""Bytes the largest file may have: enough for the store, too little for the plan."""
PROGRAM = """
import resource, signal, sys
from pathlib import Path
from lib.runs import stages
from lib.runs.stages import Shop
from lib.settings import load
from lib.store import open_store

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
settings = load(state=Path(sys.argv[1]), use_sample=False)
with open_store(settings) as store:
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
    stages.plan(Shop(store, settings), sys.argv[2])
"""


def test_a_disk_that_is_full_during_a_plan_leaves_one_sentence_and_nothing_else(
    works: Works,
) -> None:
    works.profiles(
        {"profile_id": i, "email": f"p{i}@post.no", "first_name": f"{hash((i, 'x')):x}" * 4}
        for i in range(PEOPLE)
    )
    export = works.export(Matching("email", (FieldMatch("FNAME", "first_name"),)), Options())
    begun = plans.begin(works.store, ME, export)
    told = [str(works.settings.state), begun.id, str(ROOM)]
    ended = subprocess.run([sys.executable, "-c", PROGRAM, *told], capture_output=True, check=False)
    assert ended.returncode == 0, ended.stderr.decode()
    plan = plans.get(works.store, ME, begun.id)
    assert plan.state is PlanState.FAILED
    assert "disk" in plan.message
    directory = job.directory_of(works.settings, begun.id)
    assert not directory.exists()
    assert not list(directory.parent.glob(f".{directory.name}*"))
    assert works.ready(export).counts["fates"]["added"] == PEOPLE
