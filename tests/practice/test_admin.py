import pytest
import requests

from tests.practice.conftest import Api, new


def test_the_page_for_people_says_what_this_is(api: Api) -> None:
    page = requests.get(f"{api.url}/", timeout=5)
    assert page.headers["Content-Type"].startswith("text/html")
    assert "stand-in" in page.text
    assert "Nordlys newsletter" in page.text


def test_the_state_tells_everything_but_the_key(api: Api) -> None:
    state = api.state()
    assert (state["url"], state["audience_id"]) == (api.url, api.audience.rpartition("/")[2])
    assert set(state["known_faults"]) > {"bare-429", "slow", "locale"}
    assert state["audiences"][0]["statuses"]["archived"] == 2
    assert api.key not in str(state)


def test_calls_and_written_contacts_are_counted_by_endpoint(api: Api) -> None:
    api.batch(new("x@nordlys.no"), new("bad"), new("lars.olsen@nordlys.no"))
    api.member("x@nordlys.no")
    stats = api.state()["stats"]
    assert stats["contacts_written"] == 2
    assert stats["calls"] == {
        "POST /lists/{list_id}": 1,
        "GET /lists/{list_id}/members/{subscriber_hash}": 1,
    }
    api.dial("stats")
    assert api.state()["stats"]["calls"] == {}


def test_an_audience_is_filled_with_every_status(api: Api) -> None:
    assert api.dial("fill", members=2000) == {"added": 2000}
    assert api.dial("fill", members=2000) == {"added": 0}
    assert api.dial("fill", members=100, prefix="other") == {"added": 100}
    statuses = api.state()["audiences"][0]["statuses"]
    assert all(count > 10 for name, count in statuses.items() if name != "gone")
    filled = api.member("member7@practice.no")
    assert filled["merge_fields"]["FNAME"]
    api.batch(new("member7@practice.no", tags=["Touched"]))
    assert api.member("member7@practice.no")["tags_count"] == 1


@pytest.mark.parametrize("body", [{}, {"members": 0}, {"members": "x"}, {"audience": "no"}])
def test_filling_needs_an_audience_and_a_number(api: Api, body: dict[str, object]) -> None:
    assert requests.post(f"{api.url}/practice/fill", json=body, timeout=5).status_code == 400


def test_a_reset_can_leave_the_audiences_empty(api: Api) -> None:
    api.dial("reset", members=False)
    assert api.get(f"{api.audience}/members")["total_items"] == 0
    assert api.batch(new("x@nordlys.no"))["total_created"] == 1


def test_bounces_come_through_the_dial(api: Api) -> None:
    audience = api.audience.rpartition("/")[2]
    body = {"audience": audience, "addresses": ["lars.olsen@nordlys.no"], "bounced": True}
    assert api.dial("self-unsubscribe", **body) == {"changed": 1}
    assert api.member("lars.olsen@nordlys.no")["status"] == "cleaned"


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("faults", {"fault": ["500"]}),
        ("faults", {"500": 1}),
        ("faults", {"faults": ["5000"]}),
        ("faults", {"faults": [{"name": "500", "rates": 1}]}),
        ("faults", ["500"]),
        ("latency", {"usually": 1}),
        ("disputes", {"disputed": {"since": "inclusive"}}),
        ("stats", {"rest": 1}),
        ("reset", {"member": False}),
        ("fill", {"members": 10, "prefixes": "x"}),
        ("self-unsubscribe", {"addresses": [], "audience": "nothing"}),
        ("self-unsubscribe", {"address": "lars.olsen@nordlys.no"}),
    ],
)
def test_what_it_does_not_understand_it_refuses_and_says_what_it_knows(
    api: Api, what: str, body: object
) -> None:
    before = api.state()
    answer = requests.post(f"{api.url}/practice/{what}", json=body, timeout=5)
    assert answer.status_code == 400
    assert len(answer.json()["error"]) > 10
    assert {k: v for k, v in api.state().items() if k != "stats"} == {
        k: v for k, v in before.items() if k != "stats"
    }
