"""The one registry of pages: where each is, what it is called, in which part of the menu."""

from dataclasses import dataclass
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from lib.access import RIGHTS, Action, Role
from lib.settings import ROOT
from lib.ui.text import _


@dataclass(frozen=True, slots=True)
class Entry:
    """One page of the menu."""

    path: str
    """Below the folder of app.py; its stem is the address."""
    section: str
    title: str
    icon: str
    help: str
    action: Action | None = Action.LOOK
    """The right without which the menu leaves it out; the page refuses by itself. None: anybody."""


def entries() -> tuple[Entry, ...]:
    """List the pages in the order of the menu; the first is where people land."""
    explore, segments = _("Explore"), _("Segments")
    exports, administration = _("Exports"), _("Administration")
    return (
        Entry(
            "pages/explore/home.py",
            "",
            _("Home"),
            "home",
            _("Where things stand, and what to do next."),
        ),
        Entry(
            "pages/explore/profiles.py",
            explore,
            _("Profiles"),
            "groups",
            _("What the warehouse holds: tables, columns, values, people."),
        ),
        Entry(
            "pages/explore/query.py",
            explore,
            _("Query"),
            "database_search",
            _("Ask with SQL; chart it, download it, save it as a segment."),
        ),
        Entry(
            "pages/segments/library.py",
            segments,
            _("All segments"),
            "bookmarks",
            _("All segments with their sizes."),
        ),
        Entry(
            "pages/segments/builder.py",
            segments,
            _("Segment builder"),
            "rule",
            _("Build a segment from rules, without SQL."),
        ),
        Entry(
            "pages/exports/overview.py",
            exports,
            _("All exports"),
            "outbox",
            _("How each export stands, when it ran, and when it runs next."),
        ),
        Entry(
            "pages/exports/setup.py",
            exports,
            _("Set up an export"),
            "tune",
            _("Choose audience, data matching and segments. Saving sends nothing."),
        ),
        Entry(
            "pages/exports/review.py",
            exports,
            _("Review"),
            "fact_check",
            _("What an export would do to each contact, before anything is sent."),
        ),
        Entry(
            "pages/exports/runs.py",
            exports,
            _("Runs"),
            "history",
            _("What was sent, and what became of each contact."),
        ),
        Entry(
            "pages/admin/connections.py",
            administration,
            _("Connections"),
            "link",
            _("Mailchimp accounts that exports may use."),
        ),
        Entry(
            "pages/admin/system.py",
            administration,
            _("System"),
            "dns",
            _("Worker, sources, storage and versions."),
        ),
        Entry(
            "pages/admin/audit.py",
            administration,
            _("Audit"),
            "history_edu",
            _("Who did what, when, on what."),
            Action.READ_AUDIT,
        ),
        Entry(
            "pages/admin/sign_in.py",
            administration,
            _("Sign-in and roles"),
            "badge",
            _("Who you are here, and what you may do."),
            None,
        ),
    )


def menu(role: Role | None) -> dict[str, list[StreamlitPage]]:
    """Return the menu for ``st.navigation``: every page by its address, the person's in sight."""
    sections: dict[str, list[StreamlitPage]] = {}
    for place, entry in enumerate(entries()):
        page = st.Page(
            ROOT / entry.path,
            title=entry.title,
            icon=f":material/{entry.icon}:",
            help=entry.help,
            default=place == 0,
            url_path=None if place == 0 else Path(entry.path).stem,
            visibility="visible" if _open_to(role, entry) else "hidden",
        )
        sections.setdefault(entry.section, []).append(page)
    return sections


def _open_to(role: Role | None, entry: Entry) -> bool:
    return entry.action is None or (role is not None and entry.action in RIGHTS[role])
