"""What a person has chosen, shared by pages: ids and texts, never objects.

Widgets keep their own values; facts live in the store. Only choices that travel from one page to
another are here.
"""

from dataclasses import dataclass, replace

import streamlit as st

_KEY = "session.choice"


@dataclass(frozen=True, slots=True)
class Choice:
    """The choices of one session."""

    segment_id: str = ""
    """Segment to open in the builder or to preselect in an export."""
    export_id: str = ""
    """Export to set up or to review."""
    run_id: str = ""
    """Run to follow."""


def choice() -> Choice:
    """Return what this session has chosen."""
    return Choice(**st.session_state.get(_KEY, {}))


def choose(**changes: str) -> None:
    """Change some of the choices, named as the fields of Choice."""
    chosen = replace(choice(), **changes)
    st.session_state[_KEY] = {name: getattr(chosen, name) for name in Choice.__dataclass_fields__}


def begin_export(segment_id: str) -> None:
    """Begin a new export with a segment."""
    choose(segment_id=segment_id, export_id="")
    # What was picked for a new export before stands in the widget that picks segments.
    st.session_state["setup.new.segments"] = [segment_id]
