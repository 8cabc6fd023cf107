"""The account behind a key, and the audiences in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mailchimp_marketing import ListsApi, PingApi, RootApi

from lib.errors import CredentialsError, MissingError
from lib.mailchimp.asking import QUICK_S, Asking
from lib.mailchimp.member import PAGE

ACCOUNT_FIELDS = [
    "account_id", "account_name", "email", "role",
    "pricing_plan_type", "total_subscribers",
]  # fmt: skip
AUDIENCE_FIELDS = ["id", "name", "double_optin", "stats"]


@dataclass(frozen=True, slots=True)
class Account:
    """Who the key belongs to; Mailchimp does not tell the plan's contact limit."""

    name: str
    """Empty, as all the rest, where Mailchimp does not say whose account it is."""
    email: str
    role: str
    plan: str
    """``monthly``, ``pay_as_you_go`` or ``forever_free``."""
    account_id: str
    total_subscribers: int


@dataclass(frozen=True, slots=True)
class Audience:
    """One audience; ``members`` counts the subscribed only, as Mailchimp does."""

    id: str
    name: str
    members: int
    unsubscribed: int
    cleaned: int
    double_optin: bool


def read_account(document: Mapping[str, Any]) -> Account:
    """Read the reply of GET /."""
    return Account(
        name=str(document.get("account_name") or ""),
        email=str(document.get("email") or ""),
        role=str(document.get("role") or ""),
        plan=str(document.get("pricing_plan_type") or ""),
        account_id=str(document.get("account_id") or ""),
        total_subscribers=int(document.get("total_subscribers") or 0),
    )


def read_audience(document: Mapping[str, Any]) -> Audience:
    """Read one list of GET /lists or GET /lists/{id}."""
    stats = document.get("stats") or {}
    return Audience(
        id=str(document.get("id") or ""),
        name=str(document.get("name") or ""),
        members=int(stats.get("member_count") or 0),
        unsubscribed=int(stats.get("unsubscribe_count") or 0),
        cleaned=int(stats.get("cleaned_count") or 0),
        double_optin=bool(document.get("double_optin")),
    )


class AccountCalls:
    """What can be asked about the account and its audiences."""

    _asking: Asking

    def ping(self) -> None:
        """Return when Mailchimp answers and accepts the key; asks once, so that it is quick."""
        api = PingApi(self._asking.transport)
        self._asking.ask(lambda: api.get(_request_timeout=QUICK_S), bool, attempts=1)

    def account(self) -> Account:
        """Who the key belongs to; an account without name where Mailchimp tells only that it works.

        A key's user may have no right to the root of the API, and a proxy before Mailchimp may not
        serve it.
        """
        api = RootApi(self._asking.transport)
        try:
            return read_account(
                self._asking.document(
                    lambda: api.get_root(fields=ACCOUNT_FIELDS, _request_timeout=QUICK_S)
                )
            )
        except (CredentialsError, MissingError) as error:
            if error.status not in {403, 404}:
                raise
        self.ping()
        return read_account({})

    def audiences(self) -> tuple[Audience, ...]:
        """All audiences of the account, in Mailchimp's order."""
        api = ListsApi(self._asking.transport)
        fields = [f"lists.{name}" for name in AUDIENCE_FIELDS] + ["total_items"]
        rows = self._asking.rows(
            "lists",
            lambda offset: api.get_all_lists(
                fields=fields, count=PAGE, offset=offset, _request_timeout=QUICK_S
            ),
        )
        return tuple(read_audience(row) for row in rows)

    def audience(self, audience_id: str) -> Audience:
        """One audience.

        Raises:
            MissingError: when the account has none with this ID.
        """
        api = ListsApi(self._asking.transport)
        return read_audience(
            self._asking.document(
                lambda: api.get_list(audience_id, fields=AUDIENCE_FIELDS, _request_timeout=QUICK_S)
            )
        )
