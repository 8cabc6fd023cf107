"""What Mailchimp says about an account, for pages: asked with little patience, kept for minutes.

Whether a person may use a connection is checked at every look, before the shared cache is asked.
"""

from datetime import datetime

import streamlit as st

from lib.access import Person
from lib.contacts.fields import MergeField
from lib.mailchimp.account import Account, Audience
from lib.mailchimp.client import Mailchimp, connect
from lib.mailchimp.credentials import Credentials
from lib.mailchimp.retries import Patience
from lib.store import Store, consent, runs

_KEPT = "5m"
_TIMEOUT_S = 20.0
_PATIENCE = Patience(attempts=2, throttled=3, longest_s=2.0)


def account(store: Store, who: Person, connection_id: str) -> Account:
    """Ask for the account of a connection, at this moment.

    Raises:
        RefusedError: the person may not use it, or consent was withdrawn.
        MailchimpError: the key does not work any more, or Mailchimp does not answer.
    """
    with _client(_credentials(store, who, connection_id)) as client:
        return client.account()


def audiences(store: Store, who: Person, connection_id: str) -> tuple[Audience, ...]:
    """List the audiences of a connection's account.

    Raises:
        RefusedError, MailchimpError: as in ``account``.
    """
    credentials = _credentials(store, who, connection_id)
    # What a run added is to be seen at once in the numbers of its audience.
    ended = tuple(run.finished_at for run in runs.all(store, who, limit=1))
    return _audiences(credentials, connection_id, credentials.api_url, ended)


def audience(store: Store, who: Person, connection_id: str, audience_id: str) -> Audience:
    """Look an audience up by its ID.

    Raises:
        MissingError: the account has none with this ID.
        RefusedError, MailchimpError: as in ``account``.
    """
    with _client(_credentials(store, who, connection_id)) as client:
        return client.audience(audience_id)


def merge_fields(
    store: Store, who: Person, connection_id: str, audience_id: str
) -> tuple[MergeField, ...]:
    """List the merge fields of an audience.

    Raises:
        MissingError: the account has no such audience.
        RefusedError, MailchimpError: as in ``account``.
    """
    credentials = _credentials(store, who, connection_id)
    return _merge_fields(credentials, connection_id, credentials.api_url, audience_id)


def forget() -> None:
    """Ask Mailchimp anew at the next look."""
    _audiences.clear()
    _merge_fields.clear()


def _credentials(store: Store, who: Person, connection_id: str) -> Credentials:
    passage = consent.passage(store, who, connection_id)
    return Credentials(passage.api_url, passage.api_key, passage.token)


def _client(credentials: Credentials) -> Mailchimp:
    return connect(credentials, timeout_s=_TIMEOUT_S, patience=_PATIENCE)


# The key stays out of the cache's key: a connection and where it leads say enough.
@st.cache_data(show_spinner=False, ttl=_KEPT, max_entries=100)
def _audiences(
    _credentials: Credentials, connection_id: str, url: str, ended: tuple[datetime | None, ...]
) -> tuple[Audience, ...]:
    with _client(_credentials) as client:
        return client.audiences()


@st.cache_data(show_spinner=False, ttl=_KEPT, max_entries=200)
def _merge_fields(
    _credentials: Credentials, connection_id: str, url: str, audience_id: str
) -> tuple[MergeField, ...]:
    with _client(_credentials) as client:
        return client.merge_fields(audience_id)
