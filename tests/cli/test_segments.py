"""Segments by command line: shown with their rules, and named when they do not work."""

import json
import re
from pathlib import Path

import pytest

from lib.settings import ROOT
from tests.cli.conftest import Muster


def test_a_segment_is_shown_with_rules_that_make_it_again(muster: Muster, tmp_path: Path) -> None:
    explained = (ROOT / "docs" / "segment-rules.md").read_text("utf-8")
    (example,) = re.findall(r"```json\n(.+?)```", explained, re.DOTALL)
    file = tmp_path / "rules.json"
    file.write_text(example, "utf-8")
    made = muster("segments", "add", "Loyal", "--rules", str(file), "--json")
    assert (made.status, made.data["count"] > 0) == (0, True), made.err
    shown = muster("segments", "show", "Loyal", "--json").data
    assert (shown["kind"], shown["rules"]) == ("rules", json.loads(example))
    assert muster("segments", "list", "--json").data[0]["rules"] == shown["rules"]
    assert '"column": "country"' in muster("segments", "show", "Loyal").out

    file.write_text(json.dumps(shown["rules"]), "utf-8")
    again = muster("segments", "add", "Again", "--rules", str(file), "--json")
    assert again.data["sql"] == made.data["sql"]
    assert "docs/segment-rules.md" in muster("segments", "add", "--help").out


def test_a_segment_that_does_not_work_is_named_and_stops_no_other(
    muster: Muster, tmp_path: Path
) -> None:
    file = tmp_path / "extra.csv"
    file.write_text("profile_id\n1\n2\n3\n", "utf-8")
    muster("sources", "add", "extra", str(file))
    more = tmp_path / "more.csv"
    more.write_text("profile_id\n1\n2\n", "utf-8")
    muster("sources", "add", "more", str(more), "--key", "profile_id")
    muster("segments", "add", "Whole", "--sql", "select * from more")
    muster("segments", "add", "Broken", "--sql", "select * from extra")
    muster("sources", "remove", "extra")

    listed = muster("segments", "list", "--count", "--json")
    assert listed.status == 2
    broken, whole = listed.data
    assert (whole["count"], whole["trouble"]) == (2, None)
    assert "“Broken” does not work. There is no table extra" in broken["trouble"]
    assert broken["trouble"] in listed.err
    said = muster("segments", "count", "Whole", "Broken")
    assert (said.status, "“Broken”" in said.err) == (2, True)


def test_a_count_is_held_against_the_limit_that_is_set(
    muster: Muster, monkeypatch: pytest.MonkeyPatch
) -> None:
    muster("segments", "add", "All", "--sql", "select * from profiles")
    monkeypatch.setenv("MUSTER_EXPORT_LIMIT", "100")
    said = muster("segments", "count", "All", "--json")
    assert (said.data["limit"], said.data["over_limit"]) == (100, 2_900)
    assert "2,900 more than one export may hold (100)" in said.err
