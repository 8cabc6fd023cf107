"""The segment that the builder works on: opened from the library, saved, or begun anew."""

from collections.abc import Sequence

import streamlit as st

from lib.config import Office, segments
from lib.config.segments import Wording
from lib.errors import NotFoundError
from lib.segments.document import from_json, to_json
from lib.segments.rules import Condition, Group, Related
from lib.segments.spelling import spelled
from lib.store import segments as kept
from lib.store.segments import Segment
from lib.ui import errors, resources, session
from lib.ui.explore import draft
from lib.ui.markdown import literal
from lib.ui.segments import rule_tree
from lib.ui.segments.subjects import Subject
from lib.ui.text import _
from lib.warehouse import ProfileTable, Table

_OF = "builder.of"
_NAME, _ABOUT = "builder.name", "builder.about"
_SAVED = "builder.saved"
_TO_SHOW, _LOST = "builder.to_show", "builder.lost"


def opened(
    office: Office, known: Sequence[Subject], tables: Sequence[Table], profiles: ProfileTable
) -> Segment | None:
    """Return the segment that is edited, its rules put into the form; None for a new one."""
    segment = _chosen(office)
    of = segment.id if segment else ""
    if st.session_state.get(_OF) != of:
        st.session_state[_OF] = of
        kept_rules = from_json(segment.rules) if segment and segment.rules else Group("all")
        rules = spelled(kept_rules, tables, profiles)
        rule_tree.load(rules, {subject.key: subject for subject in known})
        st.session_state[_TO_SHOW] = _size(rules)
        st.session_state[_NAME] = segment.name if segment else ""
        st.session_state[_ABOUT] = segment.description if segment else ""
    return segment


def shown_whole(segment: Segment | None, drawn: Group) -> bool:
    """Say whether the form showed all rules of the segment when it was opened; tell if it did not.

    Rules on a column that is gone have no row, and saving would drop them: others would be sent.
    """
    wanted = st.session_state.pop(_TO_SHOW, None)
    if wanted is not None:
        st.session_state[_LOST] = _size(drawn) < wanted
    if segment is None or not st.session_state.get(_LOST):
        return True
    st.error(
        _(
            "The builder cannot show all rules of “{name}”, such as one on a column that is gone, "
            "so it does not save over them. Bring the column back, or start anew."
        ).format(name=literal(segment.name)),
        icon=":material/rule:",
    )
    return False


def _size(group: Group) -> int:
    """Count rules and groups, at any depth."""
    inner = [one if isinstance(one, Group) else _narrowed(one) for one in group.rules]
    return len(group.rules) + sum(_size(one) for one in inner if one)


def _narrowed(rule: Condition | Related) -> Group | None:
    return rule.where if isinstance(rule, Related) else None


def draw_save(office: Office, group: Group, segment: Segment | None, *, allowed: bool) -> None:
    """Draw name, description and the button that saves."""
    st.text_input(
        _("Name"),
        key=_NAME,
        max_chars=100,
        persist_state="session",
        placeholder=_("Gold customers in Norway"),
    )
    st.text_input(
        _("Description"),
        key=_ABOUT,
        persist_state="session",
        placeholder=_("What it is for; optional"),
    )
    with st.container(horizontal=True):
        st.button(
            _("Save changes") if segment else _("Save segment"),
            key="builder.save",
            type="primary",
            icon=":material/bookmark:",
            disabled=not allowed,
            on_click=_save,
            args=(office, to_json(group), segment.id if segment else ""),
        )
        st.button(
            _("Start anew"),
            key="builder.reset",
            type="tertiary",
            icon=":material/restart_alt:",
            on_click=_reset,
        )
    if name := st.session_state.pop(_SAVED, ""):
        st.success(_("Saved “{name}”.").format(name=literal(name)), icon=":material/check_circle:")
        st.page_link(
            "pages/segments/library.py",
            label=_("See it among all segments"),
            icon=":material/bookmarks:",
        )


def open_query(sql: str) -> None:
    """Go on in SQL; for callbacks."""
    draft.open_sql(sql)
    st.switch_page("pages/explore/query.py")


def _chosen(office: Office) -> Segment | None:
    """Return the segment of the session when it is made of rules; one of SQL has its own form."""
    wanted = session.choice().segment_id
    if not wanted:
        return None
    try:
        segment = kept.get(office.store, office.who, wanted)
    except NotFoundError:
        return None
    return segment if segment.rules else None


def _save(office: Office, rules: str, segment_id: str) -> None:
    name, about = st.session_state[_NAME], st.session_state[_ABOUT]

    def save() -> None:
        wording = Wording(name, rules=rules, description=about)
        made = segments.save(office, resources.warehouse(), wording, ref=segment_id)
        session.choose(segment_id=made.id)
        st.session_state[_OF], st.session_state[_SAVED] = made.id, made.name

    errors.attempt(save)


def _reset() -> None:
    session.choose(segment_id="")
    st.session_state.pop(_OF, None)
