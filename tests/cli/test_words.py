"""What each command says, above all when the input is bad: one sentence, and the right status."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Muster
from tests.conftest import Practice


@pytest.mark.parametrize(
    ("words", "status", "hint"),
    [
        (("query", "selec 1"), 2, "selec"),
        (("query", "select 1; select 2"), 2, "one"),
        (("query", "select nope from profiles"), 2, "nope"),
        (("query", "select * from read_csv('/etc/passwd')"), 2, "read_csv"),
        (("query", "select 1", "--out", "x.docx"), 2, ".csv"),
        (("segments", "add", "S"), 2, "--sql"),
        (("segments", "add", "S", "--sql", "drop table profiles"), 2, "SELECT"),
        (("segments", "add", "S", "--sql", "/no/such/file.sql"), 2, "cannot be read"),
        (("segments", "count", "Nobody"), 2, "Nobody"),
        (("connections", "add", "C", "--api-key-env", "NO_SUCH_VARIABLE"), 3, "--i-agree"),
        (
            ("connections", "add", "C", "--api-key-env", "NO_SUCH_VARIABLE", "--i-agree"),
            2,
            "NO_SUCH_VARIABLE",
        ),
        (("exports", "run", "Nothing"), 2, "Nothing"),
        (("runs", "show", "run_none"), 2, "run"),
        (("sources", "add", "people", "/no/such.parquet"), 2, "/no/such.parquet"),
        (("no-such-command",), 2, "no-such-command"),
    ],
)
def test_bad_input_ends_with_one_sentence(
    muster: Muster, words: tuple[str, ...], status: int, hint: str
) -> None:
    said = muster(*words)
    assert said.status == status, said
    assert hint in said.err
    assert "Traceback" not in said.err
    assert said.out == ""


def test_a_wrong_key_is_not_kept(
    muster: Muster, practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THE_KEY", "0" * 32 + "-us1")
    said = muster(
        "connections", "add", "C", "--api-key-env", "THE_KEY", "--api-url", practice.url,
        "--i-agree",
    )  # fmt: skip
    assert said.status == 1
    assert "key" in said.err.lower()
    assert "0" * 32 not in said.err
    assert muster("connections", "list", "--json").data == []


def test_an_export_to_a_wrong_audience_is_not_saved(connected: Muster) -> None:
    connected("segments", "add", "All", "--sql", "select * from profiles")
    said = connected(
        "exports", "add", "E", "--connection", "Practice", "--audience", "nope", "--email",
        "email", "--segment", "All",
    )  # fmt: skip
    assert said.status == 1
    assert "audience" in said.err
    assert connected("exports", "list", "--json").data == []


@pytest.mark.parametrize(
    ("column", "hint"), [("e_mail", "no column e_mail"), ("birthday", "not text")]
)
def test_an_address_column_that_cannot_be_one_is_named(
    connected: Muster, practice: Practice, column: str, hint: str
) -> None:
    connected("segments", "add", "All", "--sql", "select * from profiles")
    said = connected(
        "exports", "add", "E", "--connection", "Practice", "--audience", practice.audience_id,
        "--email", column, "--segment", "All",
    )  # fmt: skip
    assert said.status == 2
    assert hint in said.err


def test_columns_of_types_that_do_not_go_together_are_named(
    connected: Muster, practice: Practice
) -> None:
    connected("segments", "add", "Days", "--sql", "select profile_id, birthday from profiles")
    texts = "select profile_id, strftime(birthday, '%d.%m') as birthday from profiles"
    connected("segments", "add", "Texts", "--sql", texts)
    given = (
        "exports", "add", "E", "--connection", "Practice", "--audience", practice.audience_id,
        "--email", "email", "--segment", "Days", "--segment", "Texts",
    )  # fmt: skip
    said = connected(*given, "--field", "BIRTHDAY=birthday")
    assert said.status == 2
    assert "column birthday in types that do not go together (DATE / VARCHAR)" in said.err
    assert connected(*given).status == 0


def test_mailchimp_down_at_save_says_so_and_saves_nothing(
    connected: Muster, practice: Practice
) -> None:
    connected("segments", "add", "All", "--sql", "select * from profiles")
    practice.kill()
    said = connected(
        "exports", "add", "E", "--connection", "Practice", "--audience", practice.audience_id,
        "--email", "email", "--segment", "All",
    )  # fmt: skip
    assert said.status == 1
    assert "Mailchimp" in said.err
    assert connected("exports", "list", "--json").data == []


def test_a_query_writes_all_rows_to_a_file(muster: Muster, tmp_path: Path) -> None:
    out = tmp_path / "people.csv"
    said = muster("query", "select profile_id, email from profiles", "--out", str(out))
    assert said.status == 0, said.err
    assert len(out.read_text("utf-8").splitlines()) > 3_000


def test_a_query_prints_json_that_programs_can_read(muster: Muster) -> None:
    rows = muster("query", "select 1 as one, 'å' as letter", "--json").data
    assert rows == [{"one": 1, "letter": "å"}]


def test_the_size_of_several_segments_counts_each_profile_once(muster: Muster) -> None:
    muster("segments", "add", "N", "--sql", "select * from profiles where country = 'NO'")
    muster("segments", "add", "All", "--sql", "select * from profiles")
    size = muster("segments", "count", "N", "All", "--json").data
    assert size["count"] == size["segments"]["All"] == 3_000
    assert size["segments"]["N"] < 3_000


def test_rules_become_a_segment(muster: Muster, tmp_path: Path) -> None:
    from lib.segments.document import to_json
    from lib.segments.rules import Condition, Group

    rules = tmp_path / "rules.json"
    rules.write_text(to_json(Group("all", (Condition("", "country", "is", ("NO",)),))), "utf-8")
    said = muster("segments", "add", "N", "--rules", str(rules), "--json")
    assert said.status == 0, said.err
    plain = muster(
        "query", "select count(*) as n from profiles where trim(country) ilike 'no'", "--json"
    )
    assert said.data["count"] == plain.data[0]["n"]


def test_a_configuration_is_applied_once_and_then_kept(
    muster: Muster, practice: Practice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THE_KEY", practice.api_key)
    (tmp_path / "norway.sql").write_text("select * from profiles where country = 'NO'", "utf-8")
    file = tmp_path / "muster-setup.toml"
    file.write_text(
        f"""
        [[segments]]
        name = "Norway"
        sql_file = "norway.sql"

        [[connections]]
        name = "Practice"
        api_key_env = "THE_KEY"
        api_url = {json.dumps(practice.url)}
        i_agree = true

        [[exports]]
        name = "News"
        connection = "Practice"
        audience = "{practice.audience_id}"
        email = "email"
        first_name = "first_name"
        segments = ["Norway"]
        """,
        "utf-8",
    )
    preview = muster("apply", str(file), "--dry-run", "--json")
    assert [change["verb"] for change in preview.data] == ["add", "add", "add"]
    assert muster("exports", "list", "--json").data == [], "a dry run changes nothing"

    first = muster("apply", str(file), "--json")
    assert first.status == 0, first.err
    second = muster("apply", str(file), "--json")
    assert [change["verb"] for change in second.data] == ["keep", "keep", "keep"]


def test_a_mistake_in_a_configuration_is_named_by_its_place(muster: Muster, tmp_path: Path) -> None:
    file = tmp_path / "setup.toml"
    file.write_text('[[segments]]\nname = "S"\nsqll = "select 1"\n', "utf-8")
    said = muster("apply", str(file))
    assert said.status == 2
    assert "segments[1].sqll: there is no such key" in said.err


def test_a_segment_can_be_edited_and_the_rest_stays(muster: Muster) -> None:
    before = muster("segments", "add", "All", "--sql", "select * from profiles", "--json").data
    said = muster("segments", "edit", "All", "--description", "Everybody", "--json").data
    assert said | {"description": "", "changed_at": before["changed_at"]} == before
    few = muster("segments", "edit", "All", "--sql", "select * from profiles limit 5", "--json")
    assert (few.data["count"], few.data["description"]) == (5, "Everybody")
    assert muster("segments", "edit", "All", "--sql", "drop table profiles").status == 2


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        ("MUSTER_LOG", "bogus", "MUSTER_LOG"),
        ("MUSTER_TIME_ZONE", "Nowhere/City", "no time zone 'Nowhere/City'"),
        ("MUSTER_SECRET_COMMANDS", "x", "MUSTER_SECRET_COMMANDS"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(
    muster: Muster, monkeypatch: pytest.MonkeyPatch, name: str, value: str, hint: str
) -> None:
    monkeypatch.setenv(name, value)
    said = muster("segments", "list")
    assert (said.status, hint in said.err, "incident" in said.err) == (1, True, False), said.err


def test_a_file_of_settings_that_is_no_toml_is_named(
    muster: Muster, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "muster.toml").write_text("state = \n")
    monkeypatch.chdir(tmp_path)
    said = muster("segments", "list")
    assert (said.status, "muster.toml" in said.err, "incident" in said.err) == (1, True, False)


def test_a_setting_that_cannot_work_is_said_by_the_first_command(
    muster: Muster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MUSTER_QUERY_MEMORY", "lots")
    said = muster("status")
    assert (said.status, "incident" in said.err) == (1, False)
    assert "MUSTER_QUERY_MEMORY" in said.err and "such as 2GB" in " ".join(said.err.split())
