"""Orders: which runs must go one after the other."""

from lib.access import LOCAL_ADMINISTRATOR as ME
from lib.contacts.options import Options
from lib.runs import orders
from lib.store import connections, exports, plans, progress, segments
from tests.runs.conftest import MATCHING, Company


def queued(company: Company, name: str, connection: str) -> str:
    exports.add(
        company.store,
        ME,
        name=name,
        connection=connection,
        audience_id=company.practice.audience_id,
        matching=MATCHING,
        options=Options(),
        segments=["All"],
    )
    plan = plans.begin(company.store, ME, name)
    plans.finish(company.store, plan.id, counts={}, fingerprint="f", directory="")
    plans.approve(company.store, ME, plan.id)
    return progress.request(company.store, ME, plan.id).id


def test_runs_through_two_connections_to_one_account_wait_for_each_other(company: Company) -> None:
    key, url = company.practice.api_key, company.practice.url
    segments.add(company.store, ME, name="All", sql="select profile_id from profiles")
    for name, account in (("One", "a1"), ("Two", "a1"), ("Other", "a2")):
        connections.add(
            company.store,
            ME,
            name=name,
            api_key=key,
            api_url=url,
            practice=True,
            account_id=account,
        )
    ids = [queued(company, f"To {name}", name) for name in ("One", "Two", "Other", "Practice")]
    found = {order.run_id: order.audience for order in orders.waiting(company.store)}
    assert list(found) == ids
    one, two, other, plain = found.values()
    assert one == two
    assert len({one, other, plain}) == 3
