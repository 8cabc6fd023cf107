import json
from typing import Any

import duckdb
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.contacts.fields import MergeField
from lib.contacts.undo import select_undo

# One thread: the tables are tiny, and handing them to a second costs more than it saves.
ENGINE = duckdb.connect(config={"threads": 1})
FIELDS = (MergeField("FNAME", "First name"), MergeField("POINTS", "Points", "number"))
MEMBER = pa.schema(
    [
        ("member_id", pa.string()),
        ("email", pa.string()),
        ("status", pa.string()),
        ("merge", pa.map_(pa.string(), pa.string())),
        ("tags", pa.list_(pa.string())),
        ("last_changed", pa.timestamp("us")),
    ]
)
CLAIMED = pa.schema([("member_id", pa.string()), ("tags", pa.list_(pa.string()))])
VALUES = pa.struct([("FNAME", pa.string()), ("POINTS", pa.string())])
PLAN = pa.schema(
    [
        ("ord", pa.int64()),
        ("key", pa.string()),
        ("email", pa.string()),
        ("member_id", pa.string()),
        ("fate", pa.string()),
        ("reason", pa.string()),
        ("new", VALUES),
        ("tags_add", pa.list_(pa.string())),
        ("tags_remove", pa.list_(pa.string())),
        ("segments", pa.list_(pa.string())),
        ("body", pa.string()),
    ]
)
ALIVE = ("subscribed", "transactional")
Row = dict[str, Any]

statuses = st.sampled_from(
    ["subscribed", "transactional", "unsubscribed", "cleaned", "pending", "archived", "novel"]
)
values = st.fixed_dictionaries(
    {
        "FNAME": st.sampled_from(["", "Ada", 'O"N\\', "Åse 🎉"]),
        "POINTS": st.sampled_from(["", "1", "7"]),
    }
)
tags = st.lists(st.sampled_from(["Gold", "Æ “q”", "friend"]), unique=True)
members = st.fixed_dictionaries({"status": statuses, "merge": values, "tags": tags})
sent = st.fixed_dictionaries(
    {
        "FNAME": st.sampled_from([None, "Ada", "Bo"]),
        "POINTS": st.sampled_from([None, "7", "8"]),
    }
)
cases = st.fixed_dictionaries(
    {
        "past": st.none() | members,
        "sent": sent,
        "adds": tags,
        "removes": tags,
        "outcome": st.sampled_from(["added", "updated", "in_doubt", "rejected", "not_sent"]),
        "code": st.sampled_from(["", "answered_updated", "read_back"]),
        # What became of the member since: nothing, somebody's own change, or it is gone.
        "since": st.sampled_from(["nothing", "gone", "other status"]) | members,
        "wanted": st.booleans(),
    }
)


def left_by_run(case: Row) -> Row:
    """Return the member as the run leaves it, tags of a removal taken off."""
    past = case["past"] or {"status": "archived", "merge": {"FNAME": "", "POINTS": ""}, "tags": []}
    wrote = {tag: value for tag, value in case["sent"].items() if value is not None}
    removes = case["removes"] if case["past"] else []
    kept = [tag for tag in past["tags"] if tag not in removes]
    return {
        "status": "subscribed" if past["status"] == "archived" else past["status"],
        "merge": {**past["merge"], **wrote},
        "tags": sorted({*kept, *case["adds"]}),
    }


def _since(since: str | Row, wrote: Row | None) -> Row | None:
    if not isinstance(since, str):
        return since
    other = {**wrote, "status": "transactional"} if wrote else None
    return {"nothing": wrote, "gone": None, "other status": other}[since]


