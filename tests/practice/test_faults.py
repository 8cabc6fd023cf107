import random
import time
from collections.abc import Callable

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from lib.practice.call import Call
from lib.practice.disk import Disk
from lib.practice.exchange import carry_out
from lib.practice.faults import NAMES, Dial, Fault, read_fault
from lib.practice.reply import Reply
from lib.practice.world import World
from tests.practice.conftest import Api, new

FRESH = "x@nordlys.no"


def push(api: Api, **options: object) -> requests.Response:
    body = {"members": [new(FRESH)], "update_existing": True}
    return api.send("POST", api.audience, json=body, **options)


def is_written(api: Api) -> bool:
    return api.send("GET", api.path(FRESH)).status_code == 200


@pytest.mark.parametrize("name", ["bare-429", "bare-403"])
def test_bare_throttling_has_neither_body_nor_content_type(api: Api, name: str) -> None:
    api.dial("faults", faults=[name])
    reply = push(api)
    assert reply.status_code == int(name.rpartition("-")[2])
    assert reply.content == b""
    assert "Content-Type" not in reply.headers
    assert not {"Retry-After", "X-RateLimit-Limit"} & set(reply.headers)
    api.dial("faults", faults=[])
    assert not is_written(api)


@pytest.mark.parametrize(
    ("name", "status", "words"),
    [
        ("problem-429", 429, "You have exceeded the limit of 10 simultaneous connections."),
        ("400", 400, "Your request could not be processed."),
        ("500", 500, "An unexpected internal error has occurred."),
        ("key-revoked", 403, "API Access has been disabled for this account."),
        ("low-role", 403, "User does not have access to the requested operation"),
        ("disabled-method", 503, "This method has been disabled."),
    ],
)
def test_problems_of_the_dial_leave_nothing_written(
    api: Api, name: str, status: int, words: str
) -> None:
    reply = push(api, headers={"X-Practice-Fault": name})
    assert reply.status_code == status
    assert reply.json()["detail"].startswith(words)
    assert reply.json()["instance"] == reply.headers["X-Request-Id"]
    assert not is_written(api)


@pytest.mark.parametrize(
    ("name", "words", "written"),
    [
        ("502-html", "502 Bad Gateway", False),
        ("503-html", "Request Blocked. We had to block your request", False),
        ("504-html", "504 Gateway Time-out", True),
    ],
)
def test_gateways_answer_in_html(api: Api, name: str, words: str, written: bool) -> None:
    reply = push(api, headers={"X-Practice-Fault": name})
    assert (reply.status_code, reply.headers["Content-Type"]) == (int(name[:3]), "text/html")
    assert words in reply.text
    assert is_written(api) is written


def test_truncated_json_comes_with_200_and_the_write_applied(api: Api) -> None:
    reply = push(api, headers={"X-Practice-Fault": "truncated-json"})
    assert (reply.status_code, reply.headers["Content-Type"][:16]) == (200, "application/json")
    with pytest.raises(ValueError, match=r"JSON|delimiter|Unterminated|Expecting"):
        reply.json()
    assert is_written(api)


@pytest.mark.parametrize(("name", "written"), [("reset-before", False), ("reset-after", True)])
def test_a_dropped_connection_shows_no_reply(api: Api, name: str, written: bool) -> None:
    with pytest.raises(requests.ConnectionError):
        push(api, headers={"X-Practice-Fault": name})
    assert is_written(api) is written
    assert api.state()["stats"]["statuses"]["dropped"] == 1


def test_a_slow_reply_outlasts_the_caller_and_is_applied(api: Api) -> None:
    api.dial("latency", slow=1.0)
    with pytest.raises(requests.ReadTimeout):
        push(api, headers={"X-Practice-Fault": "slow"}, timeout=0.3)
    assert is_written(api)


def test_a_call_beyond_the_cut_off_gets_504_and_is_applied(api: Api) -> None:
    api.dial("latency", slow=5.0, cut_off=0.2)
    reply = push(api, headers={"X-Practice-Fault": "slow"})
    assert (reply.status_code, reply.headers["Content-Type"]) == (504, "text/html")
    assert is_written(api)


def test_some_addresses_are_rejected_always_the_same_ones(api: Api) -> None:
    api.dial("faults", faults=["reject-address=0.2"])
    members = [new(f"m{number}@nordlys.no") for number in range(200)]
    first, second = (api.batch(*members)["errors"] for _ in range(2))
    assert 20 < len(first) < 65
    assert [one["email_address"] for one in first] == [one["email_address"] for one in second]
    assert "looks fake or invalid" in first[0]["error"]


def test_throttled_signups_concern_new_members_only(api: Api) -> None:
    api.dial("faults", faults=["signup-throttle"])
    reply = api.batch(new(FRESH), new("lars.olsen@nordlys.no"))
    assert (reply["total_updated"], reply["error_count"]) == (1, 1)
    assert reply["errors"][0]["error"] == (
        f"{FRESH} has signed up to a lot of lists very recently; "
        "we're not allowing more signups for now"
    )


