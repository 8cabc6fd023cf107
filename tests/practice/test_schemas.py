"""Replies agree with the OpenAPI description: schemas.json holds its response schemas (3.0.55)."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest

from tests.practice.conftest import Api, Json

SCHEMAS = json.loads(Path(__file__).with_name("schemas.json").read_text())
LARS = "lars.olsen@nordlys.no"

# Attributes that real replies carry only sometimes.
SOMETIMES = {
    "interests",
    "last_note",
    "marketing_permissions",
    "ecommerce_data",
    "total_contacts",
    "field",
    "field_message",
    "conditions",
    "saved_segment_id",
    "capsule",
    "salesforce",
    "clicktale",
    "ecomm360",
    "goal_tracking",
    "google_analytics",
    "location",
    "region",
    "thumbnail_url",
    "options",
    "choices",
    "date_format",
    "default_country",
    "phone_format",
    "size",
    "unsubscribe_reason",
    "constraints",
}
# Newer than the description, or next to everything.
FURTHER = {"list_id", "_links", "constraints", "region", "date_added", "current_total_instances"}


def calls(api: Api) -> Iterator[tuple[str, Json]]:
    """Every endpoint once, with its reply."""
    field = f"{api.audience}/merge-fields/1"
    member = api.path(LARS)
    tag = api.ask("POST", f"{api.audience}/segments", json={"name": "S", "static_segment": [LARS]})
    segment = f"{api.audience}/segments/{tag['id']}"
    batch = {"members": [one(LARS), one("new@nordlys.no"), one("bad")], "update_existing": True}
    listing = {
        "name": "Third",
        "permission_reminder": "You asked",
        "email_type_option": False,
        "contact": {"company": "N", "address1": "S", "city": "O", "country": "NO"},
        "campaign_defaults": {
            "from_name": "N",
            "from_email": "post@nordlys.no",
            "subject": "",
            "language": "no",
        },
    }
    yield "GET /", api.get("/")
    yield "GET /ping", api.get("/ping")
    yield "GET /lists", api.get("/lists", include_total_contacts="true")
    yield "POST /lists", api.ask("POST", "/lists", json=listing)
    yield "GET /lists/{list_id}", api.get(api.audience)
    yield "PATCH /lists/{list_id}", api.ask("PATCH", api.audience, json={"name": "Renamed"})
    yield "POST /lists/{list_id}", api.ask("POST", api.audience, json=batch)
    for name in ("members", "merge-fields", "segments"):
        yield f"GET /lists/{{list_id}}/{name}", api.get(f"{api.audience}/{name}", count=100)
    below = "/lists/{list_id}/members/{subscriber_hash}"
    yield f"GET {below}", api.get(member)
    yield f"PUT {below}", api.ask("PUT", member, json={"merge_fields": {"FNAME": "L"}})
    yield f"PATCH {below}", api.ask("PATCH", member, json={"vip": True})
    body = {"email_address": "post@nordlys.no", "status": "subscribed"}
    yield "POST /lists/{list_id}/members", api.ask("POST", f"{api.audience}/members", json=body)
    yield f"GET {below}/tags", api.get(f"{member}/tags")
    below = "/lists/{list_id}/merge-fields"
    definition = {"name": "Shoe", "type": "number"}
    yield f"POST {below}", api.ask("POST", f"{api.audience}/merge-fields", json=definition)
    yield f"GET {below}/{{merge_id}}", api.get(field)
    yield f"PATCH {below}/{{merge_id}}", api.ask("PATCH", field, json={"name": "First"})
    below = "/lists/{list_id}/segments"
    yield f"POST {below}", tag
    yield f"GET {below}/{{segment_id}}", api.get(segment)
    yield f"PATCH {below}/{{segment_id}}", api.ask("PATCH", segment, json={"name": "T"})
    change = {"members_to_add": ["new@nordlys.no", "no@nordlys.no"], "members_to_remove": [LARS]}
    yield f"POST {below}/{{segment_id}}", api.ask("POST", segment, json=change)
    yield f"GET {below}/{{segment_id}}/members", api.get(f"{segment}/members")
    added = api.ask("POST", f"{segment}/members", json={"email_address": LARS})
    yield f"POST {below}/{{segment_id}}/members", added
    yield "GET /lists/{list_id}/tag-search", api.get(f"{api.audience}/tag-search", name="g")
    yield "GET /automations", api.get("/automations")
    job = api.ask("POST", "/batches", json={"operations": [{"method": "GET", "path": "/ping"}]})
    yield "POST /batches", job
    yield "GET /batches/{batch_id}", api.get(f"/batches/{job['id']}")
    yield "GET /batches", api.get("/batches")
    time.sleep(0)


def one(email: str) -> dict[str, object]:
    """A member of the batch."""
    return {"email_address": email, "status_if_new": "subscribed", "tags": ["S"]}


def differences(value: Json, schema: Json, where: str = "") -> Iterator[str]:
    """Attributes that the description has and the reply lacks, or the other way round."""
    if isinstance(value, list):
        for item in value[:3]:
            yield from differences(item, schema.get("items", {}), f"{where}[]")
    known = schema.get("properties")
    if not isinstance(value, dict) or not known:
        return
    if not where.endswith("options"):
        yield from (f"{where} lacks {name}" for name in set(known) - set(value) - SOMETIMES)
    yield from (f"{where} has {name}" for name in set(value) - set(known) - FURTHER)
    for name in set(value) & set(known):
        yield from differences(value[name], known[name], f"{where}.{name}")


def test_every_described_endpoint_answers_as_described(api: Api) -> None:
    seen = set()
    for operation, reply in calls(api):
        schema = SCHEMAS[operation]
        jsonschema.validate(reply, schema)
        assert list(differences(reply, schema)) == [], operation
        seen.add(operation)
    assert seen == set(SCHEMAS) - {"problem"}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/lists/nothing", 404),
        ("DELETE", "/ping", 405),
        ("POST", "/lists", 400),
        ("POST", "/batches", 400),
    ],
)
def test_problems_are_described_problems(api: Api, method: str, path: str, status: int) -> None:
    reply = api.send(method, path, json={})
    assert reply.status_code == status
    assert reply.headers["Content-Type"] == "application/problem+json; charset=utf-8"
    problem = reply.json()
    jsonschema.validate(problem, SCHEMAS["problem"])
    assert problem["status"] == status
    assert problem["instance"] == reply.headers["X-Request-Id"]


def test_a_wrong_method_names_the_right_ones(api: Api) -> None:
    assert api.send("DELETE", "/lists").headers["Allow"] == "GET, POST"


def test_good_replies_carry_the_headers_of_the_real_ones(api: Api) -> None:
    headers = api.send("GET", "/ping").headers
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    assert headers["Server"] == "openresty"
    assert "describedBy" in headers["Link"]
    assert headers["Vary"] == "Accept-Encoding"
    assert len(headers["X-Request-Id"]) == 36
