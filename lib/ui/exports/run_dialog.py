"""Running exports from the list: at once where rules are approved, else after a person's yes."""

from collections.abc import Sequence

import streamlit as st

from lib.config import Office, schedule
from lib.config.schedule import Refreshed, Standing
from lib.errors import MusterError
from lib.runs import desk
from lib.ui import dialogs, errors
from lib.ui.exports import export_acts, standings
from lib.ui.text import _, plural, said

_BLOCKED = {"detached", "consent", "user"}


def draw(office: Office, chosen: Sequence[Standing], listed: Sequence[Standing]) -> None:
    """Draw the dialog when it was asked for.

    Args:
        office: where, and who.
        chosen: the exports that are ticked.
        listed: all of them.
    """
    if chosen and dialogs.asked("export.run"):
        title = plural("Run {count} export now?", "Run {count} exports now?", len(chosen))
        dialogs.draw(title, _form, office, chosen)
    elif dialogs.asked("export.run_all"):
        due = [one for one in listed if one.next_run and one.permission == "manage"]
        dialogs.draw(_("Run all that run by themselves?"), _form, office, due)


def _form(office: Office, chosen: Sequence[Standing]) -> None:
    blocked = [one for one in chosen if one.hindrance in _BLOCKED]
    at_once = [one for one in chosen if one not in blocked and one.export.rules_approved]
    asking = [one for one in chosen if one not in blocked and not one.export.rules_approved]
    if at_once:
        st.markdown(
            _(
                ":material/send: **Sent without asking**, within their guard rails, as their "
                "rules are approved: {names}."
            ).format(names=standings.named(at_once))
        )
    if asking:
        st.markdown(
            _(
                ":material/fact_check: **Planned first**, and sent once you approve the plan on "
                "the review page: {names}."
            ).format(names=standings.named(asking))
        )
    if blocked:
        st.markdown(
            _(":material/block: **Not run**: {names}.").format(
                names=standings.named(blocked, why=True)
            )
        )
    if not chosen:
        st.info(_("None of them runs by itself, so there is nothing to run."))
    dialogs.draw_finish(
        _("Run now") if at_once or not asking else _("Make the plans"),
        _start,
        office,
        at_once,
        asking,
        key="export.save",
        icon=":material/play_arrow:",
        disabled=not (at_once or asking),
    )


def _start(office: Office, at_once: Sequence[Standing], asking: Sequence[Standing]) -> None:
    told: list[str] = []
    failed: list[str] = []
    if at_once:
        found = schedule.run_all(office, [one.export.id for one in at_once])
        told, failed = _told(found)
    planned = []
    for one in asking:
        try:
            desk.propose(office.store, office.settings, office.who, one.export.id)
            planned.append(one)
        except MusterError as error:
            failed.append(standings.refused(one.export.name, errors.sentence(error)))
    if planned:
        told.append(
            _("Plans are being made for your yes: {names}.").format(names=standings.named(planned))
        )
    export_acts.tell(" ".join(told), failed)


def draw_refresh(office: Office, listed: Sequence[Standing]) -> None:
    """Draw the question before a refresh by hand: which exports it runs."""
    due = [one for one in listed if one.next_run is not None]
    if not due:
        st.info(_("None of the exports runs by itself, so there is nothing to refresh."))
        return
    st.markdown(
        _(
            "These are planned and sent without asking, within their guard rails, as their rules "
            "are approved: {names}."
        ).format(names=standings.named(due))
    )
    dialogs.draw_finish(
        _("Refresh now"), _refresh, office, key="export.save", icon=":material/refresh:"
    )


def _refresh(office: Office) -> None:
    told, failed = _told(schedule.refresh_now(office))
    export_acts.tell(" ".join(told), failed)


def _told(found: Refreshed) -> tuple[list[str], list[str]]:
    told = []
    if found.started:
        names = ", ".join(standings.quoted(one.name) for one in found.started[:4])
        count = len(found.started)
        told.append(plural("{count} is on its way", "{count} are on their way", count))
        told[-1] += f": {names} …" if count > 4 else f": {names}."
    return told, [standings.refused(name, said(why)) for name, why in found.skipped]
