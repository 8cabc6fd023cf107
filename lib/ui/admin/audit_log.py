"""The audit log on the page: filters, entries, old and new, download, the check of its seals."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import streamlit as st

from lib.config import Office
from lib.store import audit, sign_ins
from lib.store.audit import Entry, Filter
from lib.ui import language, words
from lib.ui.admin import audit_words
from lib.ui.markdown import literal
from lib.ui.runs import files
from lib.ui.text import _, said

_SHOWN = 500
_FULL, _HEIGHT = 14, 520
"""Entries that fill the table without scrolling, and its height when there are more, in pixels."""
_STAMPS = {"created_at", "created_by", "changed_at", "changed_by"}
_BY, _NOUN, _SEARCH, _DAYS = "audit.by", "audit.noun", "audit.search", "audit.days"


def draw(office: Office) -> None:
    """Draw the entries that the filters leave."""
    chosen = _filter(office)
    found = audit.entries(office.store, office.who, **asdict(chosen), limit=_SHOWN)
    if not found:
        narrowed = any(st.session_state.get(key) for key in (_BY, _NOUN, _SEARCH, _DAYS))
        words_for = _("No entry fits.") if narrowed else _("Nothing has been done yet.")
        st.info(words_for, icon=":material/search_off:")
        return
    zone = ZoneInfo(office.settings.time_zone)
    event = st.dataframe(
        _table(found, zone),
        key="audit.table",
        hide_index=True,
        height=_HEIGHT if len(found) > _FULL else "content",
        on_select="rerun",
        selection_mode="single-row",
        column_config=_columns(),
        column_order=list(_columns()),
        alt=_("Audit log"),
    )
    for row in event.selection.rows:
        if row < len(found):
            _draw_entry(found[row])
    if len(found) == _SHOWN:
        st.caption(_("The newest {count} that fit. Narrow the filters for others.").format(
            count=words.number(_SHOWN)))  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            _("Download all that fit as CSV"),
            lambda: as_csv(office, chosen),
            file_name="audit.csv",
            mime="text/csv",
            key="audit.download",
            icon=":material/download:",
        )
        if st.button(_("Check the seals"), key="audit.verify", icon=":material/verified:"):
            _draw_verdict(office)


def as_csv(office: Office, chosen: Filter) -> bytes:
    """Write every entry that fits, however many the table shows, newest first."""
    zone = ZoneInfo(office.settings.time_zone)
    parts = [_table(some, zone) for some in audit.stream(office.store, office.who, chosen)]
    return files.written(pl.concat(parts or [_table((), zone)]).reverse().lazy(), "csv")


def _filter(office: Office) -> Filter:
    people, nouns = audit.known(office.store, office.who)
    who, what, text, days = st.columns([3, 3, 4, 4])
    by = who.selectbox(
        _("Who"), ["", *people], key=_BY, format_func=lambda one: said(one) or _("anybody")
    )
    noun = what.selectbox(
        _("On what"), ["", *nouns], key=_NOUN, format_func=lambda one: said(one) or _("anything")
    )
    search = text.text_input(
        _("Search"), key=_SEARCH, placeholder=_("a name, a verb, a value, an address")
    )
    span = days.date_input(_("Days"), value=[], key=_DAYS, format=language.spoken().picked_day)
    since, until = _moments(span, ZoneInfo(office.settings.time_zone))
    return Filter(by=by or "", noun=noun or "", search=search or "", since=since, until=until)


def _moments(span: object, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    """Turn the days chosen, none, one or two, into the moments around them."""
    days = [day for day in span if isinstance(day, date)] if isinstance(span, tuple | list) else []
    if not days:
        return None, None
    first = datetime.combine(days[0], time(), zone)
    after = datetime.combine(days[-1] + timedelta(days=1), time(), zone)
    return first.astimezone(UTC), after.astimezone(UTC) if len(days) > 1 else None


def _columns() -> dict[str, Any]:
    """Return the columns in their order; all but the last are whole on a small laptop's screen."""
    widths = {
        "#": 48, _("when"): 126, _("who"): 129, _("did"): 115, _("on what"): 140,
        _("old"): 128, _("new"): 128, _("from"): 140,
    }  # fmt: skip
    return {name: st.column_config.Column(width=width) for name, width in widths.items()}


def _table(found: Sequence[Entry], zone: ZoneInfo) -> pl.DataFrame:
    labels = audit_words.labels()
    return pl.DataFrame(
        {
            "#": [entry.seq for entry in found],
            _("when"): [f"{entry.at.astimezone(zone):%Y-%m-%d %H:%M:%S}" for entry in found],
            _("who"): [said(entry.who) for entry in found],
            _("did"): [_deed(entry) for entry in found],
            _("on what"): [_about(entry) for entry in found],
            _("from"): [said(entry.origin) for entry in found],
            _("old"): [_values(entry.old, labels) for entry in found],
            _("new"): [_values(entry.new, labels) for entry in found],
        }
    )


def _deed(entry: Entry) -> str:
    verb = said(entry.verb)
    return verb if entry.noun == sign_ins.NOUN else f"{verb} {said(entry.noun)}"


def _about(entry: Entry) -> str:
    return "" if entry.noun == sign_ins.NOUN else entry.name or entry.ref


def _values(document: str, labels: Mapping[str, str]) -> str:
    """Write a JSON object as ``name: value · name: value``, empty values left out."""
    # Columns are narrow, and when and by whom stands in columns of its own.
    pairs = sorted(_pairs(document).items(), key=lambda pair: pair[0] in _STAMPS)
    told = ((labels.get(name, name), value) for name, value in pairs)
    return " · ".join(f"{label}: {value}" for label, value in told if value)


def _pairs(document: str) -> dict[str, str]:
    pairs: dict[str, object] = json.loads(document) if document else {}
    return {name: audit_words.value(name, value) for name, value in pairs.items()}


def _draw_entry(entry: Entry) -> None:
    """Draw one entry whole: each value before and after."""
    with st.container(border=True, key="audit.entry"):
        about = f"**{literal(_about(entry))}**" if _about(entry) else ""
        st.markdown(f"**{literal(said(entry.who))}** {_deed(entry)} {about}")
        old, new = _pairs(entry.old), _pairs(entry.new)
        names = sorted(old.keys() | new.keys())
        labels = audit_words.labels()
        values = {
            _("value"): [labels.get(name, name) for name in names],
            _("old"): [old.get(name, "") for name in names],
            _("new"): [new.get(name, "") for name in names],
        }
        if names:
            st.table(values, border="horizontal", alt=_("What changed"))
        told = (f"#{entry.seq}", literal(said(entry.origin)), entry.ref, entry.hash[:12])
        st.caption(" · ".join(filter(None, told)))


def _draw_verdict(office: Office) -> None:
    verdict = audit.verify(office.store, office.who)
    if verdict.broken_at is None:
        st.success(
            _("All {count} entries are as they were written.").format(
                count=words.number(verdict.entries)
            ),
            icon=":material/verified:",
        )
    else:
        st.error(
            _("From entry {number} on, the log is not what was written.").format(
                number=verdict.broken_at
            ),
            icon=":material/gpp_bad:",
        )
