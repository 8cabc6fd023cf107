"""What pages and commands do, beyond the store, is done by those with the right and nobody else."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from lib.access import LOCAL_ADMINISTRATOR, RIGHTS, Action, Person, Role
from lib.config import Office, accounts, segments, warehouse
from lib.config.oauth import SignIns, Wish
from lib.contacts.matching import Matching
from lib.errors import ForbiddenError
from lib.runs import contract, desk, opening, purge, retention
from lib.settings import Settings
from lib.store import audit, connections, exports, open_store, plans
from lib.store import segments as kept_segments

EDIT, SYSTEM = Action.EDIT_CONNECTIONS, Action.EDIT_SYSTEM


@dataclass(frozen=True)
class Scene:
    """An office, and a plan in the making."""

    office: Office
    plan: plans.Plan


Deed = Callable[[Scene], object]
DEEDS: list[tuple[str, Action, Deed]] = [
    ("accounts.connect_account", EDIT,
     lambda s: accounts.connect_account(s.office, "N", "k", api_url="http://127.0.0.1:9")),
    ("accounts.rotate", EDIT, lambda s: accounts.rotate(s.office, "Main", "k")),
    ("oauth.begin", EDIT, lambda s: SignIns().begin(
        s.office, Wish("N", shared=False, agreed=True), redirect_uri="", browser="")),
    ("oauth.finish", EDIT, lambda s: SignIns().finish(s.office, {}, browser="")),
    ("warehouse.add_source", SYSTEM,
     lambda s: warehouse.add_source(s.office, "t", "/nothing.parquet", "")),
    ("segments.save", Action.EDIT_SEGMENTS, lambda s: save_segment(s.office)),
    ("desk.propose", Action.RUN_EXPORTS, lambda s: desk.propose(
        s.office.store, s.office.settings, s.office.who, "E")),
    ("desk.plan_here", Action.RUN_EXPORTS,
     lambda s: desk.plan_here(s.office.store, s.office.settings, s.office.who, "E")),
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
    ("purge.purge_person", SYSTEM, lambda s: purge.purge_person(
        s.office.store, s.office.settings, s.office.who, "a@muster.test")),
    ("retention.sweep", SYSTEM, lambda s: retention.sweep(
        s.office.store, s.office.settings.model_copy(update={"retention_days": 1}), s.office.who,
        now=datetime.now(UTC))),
]  # fmt: skip


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
        plan = furnish(Office(settings, store, LOCAL_ADMINISTRATOR))
        scene = Scene(Office(settings, store, Person("who@muster.test", "Who", role)), plan)
        before = audit.verify(store, LOCAL_ADMINISTRATOR)
        with pytest.raises(ForbiddenError):
            deed(scene)
        assert audit.verify(store, LOCAL_ADMINISTRATOR) == before


def furnish(office: Office) -> plans.Plan:
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
    return plans.begin(store, who, "E")
