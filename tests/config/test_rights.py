"""What pages and commands do, beyond the store, is done by those with the right and nobody else."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

import lib.config
import lib.runs
from lib.access import LOCAL_ADMINISTRATOR, RIGHTS, Action, Person, Role
from lib.config import (
    Office,
    accounts,
    applying,
    describing,
    encryption,
    removal,
    schedule,
    segments,
    warehouse,
)
from lib.config import exports as config_exports
from lib.config.configuration import Configuration
from lib.config.oauth import SignIns, Wish
from lib.contacts.matching import Matching
from lib.errors import ForbiddenError
from lib.mailchimp.credentials import Credentials
from lib.runs import contract, desk, notices, opening
from lib.runs.keeping import purge, retention
from lib.settings import Settings
from lib.store import audit, channels, connections, exports, open_store, plans, progress, runs
from lib.store import segments as kept_segments

EDIT, SYSTEM = Action.EDIT_CONNECTIONS, Action.EDIT_SYSTEM


@dataclass(frozen=True)
class Scene:
    """An office, a plan that is ready, and a run."""

    office: Office
    plan: plans.Plan
    run: runs.Run


Deed = Callable[[Scene], object]
DEEDS: list[tuple[str, Action, Deed]] = [
    ("accounts.look_up", EDIT, lambda s: accounts.look_up(s.office, Credentials("", "k-us1"))),
    ("accounts.connect_account", EDIT,
     lambda s: accounts.connect_account(s.office, "N", "k", api_url="http://127.0.0.1:9")),
    ("accounts.rotate", EDIT, lambda s: accounts.rotate(s.office, "Main", "k")),
    ("accounts.edit", EDIT, lambda s: accounts.edit(s.office, "Main", name="N")),
    ("accounts.open_account", Action.EDIT_EXPORTS,
     lambda s: accounts.open_account(s.office, "Main").close()),
    ("accounts.test", Action.EDIT_EXPORTS, lambda s: accounts.test(s.office, "Main")),
    ("removal.part", EDIT, lambda s: removal.part(s.office, "Main", "detach")),
    ("removal.let_go", Action.EDIT_EXPORTS, lambda s: removal.let_go(s.office, "E", "detach")),
    ("removal.remove", EDIT, lambda s: removal.remove(s.office, "Main")),
    ("describing.describe", SYSTEM, lambda s: describing.describe(s.office)),
    ("applying.apply", SYSTEM, lambda s: applying.apply(
        s.office, Configuration(), Path(), dry_run=True)),
    ("encryption.replace", SYSTEM, lambda s: encryption.replace(s.office, "file")),
    ("oauth.begin", EDIT, lambda s: SignIns().begin(
        s.office, Wish("N", shared=False, agreed=True), redirect_uri="", browser="")),
    ("oauth.finish", EDIT, lambda s: SignIns().finish(s.office, {}, browser="")),
    ("warehouse.add_source", SYSTEM,
     lambda s: warehouse.add_source(s.office, "t", "/nothing.parquet", "")),
    ("warehouse.remove_source", SYSTEM, lambda s: warehouse.remove_source(s.office, "t")),
    ("warehouse.refresh_source", SYSTEM, lambda s: warehouse.refresh_source(s.office, "t")),
    ("segments.save", Action.EDIT_SEGMENTS, lambda s: save_segment(s.office)),
    ("exports.check", Action.EDIT_EXPORTS, lambda s: save_export(s.office, config_exports.check)),
    ("exports.save", Action.EDIT_EXPORTS, lambda s: save_export(s.office, config_exports.save)),
    ("exports.attach", Action.EDIT_EXPORTS,
     lambda s: config_exports.attach(s.office, "E", "Main")),
    ("desk.propose", Action.RUN_EXPORTS, lambda s: desk.propose(
        s.office.store, s.office.settings, s.office.who, "E")),
    ("schedule.refresh_now", Action.RUN_EXPORTS, lambda s: schedule.refresh_now(s.office)),
    ("schedule.run_all", Action.RUN_EXPORTS, lambda s: schedule.run_all(s.office, ["E"])),
    ("desk.plan_here", Action.RUN_EXPORTS,
     lambda s: desk.plan_here(s.office.store, s.office.settings, s.office.who, "E")),
    ("desk.propose_undo", Action.RUN_EXPORTS, lambda s: desk.propose_undo(
        s.office.store, s.office.settings, s.office.who, s.run.id)),
    ("desk.undo_here", Action.RUN_EXPORTS, lambda s: desk.undo_here(
        s.office.store, s.office.settings, s.office.who, s.run.id)),
    ("desk.run_plan", Action.RUN_EXPORTS, lambda s: desk.run_plan(
        s.office.store, s.office.settings, s.office.who, "E", s.plan.id)),
    ("desk.run_now", Action.RUN_EXPORTS, lambda s: desk.run_now(
        s.office.store, s.office.settings, s.office.who, "E")),
    ("desk.abandon", Action.RUN_EXPORTS,
     lambda s: desk.abandon(s.office.store, s.office.who, s.plan.id)),
    ("desk.approve_and_start", Action.RUN_EXPORTS, lambda s: desk.approve_and_start(
        s.office.store, s.office.settings, s.office.who, s.plan.id)),
    ("desk.cancel", Action.RUN_EXPORTS,
     lambda s: desk.cancel(s.office.store, s.office.who, "run_x")),
    ("desk.resume", Action.RUN_EXPORTS, lambda s: desk.resume(
        s.office.store, s.office.settings, s.office.who, "run_x")),
    ("opening.mailchimp", Action.EDIT_EXPORTS, lambda s: opening.mailchimp(
        s.office.store, s.office.settings, s.office.who, "Main").close()),
    ("contract.held", Action.EDIT_EXPORTS, lambda s: contract.held(
        s.office.store, s.office.settings, s.office.who, "Main")),
    ("contract.room", Action.EDIT_EXPORTS, lambda s: contract.room(
        s.office.store, s.office.settings, s.office.who, s.plan)),
    ("contract.require_room", Action.EDIT_EXPORTS, lambda s: contract.require_room(
        s.office.store, s.office.settings, s.office.who, s.plan)),
    ("notices.test", SYSTEM, lambda s: notices.test(
        s.office.store, s.office.settings, s.office.who, "Mail")),
    ("purge.purge_person", Action.PURGE, lambda s: purge.purge_person(
        s.office.store, s.office.settings, s.office.who, "a@muster.test")),
    ("purge.receipts", Action.PURGE, lambda s: purge.receipts(
        s.office.store, s.office.settings, s.office.who)),
    ("retention.choose", SYSTEM,
     lambda s: retention.choose(s.office.store, s.office.who, 30)),
    ("retention.sweep", SYSTEM, lambda s: retention.sweep(
        s.office.store, s.office.settings.model_copy(update={"retention_days": 1}), s.office.who,
        now=datetime.now(UTC))),
]  # fmt: skip


# Everybody who may come in at all may do these.
LOOKS = {
    *("segments.count", "warehouse.sources", "warehouse.open_warehouse", "desk.follow"),
    *("opening.sources", "opening.warehouse", "removal.users"),
    *("schedule.next_runs", "schedule.overview"),
    *("schedule.next_refreshes", "schedule.outcome", "exports.draft_of"),
}
# Made of deeds, or the worker's, on behalf of somebody whose right was checked at the order.
PARTS = {
    *("keys.is_new", "keys.is_new_url"),
    *("carrying.source", "carrying.connection", "carrying.segment", "carrying.export"),
    *("carrying.channel", "accounts.require_user"),
}


def functions() -> Iterator[str]:
    """Find every public function that somebody does something with."""
    for room in (lib.config, lib.runs):
        for found in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            module = importlib.import_module(found.name)
            for name, function in inspect.getmembers(module, inspect.isfunction):
                takes = {"office", "who"} & set(inspect.signature(function).parameters)
                if takes and function.__module__ == module.__name__ and name[0] != "_":
                    yield f"{found.name.rpartition('.')[2]}.{name}"


def test_every_function_with_a_person_is_a_deed_with_a_right_or_known_to_need_none() -> None:
    methods = {"oauth.begin", "oauth.finish"}
    known = {deed[0] for deed in DEEDS} - methods | LOOKS | PARTS
    assert sorted(set(functions()) ^ known) == [], "give each a deed above, with its right"


def save_export(office: Office, do: Callable[..., object]) -> None:
    draft = config_exports.Draft("N", "Main", "a", Matching("email"), ("S",))
    with warehouse.open_warehouse(office) as opened:
        do(office, opened, draft)


def save_segment(office: Office) -> None:
    with warehouse.open_warehouse(office) as opened:
        segments.save(office, opened, segments.Wording("N", sql="select * from profiles"))


REFUSED = [
    pytest.param(role, deed, id=f"{name}-{role}")
    for name, action, deed in DEEDS
    for role in Role
    if action not in RIGHTS[role]
]


@pytest.mark.parametrize(("role", "deed"), REFUSED)
def test_every_deed_is_refused_to_whoever_has_no_right_to_it(
    settings: Settings, role: Role, deed: Deed
) -> None:
    with open_store(settings) as store:
        plan, run = furnish(Office(settings, store, LOCAL_ADMINISTRATOR))
        scene = Scene(Office(settings, store, Person("who@muster.test", "Who", role)), plan, run)
        before = audit.verify(store, LOCAL_ADMINISTRATOR)
        with pytest.raises(ForbiddenError):
            deed(scene)
        assert audit.verify(store, LOCAL_ADMINISTRATOR) == before


def furnish(office: Office) -> tuple[plans.Plan, runs.Run]:
    store, who = office.store, office.who
    # Nobody listens there, so that nothing answers.
    made = connections.add(
        store, who, name="Main", api_key="k", api_url="http://127.0.0.1:9", shared=True,
        agreed=True,
    )  # fmt: skip
    one = kept_segments.add(store, who, name="S", sql="select * from profiles")
    exports.add(
        store, who, name="E", connection=made.id, audience_id="a", matching=Matching("email"),
        segments=[one.id],
    )  # fmt: skip
    connections.set_contract_limit(store, who, made.id, 5)
    channels.add(store, who, name="Mail", kind="mail", target="ada@muster.test")
    plan = plans.begin(store, who, "E")
    done = plans.finish(store, plan.id, counts={"fates": {"added": 9}}, fingerprint="f")
    plans.approve(store, who, done.id)
    run = progress.request(store, who, done.id)
    progress.cancel(store, who, run.id)
    return plans.begin(store, who, "E"), run
