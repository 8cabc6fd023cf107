import contextlib
import importlib
import inspect
import pkgutil
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import lib.store
from lib.access import LOCAL_ADMINISTRATOR, RIGHTS, Action, Person, Role
from lib.contacts.matching import Matching
from lib.errors import ForbiddenError, MusterError, NotFoundError
from lib.settings import ROOT, Settings, load
from lib.sources import Source
from lib.store import (
    Store,
    attempts,
    audit,
    channels,
    choices,
    connections,
    consent,
    counts,
    exports,
    firings,
    forgetting,
    history,
    kept_keys,
    locking,
    notices,
    open_store,
    plans,
    progress,
    refresh,
    rejections,
    rules,
    runs,
    segments,
    sources,
    timetable,
)
from lib.store.box import Box, fresh_key
from lib.store.guard import Guard
from lib.store.runs import RunState

if TYPE_CHECKING:
    from tests.store.conftest import World

# Names of what `furnish` puts into the store; run and plan ids are found by the export's name.
E, C, G = "Weekly", "To Weekly", "In Weekly"
NEW = Matching("email")

Deed = Callable[[Store, Person], object]
DEEDS: list[tuple[str, Action, Deed]] = [
    ("connections.add", Action.EDIT_CONNECTIONS,
     lambda s, w: connections.add(s, w, name="N", api_key="k-us1", agreed=True)),
    ("connections.edit", Action.EDIT_CONNECTIONS, lambda s, w: connections.edit(s, w, C, name="N")),
    ("connections.set_contract_limit", Action.EDIT_CONNECTIONS,
     lambda s, w: connections.set_contract_limit(s, w, C, 5)),
    ("connections.rotate", Action.EDIT_CONNECTIONS, lambda s, w: connections.rotate(s, w, C, "k")),
    ("connections.remove", Action.EDIT_CONNECTIONS,
     lambda s, w: connections.remove(s, w, "Spare")),
    ("kept_keys.reference", Action.EDIT_CONNECTIONS, lambda s, w: kept_keys.reference(s, w, C)),
    ("kept_keys.differs", Action.EDIT_CONNECTIONS, lambda s, w: kept_keys.differs(s, w, C, "k")),
    ("connections.all", Action.LOOK, connections.all),
    ("connections.get", Action.LOOK, lambda s, w: seen_or_hidden(s, w, C)),
    ("consent.agree", Action.EDIT_CONNECTIONS, lambda s, w: consent.agree(s, w, C)),
    ("consent.withdraw", Action.EDIT_CONNECTIONS, lambda s, w: consent.withdraw(s, w, C)),
    ("consent.passage", Action.EDIT_EXPORTS, lambda s, w: consent.passage(s, w, C)),
    ("segments.add", Action.EDIT_SEGMENTS, lambda s, w: segments.add(s, w, name="N", sql="S")),
    ("segments.edit", Action.EDIT_SEGMENTS, lambda s, w: segments.edit(s, w, G, sql="S")),
    ("segments.rename", Action.EDIT_SEGMENTS, lambda s, w: segments.rename(s, w, G, "N")),
    ("segments.duplicate", Action.EDIT_SEGMENTS, lambda s, w: segments.duplicate(s, w, G, "N")),
    ("segments.remove", Action.EDIT_SEGMENTS, lambda s, w: segments.remove(s, w, "Unused")),
    ("segments.all", Action.LOOK, segments.all),
    ("segments.count", Action.LOOK, segments.count),
    ("segments.get", Action.LOOK, lambda s, w: segments.get(s, w, G)),
    ("counts.record", Action.QUERY, lambda s, w: counts.record(s, w, G, 5)),
    ("counts.trend", Action.LOOK, lambda s, w: counts.trend(s, w, G)),
    ("counts.newest", Action.LOOK, counts.newest),
    ("sources.add", Action.EDIT_SYSTEM, lambda s, w: sources.add(s, w, Source("n", "/n"))),
    ("sources.replace", Action.EDIT_SYSTEM, lambda s, w: sources.replace(s, w, Source("t", "/n"))),
    ("sources.remove", Action.EDIT_SYSTEM, lambda s, w: sources.remove(s, w, "t")),
    ("sources.all", Action.LOOK, sources.all),
    ("sources.get", Action.LOOK, lambda s, w: sources.get(s, w, "t")),
    ("exports.add", Action.EDIT_EXPORTS, lambda s, w: exports.add(
        s, w, name="N", connection=C, audience_id="a", matching=NEW, segments=[G])),
    ("exports.edit", Action.EDIT_EXPORTS, lambda s, w: exports.edit(s, w, E, name="N")),
    ("exports.duplicate", Action.EDIT_EXPORTS, lambda s, w: exports.duplicate(s, w, E, "N")),
    ("exports.detach", Action.EDIT_EXPORTS, lambda s, w: exports.detach(s, w, E)),
    ("exports.attach", Action.EDIT_EXPORTS, lambda s, w: exports.attach(s, w, E, "Spare")),
    ("exports.remove", Action.EDIT_EXPORTS, lambda s, w: exports.remove(s, w, E)),
    ("exports.all", Action.LOOK, exports.all),
    ("exports.count", Action.LOOK, exports.count),
    ("exports.get", Action.LOOK, lambda s, w: exports.get(s, w, E)),
    ("plans.begin", Action.RUN_EXPORTS, lambda s, w: plans.begin(s, w, E)),
    ("plans.approve", Action.RUN_EXPORTS,
     lambda s, w: plans.approve(s, w, plans.of_export(s, w, E)[0].id)),
    ("plans.abandon", Action.RUN_EXPORTS,
     lambda s, w: plans.abandon(s, w, plans.of_export(s, w, "Making")[0].id, "enough")),
    ("plans.ordered", Action.LOOK, plans.ordered),
    ("plans.made_here", Action.LOOK, plans.made_here),
    ("plans.of_export", Action.LOOK, lambda s, w: plans.of_export(s, w, E)),
    ("plans.get", Action.LOOK, lambda s, w: plans.get(s, w, plans.of_export(s, w, E)[0].id)),
    ("progress.request", Action.RUN_EXPORTS,
     lambda s, w: progress.request(s, w, plans.of_export(s, w, E)[0].id)),
    ("progress.cancel", Action.RUN_EXPORTS,
     lambda s, w: progress.cancel(s, w, runs.live(s, w)[0].id)),
    ("progress.resume", Action.RUN_EXPORTS,
     lambda s, w: progress.resume(s, w, runs.all(s, w, export="Ended")[0].id)),
    ("runs.all", Action.LOOK, runs.all),
    ("runs.newest", Action.LOOK, runs.newest),
    ("runs.live", Action.LOOK, runs.live),
    ("runs.to_add", Action.LOOK, lambda s, w: runs.to_add(s, w, "con_x")),
    ("runs.of_plan", Action.LOOK, lambda s, w: runs.of_plan(s, w, "pln_x")),
    ("runs.count", Action.LOOK, lambda s, w: runs.count(s, w, state=RunState.DONE)),
    ("runs.get", Action.LOOK, lambda s, w: runs.get(s, w, runs.all(s, w)[0].id)),
    ("rejections.page", Action.LOOK, lambda s, w: rejections.page(s, w, "run_x")),
    ("rejections.count", Action.LOOK, lambda s, w: rejections.count(s, w, "run_x")),
    ("rejections.stream", Action.LOOK, lambda s, w: rejections.stream(s, w, "run_x")),
    ("rejections.purge", Action.PURGE, lambda s, w: rejections.purge(s, w, "a@x.test")),
    ("history.record", Action.QUERY, lambda s, w: history.record(s, w, "SELECT 1", ms=1)),
    ("history.all", Action.QUERY, history.all),
    ("forgetting.forget_person", Action.PURGE,
     lambda s, w: forgetting.forget_person(s, w, "a@x.test")),
    ("forgetting.expired", Action.EDIT_SYSTEM, lambda s, w: forgetting.expired(s, w, s.clock())),
    ("forgetting.forget_old", Action.EDIT_SYSTEM,
     lambda s, w: forgetting.forget_old(s, w, [], s.clock())),
    ("consent.contract", Action.EDIT_EXPORTS, lambda s, w: consent.contract(s, w, C)),
    ("audit.stream", Action.READ_AUDIT, audit.stream),
    ("audit.known", Action.READ_AUDIT, audit.known),
    ("choices.put", Action.EDIT_SYSTEM, lambda s, w: choices.put(s, w, "k", 1)),
    ("channels.add", Action.EDIT_SYSTEM, lambda s, w: channels.add(
        s, w, name="N", kind="mail", target="n@muster.test")),
    ("channels.all", Action.EDIT_SYSTEM, channels.all),
    ("channels.get", Action.EDIT_SYSTEM, lambda s, w: channels.get(s, w, "Ops")),
    ("channels.switch", Action.EDIT_SYSTEM,
     lambda s, w: channels.switch(s, w, "Ops", active=False)),
    ("channels.aim", Action.EDIT_SYSTEM, lambda s, w: channels.aim(s, w, "Ops", "n@muster.test")),
    ("channels.remove", Action.EDIT_SYSTEM, lambda s, w: channels.remove(s, w, "Ops")),
    ("notices.log", Action.EDIT_SYSTEM, notices.log),
    ("channels.add", Action.EDIT_SYSTEM,
     lambda s, w: channels.add(s, w, name="N", kind="mail", target="ada@muster.test")),
    ("channels.all", Action.EDIT_SYSTEM, channels.all),
    ("channels.get", Action.EDIT_SYSTEM, lambda s, w: channels.get(s, w, "Mail")),
    ("channels.switch", Action.EDIT_SYSTEM,
     lambda s, w: channels.switch(s, w, "Mail", active=False)),
    ("channels.aim", Action.EDIT_SYSTEM,
     lambda s, w: channels.aim(s, w, "Mail", "bo@muster.test")),
    ("channels.remove", Action.EDIT_SYSTEM, lambda s, w: channels.remove(s, w, "Mail")),
    ("notices.log", Action.EDIT_SYSTEM, notices.log),
    ("rules.set_schedule", Action.EDIT_EXPORTS, lambda s, w: rules.set_schedule(s, w, [E], "off")),
    ("rules.switch", Action.EDIT_EXPORTS, lambda s, w: rules.switch(s, w, [E], active=False)),
    ("rules.set_guard", Action.EDIT_EXPORTS, lambda s, w: rules.set_guard(s, w, E, Guard())),
    ("rules.approve_rules", Action.RUN_EXPORTS, lambda s, w: rules.approve_rules(s, w, E)),
    ("rules.withdraw_rules", Action.RUN_EXPORTS, lambda s, w: rules.withdraw_rules(s, w, E)),
    ("attempts.ask", Action.RUN_EXPORTS, lambda s, w: attempts.ask(s, w, E)),
    ("locking.lock_anew", Action.EDIT_SYSTEM,
     lambda s, w: locking.lock_anew(s, w, Box(fresh_key()))),
    ("refresh.put", Action.EDIT_SYSTEM, lambda s, w: refresh.put(s, w, "")),
    ("timetable.terms", Action.LOOK, timetable.terms),
    ("firings.newest", Action.LOOK, firings.newest),
    ("audit.entries", Action.READ_AUDIT, audit.entries),
    ("audit.verify", Action.READ_AUDIT, audit.verify),
]  # fmt: skip


