"""One plan as it is kept, and which of them may be carried out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection as Db
from sqlalchemy import RowMapping, insert, select

from lib.errors import NotApprovedError, NotFoundError, OverLimitError
from lib.store import export_record, names
from lib.store.export_record import Export
from lib.store.rows import build
from lib.store.tables import plans


class PlanState(StrEnum):
    """How far a plan is."""

    MAKING = "making"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Plan:
    """One plan; its contacts are in Parquet files in ``directory``."""

    id: str
    export_id: str
    export_name: str
    export_revision: int
    """Revision of the export it was made from."""
    state: PlanState
    kind: str
    """``push``, or ``undo`` of a run."""
    counts: Mapping[str, Any] = field(hash=False)
    """At least ``fates``, ``over_limit``, ``contacts`` and ``calls``, once ready."""
    fingerprint: str
    """Hash over everything that would be sent."""
    directory: str
    made_at: datetime
    made_by: str
    ready_at: datetime | None
    approved_by: str | None
    approved_at: datetime | None
    approved_fingerprint: str | None
    message: str
    """Why it failed, or what to know of it when it is ready, in words for people."""
    undoes: str = ""
    """The run that it takes back, when its kind is ``undo``."""
    trigger: str = ""
    """What began an attempt that needs no yes of its own, see ``attempts``; empty: a person."""


def put(
    db: Db,
    export: Export,
    *,
    by: str,
    at: datetime,
    directory: str = "",
    undoes: str = "",
    trigger: str = "",
) -> Plan:
    """Write down that a plan of an export is being made."""
    row = {
        "id": names.new_id("pln"),
        "export_id": export.id,
        "export_name": export.name,
        "export_revision": export.revision,
        "state": PlanState.MAKING,
        "kind": "undo" if undoes else "push",
        "undoes": undoes,
        "trigger": trigger,
        "counts": {},
        "directory": directory,
        "made_at": at,
        "made_by": by,
    }
    db.execute(insert(plans).values(row))
    return find(db, str(row["id"]))


def find(db: Db, plan_id: str) -> Plan:
    """Find one by id inside a transaction."""
    row = db.execute(select(plans).where(plans.c.id == plan_id)).mappings().first()
    if row is None:
        raise NotFoundError(f"There is no plan “{plan_id}”.")
    return plan_of(row)


def plan_of(row: RowMapping) -> Plan:
    """Read one from its row."""
    return build(Plan, row, state=PlanState(row["state"]), counts=row["counts"] or {})


def require_current(db: Db, plan: Plan, fingerprint: str | None) -> None:
    """Let pass a ready plan of the export as it is now, within the limit.

    Raises:
        NotApprovedError, OverLimitError: as in ``approve``.
    """
    if plan.state is not PlanState.READY:
        raise NotApprovedError("This plan is not ready: make a new one.")
    if fingerprint is not None and fingerprint != plan.fingerprint:
        raise NotApprovedError("This is not the plan you looked at: look at the newest one.")
    if plan.export_revision != export_record.find(db, plan.export_id).revision:
        raise NotApprovedError("The export was changed after this plan was made: make a new one.")
    over = int(plan.counts.get("over_limit") or 0)
    if over:
        raise OverLimitError(
            f"The export holds {over:,} profiles more than allowed: choose smaller segments."
        )
