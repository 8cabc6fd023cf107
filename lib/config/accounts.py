"""Mailchimp accounts: connecting one, testing it, speaking to it."""

from contextlib import ExitStack

from lib.access import Action, require
from lib.config import Office
from lib.errors import InputError, RefusedError
from lib.mailchimp.account import Account
from lib.mailchimp.budget import Budget
from lib.mailchimp.client import Mailchimp, connect
from lib.mailchimp.credentials import Credentials
from lib.mailchimp.retries import Patience
from lib.runs import opening, schedule
from lib.store import connections, references
from lib.store.connections import Connection
from lib.store.timetable import Terms


def look_up(office: Office, credentials: Credentials) -> Account:
    """Ask Mailchimp whose key or token this is; nothing is kept.

    Only the answer tells whose it is. So one of the ten connections is held meanwhile of every
    account that it may be.

    Raises:
        ForbiddenError: not an administrator.
        CredentialsError: the key is wrong, or of another data centre.
        UnavailableError: Mailchimp does not answer.
    """
    require(office.who, Action.EDIT_CONNECTIONS)
    with ExitStack() as held:
        for account in sorted(_candidates(office, credentials)):
            budget = Budget.shared(office.settings.state, account)
            held.callback(budget.close)
            held.enter_context(budget.connection())
        with connect(credentials) as client:
            return client.account()


def connect_account(
    office: Office,
    name: str,
    api_key: str,
    *,
    api_url: str = "",
    shared: bool = False,
    agreed: bool | None = False,
    export_user: str = "",
    reference: str = "",
    practice: bool = False,
) -> Connection:
    """Keep a connection after Mailchimp has accepted its key.

    Args:
        office: of an administrator.
        name: display name.
        api_key: to be kept; empty when ``reference`` says where it is.
        api_url: of another server that speaks Mailchimp's API.
        shared: contributors may use it too.
        agreed: the person agreed that data leave for Mailchimp; None: nobody does yet.
        export_user: on whose behalf scheduled exports read; empty means the person.
        reference: where the key is, such as ``env:MAILCHIMP_KEY``; it is then kept nowhere.
        practice: it leads to this machine, so nothing leaves and no consent is needed.

    Raises:
        ForbiddenError: not an administrator.
        InputError: the export user may not run exports over it.
        RefusedError: nobody agreed that data leave for Mailchimp.
        NameTakenError: there is a connection of this name.
        MailchimpError: the key is wrong, or Mailchimp does not answer; nothing is kept.
    """
    require(office.who, Action.EDIT_CONNECTIONS)
    require_user(office, export_user, shared=shared)
    key = _fetched(office, reference) if reference else api_key
    credentials = Credentials(api_url, key)
    account = look_up(office, credentials)
    return connections.add(
        office.store,
        office.who,
        name=name,
        api_key=reference or key,
        auth="reference" if reference else "key",
        api_url=api_url,
        shared=shared,
        agreed=agreed,
        practice=practice,
        export_user=export_user,
        account_name=account.name,
        account_id=account.account_id,
        data_centre=credentials.data_centre,
    )


def edit(
    office: Office,
    ref: str,
    *,
    name: str | None = None,
    shared: bool | None = None,
    export_user: str | None = None,
    contract_blocks: bool | None = None,
) -> Connection:
    """Change what is given of a connection.

    Raises:
        ForbiddenError: not an administrator.
        InputError: nobody is given as export user, or somebody who may not run exports over it.
        NameTakenError: another connection has the name.
        NotFoundError: no such connection.
    """
    require(office.who, Action.EDIT_CONNECTIONS)
    found = connections.get(office.store, office.who, ref)
    if export_user is not None and export_user.strip() != found.export_user:
        require_user(office, export_user, shared=found.shared if shared is None else shared)
    return connections.edit(
        office.store,
        office.who,
        found.id,
        name=name,
        shared=shared,
        export_user=export_user,
        contract_blocks=contract_blocks,
    )


