"""Configuration as code by command line: written from one installation, rebuilt in another."""

from pathlib import Path

import pytest

from tests.channels.receivers import Hook
from tests.cli.conftest import Muster
from tests.conftest import Practice


@pytest.mark.usefixtures("export")
def test_an_empty_installation_is_rebuilt_from_what_another_one_wrote(
    connected: Muster,
    practice: Practice,
    sample_dir: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    muster, file = connected, tmp_path / "muster-setup.toml"
    muster("sources", "add", "profiles", str(sample_dir / "profiles.parquet"), "--key",
           "profile_id")  # fmt: skip
    muster("connections", "limit", "Practice", "25000", "--block")
    monkeypatch.setenv("HOOK", Hook(port=1).url)
    assert muster("notices", "add", "Chat", "--webhook-env", "HOOK").status == 0
    assert muster("notices", "add", "Ops", "--mail", "ops@muster.test").status == 0
    extra = tmp_path / "extra.toml"
    extra.write_text(
        'refresh = "0 6 * * *"\nretention_days = 30\n[[exports]]\nname = "News"\n'
        f'connection = "Practice"\naudience = "{practice.audience_id}"\nemail = "email"\n'
        'segments = ["Norway"]\non_leave = "archive"\nmost_added = 5000\nactive = false\n',
        "utf-8",
    )
    assert muster("apply", str(extra)).status == 0
    muster("exports", "duplicate", "News", "Detached")
    assert muster("exports", "attach", "Detached", "Practice").status == 0
    assert muster("exports", "detach", "Detached").status == 0
    assert muster("connections", "withdraw", "Practice").status == 0
    assert muster("export-config", "--out", str(file)).status == 0
    told = muster("apply", str(file), "--json")
    assert {change["verb"] for change in told.data} == {"keep"}

    monkeypatch.setenv("MUSTER_STATE", str(tmp_path / "other"))
    bare = muster("apply", str(file))
    assert (bare.status, "MAILCHIMP_KEY_PRACTICE is empty" in bare.err) == (2, True)
    monkeypatch.setenv("MAILCHIMP_KEY_PRACTICE", practice.api_key)
    monkeypatch.setenv("WEBHOOK_CHAT", Hook(port=1).url)
    preview = muster("apply", str(file), "--dry-run")
    assert (preview.status, "News" in preview.out) == (0, True)
    assert muster("exports", "list", "--json").data == []
    rebuilt = muster("apply", str(file), "--json")
    assert rebuilt.status == 0, rebuilt.err
    assert "connections agree “Practice”" in rebuilt.err
    assert muster("exports", "plan", "News").status == 3, "consent is given by no file"
    again = muster("apply", str(file), "--json")
    assert {change["verb"] for change in again.data} == {"keep"}
    assert muster("export-config").out == file.read_text("utf-8")
    assert practice.api_key not in file.read_text("utf-8")


@pytest.mark.usefixtures("export")
def test_a_dry_run_shows_old_and_new(connected: Muster, tmp_path: Path) -> None:
    file = tmp_path / "s.toml"
    file.write_text(
        '[[segments]]\nname = "Norway"\ndescription = "[bold]New"\n'
        "sql = \"select * from profiles where country = 'SE'\"\n",
        "utf-8",
    )
    said = connected("apply", str(file), "--dry-run")
    assert "= 'NO'" in said.out and "= 'SE'" in said.out and "→" in said.out
    assert "[bold]New" in said.out
    assert "1 would change" in said.err