def test_a_batch_with_duplicates_is_refused_as_a_whole_by_the_dial(api: Api) -> None:
    api.dial("faults", faults=["duplicate-call"])
    api.batch(new(FRESH), new(FRESH), status=400)
    assert api.batch(new(FRESH))["total_created"] == 1


def test_a_tag_is_taken_off_in_part_and_only_the_counts_tell(api: Api) -> None:
    members = [f"m{number}@nordlys.no" for number in range(4)]
    api.batch(*[new(one, tags=["Club"]) for one in members])
    (tag,) = api.get(f"{api.audience}/tag-search", name="Club")["tags"]
    path, body = f"{api.audience}/segments/{tag['id']}", {"members_to_remove": members}
    api.dial("faults", faults=[{"name": "partial-untag", "on": "writes", "times": 1}])
    reply = api.ask("POST", path, json=body)
    assert (reply["total_removed"], reply["error_count"], reply["errors"]) == (2, 0, [])
    assert [len(api.member(one)["tags"]) for one in members] == [0, 1, 0, 1]
    assert api.ask("POST", path, json=body)["total_removed"] == 2


def test_an_endpoint_that_fails_is_logged_without_words_that_may_hold_an_address(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def endpoint(call: Call) -> Reply:
        raise ValueError(FRESH)

    world = World(Disk(None), time.time, random.Random(1))
    assert carry_out(endpoint, Call(world, "GET", {}), "1").status == 500
    assert "ValueError in test_faults.py:" in caplog.text
    assert FRESH not in caplog.text


def test_the_locale_translates_field_messages_of_single_calls_too(api: Api) -> None:
    reply = api.send(
        "PATCH",
        api.path("lars.olsen@nordlys.no"),
        json={"merge_fields": {"LTV": "x"}},
        headers={"X-Practice-Fault": "locale"},
    )
    problem = reply.json()
    assert problem["detail"] == "Your merge fields were invalid."
    assert problem["errors"] == [{"field": "LTV", "message": "Bitte gib eine Zahl ein."}]


def test_an_unknown_fault_in_a_header_is_named(api: Api) -> None:
    reply = api.send("GET", "/ping", headers={"X-Practice-Fault": "earthquake"})
    assert reply.status_code == 400
    assert "earthquake" in reply.json()["errors"][0]["message"]


@pytest.mark.parametrize("fault", ["earthquake", "500=2", "500=often", {"name": "500", "on": "x"}])
def test_a_wrong_setting_of_the_dial_is_refused(api: Api, fault: object) -> None:
    reply = requests.post(f"{api.url}/practice/faults", json={"faults": [fault]}, timeout=5)
    assert reply.status_code == 400
    assert reply.json()["error"]


def test_a_fault_can_strike_some_times_after_some_calls_on_some_calls(api: Api) -> None:
    api.dial("faults", faults=[{"name": "500", "on": "batch", "times": 2, "after": 1}])
    api.get("/ping")
    statuses = [push(api).status_code for _ in range(5)]
    assert statuses == [200, 500, 500, 200, 200]
    assert api.state()["stats"]["faults"] == {"500": 2}


@pytest.mark.parametrize(("on", "struck"), [("reads", "GET"), ("writes", "POST"), ("all", "GET")])
def test_a_fault_concerns_reads_writes_or_all(on: str, struck: str) -> None:
    fault = Fault("500", on=on)
    assert fault.strikes(struck, "/lists", random.Random(1))
    other = "POST" if struck == "GET" else "GET"
    assert fault.strikes(other, "/lists", random.Random(1)) is (on == "all")


@given(st.floats(0, 1), st.integers())
def test_the_same_seed_strikes_the_same_calls(rate: float, seed: int) -> None:
    def struck() -> list[bool]:
        dial, chance = Dial(), random.Random(seed)
        dial.turn(Fault("500", rate))
        return [bool(dial.strike("GET", "/", chance)) for _ in range(20)]

    assert struck() == struck()


def strikes(name: str, seed: int) -> Callable[[str], bool]:
    dial = Dial(seed=seed)
    dial.turn(Fault(name, 0.5))
    return lambda email: dial.unlucky(name, email, frozenset())


def test_another_seed_strikes_other_addresses() -> None:
    emails = [f"m{number}@nordlys.no" for number in range(100)]
    one, other = (list(map(strikes("reject-address", seed), emails)) for seed in (1, 2))
    assert one != other


@pytest.mark.parametrize("name", NAMES)
def test_every_fault_can_be_read_with_and_without_rate(name: str) -> None:
    assert read_fault(name) == Fault(name)
    assert read_fault(f"{name}=0.25") == Fault(name, 0.25)
