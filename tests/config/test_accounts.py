"""Keys go where somebody typed them for, and a key at another address is the same account's."""

import base64
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from lib.access import LOCAL_ADMINISTRATOR as ME
from lib.config import Office, accounts, applying, configuration
from lib.config import exports as config_exports
from lib.contacts.matching import Matching
from lib.errors import (
    CredentialsError,
    InputError,
    MailchimpError,
    MatchingError,
    RefusedError,
    UnavailableError,
)
from lib.mailchimp.budget import MOST, Budget
from lib.mailchimp.slots import Slots
from lib.settings import Settings
from lib.store import connections, exports, open_store, segments

KEY, NEW = "0123456789abcdef0123456789abcdef-us1", "f123456789abcdef0123456789abcdef-us1"


@dataclass
class Stand:
    """A server that speaks as much of Mailchimp's API as it takes to connect an account."""

    root: int = 200
    account: str = "acc1"
    audience: str = "a1"
    ping: int = 200
    keys: list[str] = field(default_factory=list)
    url: str = ""
    look: Callable[[], object] = lambda: None
    """Called while a key is looked up."""

    def answer(self, path: str, key: str) -> tuple[int, dict[str, str]]:
        self.keys.append(key)
        if path == "/3.0/ping":
            return self.ping, {"health_status": "Everything's Chimpy!"}
        self.look()
        if path.startswith("/3.0/lists/") and not path.endswith(f"/{self.audience}"):
            return 404, {"title": "Resource Not Found", "detail": "No.", "type": "x"}
        status = self.root if path == "/3.0/" else 200
        said = {"account_id": self.account, "account_name": "Nordlys"}
        return status, said if status == 200 else {"title": "No", "detail": "No.", "type": "x"}


@pytest.fixture
def stands() -> Iterator[list[Stand]]:
    made, servers = [Stand(), Stand()], []
    for stand in made:
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(stand))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        stand.url = f"http://127.0.0.1:{server.server_port}"
        servers.append(server)
    yield made
    for server in servers:
        server.shutdown()
        server.server_close()


