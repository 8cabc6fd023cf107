"""A connection as commands show it; keys are never among it."""

from collections.abc import Sequence

from lib.store.agreement import version
from lib.store.connections import Connection

COLUMNS = ("name", "type", "created_at", "created_by", "shared_with", "account", "used_by")
"""What the list shows to people, in order."""
_KEYS = {"key": "kept here, encrypted", "oauth": "signed in", "reference": "kept elsewhere"}


def row(connection: Connection, used_by: Sequence[str] = ()) -> dict[str, object]:
    """Return what may be shown of a connection.

    Args:
        connection: as the person may see it.
        used_by: names of the exports that use it.
    """
    return {
        "id": connection.id,
        "name": connection.name,
        "type": "Mailchimp (practice)" if connection.practice else "Mailchimp",
        "account": connection.account_name,
        "data_centre": connection.data_centre,
        "api_url": connection.api_url,
        "shared_with": "contributors" if connection.shared else "administrators only",
        "used_by": list(used_by),
        "key": _KEYS[connection.auth],
        "export_user": connection.export_user,
        "contract_limit": connection.contract_limit,
        "contract_blocks": connection.contract_blocks,
        "agreed_by": connection.agreed_by,
        "agreed_at": connection.agreed_at,
        "agreed_terms": connection.agreed_terms,
        "terms_version": version(connection.agreed_terms) if connection.agreed_by else "",
        "created_at": connection.created_at,
        "created_by": connection.created_by,
    }
