"""Keys of a configuration: where they come from, and whether they are other than those kept."""

import os

from lib.config import Office
from lib.config.comparing import Change
from lib.config.configuration import ChannelTable, ConnectionTable
from lib.errors import InputError
from lib.store import channels, kept_keys


def require_one(held: ConnectionTable | None, table: ConnectionTable) -> None:
    """Let a connection pass that says where its key is, or that has one.

    Raises:
        InputError: a new one says it in no way or in both, or the variable is empty.
    """
    if table.api_key_env and table.api_key_ref:
        raise InputError("give only one of api_key_env and api_key_ref.")
    if held is None and not table.api_key_ref:
        from_variable(table.api_key_env, "api_key_env", "the API key")


def way_in(change: Change, wanted: ConnectionTable) -> tuple[str, str]:
    """Return the key of a connection that changes, or else the reference to it.

    Raises:
        InputError: it says neither, or the variable is empty.
    """
    if wanted.api_key_ref and (change.differs("api_key_ref") or not wanted.api_key_env):
        return "", wanted.api_key_ref
    return from_variable(wanted.api_key_env, "api_key_env", "the API key"), ""


def is_new(office: Office, held: ConnectionTable | None, table: ConnectionTable) -> bool:
    """Say whether the variable holds another key than the one kept; an empty one changes none."""
    given = os.environ.get(table.api_key_env, "").strip() if table.api_key_env else ""
    if held is None or not given:
        return False
    return kept_keys.differs(office.store, office.who, held.name, given)


def is_new_url(office: Office, held: ChannelTable | None, table: ChannelTable) -> bool:
    """Say whether the variable holds another URL than the one kept; a new channel needs one.

    Raises:
        InputError: a new channel's variable is empty.
    """
    if held is None:
        if table.url_env:
            from_variable(table.url_env, "url_env", "the webhook's URL")
        return False
    given = os.environ.get(table.url_env, "").strip() if table.url_env else ""
    if not given:
        return False
    kept = channels.get(office.store, office.who, held.name)
    return channels.target(office.store, kept.id) != given


def from_variable(variable: str, field: str, what: str) -> str:
    """Read an environment variable that has to hold something.

    Raises:
        InputError: it is not named, or empty.
    """
    found = os.environ.get(variable, "").strip() if variable else ""
    if not variable:
        raise InputError(f"say in {field} which environment variable holds {what}.")
    if not found:
        raise InputError(f"the environment variable {variable} is empty; put {what} there.")
    return found