# What concerns nobody but the person themselves.
EVERYBODYS = {"choices.own", "choices.put_own", "sign_ins.begun", "sign_ins.ended"}
# What the worker does on behalf of somebody whose right was checked when they ordered it, the
# parts that the deeds above are made of, and what everybody may know.
NOBODYS = {
    *("batches.all", "batches.doubt_unanswered", "batches.mark_answered"),
    *("batches.mark_in_doubt", "batches.mark_sent", "batches.mark_unsent"),
    *("batches.open_batches", "batches.plan", "batches.tally"),
    *("progress.begin", "progress.cancel_requested", "progress.enter"),
    *("progress.finish", "progress.settle", "progress.tell", "plans.fail", "plans.finish"),
    *(
        "firings.forget",
        "firings.note_of",
        "firings.waits",
        "timetable.turns",
        "choices.get",
        "refresh.get",
    ),
    *("notices.attempt", "notices.due", "notices.failed", "notices.sent", "notices.settle"),
    *("attempts.before", "attempts.begin", "attempts.carry_out", "attempts.end"),
    *("attempts.give_up", "attempts.skip", "attempts.undecided"),
    *("channels.target", "consent.withdrawn", "secrets.put", "secrets.take"),
}
PARTS = {"acts.acting", "audit.record"}


