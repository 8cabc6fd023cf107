"""One segment in full, or several together: size against the limit, members, SQL, trend."""

from collections.abc import Mapping, Sequence

import altair as alt
import polars as pl
import streamlit as st

from lib.store import counts
from lib.store.segments import Segment
from lib.ui import canvas, dialogs, language, meter, person, resources, session, words
from lib.ui.explore import results
from lib.ui.markdown import literal
from lib.ui.segments import members, sizes
from lib.ui.segments.sizes import Size
from lib.ui.text import _, plural, said


def draw(segment: Segment, size: Size, *, editable: bool) -> None:
    """Draw one segment with everything that can be done to it."""
    with st.container(border=True, key="library.card"):
        st.subheader(literal(segment.name))
        if segment.description:
            st.caption(literal(segment.description))
        if size.profiles is None:
            st.error(literal(said(size.trouble)), icon=":material/error:")
        else:
            meter.size_meter(size.profiles, limit=resources.settings().export_limit)
        _draw_actions(segment, size, editable)
        _draw_tabs(segment, size)


def draw_union(segments: Sequence[Segment], known: Mapping[str, Size]) -> None:
    """Draw how several segments add up, each profile counted once."""
    with st.container(border=True, key="library.union"):
        st.subheader(plural("{count} segment together", "{count} segments together", len(segments)))
        st.caption(literal(" · ".join(segment.name for segment in segments)))
        with st.spinner(_("Counting distinct profiles …")):
            union = sizes.of_segments(segments)
        if union.profiles is None:
            st.error(literal(said(union.trouble)), icon=":material/error:")
            return
        meter.size_meter(
            union.profiles,
            limit=resources.settings().export_limit,
            label=_("distinct profiles an export may hold"),
        )
        total = sum(known[segment.id].profiles or 0 for segment in segments)
        if shared := total - union.profiles:
            st.caption(
                _(
                    "Added up they have {total} members; {shared} of these are the same person "
                    "again. An export sends each profile once."
                ).format(total=words.number(total), shared=words.number(shared))
            )
        else:
            st.caption(_("No profile is in more than one of them."))


def _draw_actions(segment: Segment, size: Size, editable: bool) -> None:
    actions = (
        ("edit", _("Edit"), ":material/edit:"),
        ("rename", _("Rename"), ":material/label:"),
        ("duplicate", _("Duplicate"), ":material/content_copy:"),
        ("remove", _("Delete"), ":material/delete:"),
    )
    with st.container(horizontal=True):
        st.button(
            _("Use in an export"),
            key="library.export",
            type="primary",
            icon=":material/tune:",
            disabled=not editable or not size.profiles,
            on_click=_export,
            args=(segment.id,),
        )
        for name, label, icon in actions:
            st.button(
                label,
                key=f"library.{name}",
                icon=icon,
                disabled=not editable,
                on_click=_act,
                args=(name, segment),
            )
        if size.profiles:
            query = members.select_all(segment.name, segment.sql)
            results.download(
                resources.warehouse(),
                query.text,
                size.profiles,
                key="library.download",
                name=segment.name,
            )


def _export(segment_id: str) -> None:
    session.begin_export(segment_id)
    st.switch_page("pages/exports/setup.py")


def _act(name: str, segment: Segment) -> None:
    session.choose(segment_id=segment.id)
    if name == "edit" and segment.rules:
        st.switch_page("pages/segments/builder.py")
    dialogs.ask(f"segment.{name}")


def _draw_tabs(segment: Segment, size: Size) -> None:
    who_, sql, trend = st.tabs([_("Members"), _("SQL"), _("Trend")])
    with sql:
        st.code(segment.sql, language="sql", wrap_lines=True)
    with trend:
        _draw_trend(segment)
    with who_:
        if size.profiles:
            _draw_members(segment, size.profiles)
        elif size.profiles == 0:
            st.info(_("Nobody is in this segment at present."), icon=":material/person_off:")


def _draw_members(segment: Segment, total: int) -> None:
    rows = members.first(segment.sql)
    st.dataframe(rows, height=320, hide_index=True, alt=_("First members of the segment"))
    st.caption(
        _("First {shown} of {total}.").format(
            shown=words.number(min(rows.num_rows, total)), total=words.number(total)
        )
    )


def _draw_trend(segment: Segment) -> None:
    points = counts.trend(resources.store(), person.who(), segment.id)
    frame = pl.DataFrame(
        {"at": [point.at for point in points], "members": [point.count for point in points]}
    )
    if len(points) < 2:
        st.caption(_("A trend appears once the segment was counted on changed data."))
        return
    chart = (
        alt.Chart(frame)
        .mark_line(point=True)
        .encode(
            x=alt.X("at:T", title=None),
            y=alt.Y("members:Q", title=_("Members"), scale=alt.Scale(zero=False)),
            tooltip=[
                alt.Tooltip("at:T", title=_("Counted"), format=language.spoken().day + " %H:%M"),
                alt.Tooltip("members:Q", title=_("Members"), format=","),
            ],
        )
        .properties(height=240)
    )
    canvas.show(chart, alt=_("Members of the segment over time"))
