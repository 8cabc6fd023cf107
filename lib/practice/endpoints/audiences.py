"""Audiences: list, show, make, change, delete."""

from typing import Any

from lib.practice.audience import Audience
from lib.practice.call import Call
from lib.practice.links import links
from lib.practice.opening import first_fields
from lib.practice.problem import FieldFault, schema_fault
from lib.practice.reply import Reply, document, nothing

REQUIRED = ("name", "contact", "permission_reminder", "campaign_defaults", "email_type_option")
_TEXTS = ("name", "permission_reminder", "notify_on_subscribe", "notify_on_unsubscribe")
_FLAGS = ("use_archive_bar", "email_type_option", "double_optin", "marketing_permissions")
_PARTS = {
    "contact": (
        "company",
        "address1",
        "address2",
        "city",
        "state",
        "zip",
        "country",
        "phone",
    ),
    "campaign_defaults": ("from_name", "from_email", "subject", "language"),
}


def index(call: Call) -> Reply:
    """GET /lists."""
    offset, count = call.page()
    audiences = sorted(call.world.audiences.values(), key=lambda one: one.created, reverse=True)
    shown = audiences[offset : offset + count]
    body = {
        "lists": [_document(call, one) for one in shown],
        "total_items": len(audiences),
        "constraints": {
            "may_create": True,
            "max_instances": 25,
            "current_total_instances": len(audiences),
        },
        "_links": links("/lists", "POST"),
    }
    return document(call.projection().apply(body))


def show(call: Call) -> Reply:
    """GET /lists/{list_id}."""
    return document(call.projection().apply(_document(call, call.audience)))


def create(call: Call) -> Reply:
    """POST /lists."""
    body = call.object()
    missing = [key for key in REQUIRED if key not in body]
    if missing:
        names = ", ".join(missing)
        raise schema_fault(FieldFault("", f"Required fields were not provided: {names}"))
    web_id = call.world.next_id()
    list_id = f"{web_id:010x}"
    audience = Audience(list_id, web_id, read_settings(body, {}), call.world.now)
    audience.fields = first_fields(audience)
    audience.arrange()
    call.world.audiences[list_id] = audience
    return document(_document(call, audience))


def update(call: Call) -> Reply:
    """PATCH /lists/{list_id}."""
    audience = call.audience
    audience.settings = read_settings(call.object(), audience.settings)
    audience.altered = True
    return document(_document(call, audience))


def delete(call: Call) -> Reply:
    """DELETE /lists/{list_id}."""
    call.world.remove_audience(call.audience.list_id)
    return nothing()


def _document(call: Call, audience: Audience) -> dict[str, Any]:
    shown = audience.document(total=call.flag("include_total_contacts"))
    return shown | {"_links": links(f"/lists/{audience.list_id}", "PATCH", "DELETE")}


def read_settings(body: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """The attributes of an audience that its owner can write, from a body over earlier ones.

    Raises:
        ProblemError: 400, when ``contact`` or ``campaign_defaults`` is no object.
    """
    settings: dict[str, Any] = {"visibility": before.get("visibility", "prv")}
    for name in _TEXTS:
        settings[name] = str(body.get(name, before.get(name, "")))
    for name in _FLAGS:
        settings[name] = bool(body.get(name, before.get(name, False)))
    for name, keys in _PARTS.items():
        given = body.get(name, before.get(name, {}))
        if not isinstance(given, dict):
            raise schema_fault(FieldFault(name, "Schema describes object, string found instead"))
        settings[name] = {key: str(given.get(key, "")) for key in keys}
    return settings
