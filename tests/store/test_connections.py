import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lib.access import Person
from lib.errors import (
    ForbiddenError,
    InputError,
    InUseError,
    NameTakenError,
    NotApprovedError,
    NotFoundError,
    RefusedError,
)
from lib.settings import Settings
from lib.store import (
    Store,
    agreement,
    audit,
    connections,
    consent,
    exports,
    plans,
    progress,
    rules,
    runs,
)

if TYPE_CHECKING:
    from tests.store.conftest import World

KEY = "0123456789abcdef0123456789abcdef-us6"


def on_disk(directory: Path) -> bytes:
    return b"".join(path.read_bytes() for path in directory.glob("store.db*"))


def test_a_connection_needs_consent(store: Store, admin: Person) -> None:
    with pytest.raises(InputError, match="--i-agree"):
        connections.add(store, admin, name="Main", api_key=KEY, agreed=False)
    made = connections.add(store, admin, name="Main", api_key=KEY, agreed=True)
    assert made.agreed_by == admin.email
    assert made.agreed_at is not None and made.agreed_at.utcoffset() is not None


def test_the_wording_agreed_to_is_kept_with_the_connection_and_in_the_audit_log(
    store: Store, admin: Person
) -> None:
    made = connections.add(store, admin, name="Main", api_key=KEY, agreed=True)
    assert made.agreed_terms == agreement.TERMS
    assert agreement.TERMS in audit.entries(store, admin)[0].new
    assert consent.withdraw(store, admin, made.id).agreed_terms == ""
    assert consent.agree(store, admin, made.id).agreed_terms == agreement.TERMS
    assert agreement.version(agreement.TERMS) != agreement.version(agreement.TERMS + " ")


def test_a_practice_connection_needs_none_but_leads_to_this_machine(
    store: Store, admin: Person
) -> None:
    for here in ("http://127.0.0.1:8123", "http://localhost:8123", "http://[::1]:8123"):
        made = connections.add(store, admin, name=here, api_key=KEY, api_url=here, practice=True)
        assert made.practice and made.agreed_at
        assert (made.agreed_by, made.agreed_terms) == (None, agreement.NONE_NEEDED)
    for away in ("", "https://us6.api.mailchimp.com", "http://127.0.0.1.evil.test"):
        with pytest.raises(InputError, match="this machine"):
            connections.add(store, admin, name="Away", api_key=KEY, api_url=away, practice=True)


@pytest.mark.parametrize(
    "url", ["ftp://x", "us6.api.mailchimp.com", "https://", "https://me:pw@x", "http://[", "x y"]
)
def test_a_url_that_is_none_is_refused(store: Store, admin: Person, url: str) -> None:
    with pytest.raises(InputError, match="URL"):
        connections.add(store, admin, name="Main", api_key=KEY, api_url=url, agreed=True)


@pytest.mark.parametrize("url", ["http://us6.api.mailchimp.com", "http://10.0.0.7:8080"])
def test_no_key_goes_over_the_network_unencrypted(store: Store, admin: Person, url: str) -> None:
    with pytest.raises(InputError, match="https://"):
        connections.add(store, admin, name="Main", api_key=KEY, api_url=url, agreed=True)


@pytest.mark.parametrize("key", ["", "  ", "two words", "line\nbreak"])
def test_a_key_that_is_none_is_refused_and_nothing_is_kept(
    store: Store, admin: Person, key: str
) -> None:
    with pytest.raises(InputError, match="API key"):
        connections.add(store, admin, name="Main", api_key=key, agreed=True)
    assert connections.all(store, admin) == ()


def test_the_key_is_encrypted_and_shows_nowhere(
    store: Store, admin: Person, settings: Settings
) -> None:
    made = connections.add(store, admin, name="Main", api_key=f" {KEY} ", agreed=True)
    assert consent.passage(store, admin, made.id).api_key == KEY
    assert KEY.encode() not in on_disk(settings.state)
    way = consent.passage(store, admin, "main")
    assert way.api_key == KEY
    assert KEY not in repr((made, way, audit.entries(store, admin)))


