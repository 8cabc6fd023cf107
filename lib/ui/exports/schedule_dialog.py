"""Giving a schedule to one export or several; those that have their own can keep it."""

from collections.abc import Sequence

import streamlit as st

from lib.config import Office
from lib.config.schedule import Standing
from lib.store import refresh, rules
from lib.ui import dialogs
from lib.ui.exports import export_acts, schedule_form, standings
from lib.ui.text import _, plural

_KEEP = "export.schedule.keep"


def draw(office: Office, chosen: Sequence[Standing]) -> None:
    """Draw the dialog when it was asked for."""
    if chosen and dialogs.asked("export.schedule"):
        title = plural("Schedule of {count} export", "Schedule of {count} exports", len(chosen))
        dialogs.draw(title, _form, office, chosen, width="medium")


def _form(office: Office, chosen: Sequence[Standing]) -> None:
    st.caption(standings.named(chosen))
    held = {one.export.schedule for one in chosen}
    wanted = schedule_form.draw(
        office,
        f"export.schedule.{'.'.join(sorted(one.export.id for one in chosen))}",
        held.pop() if len(held) == 1 else "",
        refresh.get(office.store),
    )
    apart = [one for one in chosen if not one.follows]
    if apart and len(chosen) > 1:
        st.toggle(
            _("Leave those alone that have a schedule of their own, or run by hand"),
            value=len(apart) < len(chosen),
            key=_KEEP,
        )
        st.caption(_("These have: {names}.").format(names=standings.named(apart)))
    awaiting = [one for one in chosen if not one.export.rules_approved]
    if awaiting and wanted != schedule_form.BY_HAND:
        st.caption(
            _(
                ":orange[:material/front_hand: Nobody has approved the rules of {names}: they run "
                "by themselves once somebody does so on the set-up page.]"
            ).format(names=standings.named(awaiting))
        )
    dialogs.draw_finish(
        _("Save"), _save, office, chosen, wanted, key="export.save", disabled=wanted is None
    )


def _save(office: Office, chosen: Sequence[Standing], schedule: str) -> None:
    keep = len(chosen) > 1 and bool(st.session_state.get(_KEEP, False))
    refs = [one.export.id for one in chosen]
    rules.set_schedule(office.store, office.who, refs, schedule, override=not keep)
    changed = [one for one in chosen if one.follows or not keep]
    if changed:
        export_acts.tell(_("Schedule saved: {names}.").format(names=standings.named(changed)))
    else:
        export_acts.tell(_("All of them kept the schedule they have."))