def _handler(stand: Stand) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            given = self.headers["Authorization"].partition(" ")[2]
            key = base64.b64decode(given).decode().partition(":")[2]
            status, said = stand.answer(self.path.partition("?")[0], key)
            body = json.dumps(said | {"status": status}).encode()
            self.send_response(status)
            kind = "application/json" if status == 200 else "application/problem+json"
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Keep quiet."""

    return Handler


@pytest.fixture
def office(settings: Settings) -> Iterator[Office]:
    with open_store(settings) as store:
        yield Office(settings, store, ME)


def connected(office: Office, stand: Stand) -> None:
    accounts.connect_account(office, "Main", KEY, api_url=stand.url, agreed=True)


def test_at_another_address_a_key_is_typed_again_and_opens_the_same_account(
    office: Office, stands: list[Stand]
) -> None:
    here, there = stands
    connected(office, here)
    there.account = "acc2"
    with pytest.raises(RefusedError, match="connect the other account"):
        accounts.rotate(office, "Main", NEW, api_url=there.url)
    there.account = ""
    with pytest.raises(RefusedError, match="does not say whose"):
        accounts.rotate(office, "Main", NEW, api_url=there.url)
    assert connections.get(office.store, ME, "Main").api_url == here.url
    there.account = "acc1"
    assert accounts.rotate(office, "Main", NEW, api_url=there.url).api_url == there.url
    accounts.test(office, "Main")
    assert KEY not in there.keys and set(here.keys) == {KEY}


def test_no_key_is_sent_over_the_network_unencrypted(office: Office, stands: list[Stand]) -> None:
    connected(office, stands[0])
    for away in ("http://192.0.2.7", "http://mailchimp.test"):
        with pytest.raises(CredentialsError, match="https://"):
            accounts.connect_account(office, "Away", KEY, api_url=away, agreed=True)
        with pytest.raises(CredentialsError, match="https://"):
            accounts.rotate(office, "Main", NEW, api_url=away)


def test_a_file_that_moves_a_connection_brings_its_key(
    office: Office, stands: list[Stand], monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = stands
    connected(office, here)
    text = f'[[connections]]\nname = "Main"\napi_key_env = "THE_KEY"\napi_url = "{there.url}/"\n'

    def apply(*, dry_run: bool = False) -> list[str]:
        wanted = configuration.parse(text)
        return [one.verb for one in applying.apply(office, wanted, Path(), dry_run=dry_run)]

    with pytest.raises(InputError, match="THE_KEY is empty"):
        apply(dry_run=True)
    assert not there.keys
    monkeypatch.setenv("THE_KEY", NEW)
    assert (apply(), apply()) == (["change"], ["keep"])
    assert set(there.keys) == {NEW}
    assert connections.get(office.store, ME, "Main").api_url == there.url


def test_the_export_user_is_somebody_who_may_run_exports(
    office: Office, stands: list[Stand]
) -> None:
    connected(office, stands[0])
    for nobody in ("", "  "):
        with pytest.raises(InputError, match="on whose behalf"):
            accounts.edit(office, "Main", export_user=nobody)
    roles = {"administrators": ("ada@muster.test",), "contributors": ("cora@muster.test",)}
    signed = Office(office.settings.model_copy(update=roles), office.store, office.who)
    for nobody in ("nobody at all", "eve@muster.test", "cora@muster.test"):
        with pytest.raises(InputError, match="may not run exports"):
            accounts.edit(signed, "Main", export_user=nobody)
        with pytest.raises(InputError, match="may not run exports"):
            accounts.connect_account(
                signed, "N", KEY, api_url=stands[0].url, agreed=True, export_user=nobody
            )
    assert accounts.edit(signed, "Main", name="Other").export_user == ME.email
    shared = accounts.edit(signed, "Other", export_user=" cora@muster.test ", shared=True)
    assert shared.export_user == "cora@muster.test"


@pytest.mark.parametrize("status", [403, 404])
def test_an_account_that_mailchimp_does_not_name_can_be_connected(
    office: Office, stands: list[Stand], status: int
) -> None:
    stand = stands[0]
    stand.root = status
    connected(office, stand)
    made = connections.get(office.store, ME, "Main")
    assert (made.account_name, made.account_id, made.data_centre) == ("", "", "us1")
    accounts.rotate(office, "Main", NEW)
    stand.ping = status
    with pytest.raises(MailchimpError):
        accounts.connect_account(office, "Other", KEY, api_url=stand.url, agreed=True)


def test_looking_a_key_up_is_one_of_the_ten_connections_of_its_account(
    office: Office, stands: list[Stand]
) -> None:
    stand, free = stands[0], []
    connected(office, stand)
    Budget.shared(office.settings.state, stand.account).close()

    def count() -> None:
        free.append(0)
        for directory in sorted((office.settings.state / "budget").iterdir()):
            slots = Slots(directory, MOST)
            while slots.take(MOST, 0) is not None:
                free[-1] += 1
            slots.close()

    stand.look = count
    accounts.rotate(office, "Main", NEW)
    accounts.connect_account(office, "Same", KEY, api_url=stand.url, agreed=True)
    budgets = len(list((office.settings.state / "budget").iterdir()))
    # Of the account's budget and of the key's own, one each is held.
    assert free[0] == MOST * 3 - 2 and free[1] == MOST * budgets - 2


def test_an_export_is_given_a_connection_only_to_an_account_with_its_audience(
    office: Office, stands: list[Stand]
) -> None:
    here, there = stands
    store = office.store
    connected(office, here)
    accounts.connect_account(office, "Other", KEY, api_url=there.url, agreed=True)
    away = connections.add(
        store, ME, name="Away", api_key=KEY, api_url="http://127.0.0.1:9", agreed=True
    )
    segments.add(store, ME, name="All", sql="select 1 as profile_id")
    exports.add(
        store, ME, name="News", connection="Main", audience_id="a1", matching=Matching("email"),
        segments=["All"],
    )  # fmt: skip
    exports.detach(store, ME, "News")
    there.audience = "a2"
    with pytest.raises(MatchingError, match="“Other” has no audience “a1”"):
        config_exports.attach(office, "News", "Other")
    with pytest.raises(UnavailableError):
        config_exports.attach(office, "News", away.id)
    assert exports.get(store, ME, "News").connection_id is None
    there.audience = "a1"
    assert config_exports.attach(office, "News", "Other").connection_name == "Other"
