"""Carrying out one change of a configuration, by the functions that pages and commands call."""

from lib.config import Office, accounts, exports, keys, segments, warehouse
from lib.config.comparing import Change
from lib.config.configuration import (
    ChannelTable,
    ConnectionTable,
    ExportTable,
    SegmentTable,
    SourceTable,
    limit,
)
from lib.store import channels, connections, consent, rules
from lib.store.connections import Connection

_CONTENT = (
    "connection", "audience", "email", "first_name", "last_name", "fields", "keep_filled",
    "segments", "status_if_new", "tag_segments", "on_leave", "revive_archived",
)  # fmt: skip
_GUARD = ("most_added", "most_removed", "most_rejected_percent", "most_deviation_percent")


def source(office: Office, change: Change, wanted: SourceTable) -> None:
    """Add or change a source."""
    warehouse.add_source(
        office, wanted.name, wanted.location, wanted.key, replace=change.verb == "change"
    )


def connection(office: Office, change: Change, wanted: ConnectionTable) -> None:
    """Add or change a connection; consent can be withdrawn this way, and given with a new one.

    A new one without it is kept: nothing is sent over it until somebody agrees.
    """
    kept = (_connected if change.verb == "add" else _rotated)(office, change, wanted)
    store, who = office.store, office.who
    if kept.contract_limit != limit(wanted.contract_limit):
        connections.set_contract_limit(store, who, kept.id, limit(wanted.contract_limit))
    accounts.edit(
        office,
        kept.id,
        shared=bool(wanted.share),
        export_user=wanted.export_user or kept.export_user,
        contract_blocks=wanted.contract_blocks,
    )
    if change.verb == "change" and change.differs("consent"):
        consent.withdraw(store, who, kept.id)


def segment(office: Office, change: Change, wanted: SegmentTable) -> None:
    """Add or change a segment."""
    meant = segments.Wording(wanted.name, wanted.sql, wanted.rules, wanted.description)
    with warehouse.open_warehouse(office) as opened:
        segments.save(office, opened, meant, ref=_held(change, wanted.name))


def export(office: Office, change: Change, wanted: ExportTable, *, approve: bool | None) -> None:
    """Add or change an export with its rails and schedule.

    Args:
        office: where, and as whom.
        change: what is to change.
        wanted: the whole export.
        approve: the file says that it may run by itself, or may not; None: it does not say.
    """
    store, who, name = office.store, office.who, wanted.name
    if change.verb == "add" or change.differs(*_CONTENT):
        with warehouse.open_warehouse(office) as opened:
            ask = _may_ask(office, wanted.connection)
            exports.save(office, opened, wanted.draft(), ref=_held(change, name), ask=ask)
    elif change.differs("schedule"):
        rules.set_schedule(store, who, [name], wanted.schedule)
    if change.differs(*_GUARD):
        rules.set_guard(store, who, name, wanted.guard())
    if change.differs("active"):
        rules.switch(store, who, [name], active=wanted.active)
    if approve is not None:
        (rules.approve_rules if approve else rules.withdraw_rules)(store, who, name)


def _may_ask(office: Office, connection: str) -> bool:
    """Say whether there is an account to ask, and somebody who agrees that it is spoken to."""
    if not connection:
        return False
    return connections.get(office.store, office.who, connection).agreed_at is not None


def channel(office: Office, change: Change, wanted: ChannelTable) -> None:
    """Add or change a channel."""
    store, who, name = office.store, office.who, wanted.name
    if change.verb == "add":
        channels.add(
            store,
            who,
            name=name,
            kind="mail" if wanted.mail else "webhook",
            target=_target(wanted),
            active=wanted.active,
        )
        return
    if change.differs("mail", "url"):
        channels.aim(store, who, name, _target(wanted))
    if change.differs("active"):
        channels.switch(store, who, name, active=wanted.active)


def _target(wanted: ChannelTable) -> str:
    return wanted.mail or keys.from_variable(wanted.url_env, "url_env", "the webhook's URL")


def _held(change: Change, name: str) -> str:
    return "" if change.verb == "add" else name


def _connected(office: Office, change: Change, wanted: ConnectionTable) -> Connection:
    key = "" if wanted.api_key_ref else keys.from_variable(
        wanted.api_key_env, "api_key_env", "the API key")  # fmt: skip
    return accounts.connect_account(
        office,
        wanted.name,
        key,
        api_url=wanted.api_url,
        shared=bool(wanted.share),
        agreed=None if change.differs("consent") else wanted.i_agree,
        export_user=wanted.export_user,
        reference=wanted.api_key_ref,
        practice=wanted.practice,
    )


def _rotated(office: Office, change: Change, wanted: ConnectionTable) -> Connection:
    if not change.differs("api_url", "api_key_ref", "key"):
        return connections.get(office.store, office.who, wanted.name)
    key, reference = keys.way_in(change, wanted)
    return accounts.rotate(office, wanted.name, key, reference=reference, api_url=wanted.api_url)