def undone(cases_: list[Row]) -> list[tuple[Row, Row, Row | None]]:
    """Return each case with its row of the undo and the member before it, if there is one."""
    plan, outcomes, past, now, held = [], [], [], [], []
    for i, asked in enumerate(cases_):
        ident, email = f"m{i}", f"p{i}@b.no"
        was = asked["past"]
        adds = [tag for tag in asked["adds"] if tag not in (was["tags"] if was else [])]
        removes = [tag for tag in asked["removes"] if tag not in adds]
        case: Row = {**asked, "adds": adds, "removes": removes}
        there = was is not None and was["status"] != "archived"
        before = {"ord": i, "key": str(i), "email": email, "member_id": ident, "reason": ""}
        plan.append(
            before
            | {"fate": "updated" if there else "added", "new": case["sent"], "segments": []}
            | {"tags_add": adds, "tags_remove": case["removes"]}
            | {"body": json.dumps({"status_if_new": "subscribed"})}
        )
        outcomes.append({"ord": i, "outcome": case["outcome"], "code": case["code"]})
        named = {"member_id": ident, "email": email, "last_changed": None}
        if was:
            past.append({**named, **was, "merge": list(was["merge"].items())})
        wrote = left_by_run(case) if case["outcome"] in ("added", "updated") else was
        if case["outcome"] == "rejected" and there:
            # Tags are taken off by a call of their own.
            wrote = {**was, "tags": [tag for tag in was["tags"] if tag not in removes]}
        member = _since(case["since"], wrote)
        held.append(member)
        if member:
            now.append({**named, **member, "merge": list(member["merge"].items())})
    wanted = [
        {"member_id": f"m{i}", "tags": ["friend"]}
        for i, case in enumerate(cases_)
        if case["wanted"]
    ]
    with ENGINE.cursor() as db:
        db.register("claimed", pa.Table.from_pylist(wanted, CLAIMED))
        db.register("plan", pa.Table.from_pylist(plan, PLAN))
        db.register("outcomes", pa.table({k: [o[k] for o in outcomes] for k in outcomes[0]}))
        for name, rows in (("past", past), ("now", now), ("after", [])):
            db.register(name, pa.Table.from_pylist(rows, MEMBER))
        found = db.sql(select_undo(FIELDS, shown_tags=50).text).to_arrow_table().to_pylist()
    assert [row["ord"] for row in found] == list(range(len(found)))
    return [(cases_[int(row["key"])], row, held[int(row["key"])]) for row in found]


def applied(row: Row, member: Row) -> Row:
    """Return the member as Mailchimp has it when the body was sent and the tags taken off."""
    body = json.loads(row["body"])
    merge = {tag: str(value) for tag, value in body["merge_fields"].items()}
    kept = {tag for tag in member["tags"] if tag not in row["tags_remove"]}
    return {
        "status": member["status"],
        "merge": {**member["merge"], **merge},
        "tags": sorted(kept | set(body.get("tags", []))),
    }


@settings(deadline=None, max_examples=60)
@given(st.lists(cases, min_size=1, max_size=6))
def test_an_undo_touches_only_what_the_run_wrote_and_is_still_there(some: list[Row]) -> None:
    for case, row, member in undone(some):
        assert (row["body"] is not None) == (row["fate"] == "updated")
        if member is None or member["status"] not in ALIVE:
            assert row["fate"] == "suppressed" and row["detail"]
            continue
        if case["wanted"]:
            assert "friend" not in row["tags_remove"]
        if row["fate"] == "left":
            assert case["past"] is None or case["past"]["status"] == "archived"
            assert not case["wanted"]
            assert (case["outcome"], case["code"], member["status"]) == ("added", "", "subscribed")
            assert all(member["merge"][t] == v for t, v in case["sent"].items() if v is not None)
        if row["fate"] == "updated":
            told = json.loads(row["body"])
            assert "status" not in told and told["status_if_new"] == "transactional"
            for tag, value in applied(row, member)["merge"].items():
                ours = member["merge"][tag] == case["sent"][tag]
                assert value == (case["past"] if ours else member)["merge"][tag]


@settings(deadline=None, max_examples=60)
@given(st.lists(cases, min_size=1, max_size=6))
def test_an_undo_with_nobody_else_at_work_gives_the_audience_as_it_was(some: list[Row]) -> None:
    alone = {"since": "nothing", "outcome": "updated", "code": "", "wanted": False}
    quiet = [{**case, **alone} for case in some]
    for case, row, member in undone(quiet):
        was = case["past"]
        if was is None or was["status"] not in ALIVE or member is None:
            continue
        held = applied(row, member) if row["fate"] == "updated" else member
        assert held == {**was, "tags": sorted(was["tags"])}


@settings(deadline=None, max_examples=60)
@given(st.lists(cases, min_size=1, max_size=6))
def test_whoever_was_refused_gets_back_the_tags_that_were_taken_off_and_nothing_else(
    some: list[Row],
) -> None:
    refused = [{**case, "since": "nothing", "outcome": "rejected", "code": "fake"} for case in some]
    found = {int(row["key"]): (row, member) for _, row, member in undone(refused)}
    for i, case in enumerate(refused):
        was = case["past"]
        row, member = found.get(i, ({"body": None}, None))
        if was and was["status"] in ALIVE and set(case["removes"]) & set(was["tags"]):
            assert member is not None
            assert applied(row, member) == {**was, "tags": sorted(was["tags"])}
        else:
            assert row["body"] is None
