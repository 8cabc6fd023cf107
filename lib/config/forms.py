"""What of a file can be refused without asking anybody: names, places, addresses, keys, by form.

The stores refuse all of it too, but only on the way, when some of the file was carried out.
"""

from lib.config import keys
from lib.config.configuration import (
    ChannelTable,
    ConnectionTable,
    ExportTable,
    SourceTable,
    Table,
)
from lib.mailchimp.credentials import Credentials
from lib.store import channels, export_record, guard, names, references
from lib.store.connection_record import checked_url
from lib.warehouse import sources

_NOUNS = {ConnectionTable: "connection", ExportTable: "export", SourceTable: "source",
          ChannelTable: "channel"}  # fmt: skip


def named(table: Table) -> None:
    """Let a name pass that may be kept.

    Raises:
        InputError: it may not.
    """
    names.clean(table.name, _NOUNS.get(type(table), "segment"))


def source(table: SourceTable) -> None:
    """Let a source pass whose name a table can have, and where there is something to read.

    Raises:
        InputError: it cannot, or there is nothing.
    """
    sources.check(table.name, table.location)


def connection(held: ConnectionTable | None, table: ConnectionTable) -> None:
    """Let a connection pass whose key, reference and address look like ones.

    Raises:
        InputError: one of them does not.
        CredentialsError: key and address lead nowhere.
    """
    checked_url(table.api_url, practice=(held or table).practice)
    if table.api_key_ref:
        references.checked(table.api_key_ref)
    elif held is None:
        key = keys.from_variable(table.api_key_env, "api_key_env", "the API key")
        given = Credentials(table.api_url, key)
        assert given.base_url and given.authorization


def export(table: ExportTable) -> None:
    """Let an export pass whose columns, audience, schedule and rails may be kept.

    Raises:
        InputError: something of it may not.
    """
    draft = table.draft()
    export_record.values(
        name=draft.name,
        audience_id=draft.audience_id,
        audience_name=None,
        matching=draft.matching,
        options=draft.options,
        schedule=draft.schedule,
    )
    guard.checked(table.guard())


def channel(table: ChannelTable) -> None:
    """Let a channel pass whose mail address or URL looks like one.

    Raises:
        InputError: it does not, or the variable of the URL is empty.
    """
    if table.mail:
        channels.checked("mail", table.mail)
    else:
        url = keys.from_variable(table.url_env, "url_env", "the webhook's URL")
        channels.checked("webhook", url)
