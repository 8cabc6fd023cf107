import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.contacts.contacts import select_contacts, select_formed, select_numbered
from lib.contacts.counts import counted, select_counts
from lib.contacts.fates import Fate
from lib.contacts.fields import MergeField
from lib.contacts.matching import FieldMatch, Matching
from lib.contacts.options import OnLeave, Options, StatusIfNew
from lib.contacts.plan import select_plan
from lib.errors import MatchingError

# One thread: the tables are tiny, and handing them to a second costs more than it saves.
ENGINE = duckdb.connect(config={"threads": 1})
FIELDS = (
    MergeField("FNAME", "First name", required=True),
    MergeField("POINTS", "Points", "number"),
    MergeField("BDAY", "Birthday", "birthday"),
    MergeField("TIER", "Tier", "dropdown", choices=("Gold", "Silver")),
    MergeField("HOME", "Home", "address"),
)
Row = dict[str, Any]

emails = st.sampled_from(
    [
        "a@b.no",
        "A@B.no",
        " a@B.NO",
        "c@d.no",
        "mailto:c@d.no",
        "e@f.no",
        "g@h.no",
        "x",
        None,
        "",
        "i@example.com",
    ]
)
raws = st.lists(
    st.tuples(
        emails,
        st.sampled_from([None, "Kari", " Kari ", 'O"N\\', "  ", "Ås🎉" * 40]),
        st.sampled_from([None, "1", "1.0", "7,5", "many"]),
        st.sampled_from([None, "1990-03-14", "03/14", "soon"]),
        st.sampled_from([None, "gold", "Silver", "tin"]),
        st.sampled_from([None, '{"addr1": "Gata 1", "city": "Oslo", "zip": "0150"}', "Gata 1"]),
        st.sampled_from([["Gold"], ["Gold", 'Æ "q"'], ["silver"]]),
    ),
    max_size=8,
)
Mine = dict[str, tuple[list[str], bool]]
statuses = st.sampled_from(
    ["subscribed", "unsubscribed", "cleaned", "pending", "transactional", "archived", "novel"]
)
merges = st.fixed_dictionaries(
    {},
    optional={
        "FNAME": st.sampled_from(["", "Kari", "Old"]),
        "POINTS": st.sampled_from(["", "1", "1.0", "9"]),
        "BDAY": st.sampled_from(["", "03/14"]),
        "TIER": st.sampled_from(["", "Gold"]),
        "OTHER": st.just("x"),
    },
)
tags = st.lists(
    st.sampled_from(["Gold", "gold", "Silver", "Foreign"]), max_size=3, unique_by=str.lower
)
snapshots = st.dictionaries(
    st.sampled_from(["a@b.no", "c@d.no", "e@f.no", "left@b.no"]), st.tuples(statuses, merges, tags)
)
owned = st.dictionaries(
    st.sampled_from(["a@b.no", "c@d.no", "left@b.no", "gone@b.no"]), st.tuples(tags, st.booleans())
)
refused = st.sets(st.sampled_from(["a@b.no", "g@h.no"]))
options = st.builds(
    Options, st.sampled_from(StatusIfNew), st.booleans(), st.sampled_from(OnLeave), st.booleans()
)
keeps = st.booleans()


def rows_of(query: str) -> list[Row]:
    relation = ENGINE.sql(query)
    assert relation is not None
    rows: list[Row] = relation.to_arrow_table().to_pylist()
    return rows


def ident_of(email: str) -> str:
    return hashlib.md5(email.lower().encode()).hexdigest()


def matching_of(keep: bool) -> Matching:
    pairs = zip(("FNAME", "POINTS", "BDAY", "TIER", "HOME"), ("f", "p", "b", "t", "h"), strict=True)
    return Matching("mail", tuple(FieldMatch(tag, column, keep) for tag, column in pairs))


def load_raw(rows: Sequence[tuple[Any, ...]]) -> None:
    names = "mail varchar, f varchar, p varchar, b varchar, t varchar, h varchar"
    ENGINE.execute(
        f"create or replace table raw (muster_key varchar, {names}, muster_segments varchar[])"
    )
    if rows:
        numbered = [(str(i), *row) for i, row in enumerate(rows)]
        ENGINE.executemany("insert into raw values (?, ?, ?, ?, ?, ?, ?, ?)", numbered)


def load_snapshot(audience: dict[str, Any]) -> None:
    ENGINE.execute(
        "create or replace table snapshot (member_id varchar, email varchar, status varchar,"
        ' "merge" map(varchar, varchar), tags varchar[], last_changed timestamp)'
    )
    rows = [(ident_of(e), e, s, m, t) for e, (s, m, t) in audience.items()]
    if rows:
        ENGINE.executemany("insert into snapshot values (?, ?, ?, ?, ?, now()::timestamp)", rows)