def functions() -> Iterator[tuple[str, list[str]]]:
    """Find every public function of the store that takes the store, with its parameters."""
    for found in pkgutil.iter_modules(lib.store.__path__):
        module = importlib.import_module(f"lib.store.{found.name}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            names = list(inspect.signature(function).parameters)
            if function.__module__ == module.__name__ and names[:1] == ["store"]:
                yield f"{found.name}.{name}", names


def test_every_function_of_the_store_is_a_deed_with_a_right_or_known_to_need_none() -> None:
    asked = {name for name, names in functions() if "who" in names and "._" not in name}
    unasked = {name for name, names in functions() if "who" not in names and "._" not in name}
    known = {deed[0] for deed in DEEDS} | EVERYBODYS | PARTS
    assert sorted(asked ^ known) == [], "give each a deed above, with the right it asks for"
    assert sorted(unasked ^ NOBODYS) == [], "who may call it? Give it a person, or say it above"


def test_nobody_but_the_store_opens_a_transaction() -> None:
    outside = [path for room in ("lib", "pages") for path in (ROOT / room).rglob("*.py")]
    inside = ROOT / "lib" / "store"
    opens = re.compile(r"(store|office\.store)\.(read|write)\(")
    found = [path for path in outside if inside not in path.parents]
    assert [path.name for path in found if opens.search(path.read_text("utf-8"))] == []


def seen_or_hidden(store: Store, who: Person, ref: str) -> None:
    with contextlib.suppress(NotFoundError):
        connections.get(store, who, ref)


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory, world_of: "type[World]") -> Path:
    """Return a state directory with something of everything, to be copied for each deed."""
    state = tmp_path_factory.mktemp("furnished")
    with open_store(load(state=state, store_url="", secret_key="")) as store:
        furnish(world_of(store), LOCAL_ADMINISTRATOR)
        store.scrub()
    return state


