"""What becomes of contacts whose tags Mailchimp does not take off, or whom it does not archive."""

import json
from collections.abc import Callable

import polars as pl
import pytest

from lib.runs.sending.answers import Answer
from lib.runs.sending.deliver import Deliver
from lib.runs.sending.layout import Kind, Parcel
from tests.mailchimp.conftest import Said, Script, Told, script

__all__ = ["script"]

GONE = Said(404, b'{"title":"Resource Not Found"}')
REFUSED = Said(400, b'{"title":"Invalid Resource","detail":"p0@post.no is in no state for this."}')


def rows(*fates: str) -> pl.DataFrame:
    people = range(len(fates))
    return pl.DataFrame(
        {
            "ord": list(people),
            "email": [f"P{i}@post.no" for i in people],
            "member_id": [f"m{i}" for i in people],
            "fate": fates,
            "seq": [0] * len(fates),
        }
    )


def deliver(script: Script, kind: Kind, frame: pl.DataFrame) -> Answer:
    tag = "Gold" if kind == "untag" else ""
    with script.connect() as client:
        parcel = Parcel(0, kind, 0, 0, frame.height - 1, frame.height, tag)
        return Deliver(client, "abc").parcel(parcel, frame)


def told(answer: Answer) -> list[tuple[int, str, str]]:
    return answer.remarks.sort("ord").select("ord", "outcome", "code").rows()


def segments(answer: Callable[[], Said], *ids: int) -> Callable[[Told], Said]:
    """Answer with the tag Gold under one id after the other, and to changes as asked."""
    left = iter(ids)

    def said(call: Told) -> Said:
        if call.method == "POST":
            return answer()
        listed = [{"id": one, "name": "gold"} for one in [next(left, None)] if one]
        body = {"segments": listed, "total_items": len(listed)}
        return Said(body=json.dumps(body).encode())

    return said


def test_an_untag_that_mailchimp_refuses_rejects_leavers_in_words_without_an_address(
    script: Script,
) -> None:
    script.answer = segments(lambda: REFUSED, 1)
    answer = deliver(script, "untag", rows("left", "updated"))
    assert told(answer) == [(0, "rejected", "undone"), (1, "updated", "undone")]
    assert [one.member_id for one in answer.rejections] == ["m0"]
    words = "The tag “Gold” was not taken off: (address) is in no state for this."
    assert set(answer.remarks["message"]) == {words}


def test_whom_mailchimp_does_not_mention_in_an_untag_is_left_to_the_read_back(
    script: Script,
) -> None:
    body = {
        "members_removed": [{"id": "m0"}],
        "errors": [{"email_addresses": ["p1@post.no"], "error": "No."}],
        "total_removed": 1,
    }
    script.answer = segments(lambda: Said(body=json.dumps(body).encode()), 1)
    answer = deliver(script, "untag", rows("left", "left", "left", "updated"))
    assert told(answer) == [(1, "rejected", "undone"), (2, "left", "unconfirmed")]


def test_a_tag_that_is_gone_is_off_already(script: Script) -> None:
    script.answer = segments(lambda: GONE, 1)
    answer = deliver(script, "untag", rows("left"))
    assert (answer.counts, told(answer)) == ({"left": 1}, [(0, "left", "tag_gone")])


def test_a_tag_made_anew_is_taken_off_as_well(script: Script) -> None:
    said = iter([GONE, Said(body=b'{"total_removed":1}')])
    script.answer = segments(lambda: next(said), 1, 2)
    assert told(deliver(script, "untag", rows("left"))) == []
    assert script.told[-1].path.endswith("/segments/2")


@pytest.mark.parametrize(
    ("found", "outcome"),
    [
        (GONE, []),
        (Said(body=b'{"id":"m1","status":"archived"}'), []),
        (Said(body=b'{"id":"m1","status":"cleaned"}'), [(1, "rejected", "undone")]),
    ],
)
def test_whom_mailchimp_does_not_archive_is_rejected_unless_archived_already(
    script: Script, found: Said, outcome: list[tuple[int, str, str]]
) -> None:
    def answer(call: Told) -> Said:
        if call.method == "GET":
            return found
        return Said(405, b'{"title":"Method Not Allowed"}') if "m1" in call.path else Said(204, b"")

    script.answer = answer
    assert told(deliver(script, "archive", rows("left", "left", "left"))) == outcome


def test_one_refusal_in_an_archive_leaves_the_others_as_planned(script: Script) -> None:
    script.answer = lambda call: REFUSED if "m1" in call.path else Said(204, b"")
    answer = deliver(script, "archive", rows("left", "left"))
    assert told(answer) == [(1, "rejected", "undone")]
