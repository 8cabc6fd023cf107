from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from streamlit.testing.v1 import AppTest

from lib.access import Person
from lib.contacts.matching import Matching
from lib.settings import ROOT
from lib.store import Store, agreement, connections, consent, exports, segments
from lib.ui import resources

if TYPE_CHECKING:
    from tests.conftest import Practice

Visit = Callable[..., AppTest]


def filled(at: AppTest, practice: "Practice", key: str = "") -> AppTest:
    at.button(key="connections.new").click().run()
    at.text_input(key="connection.name").input("Nordlys")
    at.text_input(key="connection.key").input(key or practice.api_key)
    at.text_input(key="connection.url").input(practice.url)
    return at


def test_an_account_is_connected_with_a_key_that_works(
    visit: Visit, store: Store, administrator: Person, practice: "Practice"
) -> None:
    at = filled(visit("admin/connections"), practice)
    at.checkbox(key="connection.agreed").check()
    at.button(key="connection.save").click().run()
    assert not at.exception and not at.error
    (made,) = connections.all(store, administrator)
    assert made.name == "Nordlys" and made.account_name


def test_without_consent_nothing_is_kept(
    visit: Visit, store: Store, administrator: Person, practice: "Practice"
) -> None:
    at = filled(visit("admin/connections"), practice)
    at.button(key="connection.save").click().run()
    assert "agree" in at.error[0].value
    assert connections.all(store, administrator) == ()


def test_a_wrong_key_is_one_sentence_and_nothing_typed_is_lost(
    visit: Visit, store: Store, administrator: Person, practice: "Practice"
) -> None:
    at = filled(visit("admin/connections"), practice, "0" * 32 + "-us1")
    at.checkbox(key="connection.agreed").check()
    at.button(key="connection.save").click().run()
    assert len(at.error) == 1 and "key" in at.error[0].value
    assert at.text_input(key="connection.name").value == "Nordlys"
    assert connections.all(store, administrator) == ()


def kept(store: Store, who: Person, practice: "Practice") -> connections.Connection:
    return connections.add(
        store,
        who,
        name="Practice",
        api_key=practice.api_key,
        api_url=practice.url,
        practice=True,
    )


def test_the_test_button_says_whose_account_it_is(
    visit: Visit, store: Store, administrator: Person, practice: "Practice"
) -> None:
    made = kept(store, administrator, practice)
    at = visit("admin/connections")
    at.button(key=f"connections.test.{made.id}").click().run()
    assert "It works" in at.success[0].value
    facts = " ".join(str(one.value) for one in at.markdown)
    assert "Nordlys Handel" in facts and "owner" in facts and "Contacts" in facts


def test_a_mailchimp_that_is_down_is_one_sentence(
    visit: Visit, store: Store, administrator: Person, practice: "Practice"
) -> None:
    made = kept(store, administrator, practice)
    practice.kill()
    at = visit("admin/connections")
    at.button(key=f"connections.test.{made.id}").click().run(timeout=60)
    assert len(at.error) == 1 and not at.exception


def test_a_key_is_never_shown_again(
    visit: Visit, store: Store, administrator: Person, practice: "Practice"
) -> None:
    made = kept(store, administrator, practice)
    at = visit("admin/connections")
    at.button(key=f"connections.rotate.{made.id}").click().run()
    assert at.text_input(key="connection.key").value == ""
    assert practice.api_key not in str(at)


def test_removal_leads_through_the_exports_that_use_it(
    visit: Visit, store: Store, administrator: Person, practice: "Practice"
) -> None:
    made = kept(store, administrator, practice)
    segment = segments.add(store, administrator, name="All", sql="select profile_id from profiles")
    export = exports.add(
        store,
        administrator,
        name="Newsletter",
        connection=made.id,
        audience_id="abc",
        matching=Matching("email"),
        segments=[segment.id],
    )
    at = visit("admin/connections")
    at.button(key=f"connections.remove.{made.id}").click().run()
    at.button(key=f"connection.detach.{export.id}").click().run()
    at.button(key="connection.save").click().run()
    assert connections.all(store, administrator) == ()
    assert exports.get(store, administrator, export.id).connection_id is None


