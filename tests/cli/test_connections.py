import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lib.access import Person, Role
from lib.cli.connection_row import row
from lib.errors import SettingsError
from lib.runs import process
from lib.settings import Settings, load
from lib.store import open_store, references
from lib.store.connection_record import Connection, shown
from lib.store.references import Places

if TYPE_CHECKING:
    from tests.cli.conftest import Muster
    from tests.conftest import Practice


def test_a_connection_is_edited_and_shared_by_command(connected: "Muster") -> None:
    said = connected("connections", "edit", "Practice", "--rename", "Nordlys",
                     "--export-user", "ada@muster.test", "--json")  # fmt: skip
    assert (said.data["name"], said.data["export_user"]) == ("Nordlys", "ada@muster.test")
    said = connected("connections", "share", "Nordlys", "--nobody", "--json")
    assert said.data["shared_with"] == "administrators only"
    said = connected("connections", "share", "Nordlys", "--json")
    assert said.data["shared_with"] == "contributors"


def test_withdrawn_consent_stops_planning_until_somebody_agrees_again(
    connected: "Muster", export: str
) -> None:
    said = connected("connections", "withdraw", "Practice", "--json")
    assert said.data["agreed_by"] is None
    refused = connected("exports", "plan", export)
    assert refused.status == 3 and "withdrawn" in refused.err
    assert connected("connections", "test", "Practice").status == 3
    assert connected("connections", "agree", "Practice").status == 3
    said = connected("connections", "agree", "Practice", "--i-agree", "--json")
    assert "(command line)" in said.data["agreed_by"] and said.data["agreed_terms"]
    assert connected("exports", "plan", export).status == 0


def test_a_contract_that_blocks_refuses_a_run_that_exceeds_it(
    connected: "Muster", export: str
) -> None:
    said = connected("connections", "limit", "Practice", "1", "--block", "--json")
    assert (said.data["contract_limit"], said.data["contract_blocks"]) == (1, True)
    refused = connected("exports", "run", export)
    assert refused.status == 3 and "contract" in refused.err
    assert connected("runs", "list", "--json").data == []
    assert connected("connections", "limit", "Practice", "0").status == 2
    said = connected("connections", "limit", "Practice", "--warn", "--json")
    assert (said.data["contract_limit"], said.data["contract_blocks"]) == (1, False)
    said = connected("connections", "limit", "Practice", "none", "--json")
    assert said.data["contract_limit"] is None
    assert connected("connections", "limit", "Practice", "many").status == 2


def referred(muster: "Muster", practice: "Practice", reference: str) -> int:
    return muster(
        "connections", "add", "Elsewhere", "--api-key-ref", reference,
        "--api-url", practice.url, "--i-agree",
    ).status  # fmt: skip