def require_user(office: Office, export_user: str, *, shared: bool) -> None:
    """Let an export user pass who may run exports over a connection; nobody is left to the store.

    Raises:
        InputError: the roles of this installation do not let them.
    """
    user = export_user.strip()
    if user and schedule.reader(Terms(user, shared, agreed=True), office.settings) is None:
        raise InputError(
            "This export user may not run exports over the connection: name an administrator or, "
            "when it is shared, a contributor."
        )


def open_account(office: Office, ref: str, *, patience: Patience | None = None) -> Mailchimp:
    """Return a client for a connection the person may use; close it, or use it in a ``with``.

    Its calls share the account's ten connections with running exports.

    Args:
        office: where, and who.
        ref: name or id of the connection.
        patience: how often to repeat; by default about a minute of trouble is sat out.

    Raises:
        ForbiddenError: the connection is not shared with the person.
        NotFoundError: no such connection.
        RefusedError: consent was withdrawn.
    """
    require(office.who, Action.EDIT_EXPORTS)
    found = connections.get(office.store, office.who, ref)
    return opening.mailchimp(office.store, office.settings, office.who, found.id, patience=patience)


def test(office: Office, ref: str) -> Account:
    """Ask Mailchimp whether the connection still works, and whose account it is.

    Raises:
        MailchimpError: it does not; the message says why.
        RefusedError: the person may not use it, or consent was withdrawn.
    """
    with open_account(office, ref) as client:
        return client.account()


def rotate(
    office: Office, ref: str, api_key: str, *, reference: str = "", api_url: str | None = None
) -> Connection:
    """Replace a connection's key, or where it is, after Mailchimp has accepted the new one.

    Args:
        office: of an administrator.
        ref: name or id of the connection.
        api_key: to be kept; empty when ``reference`` says where it is.
        reference: as in ``connect_account``.
        api_url: where the key is good; None leaves that as it is. Another one lets lapse what was
            approved for the exports.

    Raises:
        ForbiddenError: not an administrator.
        CredentialsError: the new key does not work; the old one stays.
        RefusedError: the new key is another account's, or a run is not over that went elsewhere.
    """
    require(office.who, Action.EDIT_CONNECTIONS)
    found = connections.get(office.store, office.who, ref)
    key = _fetched(office, reference) if reference else api_key
    url = found.api_url if api_url is None else api_url.strip().rstrip("/")
    account = look_up(office, Credentials(url, key))
    require_same(found, account)
    if url != found.api_url and not (found.account_id and account.account_id):
        raise RefusedError(
            "Mailchimp does not say whose account this is, so Muster cannot tell that it is the "
            "same at the other address: connect it by itself."
        )
    return connections.rotate(
        office.store,
        office.who,
        found.id,
        reference or api_key,
        auth="reference" if reference else "key",
        api_url=url,
    )


def require_same(connection: Connection, account: Account) -> None:
    """Let a key pass that opens the account the connection is to.

    Raises:
        RefusedError: it opens another one, which has none of the audiences of its exports.
    """
    # Where Mailchimp tells a key no account, a run would not find its audience in another one.
    known = connection.account_id and account.account_id
    if known and account.account_id != connection.account_id:
        raise RefusedError(
            f"This opens the account “{account.name}”, but “{connection.name}” is a connection to "
            f"“{connection.account_name}”: connect the other account by itself."
        )


def _candidates(office: Office, credentials: Credentials) -> set[str]:
    """Return by what the budgets are known of the accounts that the key may be to."""
    there = credentials.base_url.removesuffix("/3.0")
    known = connections.all(office.store, office.who)
    return {credentials.api_key or credentials.token} | {
        one.account_id
        for one in known
        if one.account_id
        and there == (one.api_url or f"https://{one.data_centre}.api.mailchimp.com")
    }


def _fetched(office: Office, reference: str) -> str:
    return references.read(reference, office.store.places)