def test_a_key_kept_elsewhere_is_referred_to(
    visit: Visit,
    store: Store,
    administrator: Person,
    practice: "Practice",
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MAILCHIMP_KEY", practice.api_key)
    at = visit("admin/connections")
    at.button(key="connections.new").click().run()
    at.session_state["connection.way"] = "reference"
    at.run()
    at.text_input(key="connection.name").input("Nordlys")
    at.text_input(key="connection.reference").input("env:MAILCHIMP_KEY")
    at.text_input(key="connection.url").input(practice.url)
    at.checkbox(key="connection.self").uncheck().run()
    at.text_input(key="connection.user").input("ada@muster.test")
    at.checkbox(key="connection.agreed").check()
    at.button(key="connection.save").click().run()
    (made,) = connections.all(store, administrator)
    assert (made.auth, made.export_user) == ("reference", "ada@muster.test")


def test_the_contract_is_typed_once_and_shown_as_a_meter(
    visit: Visit, store: Store, administrator: Person, practice: "Practice"
) -> None:
    made = kept(store, administrator, practice)
    at = visit("admin/connections")
    at.button(key=f"connections.edit.{made.id}").click().run()
    at.number_input(key="connection.limit").set_value(1)
    at.checkbox(key="connection.blocks").check()
    at.button(key="connection.save").click().run()
    changed = connections.get(store, administrator, made.id)
    assert (changed.contract_limit, changed.contract_blocks) == (1, True)
    at.button(key=f"connections.test.{made.id}").click().run()
    assert "more than the contract" in at.error[0].value


def test_consent_is_withdrawn_and_given_again_with_name_and_day(
    visit: Visit, store: Store, administrator: Person, practice: "Practice"
) -> None:
    made = connections.add(
        store, administrator, name="Nordlys", api_key=practice.api_key, api_url=practice.url,
        agreed=True,
    )  # fmt: skip
    at = visit("admin/connections")
    assert any("local administrator agreed on" in caption.value for caption in at.caption)
    at.button(key=f"connections.consent.{made.id}").click().run()
    assert any(one.value == agreement.TERMS for one in at.markdown)
    version = agreement.version(agreement.TERMS)
    assert any(f"agreed to this wording ({version}) on" in one.value for one in at.caption)
    at.button(key="connection.save").click().run()
    assert connections.get(store, administrator, made.id).agreed_by is None
    at.button(key=f"connections.consent.{made.id}").click().run()
    at.checkbox(key="connection.agreed").check()
    at.button(key="connection.save").click().run()
    assert connections.get(store, administrator, made.id).agreed_by == administrator.email


def test_nobody_is_said_to_have_agreed_to_a_practice_connection(
    visit: Visit, store: Store, administrator: Person, practice: "Practice"
) -> None:
    made = kept(store, administrator, practice)
    at = visit("admin/connections")
    told = " ".join(one.value for one in at.caption)
    assert "no consent needed" in told and "agreed" not in told
    consent.withdraw(store, administrator, made.id)
    at = visit("admin/connections")
    at.button(key=f"connections.consent.{made.id}").click().run()
    at.button(key="connection.save").click().run()
    again = connections.get(store, administrator, made.id)
    assert again.agreed_at is not None and again.agreed_by is None


def test_a_key_kept_elsewhere_takes_the_place_of_one_kept_here(
    visit: Visit,
    store: Store,
    administrator: Person,
    practice: "Practice",
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MAILCHIMP_KEY", practice.api_key)
    made = kept(store, administrator, practice)
    at = visit("admin/connections")
    at.button(key=f"connections.rotate.{made.id}").click().run()
    at.session_state["connection.way"] = "reference"
    at.run()
    at.text_input(key="connection.reference").input("env:MAILCHIMP_KEY")
    at.button(key="connection.save").click().run()
    assert not at.error and connections.get(store, administrator, made.id).auth == "reference"


def test_without_a_tick_nobody_agrees_again(
    visit: Visit, store: Store, administrator: Person
) -> None:
    made = connections.add(store, administrator, name="Main", api_key="k-us6", agreed=True)
    consent.withdraw(store, administrator, made.id)
    at = visit("admin/connections")
    at.button(key=f"connections.consent.{made.id}").click().run()
    at.button(key="connection.save").click().run()
    assert "tick" in at.error[0].value
    assert connections.get(store, administrator, made.id).agreed_by is None


def exporting(store: Store, who: Person, connection: connections.Connection, name: str) -> None:
    segment = segments.add(store, who, name=f"In {name}", sql="select profile_id from profiles")
    exports.add(
        store, who, name=name, connection=connection.id, audience_id="abc",
        matching=Matching("email"), segments=[segment.id],
    )  # fmt: skip


@pytest.mark.parametrize("fate", ["detach", "remove"])
def test_all_exports_are_detached_or_removed_at_once(
    visit: Visit,
    store: Store,
    administrator: Person,
    practice: "Practice",
    fate: str,
) -> None:
    made = kept(store, administrator, practice)
    exporting(store, administrator, made, "News")
    exporting(store, administrator, made, "Offers")
    at = visit("admin/connections")
    at.button(key=f"connections.remove.{made.id}").click().run()
    at.button(key=f"connection.{fate}_all").click().run()
    at.button(key="connection.save").click().run()
    assert connections.all(store, administrator) == ()
    left = [one.connection_id for one in exports.all(store, administrator)]
    assert left == ([None, None] if fate == "detach" else [])


def test_several_connections_are_listed_to_be_sorted(
    visit: Visit, store: Store, administrator: Person, practice: "Practice"
) -> None:
    made = kept(store, administrator, practice)
    exporting(store, administrator, made, "News")
    connections.add(
        store, administrator, name="Nordlys", api_key="k-us6", agreed=True, shared=True,
        account_name="Nordlys Handel",
    )  # fmt: skip
    at = visit("admin/connections")
    table = at.dataframe[0].value
    assert list(table["name"]) == ["Nordlys", "Practice"]
    assert list(table["type"]) == ["Mailchimp", "Mailchimp (practice)"]
    assert list(table["by"]) == ["local administrator"] * 2 and table["created"].notna().all()
    assert list(table["who has access"]) == ["administrators, contributors", "administrators"]
    assert list(table["account"]) == ["Nordlys Handel", ""]
    assert list(table["used by"]) == ["", "News"]
    at.session_state["connections.table"] = {"selection": {"rows": [1], "columns": [], "cells": []}}
    assert [one.value for one in at.run().subheader] == ["Practice"]


def test_contributors_see_name_and_type_of_what_is_shared_and_nothing_else(
    store: Store,
    administrator: Person,
    practice: "Practice",
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, shared in (("Open", True), ("Shared", True), ("Hidden", False)):
        connections.add(
            store, administrator, name=name, api_key=practice.api_key, api_url=practice.url,
            agreed=True, shared=shared, account_name="Secret Account", data_centre="us6",
            account_id="acc1", export_user="boss@muster.test",
        )  # fmt: skip
    monkeypatch.setenv("MUSTER_CONTRIBUTORS", "cora@muster.test")
    resources.settings.clear()
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=20)
    at.secrets["auth"] = {"redirect_uri": "http://localhost/oauth2callback", "client_id": "muster"}
    at.user["is_logged_in"], at.user["email"] = True, "cora@muster.test"
    at.run().switch_page("pages/admin/connections.py").run()
    assert list(at.dataframe[0].value) == ["name", "type", "used by"]
    made = connections.get(store, administrator, "Shared")
    at.button(key=f"connections.test.{made.id}").click().run()
    assert at.success[0].value == "It works."
    shown = [one.value for kind in (at.caption, at.markdown, at.subheader) for one in kind]
    seen = " ".join([*map(str, shown), at.dataframe[0].value.to_string()])
    assert "Shared" in seen and "Open" in seen
    for secret in ("Hidden", "Secret Account", "us6", "boss@", "agreed", "Nordlys", practice.url):
        assert secret not in seen


def test_a_revoked_sign_in_is_renewed(
    visit: Visit,
    store: Store,
    administrator: Person,
    practice: "Practice",
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = {"CLIENT_ID": "muster", "CLIENT_SECRET": "hush", "LOGIN": practice.url}
    for name, value in app.items():
        monkeypatch.setenv(f"MUSTER_MAILCHIMP_{name}", value)
    monkeypatch.setenv("MUSTER_PUBLIC_URL", "http://muster.test")
    resources.settings.clear()
    made = connections.add(
        store, administrator, name="Nordlys", api_key="revoked", auth="oauth",
        api_url=practice.url, agreed=True,
    )  # fmt: skip
    at = visit("admin/connections")
    at.button(key=f"connections.test.{made.id}").click().run()
    assert "renew its sign-in" in at.error[0].value
    at.button(key=f"connections.renew.{made.id}").click().run()
    at.button(key="connection.save").click().run()
    page, _, asked = str(at.session_state["connections.sign_in_url"]).partition("?")
    form = dict(parse_qsl(asked)) | {"answer": "allow"}
    back = requests.post(page, data=form, allow_redirects=False, timeout=10).headers["Location"]
    for name, value in parse_qsl(urlsplit(back).query):
        at.query_params[name] = value
    at.run()
    assert not at.error and at.toast[0].value == "“Nordlys” is connected."
    at.button(key=f"connections.test.{made.id}").click().run()
    assert at.success[0].value == "It works."
