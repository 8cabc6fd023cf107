"""Automations: what would send mail by itself when somebody is subscribed or tagged."""

from typing import Any

from lib.practice.call import Call
from lib.practice.links import links
from lib.practice.reply import Reply, document
from lib.practice.timestamp import write_time


def index(call: Call) -> Reply:
    """GET /automations."""
    offset, count = call.page()
    status = call.query.get("status", "")
    kept = call.world.account.get("automations", [])
    found = [_document(call, one) for one in kept if status in ("", one["status"])]
    body = {
        "automations": found[offset : offset + count],
        "total_items": len(found),
        "_links": links("/automations"),
    }
    return document(call.projection().apply(body))


def _document(call: Call, one: dict[str, Any]) -> dict[str, Any]:
    audience = call.world.audiences.get(one["list_id"])
    opened = write_time(int(call.world.account["opened"]))
    return {
        "id": one["id"],
        "create_time": opened,
        "start_time": opened,
        "status": one["status"],
        "emails_sent": 0,
        "recipients": {
            "list_id": one["list_id"],
            "list_is_active": audience is not None,
            "list_name": audience.settings["name"] if audience else "",
            "segment_opts": {"match": "all", "conditions": []},
            "store_id": "",
        },
        "settings": {
            "title": one["title"],
            "from_name": "Nordlys",
            "reply_to": "post@nordlys.no",
            "use_conversation": False,
            "to_name": "*|FNAME|*",
            "authenticate": True,
            "auto_footer": False,
            "inline_css": False,
        },
        "tracking": {"opens": True, "html_clicks": True, "text_clicks": False},
        "trigger_settings": {
            "workflow_type": one["workflow_type"],
            "workflow_title": one["title"],
            "workflow_emails_count": 1,
            "runtime": {"days": ["monday"], "hours": {"type": "send_asap"}},
        },
        "report_summary": {
            "opens": 0,
            "unique_opens": 0,
            "open_rate": 0,
            "clicks": 0,
            "subscriber_clicks": 0,
            "click_rate": 0,
        },
        "_links": links(f"/automations/{one['id']}"),
    }
