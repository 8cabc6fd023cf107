"""An export for those who may look at it: what is set up, in words, and whom to ask."""

from collections.abc import Sequence

import polars as pl
import streamlit as st

from lib.access import Action, may
from lib.config import Office, schedule
from lib.config.schedule import Standing
from lib.store import counts, refresh, segments
from lib.store.exports import Export
from lib.ui import moments, words
from lib.ui.exports import address_parts, guard_form, recurrence, rules_card, wishes
from lib.ui.markdown import literal
from lib.ui.text import _


def draw_refusal(office: Office, standing: Standing | None) -> None:
    """Say why the person may not set exports up, or not this one, and whom to ask."""
    if not may(office.who, Action.EDIT_EXPORTS):
        text = _(
            "You may look at exports. Contributors and administrators set them up: ask an "
            "administrator for that role, or to do it."
        )
    elif standing is not None and standing.permission == "view":
        text = _(
            "You may look at this export. Its connection “{name}” is not shared with "
            "contributors: ask an administrator to share it, or to make the change."
        ).format(name=literal(standing.export.connection_name))
    else:
        return
    st.info(text, icon=":material/lock:")


def draw(office: Office, standing: Standing) -> None:
    """Draw the export read-only."""
    export = standing.export
    with st.container(border=True, key="setup.where"):
        st.subheader(_("Where to"))
        st.markdown(
            _("Audience **{audience}**, ID {id}, through {connection}.").format(
                audience=literal(export.audience_name or export.audience_id),
                id=literal(export.audience_id),
                connection=literal(export.connection_name) or _("no connection"),
            )
        )
    with st.container(border=True, key="setup.who"):
        st.subheader(_("Who"))
        _draw_segments(office, export)
    with st.container(border=True, key="setup.what"):
        st.subheader(_("Data matching"))
        _draw_matching(export)
    with st.container(border=True, key="setup.options"):
        st.subheader(_("Options"))
        _draw_lines(wishes.lines(export.options))
    with st.container(border=True, key="setup.when"):
        st.subheader(_("When"))
        _draw_schedule(office, standing)
    with st.container(border=True, key="setup.rails"):
        st.subheader(_("Guard rails"))
        _draw_lines(guard_form.lines(export.guard))
        rules_card.draw_state(office, export)


def _draw_segments(office: Office, export: Export) -> None:
    known = {one.id: one.name for one in segments.all(office.store, office.who)}
    counted = counts.newest(office.store, office.who)
    rows = [
        (
            known.get(ref, ref),
            words.number(counted[ref].count) if ref in counted else _("not counted yet"),
            words.ago(counted[ref].at) if ref in counted else "",
        )
        for ref in export.segment_ids
    ]
    st.dataframe(
        pl.DataFrame(rows, schema=[_("Segment"), _("Members"), _("Counted")], orient="row"),
        hide_index=True,
        alt=_("Segments of the export"),
    )


def _draw_matching(export: Export) -> None:
    rows = [(_("Email"), export.matching.email, "")]
    rows += [
        (match.tag, address_parts.said(match), _("never overwritten") if match.keep_filled else "")
        for match in export.matching.fields
    ]
    st.dataframe(
        pl.DataFrame(rows, schema=[_("Field"), _("Column"), _("When filled")], orient="row"),
        hide_index=True,
        alt=_("Data matching of the export"),
    )


def _draw_schedule(office: Office, standing: Standing) -> None:
    export = standing.export
    follows = refresh.get(office.store).cron
    st.markdown(
        _("It runs {schedule}.").format(schedule=recurrence.schedule(export.schedule, follows))
        if export.active
        else _("It is switched off.")
    )
    dates = schedule.next_runs(office, export, 5)
    if dates:
        zone = office.settings.time_zone
        listed = " · ".join(moments.said(at, zone) for at in dates)
        st.caption(_(":material/event: Next: {dates}").format(dates=listed))


def _draw_lines(told: Sequence[str]) -> None:
    st.markdown("\n".join(f"- {line}" for line in told))
