"""The dialogs of a segment: write, edit, rename, duplicate, delete."""

from collections.abc import Callable

import streamlit as st

from lib.config import segments as config_segments
from lib.config.segments import Wording
from lib.store import segments
from lib.store.segments import Segment
from lib.ui import dialogs, person, place, resources, session, words
from lib.ui.markdown import literal
from lib.ui.segments import sizes
from lib.ui.text import _, said

_NAME, _ABOUT, _SQL = "segment.name", "segment.about", "segment.sql"


def draw() -> None:
    """Draw the dialog that was asked for, if any."""
    if dialogs.asked("segment.new"):
        dialogs.draw(_("New segment"), _new, width="medium")
        return
    for name, (title, form) in _forms().items():
        if dialogs.asked(f"segment.{name}"):
            chosen = session.choice().segment_id
            segment = segments.get(resources.store(), person.who(), chosen)
            dialogs.draw(title, form, segment, width="medium" if name == "edit" else "small")


def _new() -> None:
    st.text_input(_("Name"), key=_NAME, max_chars=100)
    st.text_input(_("Description"), key=_ABOUT, placeholder=_("What it is for; optional"))
    _draw_sql("")
    dialogs.draw_finish(_("Save segment"), _add, key="segment.save")


def _edit(segment: Segment) -> None:
    st.text_input(_("Description"), value=segment.description, key=_ABOUT)
    _draw_sql(segment.sql)
    if segment.used_by:
        st.caption(_("Used by {exports}.").format(exports=literal(", ".join(segment.used_by))))
    dialogs.draw_finish(_("Save segment"), _change, segment.id, key="segment.save")


def _rename(segment: Segment) -> None:
    st.text_input(_("Name"), value=segment.name, key=_NAME, max_chars=100)
    st.caption(_("Exports that tag contacts with its segments use the new name from then on."))
    dialogs.draw_finish(_("Rename"), _give_name, segment.id, key="segment.save")


def _duplicate(segment: Segment) -> None:
    copy = _("{name} (copy)").format(name=segment.name)
    st.text_input(_("Name of the copy"), value=copy, key=_NAME, max_chars=100)
    dialogs.draw_finish(_("Duplicate"), _copy, segment.id, key="segment.save")


def _remove(segment: Segment) -> None:
    if segment.used_by:
        st.warning(
            _(
                "“{name}” cannot be deleted: it is used by {exports}. Take it out of each of them "
                "on the set-up page first."
            ).format(name=literal(segment.name), exports=literal(", ".join(segment.used_by))),
            icon=":material/block:",
        )
        return
    st.write(
        _(
            "Delete “{name}” and the history of its size? No profile and no contact in Mailchimp "
            "is touched."
        ).format(name=literal(segment.name))
    )
    dialogs.draw_finish(_("Delete"), _delete, segment.id, key="segment.save")


def _forms() -> dict[str, tuple[str, Callable[[Segment], None]]]:
    return {
        "edit": (_("Edit segment"), _edit),
        "rename": (_("Rename segment"), _rename),
        "duplicate": (_("Duplicate segment"), _duplicate),
        "remove": (_("Delete segment"), _remove),
    }


def _draw_sql(sql: str) -> None:
    text = st.text_area(
        _("SQL"),
        value=sql,
        key=_SQL,
        height=220,
        placeholder="select profile_id from profiles where country = 'NO'",
        help=_("One SELECT. When it returns the profile key, each profile counts once."),
    )
    if text.strip():
        size = sizes.of_sql(text)
        if size.profiles is None:
            st.error(literal(said(size.trouble)), icon=":material/error:")
        else:
            st.caption(_("{count} members").format(count=words.number(size.profiles)))


def _typed(key: str) -> str:
    return str(st.session_state.get(key, ""))


def _add() -> None:
    made = _save(_typed(_NAME))
    session.choose(segment_id=made.id)


def _change(segment_id: str) -> None:
    kept = segments.get(resources.store(), person.who(), segment_id)
    _save(kept.name, segment_id)


def _save(name: str, ref: str = "") -> Segment:
    wording = Wording(name, sql=_typed(_SQL), description=_typed(_ABOUT))
    return config_segments.save(place.office(), resources.warehouse(), wording, ref=ref)


def _give_name(segment_id: str) -> None:
    segments.rename(resources.store(), person.who(), segment_id, _typed(_NAME))


def _copy(segment_id: str) -> None:
    made = segments.duplicate(resources.store(), person.who(), segment_id, _typed(_NAME))
    session.choose(segment_id=made.id)


def _delete(segment_id: str) -> None:
    segments.remove(resources.store(), person.who(), segment_id)
    session.choose(segment_id="")