def test_a_key_in_the_environment_is_only_referred_to(
    muster: "Muster",
    practice: "Practice",
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MAILCHIMP_KEY", practice.api_key)
    assert referred(muster, practice, "env:MAILCHIMP_KEY") == 0
    assert muster("connections", "test", "Elsewhere").status == 0
    assert practice.api_key.encode() not in b"".join(
        path.read_bytes() for path in settings.state.glob("store.db*")
    )
    monkeypatch.delenv("MAILCHIMP_KEY")
    said = muster("connections", "test", "Elsewhere")
    assert said.status == 1 and "env:MAILCHIMP_KEY" in said.err


def test_a_key_comes_from_a_command_of_the_settings(
    muster: "Muster", practice: "Practice", monkeypatch: pytest.MonkeyPatch
) -> None:
    command = f"{sys.executable} -c 'print(\\\"{practice.api_key}\\\")'"
    monkeypatch.setenv("MUSTER_SECRET_COMMANDS", f'{{"vault": "{command}", "broken": "false"}}')
    assert referred(muster, practice, "command:vault") == 0
    assert muster("connections", "test", "Elsewhere").status == 0
    said = muster("connections", "rotate", "Elsewhere", "--api-key-ref", "command:broken")
    assert said.status == 1 and practice.api_key not in said.err
    assert muster("connections", "test", "Elsewhere").status == 0


@pytest.mark.parametrize(
    "reference", ["env:MUSTER_SECRET_KEY", "env:PATH", "command:rm -rf", "secret:../x", "x", "env:"]
)
def test_nothing_else_of_this_machine_can_be_referred_to(
    muster: "Muster", practice: "Practice", reference: str
) -> None:
    assert referred(muster, practice, reference) == 2


def test_a_secrets_file_is_read_below_its_own_table_only(tmp_path: Path) -> None:
    file = tmp_path / "secrets.toml"
    file.write_text('[mailchimp]\nnews = "k-us6"\n[auth]\nclient_secret = "hush"\n', "utf-8")
    assert references.read("secret:news", Places(file=file)) == "k-us6"
    with pytest.raises(SettingsError):
        references.read("secret:client_secret", Places(file=file))


def test_a_key_in_the_secrets_file_serves_commands_and_the_worker(
    muster: "Muster", practice: "Practice", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "secrets.toml"
    file.write_text(f'[mailchimp]\nnews = "{practice.api_key}"\n', "utf-8")
    monkeypatch.setenv("MUSTER_SECRETS_FILE", str(file))
    assert referred(muster, practice, "secret:news") == 0
    assert muster("connections", "test", "Elsewhere").status == 0
    # A worker is started with these settings, and reads the same file.
    assert process.environment(load())["MUSTER_SECRETS_FILE"] == str(file.resolve())


def test_a_key_that_was_replaced_or_removed_is_in_no_file_of_the_installation(
    connected: "Muster", practice: "Practice", settings: Settings, export: str
) -> None:
    def ciphertext() -> bytes:
        with open_store(settings) as store, store.read() as db:
            return bytes(db.exec_driver_sql("SELECT ciphertext FROM secrets").scalar_one())

    connected("exports", "plan", export)
    former = ciphertext()
    assert connected("connections", "rotate", "Practice", "--api-key-env", "THE_KEY").status == 0
    replaced = ciphertext()
    assert connected("exports", "remove", export).status == 0
    assert connected("connections", "remove", "Practice").status == 0
    for path in settings.state.rglob("*"):
        held = path.read_bytes() if path.is_file() else b""
        assert not any(one in held for one in (former, replaced, practice.api_key.encode())), path


def test_the_encryption_key_is_replaced_by_command(connected: "Muster", settings: Settings) -> None:
    former = (settings.state / "secret.key").read_text()
    said = connected("secrets", "rotate", "--to", "file")
    assert said.status == 0 and "new key: 1." in said.err
    new = (settings.state / "secret.key").read_text()
    assert new != former and new not in said.err + said.out
    assert connected("connections", "test", "Practice").status == 0
    assert connected("secrets", "rotate", "--to", "nowhere").status == 2


@pytest.mark.parametrize(
    ("how", "left"), [("--detach", [("News", None)]), ("--remove-exports", [])]
)
def test_removal_says_what_becomes_of_the_exports(
    connected: "Muster", export: str, how: str, left: list[tuple[str, str | None]]
) -> None:
    refused = connected("connections", "remove", "Practice")
    assert refused.status == 3 and "“News”" in refused.err
    both = ("--detach", "--remove-exports")
    assert connected("connections", "remove", "Practice", *both).status == 2
    assert connected("connections", "remove", "Practice", how).status == 0
    assert connected("connections", "list", "--json").data == []
    found = connected("exports", "list", "--json").data
    assert [(one["name"], one["connection"] or None) for one in found] == left


def test_connections_are_listed_in_any_order_with_who_uses_them(
    connected: "Muster", export: str, practice: "Practice"
) -> None:
    connected("connections", "add", "Alone", "--api-key-env", "THE_KEY", "--api-url",
              practice.url, "--i-agree")  # fmt: skip

    def listed(*order: str) -> list[str]:
        found = connected("connections", "list", "--json", *order).data
        return [one["name"] for one in found]

    assert listed() == ["Alone", "Practice"]
    assert listed("--sort", "created") == ["Practice", "Alone"]
    assert listed("--sort", "access") == ["Practice", "Alone"]
    assert listed("--sort", "name", "--descending") == ["Practice", "Alone"]
    shown = connected("connections", "show", "Practice", "--json").data
    assert shown["used_by"] == ["News"] and practice.api_key not in str(shown)


def test_a_row_of_what_a_contributor_may_see_tells_name_and_type_only() -> None:
    whole = Connection(
        "con_x", "Main", "https://us6.api.mailchimp.com", shared=True, agreed_by="boss@muster.test",
        export_user="boss@muster.test", account_name="Nordlys", account_id="acc1",
        data_centre="us6", contract_limit=9, auth="oauth", created_by="boss@muster.test",
    )  # fmt: skip
    seen = shown(Person("cora@muster.test", "Cora", Role.CONTRIBUTOR), whole)
    told = {name: value for name, value in row(seen).items() if value}
    kept = told.pop("key")
    assert told == {
        "id": "con_x", "name": "Main", "type": "Mailchimp", "shared_with": "contributors"
    }  # fmt: skip
    assert kept == row(Connection("other", "Other"))["key"]
