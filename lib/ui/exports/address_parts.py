"""An address made from several columns: one for each part that Mailchimp knows."""

from collections.abc import Mapping

import streamlit as st

from lib.contacts.fields import MergeField
from lib.contacts.matching import ADDRESS_PARTS, FieldMatch
from lib.ui.text import _

Parts = tuple[tuple[str, str], ...]
_NEEDED = ("addr1", "city", "zip")
"""Mailchimp refuses an address without these (Marketing API 3.0 reference, merge fields)."""


def said(match: FieldMatch) -> str:
    """Write what feeds a field: its column, or a column for each part of an address."""
    if not match.parts:
        return match.column
    names = _names()
    return " · ".join(f"{names[part]}: {column}" for part, column in match.parts)


def _names() -> dict[str, str]:
    return {
        "addr1": _("Street"),
        "addr2": _("Second line"),
        "city": _("City"),
        "state": _("State or region"),
        "zip": _("Postal code"),
        "country": _("Country"),
    }


def draw(prefix: str, field: MergeField, labels: Mapping[str, str], held: Parts) -> Parts:
    """Draw the parts; nothing while the needed ones are not all chosen."""
    names = _names()
    options, given = list(labels), dict(held)
    found: dict[str, str] = {}
    label = _("Made from {count} columns").format(count=len(held)) if held else _("From parts")
    with st.popover(label, icon=":material/home_pin:", key=f"{prefix}.{field.tag}.parts"):
        st.caption(
            _("Street, city, state and postal code are needed; the country helps Mailchimp.")
        )
        for part in ADDRESS_PARTS:
            wanted = given.get(part, "")
            chosen = st.selectbox(
                names[part],
                options,
                index=options.index(wanted) if wanted in options else None,
                format_func=labels.__getitem__,
                key=f"{prefix}.{field.tag}.{part}",
                persist_state="session",
                placeholder=_("Nothing"),
            )
            if chosen:
                found[part] = str(chosen)
    return tuple(found.items()) if set(_NEEDED) <= set(found) else ()
