"""What a batch's answer means for each of its contacts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl
import pyarrow.compute as pc

from lib.mailchimp.upsert import BatchReply, Rejection
from lib.runs.local import appearing, disk
from lib.runs.sending.outcomes import ANSWER, answers_dir

_FATES = {"created": "added", "updated": "updated"}
COLUMNS = tuple(ANSWER.names)
_WHY = {"member_id": pl.String, "message": pl.String}
_UNCONFIRMED = "Mailchimp did not say that the tag was taken off."
_BACK = (
    "Left the audience while the run was on; Mailchimp holds the contact as transactional, so that"
    " nobody is subscribed again."
)


@dataclass(frozen=True, slots=True)
class Answer:
    """Contacts of one batch by outcome, and the ones about which there is something to say."""

    counts: dict[str, int]
    remarks: pl.DataFrame
    """Columns of outcomes.ANSWER; empty when all went as planned."""
    rejections: tuple[Rejection, ...] = ()
    calls: int = 1


def judge(rows: pl.DataFrame, reply: BatchReply) -> Answer:
    """Give every contact of an upsert exactly one outcome.

    Mailchimp's word counts, with one exception: a contact that was not in the audience when the
    run began and is said to be updated was added by an earlier call whose answer was lost. A member
    who is said to be new had left the audience since, and comes back as ``transactional``.

    Args:
        rows: the batch as laid out.
        reply: Mailchimp's answer to it.
    """
    if _plainly_as_planned(rows, reply):
        return replace(as_planned(rows), calls=reply.calls)
    said = pl.concat([_answered(reply), _refused(reply), _silent(reply)], how="vertical")
    joined = rows.join(said.unique("member_id", keep="first"), on="member_id", how="left")
    twice = (pl.col("fate") == "added") & (pl.col("said") == "updated") & ~pl.col("known")
    back = (pl.col("fate") == "updated") & (pl.col("said") == "added")
    judged = joined.with_columns(
        outcome=pl.when(twice)
        .then(pl.lit("added"))
        .otherwise(pl.col("said").fill_null("in_doubt")),
        message=pl.when(back).then(pl.lit(_BACK)).otherwise(pl.col("message")),
    )
    # The journal counts these, so that they must be the ones that are told.
    refused = set(judged.filter(pl.col("outcome") == "rejected")["member_id"])
    rejections = tuple(one for one in reply.rejections if one.member_id in refused)
    return Answer(_counts(judged), _remarks(judged), rejections, reply.calls)


def refused(rows: pl.DataFrame, message: str) -> Answer:
    """Give every contact of a batch that Mailchimp refused as a whole its words."""
    judged = rows.with_columns(
        outcome=pl.lit("rejected"),
        said=pl.lit("rejected"),
        code=pl.lit("ERROR_CALL"),
        message=pl.lit(message),
        field=pl.lit(""),
        field_message=pl.lit(""),
    )
    rejections = tuple(
        Rejection(email, member_id, "ERROR_CALL", message)
        for email, member_id in rows.select("email", "member_id").iter_rows()
    )
    return Answer({"rejected": rows.height}, _remarks(judged), rejections)


def gone(rows: pl.DataFrame, message: str) -> Answer:
    """Let all end as planned though the tag is gone, which members do not show until read anew."""
    told = rows.with_columns(
        outcome=pl.col("fate"),
        code=pl.lit("tag_gone"),
        message=pl.lit(message),
        field=pl.lit(""),
        field_message=pl.lit(""),
    )
    return replace(as_planned(rows), remarks=told.select(COLUMNS))


def but_for(
    rows: pl.DataFrame, refused: Mapping[str, str], *, unsure: Collection[str] = ()
) -> Answer:
    """Let the contacts of an untag or archive end as planned, but for some.

    Args:
        rows: the batch as laid out.
        refused: why not, by member id.
        unsure: ids of members about whom Mailchimp said nothing.
    """
    said = {"member_id": list(refused), "message": list(refused.values())}
    leaves, plain = pl.col("fate") == "left", {"field": pl.lit(""), "field_message": pl.lit("")}
    undone = rows.join(pl.DataFrame(said, schema=_WHY), on="member_id").with_columns(
        outcome=pl.when(leaves).then(pl.lit("rejected")).otherwise(pl.col("fate")),
        code=pl.lit("undone"),
        **plain,
    )
    silent = rows.filter(leaves & pl.col("member_id").is_in(list(unsure))).with_columns(
        outcome=pl.lit("left"), code=pl.lit("unconfirmed"), message=pl.lit(_UNCONFIRMED), **plain
    )
    rejections = tuple(
        Rejection(email, member_id, "ERROR_CALL", message)
        for email, member_id, message in undone.filter(leaves)
        .select("email", "member_id", "message")
        .iter_rows()
    )
    remarks = pl.concat([undone.select(COLUMNS), silent.select(COLUMNS)], how="vertical")
    return replace(as_planned(rows), remarks=remarks, rejections=rejections)


def with_held(answer: Answer, held: pl.DataFrame) -> Answer:
    """Add contacts of the batch that were not sent, as ``Cargo.held`` gives them."""
    if held.is_empty():
        return answer
    quiet = held.with_columns(field=pl.lit(""), field_message=pl.lit("")).select(COLUMNS)
    remarks = pl.concat([answer.remarks, quiet], how="vertical") if answer.remarks.height else quiet
    return replace(answer, remarks=remarks)


def as_planned(rows: pl.DataFrame) -> Answer:
    """Let every contact of the batch end as planned."""
    counts = dict(rows.group_by("fate").len().iter_rows())
    return Answer(counts, pl.DataFrame(schema=dict.fromkeys(COLUMNS, pl.String)))


def keep(answer: Answer, seq: int, directory: Path) -> None:
    """Write down what the answer said, for the outcomes of the run.

    Raises:
        StorageError: the disk is full or unreadable.
    """
    path = answers_dir(directory) / f"{seq}.parquet"
    if answer.remarks.is_empty():
        path.unlink(missing_ok=True)
        return
    with disk(), appearing(path) as fresh:
        answer.remarks.write_parquet(fresh)


def _plainly_as_planned(rows: pl.DataFrame, reply: BatchReply) -> bool:
    """Say whether all were added, or all updated, as planned; so it is for nearly every batch."""
    if reply.rejections or reply.unanswered or reply.in_doubt:
        return False
    said = pc.unique(reply.answered.column("outcome")).to_pylist()
    plain = [_FATES[outcome] for outcome in said] == rows["fate"].unique().to_list()
    return plain and reply.answered.num_rows == rows.height and len(said) == 1


def _answered(reply: BatchReply) -> pl.DataFrame:
    frame = pl.DataFrame(reply.answered)
    return frame.select(
        "member_id",
        said=pl.col("outcome").replace_strict(_FATES, return_dtype=pl.String),
        code=pl.lit(""),
        message=pl.lit(""),
        field=pl.lit(""),
        field_message=pl.lit(""),
    )


def _refused(reply: BatchReply) -> pl.DataFrame:
    return _said(
        "rejected",
        [(r.member_id, r.code, r.message, r.field, r.field_message) for r in reply.rejections],
    )


def _silent(reply: BatchReply) -> pl.DataFrame:
    unanswered = [
        (member_id, "unanswered", "Mailchimp did not mention this contact.", "", "")
        for member_id in reply.unanswered
    ]
    lost = [
        (member_id, "no_reply", "Mailchimp gave no usable answer about this contact.", "", "")
        for member_id in reply.in_doubt
    ]
    return _said("in_doubt", unanswered + lost)


def _said(outcome: str, items: Sequence[tuple[str, str, str, str, str]]) -> pl.DataFrame:
    names = ["member_id", "code", "message", "field", "field_message"]
    frame = pl.DataFrame(items, schema=dict.fromkeys(names, pl.String), orient="row")
    return frame.select("member_id", pl.lit(outcome).alias("said"), *names[1:])


def _counts(judged: pl.DataFrame) -> dict[str, int]:
    return dict(judged.group_by("outcome").len().iter_rows())


def _remarks(judged: pl.DataFrame) -> pl.DataFrame:
    """Keep the contacts that ended otherwise than planned, or about which something was said."""
    differs = (pl.col("outcome") != pl.col("fate")) | (pl.col("said") != pl.col("fate"))
    said = pl.when(pl.col("said").is_null()).then(pl.lit("unanswered"))
    changed = (
        pl.when(pl.col("said").is_in(["added", "updated"]))
        .then(pl.lit("answered_") + pl.col("said"))
        .otherwise(pl.col("code"))
    )
    return (
        judged.filter(differs.fill_null(True))
        .with_columns(
            code=said.otherwise(changed),
            message=pl.col("message").fill_null("Mailchimp did not mention this contact."),
            field=pl.col("field").fill_null(""),
            field_message=pl.col("field_message").fill_null(""),
        )
        .select(COLUMNS)
    )
