import json
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.contacts import values
from lib.contacts.fields import MergeField
from lib.contacts.formats import NEEDED
from lib.contacts.matching import FieldMatch
from lib.contacts.problems import PROBLEMS

# One thread: the tables are tiny, and handing them to a second costs more than it saves.
ENGINE = duckdb.connect(config={"threads": 1})


def formed(field: MergeField, value: object, type_name: str = "VARCHAR") -> tuple[Any, Any]:
    match = FieldMatch(field.tag, "c")
    sent = values.formatted(field, "g")
    problem = values.problem(field, "g", "v")
    query = (
        f"select v, {problem} from (select g, {sent} as v from "
        f"(select {values.given(match, field)} as g from (select ?::{type_name} as c)))"
    )
    found: tuple[Any, Any] = ENGINE.execute(query, [value]).fetchall()[0]
    return found


TEXT = MergeField("T", "Text")
NUMBER = MergeField("N", "Number", "number")
DATE = MergeField("D", "Date", "date", date_format="MM/DD/YYYY")
NORDIC = MergeField("D", "Date", "date", date_format="DD/MM/YYYY")
BIRTHDAY = MergeField("B", "Birthday", "birthday", date_format="MM/DD")
DAY_FIRST = MergeField("B", "Birthday", "birthday", date_format="DD/MM")
PHONE = MergeField("P", "Phone", "phone", phone_format="none")
US_PHONE = MergeField("P", "Phone", "phone", phone_format="US")
TIER = MergeField("R", "Tier", "radio", choices=("Gold", "Très Bien"))
ZIP = MergeField("Z", "Zip", "zip")
URL = MergeField("U", "Url", "url")
SIMPLE = (TEXT, NUMBER, DATE, BIRTHDAY, PHONE, US_PHONE, TIER, ZIP, URL)


@pytest.mark.parametrize(
    ("field", "given_value", "sent"),
    [
        (TEXT, "  Kari\u200b \t", "Kari"),
        (TEXT, "a\nb", "a b"),
        (TEXT, " ", None),
        (TEXT, "\u2003Kari\u3000", "Kari"),
        (TEXT, "\u202eKari\u200e\ufeff", "Kari"),
        (TEXT, "علی\u200cرضا", "علی\u200cرضا"),
        (TEXT, " 👨\u200d👩\u200d👧\u200c ", "👨\u200d👩\u200d👧"),
        (TEXT, "\u200d", None),
        (NUMBER, "7", "7"),
        (NUMBER, "007", "7.0"),
        (NUMBER, "1 234,50", "1234.5"),
        (NUMBER, "1.234.567,8", "1234567.8"),
        (NUMBER, "1,234,567", "1234567.0"),
        (NUMBER, "1,234", None),
        (NUMBER, "-0.5", "-0.5"),
        (NUMBER, ".5", "0.5"),
        (NUMBER, "-.5", "-0.5"),
        (NUMBER, "-,5", "-0.5"),
        (NUMBER, ".", None),
        (NUMBER, "nan", None),
        (NUMBER, "1e400", None),
        (DATE, "1990-03-14", "1990-03-14"),
        (DATE, "1990-03-14 12:00:00", "1990-03-14"),
        (DATE, "3/14/1990", "1990-03-14"),
        (DATE, "14.03.1990", "1990-03-14"),
        (NORDIC, "14/03/1990", "1990-03-14"),
        (DATE, "14/03/1990", None),
        (DATE, "1990-02-30", None),
        (DATE, "1990/3/4", "1990-03-04"),
        (DATE, "3/4/24", None),
        (DATE, "12/31/99", None),
        (DATE, "24.12.85", None),
        (DATE, "03-04-24", None),
        (DATE, "850524", None),
        (BIRTHDAY, "1992-02-29", "02/29"),
        (BIRTHDAY, "02/29", "02/29"),
        (BIRTHDAY, "14.3.", "03/14"),
        (BIRTHDAY, "--03-14", "03/14"),
        (BIRTHDAY, "3/14/1990", "03/14"),
        (BIRTHDAY, "13/45", None),
        (BIRTHDAY, "24.12.85", "12/24"),
        (BIRTHDAY, "12/31/99", "12/31"),
        (DAY_FIRST, "31/12/99", "12/31"),
        (BIRTHDAY, "29.2.96", "02/29"),
        (BIRTHDAY, "3/4/24", None),
        (BIRTHDAY, "24.12.05", None),
        (BIRTHDAY, "85/12/24", None),
        (PHONE, "+47 900 00 000", "+47 900 00 000"),
        (PHONE, "call me", None),
        (PHONE, "12", None),
        (US_PHONE, "+1 (415) 555-2671", "415-555-2671"),
        (US_PHONE, "+47 900 00 000", None),
        (US_PHONE, "+47 22 22 22 22", None),
        (US_PHONE, "+4155552671", None),
        (US_PHONE, "1-415-555-2671", "415-555-2671"),
        (TIER, "GOLD", "Gold"),
        (TIER, "TRÈS BIEN", "Très Bien"),
        (TIER, "tin", None),
        (ZIP, "94105-1234", "94105-1234"),
        (ZIP, "0150", None),
        (URL, "https://muster.example/a?b=c", "https://muster.example/a?b=c"),
        (URL, "muster.example", None),
    ],
)
def test_a_value_is_written_as_its_type_demands_or_left_out(
    field: MergeField, given_value: str, sent: str | None
) -> None:
    found, problem = formed(field, given_value)
    assert found == sent
    dropped = sent is None and given_value.strip(" \u200d") != ""
    assert problem == (f"not_{field.type}" if dropped else None)


