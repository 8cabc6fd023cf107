"""Mailchimp's totals beside ours."""

import json

from hypothesis import given
from hypothesis import strategies as st

from lib.runs.after import receipt, totals
from lib.store.tables import OUTCOMES
from tests.runs.conftest import Company
from tests.runs.test_worker import FEW

pairs = st.tuples(st.sampled_from(["", "added", "updated", "rejected"]), st.sampled_from(OUTCOMES))


@given(st.dictionaries(pairs, st.integers(1, 9)))
def test_every_difference_between_mailchimps_totals_and_ours_is_named(
    counts: dict[tuple[str, str], int],
) -> None:
    made = totals.added_up(counts)
    ours = dict.fromkeys(OUTCOMES, 0)
    for (_, outcome), n in counts.items():
        ours[outcome] += n
    alike = (made.created, made.updated, made.rejected) == (
        ours["added"],
        ours["updated"],
        ours["rejected"],
    )
    assert alike or made.differences
    assert all(f"{n}" in made.words for (said, out), n in counts.items() if said and said != out)


def test_a_receipt_says_what_mailchimp_said_and_why_it_is_not_what_we_count(
    company: Company,
) -> None:
    company.admin("faults", faults=[{"name": "reset-after", "rate": 0.6, "on": "batch"}], seed=3)
    company.work()
    run = company.end(company.start(company.export("Few", FEW)).id)
    document = receipt.read(company.settings.runs_dir / run.id)
    assert document is not None
    said = document["mailchimp"]
    assert said["created"] + said["updated"] == run.outcomes["added"] == 1000
    assert bool(said["updated"]) == bool(said["differences"]), json.dumps(said)
