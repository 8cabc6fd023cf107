from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from sqlalchemy import update

from lib.access import Person, Role
from lib.config import Office, accounts
from lib.config.oauth import SignIns, Wish
from lib.errors import (
    CredentialsError,
    ForbiddenError,
    InputError,
    RefusedError,
    SettingsError,
)
from lib.settings import Settings, load
from lib.store import connections, consent, open_store, tables

if TYPE_CHECKING:
    from tests.conftest import Practice

ADA = Person("ada@muster.test", "Ada", Role.ADMINISTRATOR)
EVE = Person("eve@muster.test", "Eve", Role.ADMINISTRATOR)
BACK = "http://127.0.0.1:1/connections"
WISH = Wish("Nordlys", shared=True, agreed=True)


@pytest.fixture
def office(settings: Settings, practice: "Practice") -> Iterator[Office]:
    app = {
        "mailchimp_client_id": "muster",
        "mailchimp_client_secret": "hush",
        "mailchimp_login": practice.url,
    }
    with open_store(settings) as store:
        yield Office(load(**(settings.model_dump() | app)), store, ADA)


def allowed(url: str, answer: str = "allow") -> dict[str, str]:
    """Do what the person does: press a button, and follow the redirect."""
    page, _, asked = url.partition("?")
    form = dict(parse_qsl(asked)) | {"answer": answer}
    reply = requests.post(page, data=form, allow_redirects=False, timeout=10)
    return dict(parse_qsl(urlsplit(reply.headers["Location"]).query))


def begun(sign_ins: SignIns, office: Office, wish: Wish = WISH) -> str:
    return sign_ins.begin(office, wish, redirect_uri=BACK, browser="b")


def test_a_sign_in_becomes_a_connection_that_works(office: Office) -> None:
    sign_ins = SignIns()
    made = sign_ins.finish(office, allowed(begun(sign_ins, office)), browser="b")
    assert (made.name, made.auth, made.shared, made.agreed_by) == (
        "Nordlys", "oauth", True, ADA.email)  # fmt: skip
    assert accounts.test(office, "Nordlys").name
    way = consent.passage(office.store, ADA, made.id)
    assert way.token and not way.api_key and way.token not in repr(way)


def test_a_connection_with_a_key_can_be_signed_in_instead(
    office: Office, practice: "Practice"
) -> None:
    kept = accounts.connect_account(
        office, "Nordlys", practice.api_key, api_url=practice.url, agreed=True
    )
    sign_ins = SignIns()
    wish = Wish("", shared=False, agreed=False, renew=kept.id)
    sign_ins.finish(office, allowed(begun(sign_ins, office, wish)), browser="b")
    renewed = connections.get(office.store, ADA, kept.id)
    assert (renewed.auth, renewed.api_url) == ("oauth", practice.url)
    assert accounts.test(office, kept.id).name


def test_what_came_back_counts_once(office: Office) -> None:
    sign_ins = SignIns()
    back = allowed(begun(sign_ins, office))
    sign_ins.finish(office, back, browser="b")
    with pytest.raises(CredentialsError, match="not begun here"):
        sign_ins.finish(office, back, browser="b")


@pytest.mark.parametrize(
    "stolen",
    [
        lambda office, back: (
            replace(office, who=replace(ADA, email="eve@muster.test")),
            back,
            "b",
        ),
        lambda office, back: (office, back, "another browser"),
        lambda office, back: (office, back | {"state": "made up"}, "b"),
        lambda office, back: (office, {"code": back["code"]}, "b"),
    ],
)
def test_a_sign_in_belongs_to_the_person_and_browser_that_began_it(
    office: Office, stolen: Callable[..., tuple[Office, dict[str, str], str]]
) -> None:
    sign_ins = SignIns()
    thief, back, browser = stolen(office, allowed(begun(sign_ins, office)))
    with pytest.raises(CredentialsError):
        sign_ins.finish(thief, back, browser=browser)
    assert connections.all(office.store, ADA) == ()


def test_a_sign_in_of_long_ago_is_over(office: Office) -> None:
    now = [0.0]
    sign_ins = SignIns(clock=lambda: now[0])
    back = allowed(begun(sign_ins, office))
    now[0] = 601.0
    with pytest.raises(CredentialsError, match="too long ago"):
        sign_ins.finish(office, back, browser="b")


def test_declining_keeps_nothing(office: Office) -> None:
    sign_ins = SignIns()
    with pytest.raises(CredentialsError, match="did not grant"):
        sign_ins.finish(office, allowed(begun(sign_ins, office), "deny"), browser="b")
    assert connections.all(office.store, ADA) == ()


def test_only_an_administrator_who_agrees_begins(office: Office, settings: Settings) -> None:
    cora = replace(office, who=replace(ADA, role=Role.CONTRIBUTOR))
    with pytest.raises(ForbiddenError):
        begun(SignIns(), cora)
    with pytest.raises(ForbiddenError):
        SignIns().finish(cora, {}, browser="b")
    with pytest.raises(InputError, match="Agree"):
        begun(SignIns(), office, replace(WISH, agreed=False))
    with pytest.raises(InputError, match="name"):
        begun(SignIns(), office, replace(WISH, name=" "))
    with pytest.raises(SettingsError, match="Register"):
        begun(SignIns(), replace(office, settings=settings))


def move(office: Office, connection_id: str) -> None:
    """Let a connection be to another account."""
    here = update(tables.connections).where(tables.connections.c.id == connection_id)
    with office.store.write() as db:
        db.execute(here.values(account_id="another", account_name="Sørlys"))


def test_a_connection_is_not_renewed_with_another_account(office: Office) -> None:
    sign_ins = SignIns()
    kept = sign_ins.finish(office, allowed(begun(sign_ins, office)), browser="b")
    move(office, kept.id)
    wish = Wish("", shared=False, agreed=False, renew=kept.id)
    with pytest.raises(RefusedError, match="Sørlys"):
        sign_ins.finish(office, allowed(begun(sign_ins, office, wish)), browser="b")
    assert accounts.test(office, kept.id).name


def test_a_key_of_another_account_does_not_take_the_place_of_the_old_one(
    office: Office, practice: "Practice"
) -> None:
    kept = accounts.connect_account(
        office, "Nordlys", practice.api_key, api_url=practice.url, agreed=True
    )
    move(office, kept.id)
    with pytest.raises(RefusedError, match="Sørlys"):
        accounts.rotate(office, kept.id, practice.api_key)
