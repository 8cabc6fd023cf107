from typing import TYPE_CHECKING

import pytest

from lib.access import Person
from lib.errors import InUseError, NotApprovedError, NotFoundError, OverLimitError, RefusedError
from lib.store import Store, exports, plans, progress
from lib.store.plans import PlanState

if TYPE_CHECKING:
    from tests.store.conftest import World


def test_a_plan_is_made_then_ready_then_never_changes(
    store: Store, world: "World", admin: Person
) -> None:
    export = world.export()
    made = plans.begin(store, admin, export.id)
    assert made.state is PlanState.MAKING
    assert plans.ordered(store, admin) == (made,)
    ready = plans.finish(store, made.id, counts={"fates": {"added": 1}}, fingerprint="f")
    assert (ready.state, ready.counts["fates"], ready.fingerprint) == (
        PlanState.READY,
        {"added": 1},
        "f",
    )
    with pytest.raises(InUseError, match="cannot change"):
        plans.finish(store, made.id, counts={}, fingerprint="g")
    with pytest.raises(InUseError, match="cannot change"):
        plans.fail(store, made.id, "no")


def test_plans_are_listed_newest_first(store: Store, world: "World", admin: Person) -> None:
    export = world.export()
    first, second = world.plan(export), world.plan(export)
    failed = plans.begin(store, admin, export.id)
    plans.fail(store, failed.id, "Mailchimp does not answer.")
    assert [plan.id for plan in plans.of_export(store, admin, "Weekly")] == [
        failed.id,
        second.id,
        first.id,
    ]


def test_approval_is_of_exactly_the_plan_that_was_looked_at(
    store: Store, world: "World", admin: Person
) -> None:
    plan = world.plan(world.export())
    with pytest.raises(NotApprovedError, match="looked at"):
        plans.approve(store, admin, plan.id, fingerprint="another")
    approved = plans.approve(store, admin, plan.id, fingerprint=plan.fingerprint)
    assert (approved.approved_by, approved.approved_fingerprint) == (admin.email, plan.fingerprint)


def test_a_plan_that_is_not_ready_or_over_the_limit_is_not_approved(
    store: Store, world: "World", admin: Person
) -> None:
    export = world.export()
    with pytest.raises(NotApprovedError, match="not ready"):
        plans.approve(store, admin, plans.begin(store, admin, export.id).id)
    with pytest.raises(OverLimitError, match="12,345"):
        plans.approve(store, admin, world.plan(export, over=12_345).id)


def test_only_an_approved_plan_is_carried_out_and_only_once(
    store: Store, world: "World", admin: Person
) -> None:
    plan = world.plan(world.export())
    with pytest.raises(NotApprovedError, match="approve"):
        progress.request(store, admin, plan.id)
    plans.approve(store, admin, plan.id)
    run = progress.request(store, admin, plan.id)
    progress.cancel(store, admin, run.id)
    with pytest.raises(RefusedError, match="carried out before"):
        progress.request(store, admin, plan.id)


def test_a_plan_of_a_detached_export_is_not_carried_out(
    store: Store, world: "World", admin: Person
) -> None:
    plan = world.approved(world.export())
    exports.detach(store, admin, "Weekly")
    with pytest.raises(RefusedError):
        progress.request(store, admin, plan.id)


def test_an_unknown_plan_is_said(store: Store, admin: Person) -> None:
    with pytest.raises(NotFoundError, match="pln_nothing"):
        plans.get(store, admin, "pln_nothing")