def plan_of(
    rows: Sequence[tuple[Any, ...]],
    audience: dict[str, Any],
    chosen: Options,
    *,
    keep: bool = False,
    mine: Mine | None = None,
    known: Sequence[str] = (),
    fields: Sequence[MergeField] = FIELDS,
) -> list[Row]:
    load_raw(rows)
    load_snapshot(audience)
    ENGINE.execute("create or replace table owned (member_id varchar, tags varchar[], wanted bool)")
    ENGINE.execute(
        "create or replace table known (member_id varchar, code varchar, message varchar)"
    )
    for email, (given_tags, wanted) in (mine or {}).items():
        ENGINE.execute("insert into owned values (?, ?, ?)", [ident_of(email), given_tags, wanted])
    for email in known:
        ENGINE.execute(
            "insert into known values (?, 'forgotten', 'gone for good')", [ident_of(email)]
        )
    contacts = select_contacts(matching_of(keep), fields)
    ENGINE.execute(f"create or replace table contacts as {contacts.text}", contacts.params)
    plan = select_plan(matching_of(keep), fields, chosen, owned="owned", known_rejections="known")
    ENGINE.execute(f"create or replace table plan as {plan.text}", plan.params)
    return rows_of("from plan order by ord")


def carried_out(audience: dict[str, Any], plan: list[Row]) -> dict[str, Any]:
    """Do to an audience what Mailchimp would, going by the bodies only."""
    after = {email.lower(): (s, dict(m), list(t)) for email, (s, m, t) in audience.items()}
    for row in plan:
        email = (row["email"] or "").lower()
        if row["fate"] == "left" and row["reason"] == "archive":
            after[email] = ("archived", *after[email][1:])
        if row["body"]:
            body = json.loads(row["body"])
            status, merge, had = after.get(email, ("archived", {}, []))
            status = body["status_if_new"] if status == "archived" else status
            values = {
                k: json.dumps(v) if isinstance(v, dict) else str(v)
                for k, v in body["merge_fields"].items()
            }
            lower = {tag.lower() for tag in had}
            new_tags = {
                tag.lower(): tag for tag in body.get("tags", []) if tag.lower() not in lower
            }
            after[email] = (status, {**merge, **values}, had + list(new_tags.values()))
        if row["tags_remove"]:
            status, merge, had = after[email]
            after[email] = (status, merge, [t for t in had if t not in row["tags_remove"]])
    return after


@settings(max_examples=30, deadline=None)
@given(raws, snapshots, options, keeps, owned, refused)
def test_every_contact_has_one_fate_and_nobody_is_subscribed_against_their_will(  # noqa: PLR0917
    rows: list[Any],
    audience: dict[str, Any],
    chosen: Options,
    keep: bool,
    mine: Mine,
    known: set[str],
) -> None:
    plan = plan_of(rows, audience, chosen, keep=keep, mine=mine, known=sorted(known))
    contacts = [row for row in plan if row["fate"] != "left"]
    assert sorted(row["key"] for row in contacts) == sorted(str(i) for i in range(len(rows)))
    assert [row["ord"] for row in plan] == list(range(len(plan)))
    counts = counted(ENGINE.execute(select_counts().text).fetchall(), limit=3)
    assert sum(counts.fates.values()) == len(plan)
    assert counts.contacts == len(rows)
    assert counts.over_limit == max(0, len(rows) - 3)
    bodies = [row for row in plan if row["body"]]
    assert len({row["member_id"] for row in bodies}) == len(bodies)
    willing = {"subscribed", "transactional"} | ({"archived"} if chosen.revives else set())
    for row in plan:
        assert (row["fate"] in ("added", "updated")) == (row["body"] is not None)
        assert (row["reason"] == "") == (row["fate"] in ("added", "updated", "unchanged"))
        assert (row["detail"] == "") == (row["reason"] == "")
        if row["reason"] == "archive":
            assert not mine[row["email"].lower()][1]
        if row["body"] is None:
            continue
        body = json.loads(row["body"])
        assert set(body) <= {"email_address", "status_if_new", "merge_fields", "tags"}
        member = row["fate"] == "updated"
        assert body["status_if_new"] == ("transactional" if member else chosen.status_if_new)
        assert body["email_address"] == row["email"]
        assert ident_of(row["email"]) == row["member_id"]
        assert row["status_before"] is None or row["status_before"] in willing
        assert member or row["email"].lower() not in known
        assert all(value not in ("", None) for value in body["merge_fields"].values())
        had = {tag.lower() for tag in audience.get(row["email"].lower(), ("", {}, []))[2]}
        lacking = [tag for tag in row["segments"] if tag.lower() not in had]
        assert body.get("tags", []) == (lacking if chosen.tag_segments else [])
        assert body["merge_fields"].get("FNAME") or (row["old"] or {}).get("FNAME")


