from types import SimpleNamespace

import pyarrow as pa
import pytest

from lib.contacts.fields import MergeField
from lib.contacts.suggest import suggest, words

FIELDS = (
    MergeField("FNAME", "First Name"),
    MergeField("LNAME", "Last Name"),
    MergeField("BIRTHDAY", "Birthday", "birthday"),
    MergeField("PHONE", "Phone Number", "phone"),
    MergeField("ADDRESS", "Address", "address"),
    MergeField("TIER", "Tier", "dropdown", choices=("Gold", "Silver")),
    MergeField("POINTS", "Loyalty points", "number"),
)


def found(values: dict[str, list[object]], types: dict[str, str] | None = None) -> dict[str, str]:
    columns = [SimpleNamespace(name=n, type=(types or {}).get(n, "VARCHAR")) for n in values]
    suggestions = suggest(columns, pa.table(values), FIELDS).found
    assert all(s.reason for s in suggestions)
    return {s.tag: s.match.column for s in suggestions}


@pytest.mark.parametrize(
    ("email", "first", "last"),
    [
        ("email", "first_name", "last_name"),
        ("E-post", "Fornavn", "Etternavn"),
        ("epost", "förnamn", "efternamn"),
        ("courriel", "Prénom", "Nom"),
        ("E-Mail", "VORNAME", "Nachname"),
        ("correo_electronico", "nombre", "apellidos"),
        ("электронная почта", "имя", "фамилия"),
        ("emailAddress", "givenName", "familyName"),
        ("customer_email", "customer_first_name", "customer_last_name"),
        ("メールアドレス", "名", "姓"),
    ],
)
def test_names_in_many_languages_are_understood(email: str, first: str, last: str) -> None:
    values: dict[str, list[object]] = {
        last: ["Hansen", "Li"],
        "id": ["1", "2"],
        first: ["Kari", "Bo"],
        email: ["a@b.no", "c@d.no"],
    }
    assert found(values) == {"EMAIL": email, "FNAME": first, "LNAME": last}


def test_values_reveal_an_address_whatever_the_column_is_called() -> None:
    assert found({"contact": ["a@b.no", "c@d.no", "e@f.no"], "note": ["x", "y", "z"]}) == {
        "EMAIL": "contact"
    }


def test_values_veto_a_name() -> None:
    assert found({"email": ["yes", "no"], "first_name": ["1", "2"], "birthday": ["x", "y"]}) == {}


def test_a_consent_flag_is_no_address() -> None:
    values: dict[str, list[object]] = {
        "consent_email": [True, False],
        "email": ["a@b.no", "c@d.no"],
    }
    assert found(values, {"consent_email": "BOOLEAN"})["EMAIL"] == "email"


def test_no_column_feeds_two_fields_and_the_better_one_wins() -> None:
    values: dict[str, list[object]] = {"name": ["Kari"], "email": ["a@b.no"], "email2": ["c@d.no"]}
    assert found(values) == {"EMAIL": "email"}


def test_other_fields_are_found_by_their_own_names_types_and_choices() -> None:
    values: dict[str, list[object]] = {
        "birth_date": ["1990-03-14", "1980-01-02"],
        "mobil": ["+47 900 00 000", "90000001"],
        "tier": ["gold", "silver"],
        "loyalty_points": ["1", "2"],
        "street": ["Gata 1", "Gata 2"],
        "postnr": ["0150", "5003"],
        "poststed": ["Oslo", "Bergen"],
    }
    assert found(values) == {
        "BIRTHDAY": "birth_date",
        "PHONE": "mobil",
        "TIER": "tier",
        "POINTS": "loyalty_points",
        "ADDRESS": "street",
    }


def test_nothing_is_suggested_for_nonsense() -> None:
    assert found({"a": ["x1"], "b": ["y2"], "c3": ["?"]}) == {}
    assert suggest([], None, FIELDS).matching.email == ""


def test_names_are_split_into_words() -> None:
    assert words("customerFirstName") == ("customer", "first", "name")
    assert words("E-Post_Adresse") == ("e", "post", "adresse")
