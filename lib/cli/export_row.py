"""An export as commands show it."""

from dataclasses import asdict

from lib.cli import schedule as schedules
from lib.config import Office, feeding
from lib.store.exports import Export


def row(office: Office, export: Export) -> dict[str, object]:
    """Return an export as ``--json`` gives it."""
    approved = export.rules_approved_at if export.rules_approved else None
    return {
        "id": export.id,
        "name": export.name,
        "connection": export.connection_name or None,
        "audience_id": export.audience_id,
        "audience_name": export.audience_name,
        "email": export.matching.email,
        "fields": feeding.fed(export.matching),
        "keep_filled": list(feeding.kept(export.matching)),
        "segments": list(export.segment_ids),
        "status_if_new": export.options.status_if_new,
        "tag_segments": export.options.tag_segments,
        "on_leave": export.options.on_leave,
        "revive_archived": export.options.revive_archived,
        "schedule": export.schedule,
        "active": export.active,
        "guard": asdict(export.guard),
        "rules_approved_by": export.rules_approved_by if export.rules_approved else None,
        "rules_approved_at": schedules.here(office, approved) if approved else None,
        "rules_lapsed": export.rules_lapsed,
    }