def test_removing_leaves_not_even_the_ciphertext(
    store: Store, admin: Person, settings: Settings
) -> None:
    made = connections.add(store, admin, name="Main", api_key=KEY, agreed=True)
    with store.read() as db:
        ciphertext = bytes(db.exec_driver_sql("SELECT ciphertext FROM secrets").scalar_one())
    assert ciphertext in on_disk(settings.state)
    connections.remove(store, admin, made.id)
    assert ciphertext not in on_disk(settings.state)
    with pytest.raises(NotFoundError):
        consent.passage(store, admin, made.id)


def test_rotating_leaves_only_the_new_key(store: Store, admin: Person, settings: Settings) -> None:
    made = connections.add(store, admin, name="Main", api_key=KEY, agreed=True)
    with store.read() as db:
        former = bytes(db.exec_driver_sql("SELECT ciphertext FROM secrets").scalar_one())
    connections.rotate(store, admin, "MAIN", "fedcba-us7")
    assert consent.passage(store, admin, made.id).api_key == "fedcba-us7"
    assert former not in on_disk(settings.state)


def test_a_removed_key_is_gone_while_another_process_holds_the_store_open(
    store: Store, admin: Person, settings: Settings
) -> None:
    made = connections.add(store, admin, name="Main", api_key=KEY, agreed=True)
    code = (
        "import sys; from lib.settings import load; from lib.store import audit, open_store\n"
        "from lib.access import LOCAL_ADMINISTRATOR as who\n"
        f"with open_store(load(state={str(settings.state)!r})) as store:\n"
        "    print(audit.verify(store, who).entries, flush=True); sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None and other.stdout.readline().strip() == "1"
        with store.read() as db:
            kept = bytes(db.exec_driver_sql("SELECT ciphertext FROM secrets").scalar_one())
        connections.remove(store, admin, made.id)
        assert kept not in on_disk(settings.state)
        other.kill()


def test_contributors_see_name_and_type_of_what_is_shared_only(
    store: Store, world: "World", admin: Person, contributor: Person, viewer: Person
) -> None:
    shared = world.connection("Shared", shared=True)
    hidden = world.connection("Hidden", shared=False)
    assert len(connections.all(store, admin)) == 2
    (seen,) = connections.all(store, contributor)
    assert (seen.id, seen.name, seen.shared) == (shared.id, "Shared", True)
    assert seen == connections.Connection(shared.id, "Shared", shared=True)
    with pytest.raises(NotFoundError):
        connections.get(store, contributor, hidden.id)
    assert connections.all(store, viewer) == ()


def test_contributors_may_use_what_is_shared_only(
    store: Store, world: "World", contributor: Person, viewer: Person
) -> None:
    world.connection("Shared", shared=True)
    world.connection("Hidden", shared=False)
    assert consent.passage(store, contributor, "Shared").api_key
    with pytest.raises(ForbiddenError, match="Ask an administrator"):
        consent.passage(store, contributor, "Hidden")
    with pytest.raises(ForbiddenError):
        consent.passage(store, viewer, "Shared")


def test_a_contributor_is_held_to_the_limits_of_the_same_account(
    store: Store, admin: Person, contributor: Person
) -> None:
    made = connections.add(
        store, admin, name="Main", api_key=KEY, agreed=True, shared=True, account_id="acc1"
    )
    ways = [consent.passage(store, who, made.id) for who in (admin, contributor)]
    assert {way.account_id for way in ways} == {"acc1"} and "acc1" not in repr(ways)


def test_a_connection_in_use_is_not_removed_and_its_exports_are_named(
    store: Store, world: "World", admin: Person
) -> None:
    used = world.export("Weekly").connection_id or ""
    with pytest.raises(InUseError, match="“Weekly”"):
        connections.remove(store, admin, used)
    exports.detach(store, admin, "weekly")
    connections.remove(store, admin, used)
    assert exports.get(store, admin, "weekly").connection_name == ""


def test_withdrawn_consent_stops_the_key_and_live_runs(
    store: Store, world: "World", admin: Person
) -> None:
    run = world.run()
    used = run.connection_id or ""
    progress.begin(store, run.id)
    consent.withdraw(store, admin, used)
    assert runs.get(store, admin, run.id).cancel_requested
    with pytest.raises(RefusedError, match="withdrawn"):
        consent.passage(store, admin, used)
    assert "“To Weekly” was withdrawn" in consent.withdrawn(store, used)
    consent.agree(store, admin, used)
    assert consent.withdrawn(store, used) == ""
    assert consent.passage(store, admin, used).api_key


def test_editing_changes_what_is_given_and_says_so_in_the_log(
    store: Store, world: "World", admin: Person
) -> None:
    made = world.connection("Main", shared=False)
    changed = connections.edit(store, admin, "main", name="Primary", shared=True)
    assert (changed.name, changed.shared, changed.api_url) == ("Primary", True, made.api_url)
    entry = audit.entries(store, admin)[0]
    assert (entry.verb, entry.old, entry.new) == (
        "changed",
        '{"name":"Main","shared":false}',
        '{"name":"Primary","shared":true}',
    )


def test_an_edit_that_changes_nothing_is_not_logged(
    store: Store, world: "World", admin: Person
) -> None:
    world.connection("Main")
    before = len(audit.entries(store, admin))
    connections.edit(store, admin, "Main", name="Main")
    assert len(audit.entries(store, admin)) == before


def test_a_name_can_change_its_case_but_not_become_anothers(
    store: Store, world: "World", admin: Person
) -> None:
    world.connection("Main")
    world.connection("Other")
    assert connections.edit(store, admin, "main", name="MAIN").name == "MAIN"
    with pytest.raises(NameTakenError):
        connections.edit(store, admin, "main", name="other")


def test_the_contract_limit_is_kept_and_forgotten(
    store: Store, world: "World", admin: Person
) -> None:
    world.connection("Main")
    assert connections.set_contract_limit(store, admin, "Main", 25_000).contract_limit == 25_000
    assert connections.set_contract_limit(store, admin, "Main", None).contract_limit is None
    with pytest.raises(InputError):
        connections.set_contract_limit(store, admin, "Main", 0)


def test_another_url_comes_with_a_key_and_lets_approvals_lapse(
    store: Store, world: "World", admin: Person
) -> None:
    export = world.export()
    rules.approve_rules(store, admin, export.id)
    plan = world.approved(export)
    connections.rotate(store, admin, "To Weekly", "0123abcd-us6")
    assert exports.get(store, admin, export.id).rules_approved
    run = progress.request(store, admin, plan.id)
    with pytest.raises(InUseError, match="is not over"):
        connections.rotate(store, admin, "To Weekly", KEY, api_url="https://proxy.test")
    progress.cancel(store, admin, run.id)
    moved = connections.rotate(store, admin, "To Weekly", KEY, api_url="https://proxy.test")
    assert moved.api_url == "https://proxy.test"
    assert exports.get(store, admin, export.id).rules_lapsed
    with pytest.raises(NotApprovedError):
        plans.approve(store, admin, plan.id)
    entry = audit.entries(store, admin)[0]
    assert '"api_url":"https://proxy.test"' in entry.new and KEY not in entry.new


def test_without_consent_nothing_is_planned_approved_run_or_resumed(
    store: Store, world: "World", admin: Person
) -> None:
    ready, approved = world.plan(world.export("Ready")), world.approved(world.export("Approved"))
    stopped = progress.cancel(store, admin, world.run("Stopped").id)
    exports_of = ("Ready", "Approved", "Stopped")
    for name in exports_of:
        consent.withdraw(store, admin, f"To {name}")
    deeds: list[Callable[[], object]] = [
        lambda: plans.begin(store, admin, "Ready"),
        lambda: plans.approve(store, admin, ready.id),
        lambda: progress.request(store, admin, approved.id),
        lambda: progress.resume(store, admin, stopped.id),
    ]
    for deed in deeds:
        with pytest.raises(RefusedError, match="was withdrawn, so nothing is sent"):
            deed()
    for name in exports_of:
        consent.agree(store, admin, f"To {name}")
    for deed in deeds:
        deed()
