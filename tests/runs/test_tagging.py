"""Giving tags by themselves, against a server that says what it is told to say."""

import json
from pathlib import Path

import polars as pl

from lib.runs.after import tagging
from tests.mailchimp.conftest import Said, Script, Told, script

__all__ = ["script"]


def test_a_tag_that_somebody_else_makes_at_the_same_time_is_given_in_groups_of_500(
    script: Script, tmp_path: Path
) -> None:
    made: list[Told] = []
    emails = [f"p{i}@post.no" for i in range(501)]
    pl.DataFrame({"tag": ["Gold"] * 501, "email": emails}).write_parquet(tmp_path / "missing")

    def answer(told: Told) -> Said:
        if told.method == "GET":
            listed = [{"id": 7, "name": "GOLD"}] if made else []
            body = {"segments": listed, "total_items": len(listed)}
            return Said(body=json.dumps(body).encode())
        if told.path.endswith("/segments"):
            made.append(told)
            return Said(400, b'{"title":"Invalid","detail":"Sorry, that tag already exists."}')
        return Said(body=b'{"total_added":1}')

    script.answer = answer
    asked: list[None] = []
    with script.connect() as client:
        tagging.give(client, "abc", tmp_path / "missing", lambda: asked.append(None))
    given = [json.loads(told.body) for told in script.told if told.path.endswith("/7")]
    assert sorted(len(one["members_to_add"]) for one in given) == [1, 500]
    assert {email for one in given for email in one["members_to_add"]} == set(emails)
    assert asked
