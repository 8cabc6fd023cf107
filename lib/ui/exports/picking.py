"""Which segments an export sends: chosen with their sizes, and how they add up."""

import streamlit as st

from lib.config import Office
from lib.store import segments
from lib.store.exports import Export
from lib.store.segments import Segment
from lib.ui import meter, session, words
from lib.ui.markdown import literal
from lib.ui.runs import narrowing
from lib.ui.segments import sizes
from lib.ui.segments.sizes import Size
from lib.ui.text import _, said


def draw(office: Office, prefix: str, export: Export | None) -> list[Segment]:
    """Draw the choice and the meter; an empty list while nothing usable is chosen."""
    listed = {segment.id: segment for segment in segments.all(office.store, office.who)}
    if not listed:
        st.info(_("There is no segment to export yet."), icon=":material/bookmarks:")
        st.page_link("pages/segments/library.py", label=_("Make a segment"), icon=":material/add:")
        return []
    with st.spinner(_("Counting segments …")):
        counted = sizes.counted(office.store, office.who, list(listed.values()))
    wanted = export.segment_ids if export else (session.choice().segment_id,)
    labels = {one: _label(segment, counted[one]) for one, segment in listed.items()}
    key = f"{prefix}.segments"
    if key not in st.session_state:
        st.session_state[key] = [one for one in wanted if one in listed]
    chosen = st.multiselect(
        _("Segments"),
        list(listed),
        format_func=labels.__getitem__,
        key=key,
        persist_state="session",
        placeholder=_("Choose one or more"),
    )
    picked = [listed[one] for one in chosen]
    return picked if picked and _draw_size(office, picked, counted) else []


def _label(segment: Segment, size: Size) -> str:
    count = _("cannot be counted") if size.profiles is None else words.number(size.profiles)
    return f"{segment.name} · {count}"


def _draw_size(office: Office, picked: list[Segment], counted: dict[str, Size]) -> bool:
    union = counted[picked[0].id] if len(picked) == 1 else sizes.of_segments(picked)
    if union.profiles is None:
        st.error(literal(said(union.trouble)), icon=":material/error:")
        return False
    meter.size_meter(
        union.profiles,
        limit=office.settings.export_limit,
        label=_("distinct profiles an export may hold"),
    )
    if not union.profiles:
        st.warning(
            _("Nobody is in it at present. You can save, but there is nothing to push."),
            icon=":material/person_off:",
        )
    if union.profiles > office.settings.export_limit:
        ways = narrowing.ways(office.settings.export_limit)
        st.caption(
            _(
                "You can save, but a plan over the limit cannot be pushed. Ways out: keep no more "
                "with “{best}”, split by country or by “{half}”, or send part of it with another "
                "export."
            ).format(best=literal(ways.best), half=literal(ways.half))
        )
    return True
