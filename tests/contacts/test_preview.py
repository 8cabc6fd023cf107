import duckdb
import pytest

from lib.contacts.contacts import select_contacts
from lib.contacts.fields import MergeField
from lib.contacts.matching import FieldMatch, Matching
from lib.contacts.preview import select_preview
from lib.contacts.problems import select_problems

MATCHING = Matching("mail", (FieldMatch("FNAME", "f"), FieldMatch("POINTS", "p")))
FIELDS = (MergeField("FNAME", "First", required=True), MergeField("POINTS", "Points", "number"))


@pytest.fixture
def engine() -> duckdb.DuckDBPyConnection:
    engine = duckdb.connect()
    engine.execute(
        """create table raw as select * from (values
        ('1', 'a@b.no', 'Kari', '1'), ('2', 'c@d.no', 'KARI', '2'), ('3', 'e@f.no', 'Bo 🎉', '3'),
        ('4', 'g@h.no', 'Ольга', '4'), ('5', 'i@j.no', null, '5'), ('6', 'x', 'Per', '6'),
        ('7', ' A@b.no', 'Kari', null), ('8', ' k@L.no', repeat('x', 300), 'many'),
        ('9', 'm@n.no', '\tIda ', ' ')) v(muster_key, mail, f, p),
        (select ['Gold'] as muster_segments)"""
    )
    contacts = select_contacts(MATCHING, FIELDS)
    engine.execute(f"create table contacts as {contacts.text}", contacts.params)
    return engine


def test_the_preview_shows_the_worst_contacts_each_once(engine: duckdb.DuckDBPyConnection) -> None:
    sql = select_preview(MATCHING, FIELDS)
    rows = engine.execute(sql.text, sql.params).fetchall()
    why = {row[2]: (row[0], row[1]) for row in rows}
    assert len(why) == len(rows)
    assert why["8"] == ("longest", "FNAME")
    assert why["2"] == ("shout", "FNAME")
    assert why["3"] == ("emoji", "FNAME")
    assert why["4"] == ("alphabet", "FNAME")
    assert why["5"] == ("empty", "FNAME")
    assert why["6"] == ("invalid", "")
    assert why["7"] == ("duplicate", "")
    assert why["1"] == ("usual", "")


def test_columns_may_be_called_as_a_contact_has_them() -> None:
    engine = duckdb.connect()
    engine.execute(
        """create table raw as select '1' as muster_key, ['Gold'] as muster_segments,
        'a@b.no' as "key", ' Kari ' as "segments", 'many' as tag, 'Bo' as email_given"""
    )
    fields = (*FIELDS, MergeField("LNAME", "Last"))
    matching = Matching(
        "key",
        (
            FieldMatch("FNAME", "segments"),
            FieldMatch("POINTS", "tag"),
            FieldMatch("LNAME", "email_given"),
        ),
    )
    engine.execute(f"create table contacts as {select_contacts(matching, fields).text}")
    (row,) = engine.sql('select "key", email, "segments", new from contacts').fetchall()
    assert row == ("1", "a@b.no", ["Gold"], {"FNAME": "Kari", "POINTS": None, "LNAME": "Bo"})
    found = {
        row[:2]: row[3] for row in engine.sql(select_problems(matching, fields).text).fetchall()
    }
    assert found == {("POINTS", "not_number"): ["many"], ("FNAME", "cleaned"): [" Kari "]}


def test_problems_are_counted_with_examples(engine: duckdb.DuckDBPyConnection) -> None:
    sql = select_problems(MATCHING, FIELDS)
    found = {(tag, code): (n, ex) for tag, code, n, ex in engine.execute(sql.text).fetchall()}
    assert found[("EMAIL", "email_syntax")] == (1, ["x"])
    assert found[("EMAIL", "cleaned")] == (2, [" A@b.no", " k@L.no"])
    assert found[("POINTS", "not_number")] == (1, ["many"])
    assert found[("FNAME", "clipped")] == (1, ["x" * 300])
    assert found[("FNAME", "missing")][0] == 1
    assert found[("FNAME", "cleaned")] == (1, ["\tIda "])
    assert ("POINTS", "cleaned") not in found
