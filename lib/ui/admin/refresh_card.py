"""The refresh: the one schedule that exports follow, what comes next, and refreshing now."""

from collections.abc import Sequence

import polars as pl
import streamlit as st

from lib.access import Action, may
from lib.config import Office, schedule
from lib.config.schedule import Standing
from lib.store import refresh
from lib.store.refresh import Refresh
from lib.ui import dialogs, errors, moments
from lib.ui.exports import export_acts, recurrence, run_dialog, schedule_form, standings
from lib.ui.markdown import literal
from lib.ui.text import _, said


def draw(office: Office, *, editable: bool) -> None:
    """Draw the refresh.

    Args:
        office: where, and who.
        editable: the person is an administrator.
    """
    export_acts.draw_told()
    held = refresh.get(office.store)
    st.caption(
        _("Exports follow it unless they have a schedule of their own. Times are those of {zone}.")
        .format(zone=office.settings.time_zone)
    )  # fmt: skip
    _draw_held(office, held)
    if editable:
        _draw_choice(office, held)
    else:
        st.caption(_(":material/lock: Only administrators change it."))
    st.button(
        _("Refresh now …"),
        key="system.refresh",
        icon=":material/refresh:",
        disabled=not may(office.who, Action.RUN_EXPORTS),
        help=_("Runs every export that runs by itself, each within its guard rails."),
        on_click=dialogs.ask,
        args=("system.refresh",),
    )
    listed = schedule.overview(office)
    _draw_coming(office, listed)
    if dialogs.asked("system.refresh"):
        dialogs.draw(_("Refresh now?"), run_dialog.draw_refresh, office, listed)


def _draw_held(office: Office, held: Refresh) -> None:
    if not held.cron or held.since is None:
        st.markdown(_("There is **no refresh**: exports that follow it run by hand only."))
        return
    text = _("**{when}**, chosen by {who} {since}.").format(
        when=recurrence.sentence(held.cron).capitalize(),
        who=literal(said(held.by)),
        since=moments.said(held.since, office.settings.time_zone),
    )
    st.markdown(text)
    schedule_form.draw_dates(office, held.cron)


def _draw_choice(office: Office, held: Refresh) -> None:
    title = _("Change the refresh") if held.cron else _("Choose a refresh")
    prefix = f"system.refresh.{held.cron}"
    box = st.expander(title, icon=":material/edit_calendar:", key="system.refresh.edit")
    with box:
        wanted: str | None = ""
        if st.toggle(_("Refresh by schedule"), value=True, key=f"{prefix}.on"):
            wanted = schedule_form.draw_cron(office, prefix, held.cron)
        st.button(
            _("Save the refresh"),
            key="system.refresh.save",
            type="primary",
            disabled=wanted is None or wanted == held.cron,
            on_click=_save,
            args=(office, wanted),
        )


def _save(office: Office, cron: str) -> None:
    if errors.attempt(refresh.put, office.store, office.who, cron):
        done = _("The refresh is saved.") if cron else _("There is no refresh any more.")
        export_acts.tell(done)


def _draw_coming(office: Office, listed: Sequence[Standing]) -> None:
    coming = [(one.next_run, one) for one in listed if one.next_run is not None]
    coming.sort(key=lambda pair: pair[0])
    held_up = [one for one in listed if standings.held_up(one)]
    st.markdown(_("**What runs next**"))
    if not coming:
        st.caption(_("No export runs by itself."))
    else:
        zone, follows = office.settings.time_zone, refresh.get(office.store).cron
        rows = [
            (
                moments.said(at, zone),
                one.export.name,
                recurrence.schedule(one.export.schedule, follows),
            )
            for at, one in coming
        ]
        st.dataframe(
            pl.DataFrame(rows, schema=[_("Next run"), _("Export"), _("Schedule")], orient="row"),
            hide_index=True,
            height="content" if len(rows) <= 8 else 320,
            alt=_("Next runs of all exports"),
        )
    if held_up:
        told = standings.named(held_up, why=True)
        st.caption(_("Held up: {names}.").format(names=told))