@settings(max_examples=30, deadline=None)
@given(raws, snapshots, options, keeps, owned)
def test_once_a_plan_is_carried_out_there_is_nothing_left_to_do(
    rows: list[Any],
    audience: dict[str, Any],
    chosen: Options,
    keep: bool,
    mine: Mine,
) -> None:
    after = carried_out(audience, plan_of(rows, audience, chosen, keep=keep, mine=mine))
    again = plan_of(rows, after, chosen, keep=keep, mine=mine)
    assert not [row for row in again if row["fate"] in ("added", "updated", "left")]


@settings(max_examples=20, deadline=None)
@given(raws, snapshots, options, owned)
def test_a_segment_that_everybody_is_in_need_not_stand_in_every_row(
    rows: list[Any], audience: dict[str, Any], chosen: Options, mine: Mine
) -> None:
    alone = [(*row[:-1], ["Gold"]) for row in rows]
    expected = plan_of(alone, audience, chosen, mine=mine)
    matching = matching_of(False)
    formed = select_formed(matching, FIELDS, only_segment="Gold")
    ENGINE.execute(f"create or replace table formed as {formed.text}", formed.params)
    contacts = select_numbered(matching, FIELDS, "formed", only_segment="Gold")
    ENGINE.execute(f"create or replace table contacts as {contacts.text}", contacts.params)
    plan = select_plan(
        matching, FIELDS, chosen, owned="owned", known_rejections="known", alike=True
    )
    assert rows_of(f"from ({plan.text}) order by ord") == expected


@settings(max_examples=8, deadline=None)
@given(raws, snapshots, options)
def test_the_same_data_gives_the_same_plan(
    rows: list[Any], audience: dict[str, Any], chosen: Options
) -> None:
    assert plan_of(rows, audience, chosen) == plan_of(rows, audience, chosen)


def one(**asked: Any) -> Row:  # noqa: ANN401 - whatever plan_of takes
    values = {
        "mail": "a@b.no",
        "f": "Kari",
        "p": None,
        "b": None,
        "t": None,
        "h": None,
        "s": ["Gold"],
    }
    values |= {name: asked.pop(name) for name in list(asked) if name in values}
    chosen = asked.pop("chosen", Options())
    audience = asked.pop("audience", {})
    return plan_of([tuple(values.values())], audience, chosen, **asked)[0]


@pytest.mark.parametrize(
    ("status", "fate"),
    [
        ("subscribed", "updated"),
        ("transactional", "updated"),
        ("unsubscribed", "suppressed"),
        ("cleaned", "suppressed"),
        ("pending", "suppressed"),
        ("archived", "suppressed"),
        ("novel", "suppressed"),
    ],
)
def test_the_status_in_the_audience_decides_whether_a_contact_is_touched(
    status: str, fate: str
) -> None:
    row = one(audience={"a@b.no": (status, {}, [])})
    assert (row["fate"], row["reason"]) == (
        fate,
        "" if fate == "updated" else status.replace("novel", "unknown_status"),
    )


def test_a_mixed_case_address_of_somebody_unsubscribed_stays_unsubscribed() -> None:
    assert one(mail="A@B.No", audience={"a@b.no": ("unsubscribed", {}, [])})["fate"] == "suppressed"


def test_archived_members_come_back_only_when_asked_for() -> None:
    row = one(
        audience={"a@b.no": ("archived", {"FNAME": "Kari"}, [])},
        chosen=Options(revive_archived=True),
    )
    assert row["fate"] == "added"
    assert json.loads(row["body"])["merge_fields"] == {"FNAME": "Kari"}


def test_an_update_sends_only_what_changes() -> None:
    row = one(
        p="2", audience={"a@b.no": ("subscribed", {"FNAME": "Kari", "POINTS": "1"}, ["gold"])}
    )
    assert json.loads(row["body"]) == {
        "email_address": "a@b.no",
        "status_if_new": "transactional",
        "merge_fields": {"POINTS": 2},
    }
    assert row["old"]["POINTS"] == "1"


def test_an_empty_value_never_clears_a_filled_field() -> None:
    audience = {"a@b.no": ("subscribed", {"FNAME": "Kari", "POINTS": "1"}, ["Gold"])}
    assert one(p=None, f=None, audience=audience)["fate"] == "unchanged"


def test_a_filled_field_is_kept_when_asked_to() -> None:
    audience = {"a@b.no": ("subscribed", {"FNAME": "Old"}, ["Gold"])}
    assert one(audience=audience, keep=True)["fate"] == "unchanged"