def furnish(world: "World", admin: Person) -> None:
    world.approved(world.export(E))
    world.run("Running")
    plans.begin(world.store, admin, world.export("Making").id)
    ended = world.run("Ended")
    progress.cancel(world.store, admin, ended.id)
    world.connection("Spare")
    segments.add(world.store, admin, name="Unused", sql="SELECT 1")
    sources.add(world.store, admin, Source("t", "/t"))
    sources.add(world.store, admin, Source("u", "/u"))
    channels.add(world.store, admin, name="Mail", kind="mail", target="ada@muster.test")
    channels.add(world.store, admin, name="Ops", kind="mail", target="ops@muster.test")


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize(("action", "deed"), [d[1:] for d in DEEDS], ids=[d[0] for d in DEEDS])
def test_every_deed_is_done_by_those_with_the_right_and_nobody_else(
    settings: Settings, furnished: Path, role: Role, action: Action, deed: Deed
) -> None:
    who = Person("who@muster.test", "Who", role)
    shutil.copytree(furnished, settings.state)
    with open_store(settings) as store:
        if action in RIGHTS[role]:
            deed(store, who)
        else:
            before = audit.verify(store, LOCAL_ADMINISTRATOR)
            with pytest.raises(ForbiddenError, match=str(role)):
                deed(store, who)
            assert audit.verify(store, LOCAL_ADMINISTRATOR) == before


@pytest.mark.parametrize("role", [Role.VIEWER, Role.CONTRIBUTOR])
def test_rights_come_before_what_was_typed(store: Store, role: Role) -> None:
    who = Person("who@muster.test", "Who", role)
    with pytest.raises(ForbiddenError):
        connections.add(store, who, name="", api_key="", agreed=False)
    with pytest.raises(ForbiddenError):
        connections.rotate(store, who, "nothing", "")


def test_no_refusal_shows_an_address_or_a_key(world: "World", viewer: Person) -> None:
    world.connection("Main")
    with pytest.raises(MusterError) as refusal:
        consent.passage(world.store, viewer, "Main")
    assert "@" not in str(refusal.value) and "0123abcd" not in str(refusal.value)
