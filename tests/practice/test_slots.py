import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from lib.practice.latency import Latency
from lib.practice.slots import Slots
from tests.practice.conftest import Api


def ping(api: Api, timeout: float = 10) -> requests.Response:
    url = f"{api.url}/3.0/ping"
    return requests.get(url, auth=("x", api.key), timeout=timeout)


def at_once(api: Api, count: int) -> list[requests.Response]:
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(lambda _: ping(api), range(count)))


def test_ten_simultaneous_calls_are_answered_and_counted(api: Api) -> None:
    api.dial("latency", usual=0.5)
    assert {reply.status_code for reply in at_once(api, 10)} == {200}
    stats = api.state()["stats"]
    assert (stats["peak_connections"], stats["refused_connections"]) == (10, 0)


def test_the_eleventh_is_refused_at_once(api: Api) -> None:
    api.dial("latency", usual=0.8)
    replies = at_once(api, 13)
    refused = [reply for reply in replies if reply.status_code == 429]
    assert len(refused) == 3
    assert max(reply.elapsed.total_seconds() for reply in refused) < 0.7
    assert refused[0].json()["detail"] == (
        "You have exceeded the limit of 10 simultaneous connections."
    )
    assert api.state()["stats"]["refused_connections"] == 3


def test_a_refusal_may_be_bare(api: Api) -> None:
    api.dial("latency", usual=0.5)
    api.read(throttled="bare")
    refused = [reply for reply in at_once(api, 11) if reply.status_code == 429]
    assert [reply.content for reply in refused] == [b""]


def test_calls_whose_callers_went_away_keep_their_slots_until_done(api: Api) -> None:
    api.dial("latency", usual=1.5)

    def give_up() -> None:
        with pytest.raises(requests.ReadTimeout):
            ping(api, timeout=0.2)

    threads = [threading.Thread(target=give_up) for _ in range(10)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ping(api).status_code == 429
    assert api.state()["stats"]["connections"] == 10
    time.sleep(max(0.0, began + 2.2 - time.monotonic()))
    assert ping(api).status_code == 200
    assert api.state()["stats"]["connections"] == 0


def test_slots_are_counted_by_key() -> None:
    slots = Slots(most=1)
    assert (slots.take("a"), slots.take("b"), slots.take("a")) == (True, True, False)
    slots.give_back("a")
    assert slots.take("a")


def test_work_is_part_of_the_latency(api: Api) -> None:
    api.dial("latency", usual=0.3)
    began = time.monotonic()
    ping(api)
    assert time.monotonic() - began >= 0.3


def test_without_scatter_and_tail_every_call_takes_the_same() -> None:
    chance = random.Random(1)
    assert {Latency(usual=0.5).draw(chance) for _ in range(100)} == {0.5}


def test_the_tail_has_its_share_and_the_seed_repeats_it() -> None:
    model = Latency(usual=0.5, scatter=0.2, tail=0.05)

    def draws() -> list[float]:
        chance = random.Random(7)
        return sorted(model.draw(chance) for _ in range(4000))

    times = draws()
    assert times == draws()
    assert 0.45 < times[2000] < 0.55
    slow = [seconds for seconds in times if seconds > 1.2]
    assert 0.03 < len(slow) / len(times) < 0.07
    assert max(times) > 4


@pytest.mark.parametrize("body", [{"speed": 1}, {"usual": "fast"}, [1]])
def test_a_wrong_latency_is_refused(api: Api, body: object) -> None:
    assert requests.post(f"{api.url}/practice/latency", json=body, timeout=5).status_code == 400
