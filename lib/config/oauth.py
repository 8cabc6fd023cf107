"""Connecting an account by signing in to Mailchimp: begun on a page, finished when it sends back.

What is kept of a sign-in under way lies in the memory of this process, for ten minutes, is used
once, and belongs to the person and the browser that began it.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from lib.access import Action, require
from lib.config import Office, accounts
from lib.errors import CredentialsError, InputError, SettingsError
from lib.mailchimp import oauth
from lib.mailchimp.account import Account
from lib.mailchimp.credentials import Credentials
from lib.mailchimp.oauth import LOGIN, App, SignIn
from lib.settings import Settings
from lib.store import connections
from lib.store.connections import Connection

VALID_S = 600.0


@dataclass(frozen=True, slots=True)
class Wish:
    """The connection that a sign-in is to become."""

    name: str
    shared: bool
    agreed: bool
    export_user: str = ""
    renew: str = ""
    """Name or id of a connection that is there already and gets the new token."""


@dataclass(frozen=True, slots=True)
class _Begun:
    app: App
    sign_in: SignIn = field(repr=False)
    wish: Wish
    who: str
    browser: str = field(repr=False)
    until: float


def configured(settings: Settings) -> bool:
    """Say whether an app is registered at Mailchimp for this installation."""
    return bool(settings.mailchimp_client_id and settings.mailchimp_client_secret)


class SignIns:
    """The sign-ins under way in this process; safe to share between threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._begun: dict[str, _Begun] = {}
        self._lock = threading.Lock()
        self._clock = clock

    def begin(self, office: Office, wish: Wish, *, redirect_uri: str, browser: str) -> str:
        """Begin a sign-in; return where the person goes to grant access.

        Args:
            office: of an administrator.
            wish: what it is to become.
            redirect_uri: the page that Mailchimp sends back to, as registered there.
            browser: something only this browser has.

        Raises:
            ForbiddenError: not an administrator.
            InputError: no name, no consent, or an export user who may not run exports.
            SettingsError: no app is registered for this installation.
        """
        require(office.who, Action.EDIT_CONNECTIONS)
        if not wish.renew and not wish.name.strip():
            raise InputError("Give the connection a name first.")
        if not wish.renew and not wish.agreed:
            raise InputError("Agree first that data, possibly personal, leave for Mailchimp.")
        accounts.require_user(office, wish.export_user, shared=wish.shared)
        app = _app(office.settings, redirect_uri)
        sign_in = oauth.begin(app)
        begun = _Begun(app, sign_in, wish, office.who.email, browser, self._clock() + VALID_S)
        with self._lock:
            now = self._clock()
            self._begun = {key: one for key, one in self._begun.items() if one.until > now}
            self._begun[sign_in.state] = begun
        return sign_in.url

    def finish(self, office: Office, came_back: Mapping[str, str], *, browser: str) -> Connection:
        """Keep the connection of a sign-in that came back.

        Args:
            office: of the administrator who began it.
            came_back: the query of the page: ``code`` and ``state``, or ``error``.
            browser: as in ``begin``.

        Raises:
            ForbiddenError: not an administrator.
            CredentialsError: not begun here by this person in this browser, too long ago, used
                before, or declined.
            NameTakenError: meanwhile another connection has the name.
            RefusedError: a connection is to be renewed with another account.
            UnavailableError: Mailchimp does not answer.
        """
        require(office.who, Action.EDIT_CONNECTIONS)
        with self._lock:
            begun = self._begun.pop(came_back.get("state", ""), None)
        mine = begun is not None and (begun.who, begun.browser) == (office.who.email, browser)
        if begun is None or not mine or begun.until <= self._clock():
            raise CredentialsError(
                "This sign-in was not begun here, or too long ago; begin it again."
            )
        credentials = oauth.finish(begun.app, begun.sign_in, came_back)
        account = accounts.look_up(office, credentials)
        keep = _renew if begun.wish.renew else _add
        return keep(office, begun.wish, credentials, account)


def _add(office: Office, wish: Wish, credentials: Credentials, account: Account) -> Connection:
    return connections.add(
        office.store,
        office.who,
        name=wish.name,
        api_key=credentials.token,
        auth="oauth",
        api_url=credentials.api_url,
        shared=wish.shared,
        agreed=wish.agreed,
        export_user=wish.export_user,
        account_name=account.name,
        account_id=account.account_id,
    )


def _renew(office: Office, wish: Wish, credentials: Credentials, account: Account) -> Connection:
    found = connections.get(office.store, office.who, wish.renew)
    accounts.require_same(found, account)
    return connections.rotate(
        office.store,
        office.who,
        found.id,
        credentials.token,
        auth="oauth",
        api_url=credentials.api_url,
    )


def _app(settings: Settings, redirect_uri: str) -> App:
    if not configured(settings):
        raise SettingsError(
            "Register an app at Mailchimp first, and set mailchimp_client_id and "
            "mailchimp_client_secret."
        )
    login = settings.mailchimp_login.rstrip("/")
    return App(
        settings.mailchimp_client_id,
        settings.mailchimp_client_secret,
        redirect_uri,
        login=login,
        api_url="" if login == LOGIN else login,
    )
