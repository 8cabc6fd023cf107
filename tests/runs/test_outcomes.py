"""Every contact of a plan ends in exactly one outcome, whatever Mailchimp answers."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.mailchimp.upsert import ANSWERED, BatchReply, Rejection
from lib.runs.sending import answers, layout
from lib.runs.sending.cargo import Cargo
from lib.runs.sending.outcomes import answers_dir, write_outcomes
from lib.store.tables import OUTCOMES

FATES = ["added", "updated", "unchanged", "suppressed", "invalid", "duplicate", "left"]
SAID = ["created", "updated", "rejected", "unanswered", "in_doubt"]
MEANS = {"created": "added", "rejected": "rejected", "unanswered": "in_doubt"}


@dataclass(frozen=True)
class Contact:
    fate: str
    said: str
    status_now: str | None
    """Status when the run begins: None is not in the audience."""


@dataclass(frozen=True)
class Batch:
    seq: int
    state: str


contacts = st.builds(
    Contact,
    st.sampled_from(FATES),
    st.sampled_from(SAID),
    st.sampled_from([None, "subscribed", "unsubscribed", "archived", "cleaned"]),
)
cases = st.lists(contacts, max_size=30)
states = st.lists(st.sampled_from(["answered", "in_doubt", "planned"]), min_size=40, max_size=40)


@pytest.fixture(autouse=True, scope="module")
def small_batches() -> Iterator[None]:
    before = dict(layout.SIZES)
    layout.SIZES.update({"upsert": 4, "untag": 4, "archive": 2})
    yield
    layout.SIZES.update(before)


def write_plan(case: list[Contact], directory: Path) -> tuple[Path, Path]:
    """Write the plan of a case and the audience as it is when the run begins."""
    there = {"updated", "unchanged", "suppressed", "left"}
    plan = pl.DataFrame(
        {
            "ord": range(len(case)),
            "key": [f"k{i}" for i in range(len(case))],
            "email": [f"p{i}@post.no" for i in range(len(case))],
            "email_given": [f"P{i}@post.no" for i in range(len(case))],
            "member_id": [f"m{i}" for i in range(len(case))],
            "fate": [one.fate for one in case],
            "reason": ["archive" if one.fate == "left" else "" for one in case],
            "detail": [""] * len(case),
            "status_before": ["subscribed" if one.fate in there else None for one in case],
            "old": [{"FNAME": "a"}] * len(case),
            "tags_remove": [["Gold"] if one.fate == "updated" else [] for one in case],
            "segments": [["S"]] * len(case),
            "body": [f'{{"n":{i}}}' for i in range(len(case))],
        },
        schema_overrides={
            "ord": pl.Int64, "status_before": pl.String, "tags_remove": pl.List(pl.String),
            "segments": pl.List(pl.String), "key": pl.String,
            "old": pl.Struct({"FNAME": pl.String}), "email": pl.String, "fate": pl.String,
            "email_given": pl.String, "member_id": pl.String, "reason": pl.String,
            "detail": pl.String, "body": pl.String,
        },
    )  # fmt: skip
    plan.write_parquet(directory / "plan.parquet")
    known = [(f"m{i}", one.status_now) for i, one in enumerate(case) if one.status_now]
    now = pa.table(
        {
            "member_id": pa.array([member for member, _ in known], pa.string()),
            "status": pa.array([status for _, status in known], pa.string()),
            "merge": pa.array([{} for _ in known], pa.map_(pa.string(), pa.string())),
        }
    )
    pa.parquet.write_table(now, directory / "now.parquet")
    return directory / "plan.parquet", directory / "now.parquet"


def reply_to(rows: pl.DataFrame, case: list[Contact]) -> BatchReply:
    """Let Mailchimp say of each contact what the case wants it to."""
    said = {f"m{i}": one.said for i, one in enumerate(case)}
    members = rows["member_id"].to_list()
    known = [m for m in members if said[m] in ("created", "updated")]
    return BatchReply(
        pa.table([known, [said[m] for m in known], ["subscribed"] * len(known)], schema=ANSWERED),
        tuple(Rejection("", m, "ERROR_GENERIC", "no") for m in members if said[m] == "rejected"),
        tuple(m for m in members if said[m] == "unanswered"),
        tuple(m for m in members if said[m] == "in_doubt"),
    )


def expected(one: Contact, state: str) -> str:
    """Say what must become of a contact; the oracle."""
    before = "subscribed" if one.fate in ("updated", "left") else None
    if one.fate not in ("added", "updated", "left"):
        return one.fate
    if one.status_now not in (before, "subscribed"):
        return "suppressed" if one.status_now else "not_sent"
    if one.fate == "left":
        return "left"
    if state != "answered":
        return {"in_doubt": "in_doubt", "planned": "not_sent"}[state]
    if one.said == "updated" and one.fate == "added" and one.status_now is None:
        return "added"
    return MEANS.get(one.said, one.said)


@given(cases, states)
@settings(max_examples=40, deadline=None)
def test_the_sums_agree_whatever_is_answered(case: list[Contact], drawn: list[str]) -> None:
    with TemporaryDirectory() as name:
        directory = Path(name)
        plan, now = write_plan(case, directory)
        laid = layout.lay_out(plan, now, directory)
        cargo = Cargo(directory)
        sent: dict[int, str] = {}
        answers_dir(directory).mkdir()
        for parcel in laid.parcels:
            rows, state = cargo.rows(parcel), drawn[parcel.seq]
            if parcel.kind == "upsert":
                sent |= dict.fromkeys(rows["ord"], state)
                if state == "answered":
                    answer = answers.judge(rows, reply_to(rows, case))
                    assert sum(answer.counts.values()) == rows.height
                    answers.keep(answer, parcel.seq, directory)
        batches = [Batch(parcel.seq, drawn[parcel.seq]) for parcel in laid.parcels]
        counts = write_outcomes(plan, directory, batches, laid)
        found = pl.read_parquet(directory / "outcomes.parquet")
        wanted = [expected(one, sent.get(i, "planned")) for i, one in enumerate(case)]
        assert found["outcome"].to_list() == wanted
        assert counts.contacts == len(case)
        assert counts.outcomes == {name: Counter(wanted)[name] for name in OUTCOMES}
        assert sum(laid.settled.values()) + laid.upserts == len(case)
