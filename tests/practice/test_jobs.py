import io
import json
import tarfile
import time

import pytest
import requests

from lib.practice.job import STATES
from tests.practice.conftest import Api, Json, new


def wait(api: Api, job_id: str) -> list[Json]:
    """Every state that was seen, until it is finished."""
    seen: list[Json] = []
    for _ in range(400):
        shown = api.get(f"/batches/{job_id}")
        if not seen or seen[-1]["status"] != shown["status"]:
            seen.append(shown)
        if shown["status"] == "finished":
            return seen
        time.sleep(0.01)
    raise AssertionError(seen)


def results(url: str) -> list[Json]:
    reply = requests.get(url, timeout=5)
    assert reply.headers["Content-Type"] == "application/gzip"
    with tarfile.open(fileobj=io.BytesIO(reply.content)) as tar:
        files = [tar.extractfile(entry) for entry in tar.getmembers()]
        return [one for file in files if file for one in json.load(file)]


def operation(method: str, path: str, name: str, body: Json = None) -> dict[str, str]:
    made = {"method": method, "path": path, "operation_id": name}
    return made | ({"body": json.dumps(body)} if body is not None else {})


def test_operations_are_carried_out_and_their_results_packed(api: Api) -> None:
    members = {"members": [new("x@nordlys.no")]}
    operations = [
        operation("POST", api.audience, "push", members),
        operation("GET", api.path("nobody@nordlys.no"), "miss"),
        operation("PUT", api.path("y@nordlys.no"), "put", new("y@nordlys.no")),
        operation("GET", "/batches", "self"),
        {"method": "GET", "path": f"{api.audience}/members", "params": {"count": 1}},
    ]
    job = api.ask("POST", "/batches", json={"operations": operations})
    assert (job["status"], job["total_operations"]) == ("pending", 5)
    done = wait(api, job["id"])[-1]
    assert (done["finished_operations"], done["errored_operations"]) == (5, 2)
    assert done["completed_at"]
    packed = results(done["response_body_url"])
    assert [one["status_code"] for one in packed] == [200, 404, 200, 404, 200]
    assert [one["operation_id"] for one in packed] == ["push", "miss", "put", "self", None]
    assert json.loads(packed[0]["response"])["total_created"] == 1
    assert len(json.loads(packed[4]["response"])["members"]) == 1
    assert api.member("y@nordlys.no")["status"] == "subscribed"


def test_a_batch_goes_through_five_states(api: Api) -> None:
    api.dial("latency", finalizing=0.3)
    many = [operation("GET", "/ping", str(number)) for number in range(50)]
    job = api.ask("POST", "/batches", json={"operations": many})
    seen = [shown["status"] for shown in wait(api, job["id"])]
    assert [state for state in STATES if state in ["pending", *seen]] == list(STATES)
    assert seen == sorted(seen, key=STATES.index)


def test_finalizing_may_hang_although_everything_is_done(api: Api) -> None:
    api.dial("latency", finalizing=3600)
    job = api.ask("POST", "/batches", json={"operations": [operation("GET", "/ping", "1")]})
    time.sleep(0.6)
    shown = api.get(f"/batches/{job['id']}")
    assert (shown["status"], shown["finished_operations"]) == ("finalizing", 1)
    assert shown["response_body_url"] == ""


def test_more_than_500_open_batches_are_refused(api: Api) -> None:
    api.dial("latency", finalizing=3600)
    body: Json = {"operations": []}
    statuses = [api.send("POST", "/batches", json=body).status_code for _ in range(501)]
    assert statuses == [200] * 500 + [429]
    assert api.get("/batches", count=1)["total_items"] == 500


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"operations": {}},
        {"operations": ["GET"]},
        {"operations": [{"method": "FETCH", "path": "/"}]},
        {"operations": [{"method": "GET"}]},
        {"operations": [{"method": "POST", "path": "/lists", "body": {"name": "x"}}]},
    ],
)
def test_batches_of_the_wrong_shape_are_refused(api: Api, body: Json) -> None:
    api.ask("POST", "/batches", 400, json=body)


def test_a_batch_can_be_deleted(api: Api) -> None:
    job = api.ask("POST", "/batches", json={"operations": []})
    api.ask("DELETE", f"/batches/{job['id']}", 204)
    api.get(f"/batches/{job['id']}", 404)
