"""The list of connections: sortable, and choosing one shows it alone."""

from collections.abc import Mapping, Sequence

import polars as pl
import streamlit as st

from lib.store.connections import Connection
from lib.ui import resources
from lib.ui.text import _, said

MOST = 5
"""Connections that are shown below the list as well while none is chosen."""
Users = Mapping[str, tuple[str, ...]]
"""Names of the exports that use each connection, by its id."""


def draw(kept: Sequence[Connection], users: Users, *, whole: bool) -> tuple[Connection, ...]:
    """Draw the list, and return the connections to show below it.

    Args:
        kept: as the person may see them.
        users: who uses them.
        whole: the person may see more of them than name and type.
    """
    if len(kept) < 2:
        return tuple(kept)
    event = st.dataframe(
        _table(kept, users, whole=whole),
        key="connections.table",
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        column_config={
            _("created"): st.column_config.DatetimeColumn(
                format="YYYY-MM-DD HH:mm", timezone=resources.settings().time_zone
            ),
        },
        alt=_("Connections"),
    )
    chosen = [kept[row] for row in event.selection.rows if row < len(kept)]
    if not chosen and len(kept) > MOST:
        st.caption(_("Choose a connection to see it and what can be done to it."))
    return tuple(chosen or (kept if len(kept) <= MOST else ()))


def _table(kept: Sequence[Connection], users: Users, *, whole: bool) -> pl.DataFrame:
    columns: dict[str, Sequence[object]] = {
        _("name"): [one.name for one in kept],
        _("type"): [_("Mailchimp (practice)") if one.practice else _("Mailchimp") for one in kept],
    }
    if whole:
        columns |= {
            _("created"): [one.created_at for one in kept],
            _("by"): [said(one.created_by) for one in kept],
            _("who has access"): [
                _("administrators, contributors") if one.shared else _("administrators")
                for one in kept
            ],
            _("account"): [one.account_name for one in kept],
        }
    columns[_("used by")] = [", ".join(users[one.id]) for one in kept]
    return pl.DataFrame(columns)
