"""What the fields of an audited record are called, and what stands in them, in words."""

import json

from lib.ui.runs import fates
from lib.ui.text import _, said

_SENTENCES = {"agreed_terms", "message", "trigger"}
"""Fields that hold words of the program, not of a person."""


def labels() -> dict[str, str]:
    """Return what each field is called; one that is not listed goes by its own name."""
    return {**_common(), **_of_connections(), **_of_exports(), **_of_runs(), **_of_others()}


def value(field: str, kept: object) -> str:
    """Write what stands in a field; empty when nothing does."""
    if kept in (None, "", [], {}):
        return ""
    if isinstance(kept, bool):
        return _("yes") if kept else _("no")
    if isinstance(kept, str):
        return said(kept) if field in _SENTENCES else kept
    return json.dumps(kept, ensure_ascii=False)


def _common() -> dict[str, str]:
    return {
        "id": _("ID"),
        "name": _("name"),
        "created_at": _("created"),
        "created_by": _("created by"),
        "changed_at": _("changed"),
        "changed_by": _("changed by"),
    }


def _of_connections() -> dict[str, str]:
    return {
        "account_id": _("account ID"),
        "account_name": _("account"),
        "agreed_at": _("agreed"),
        "agreed_by": _("agreed by"),
        "agreed_terms": _("wording agreed to"),
        "api_key": _("API key"),
        "api_url": _("API address"),
        "auth": _("way in"),
        "contract_blocks": _("refuses what exceeds the contract"),
        "contract_limit": _("contract limit"),
        "data_centre": _("data centre"),
        "export_user": _("export user"),
        "practice": _("practice"),
        "shared": _("shared with contributors"),
    }


def _of_exports() -> dict[str, str]:
    return {
        "active": _("switched on"),
        "audience_id": _("audience ID"),
        "audience_name": _("audience"),
        "connection_id": _("connection ID"),
        "connection_name": _("connection"),
        "connection_shared": _("shared with contributors"),
        "guard": _("guard rails"),
        "matching": _("data matching"),
        "options": _("options"),
        "revision": _("version"),
        "rules_approved_at": _("rules approved"),
        "rules_approved_by": _("rules approved by"),
        "rules_approved_revision": _("approved version"),
        "schedule": _("schedule"),
        "segment_ids": _("segment IDs"),
    }


def _of_runs() -> dict[str, str]:
    return {
        **{one.name: one.label.lower() for one in fates.all_outcomes()},
        "by the rules that were approved by": _("by the rules that were approved by"),
        "counts": _("counts"),
        "fingerprint": _("fingerprint"),
        "message": _("message"),
        "plan": _("plan ID"),
        "trigger": _("began"),
    }


def _of_others() -> dict[str, str]:
    return {
        "address": _("address"),
        "before": _("older than"),
        "deleted": _("deleted"),
        "description": _("description"),
        "key": _("key"),
        "kind": _("type"),
        "location": _("location"),
        "origin": _("read from"),
        "queries": _("queries"),
        "rows": _("rows"),
        "rules": _("rules"),
        "segments": _("segments"),
        "sql": "SQL",
        "used_by": _("used by"),
        "value": _("value"),
    }