def test_a_wrong_optional_value_does_not_cost_the_contact() -> None:
    row = one(p="many", t="tin", b="soon", h="Gata 1")
    assert row["fate"] == "added"
    assert row["problems"] == [
        "POINTS:not_number",
        "BDAY:not_birthday",
        "TIER:not_dropdown",
        "HOME:not_address",
    ]
    assert json.loads(row["body"])["merge_fields"] == {"FNAME": "Kari"}


def test_a_missing_required_value_does_unless_the_audience_holds_one() -> None:
    row = one(f=" ")
    assert (row["fate"], row["reason"]) == ("invalid", "required_missing")
    assert row["detail"].endswith(": FNAME")
    audience = {"a@b.no": ("subscribed", {"FNAME": "Kari"}, ["Gold"])}
    assert one(f=" ", audience=audience)["fate"] == "unchanged"


def test_a_missing_required_value_is_no_matter_where_mailchimp_has_a_default() -> None:
    fields = (replace(FIELDS[0], default="friend"), *FIELDS[1:])
    row = one(f=" ", fields=fields)
    assert (row["fate"], json.loads(row["body"])["merge_fields"]) == ("added", {})


def test_duplicates_name_the_winner_and_give_it_their_segments() -> None:
    rows = [
        ("A@b.no", None, None, None, None, None, ["One"]),
        ("a@b.no", "Kari", None, None, None, None, ["Two"]),
        ("a@B.no", "Kari", "1", None, None, None, ["Three"]),
    ]
    plan = {row["key"]: row for row in plan_of(rows, {}, Options())}
    assert plan["2"]["fate"] == "added"
    assert json.loads(plan["2"]["body"])["tags"] == ["One", "Three", "Two"]
    assert {plan[key]["fate"] for key in "01"} == {"duplicate"}
    assert plan["0"]["detail"] == "Same address as profile: 2"


def test_those_who_left_lose_our_tags_or_are_archived_and_nobody_elses() -> None:
    audience: dict[str, Any] = {
        "left@b.no": ("subscribed", {}, ["gold", "Foreign"]),
        "other@b.no": ("subscribed", {}, ["Gold"]),
    }
    for on_leave, wanted, removed, reason in (
        (OnLeave.UNTAG, False, ["gold"], "untag"),
        (OnLeave.UNTAG, True, ["gold"], "untag"),
        (OnLeave.ARCHIVE, False, [], "archive"),
        (OnLeave.ARCHIVE, True, ["gold"], "wanted_elsewhere"),
    ):
        mine = {"left@b.no": (["Gold"], wanted)}
        plan = plan_of([], audience, Options(on_leave=on_leave), mine=mine)
        assert [(r["email"], r["fate"], r["reason"], r["tags_remove"]) for r in plan] == [
            ("left@b.no", "left", reason, removed)
        ]
    assert plan_of([], audience, Options(), mine={"left@b.no": (["Gold"], False)}) == []


def test_who_changed_segment_loses_the_old_tag_when_asked_to() -> None:
    audience: dict[str, Any] = {
        "a@b.no": ("subscribed", {"FNAME": "Kari"}, ["Silver", "Gold", "Foreign"])
    }
    row = one(
        audience=audience,
        chosen=Options(on_leave=OnLeave.UNTAG),
        mine={"a@b.no": (["Gold", "silver"], False)},
    )
    assert (row["fate"], row["tags_remove"]) == ("updated", ["Silver"])


def test_a_tag_the_audience_does_not_have_is_refused() -> None:
    with pytest.raises(MatchingError, match="no merge field NOPE"):
        select_contacts(Matching("mail", (FieldMatch("NOPE", "f"),)), FIELDS)
    with pytest.raises(MatchingError, match="matched twice"):
        twice = (FieldMatch("FNAME", "f"), FieldMatch("FNAME", "p"))
        select_contacts(Matching("mail", twice), FIELDS)


def test_calls_are_five_hundred_members_each_and_one_for_each_archived_member() -> None:
    rows = [
        ("fate", "added", 500),
        ("fate", "updated", 1),
        ("fate", "left", 3),
        ("untag", "gold", 501),
        ("reason", "archive", 3),
    ]
    counts = counted(rows, limit=10)
    assert (counts.calls, counts.contacts, counts.over_limit) == (2 + 2 + 3, 501, 491)
    assert set(counts.fates) == {fate.value for fate in Fate}


def test_nothing_but_the_address_can_be_matched_too() -> None:
    load_raw([("a@b.no", *[None] * 5, ["Gold"])])
    load_snapshot({})
    contacts = select_contacts(Matching("mail"), ())
    ENGINE.execute(f"create or replace table contacts as {contacts.text}")
    body = rows_of(select_plan(Matching("mail"), (), Options(tag_segments=False)).text)[0]["body"]
    assert json.loads(body) == {
        "email_address": "a@b.no",
        "status_if_new": "subscribed",
        "merge_fields": {},
    }
