"""The meter: a number of profiles against what one export may hold."""

import streamlit as st

from lib.ui import words
from lib.ui.text import _

_WARN_AT = 0.8


def size_meter(profiles: int, *, limit: int, label: str = "") -> bool:
    """Draw how full an export is; say how many are over, and what to do.

    Args:
        profiles: distinct profiles, of one segment or of the union of several.
        limit: most profiles one export may hold.
        label: what is measured; empty says "profiles".

    Returns:
        Whether it fits.
    """
    text = _("**{count}** of {limit} {label}").format(
        count=words.number(profiles),
        limit=words.number(limit),
        label=label or _("profiles an export may hold"),
    )
    st.progress(min(1.0, profiles / limit), text=text)
    if profiles > limit:
        st.error(_over(profiles - limit), icon=":material/block:")
    elif profiles > _WARN_AT * limit:
        room = words.number(limit - profiles)
        st.caption(_(":orange[Nearly full: room for {room} more.]").format(room=room))
    return profiles <= limit


def _over(count: int) -> str:
    return _(
        "{count} profiles over the limit. Narrow the segment with one more condition, or share "
        "it out over several exports."
    ).format(count=words.number(count))