@pytest.mark.parametrize(
    ("field", "given_value", "type_name", "sent"),
    [
        (NUMBER, 12.5, "DOUBLE", "12.5"),
        (NUMBER, 3, "BIGINT", "3"),
        (NUMBER, "12.50", "DECIMAL(9,2)", "12.50"),
        (NUMBER, True, "BOOLEAN", None),
        (DATE, "2020-01-02", "DATE", "2020-01-02"),
        (BIRTHDAY, "2020-01-02 10:00", "TIMESTAMP", "01/02"),
        (TEXT, "2020-01-02", "DATE", "2020-01-02"),
    ],
)
def test_columns_of_other_types_are_read_too(
    field: MergeField, given_value: object, type_name: str, sent: str | None
) -> None:
    assert formed(field, given_value, type_name)[0] == sent


@settings(max_examples=80, deadline=None)
@given(st.text(alphabet='aÅ中🎉 "\\', min_size=60, max_size=300))
def test_a_long_text_is_cut_between_characters_and_said_to_be(value: str) -> None:
    sent, problem = formed(TEXT, value)
    tidy = value.strip()
    if not tidy:
        return
    assert (problem == "clipped") == (len(tidy.encode()) > 255)
    assert len(sent.encode()) <= 255
    assert tidy.startswith(sent)
    assert len(sent.encode()) > 200 or sent == tidy or tidy[len(sent)] == " "


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=20), st.sampled_from(SIMPLE))
def test_whatever_is_sent_is_stable_and_valid_json(value: str, field: MergeField) -> None:
    value = value.replace("\x00", "")
    sent, _ = formed(field, value)
    if sent is None:
        return
    assert formed(field, sent)[0] == sent
    written = ENGINE.execute(f"select {values.as_json(field, '?')}", [sent]).fetchall()[0][0]
    assert json.loads(written) == (sent if field is not NUMBER else float(sent))


HOME = MergeField("H", "Home", "address")


def test_an_address_is_read_from_a_struct_from_json_or_from_columns() -> None:
    held = {"addr1": "Gata 1", "city": "Oslo", "state": "O", "zip": "0150", "country": "NO"}
    expected = {"addr2": "", **held}
    text = (
        '{"street": " Gata 1 ", "city": "Oslo", "region": "O", "postal_code": "0150",'
        ' "country": "NO"}'
    )
    assert json.loads(formed(HOME, text)[0]) == expected
    struct = "STRUCT(addr1 VARCHAR, city VARCHAR, state VARCHAR, zip VARCHAR, country VARCHAR)"
    assert json.loads(formed(HOME, held, struct)[0]) == expected
    parts = (("addr1", "s"), ("city", "c"), ("state", "r"), ("zip", "z"), ("country", "l"))
    columns = "(select 'Gata 1' s, 'Oslo' c, 'O' r, '0150' z, 'NO' l)"
    query = f"select {values.given(FieldMatch('H', 's', parts=parts), HOME)} from {columns}"
    given_value = ENGINE.execute(query).fetchall()[0][0]
    assert json.loads(formed(HOME, given_value)[0]) == expected


def test_an_address_without_a_country_is_sent_without_one() -> None:
    sent, problem = formed(HOME, json.dumps(dict.fromkeys(NEEDED, "X") | {"country": " "}))
    assert problem is None
    assert json.loads(sent) == {"addr2": "", **dict.fromkeys(NEEDED, "X")}


@pytest.mark.parametrize("part", NEEDED)
def test_an_address_without_a_needed_part_is_left_out_naming_the_part(part: str) -> None:
    whole = dict.fromkeys(NEEDED, "X")
    assert formed(HOME, json.dumps(whole))[1] is None
    assert formed(HOME, json.dumps({**whole, part: " "})) == (None, f"no_{part}")
    assert f"no_{part}" in PROBLEMS


def test_what_is_no_address_is_left_out_and_nothing_at_all_is_no_problem() -> None:
    assert formed(HOME, "Gata 1, Oslo") == (None, "not_address")
    assert formed(HOME, "") == (None, None)


@pytest.mark.parametrize(
    ("field", "new", "old", "alike"),
    [
        (NUMBER, "1", "1.0", True),
        (NUMBER, "1", "2", False),
        (US_PHONE, "415-555-2671", "(415) 555-2671", True),
        (DATE, "2020-01-02", "2020-01-02T00:00:00+00:00", True),
        (PHONE, "+49 30 1234", "+49 (30) 12-34", True),
        (PHONE, "+49 30 1234", "49 30 1234", False),
        (TEXT, "Kari", "kari", False),
        (
            HOME,
            '{"addr1":"A","addr2":"","city":"B","state":"","zip":"1"}',
            '{"addr1":"A","city":"B","state":"","zip":"1","country":"US"}',
            True,
        ),
        (
            HOME,
            '{"addr1":"A","addr2":"","city":"B","state":"","zip":"1","country":"NO"}',
            '{"addr1":"A","city":"B","state":"","zip":"1","country":"US"}',
            False,
        ),
        (
            HOME,
            '{"addr1":"A","addr2":"","city":"B","state":"","zip":"1","country":""}',
            '{"zip": "1", "city": "B", "addr1": "A"}',
            True,
        ),
    ],
)
def test_the_same_value_written_differently_is_no_change(
    field: MergeField, new: str, old: str, alike: bool
) -> None:
    query = f"select {values.same(field, 'n', 'o')} from (select ? as n, ? as o)"
    assert ENGINE.execute(query, [new, old]).fetchall() == [(alike,)]
