"""Runs at the same time on one account share its ten connections, whoever carries them out."""

import threading

from lib.contacts.options import Options
from lib.mailchimp.budget import MOST
from lib.runs import stages
from lib.runs.stages import Shop
from lib.store import open_store
from lib.store.runs import RunState
from tests.proof.company import NAME, people
from tests.proof.works import Works


def test_two_runs_at_once_never_open_more_than_ten_connections(
    works: Works, small_batches: None
) -> None:
    works.profiles(people(60))
    orders = []
    for _ in range(2):
        works.new_audience()
        orders.append(works.ask(works.ready(works.export(NAME, Options()))).id)
    works.admin("stats", reset=True)
    works.admin("latency", usual=0.6)

    def work(run_id: str) -> None:
        with open_store(works.settings) as store:
            shop = Shop(store, works.settings)
            _ = stages.check(shop, run_id) and stages.send(shop, run_id)
            stages.read_back(shop, run_id)

    threads = [threading.Thread(target=work, args=(one,)) for one in orders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    works.admin("latency", usual=0.0)
    stats = works.stats()
    assert [works.run(one).state for one in orders] == [RunState.DONE] * 2
    assert (stats["refused_connections"], stats["peak_connections"]) == (0, MOST)
