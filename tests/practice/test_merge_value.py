from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.practice.disputes import Disputes
from lib.practice.merge_field import TYPES, MergeField
from lib.practice.merge_value import MOST_BYTES, MergeValueError, read_value
from tests.practice.conftest import Json

PLACE = {"addr1": "Storgata 1", "city": "Oslo", "state": "Oslo", "zip": "0155"}


def read(kind: str, value: object, **options: object) -> Json:
    return read_value(MergeField(1, "TAG", "Tag", kind, options=dict(options)), value, Disputes())


def message(kind: str, value: object, **options: object) -> str:
    with pytest.raises(MergeValueError) as caught:
        read(kind, value, **options)
    return str(caught.value)


@pytest.mark.parametrize("kind", TYPES)
def test_empty_text_clears_every_type(kind: str) -> None:
    assert read(kind, "") == ""


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("value", [None, True, False])
def test_null_and_booleans_are_no_values(kind: str, value: object) -> None:
    assert message(kind, value).startswith("Schema describes string, ")


@pytest.mark.parametrize("kind", sorted(set(TYPES) - {"address"}))
def test_objects_are_for_addresses_only(kind: str) -> None:
    assert message(kind, PLACE) == "Schema describes string, object found instead"
    assert message(kind, []) == "Schema describes string, array found instead"


@given(st.text(min_size=1))
def test_text_is_kept_as_it_is_or_refused_by_its_bytes(text: str) -> None:
    if len(text.encode(errors="surrogatepass")) <= MOST_BYTES:
        assert read("text", text) == text


@given(st.integers() | st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_stay_numbers(number: float) -> None:
    assert read("number", number) == number


@pytest.mark.parametrize(("text", "number"), [("7", 7), (" 7.50 ", 7.5), ("-1e3", -1000)])
def test_numeric_text_becomes_a_number(text: str, number: float) -> None:
    assert read("number", text) == number


@pytest.mark.parametrize("text", ["much", "1,000", "nan", "inf", "7 kr"])
def test_other_text_is_no_number(text: str) -> None:
    assert message("number", text) == "Please enter a number"


@given(st.dates(min_value=date(1900, 1, 1)))
def test_dates_are_kept_in_iso_form(day: date) -> None:
    assert read("date", day.isoformat()) == day.isoformat()
    assert read("date", f"{day:%m/%d/%Y}") == day.isoformat()


@pytest.mark.parametrize("text", ["2021-02-30", "31/12/2021", "soon", "20210101x"])
def test_other_text_is_no_date(text: str) -> None:
    assert message("date", text) == "Please enter a valid date"


@given(st.dates())
def test_birthdays_have_month_and_day(day: date) -> None:
    assert read("birthday", f"{day.month}/{day.day}") == f"{day:%m/%d}"


@pytest.mark.parametrize("text", ["13/01", "02/30", "2000-01-01", "0/5", "1/1/2000"])
def test_other_text_is_no_birthday(text: str) -> None:
    assert message("birthday", text) == "Please enter a month and day"


def test_an_address_needs_its_four_parts() -> None:
    assert read("address", PLACE)["country"] == ""
    for key in PLACE:
        without = {name: value for name, value in PLACE.items() if name != key}
        assert message("address", without) == "Please enter a complete address"
        assert message("address", PLACE | {key: " "}) == "Please enter a complete address"
    assert message("address", [PLACE]) == "Schema describes object, array found instead"


def test_an_address_may_be_one_text_with_two_spaces_between_its_parts() -> None:
    kept = read("address", "Storgata 1    Oslo  Oslo  0155  NO")
    assert (kept["city"], kept["zip"], kept["country"]) == ("Oslo", "0155", "NO")
    assert message("address", "Storgata 1, Oslo") == "Please enter a complete address"


def test_an_empty_address_clears() -> None:
    assert read("address", dict.fromkeys(PLACE, "")) == ""


def test_phones_are_checked_in_the_american_format_only() -> None:
    assert read("phone", "+5583999999999", phone_format="none") == "+5583999999999"
    assert read("phone", "000", phone_format="none") == "000"
    assert read("phone", "555.123.4567", phone_format="US") == "(555) 123-4567"
    assert message("phone", "000", phone_format="US") == "Please enter a valid phone number"


@pytest.mark.parametrize("kind", ["url", "imageurl"])
def test_urls_need_a_scheme_and_a_domain(kind: str) -> None:
    assert read(kind, "https://nordlys.no/a b".replace(" ", "")) == "https://nordlys.no/ab"
    for text in ("nordlys.no", "ftp://nordlys.no", "https://nordlys", "https://a b.no"):
        assert message(kind, text) == "Please enter a valid URL"


def test_zip_codes_are_american() -> None:
    assert read("zip", "12345-6789") == "12345-6789"
    assert read("zip", 12345) == "12345"
    assert message("zip", "0155") == "Please enter a valid zip code"


@pytest.mark.parametrize("kind", ["radio", "dropdown"])
def test_choices_are_taken_to_the_letter(kind: str) -> None:
    assert read(kind, "Gold", choices=["Gold"]) == "Gold"
    assert message(kind, "gold", choices=["Gold"]) == "Please choose one of the options"
