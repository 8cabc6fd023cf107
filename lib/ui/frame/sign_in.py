"""Signing in: what a visitor sees instead of a page, and who has which role."""

from collections.abc import Mapping

import streamlit as st
from streamlit.errors import StreamlitAuthError

from lib.access import RIGHTS, Action, Role, Roster
from lib.errors import SettingsError
from lib.ui import errors, person
from lib.ui.frame import attendance
from lib.ui.markdown import literal
from lib.ui.person import Standing
from lib.ui.text import _


def draw(stands: Standing) -> None:
    """Draw what somebody sees who may not see anything else."""
    errors.show_notice()
    st.space("large")
    with (
        st.container(horizontal_alignment="center"),
        st.container(border=True, width=560, key="sign_in.card"),
    ):
        if stands is Standing.EXPOSED:
            _draw_exposed()
        elif stands is Standing.NOBODY:
            _draw_nobody()
        else:
            _draw_stranger()


def role_names() -> dict[Role, str]:
    """Return the roles in the person's language."""
    return {
        Role.ADMINISTRATOR: _("Administrator"),
        Role.CONTRIBUTOR: _("Contributor"),
        Role.VIEWER: _("Viewer"),
    }


def action_names() -> dict[Action, str]:
    """Return what can be done, in the person's language."""
    return {
        Action.LOOK: _("Look at profiles, segments, exports and runs"),
        Action.QUERY: _("Query the warehouse"),
        Action.EDIT_SEGMENTS: _("Change segments"),
        Action.EDIT_EXPORTS: _("Change exports"),
        Action.RUN_EXPORTS: _("Plan, approve, run and cancel exports"),
        Action.EDIT_CONNECTIONS: _("Change connections"),
        Action.EDIT_SYSTEM: _("Change sources, settings and schedules"),
        Action.READ_AUDIT: _("Read the audit log"),
        Action.PURGE: _("Purge a person’s data"),
    }


def draw_rights(mine: Role) -> None:
    """Draw what each role may do, one's own marked."""
    named = role_names()
    rows: dict[str, list[str]] = {_("May"): list(action_names().values())}
    for role in Role:
        label = f"**{named[role]}**" if role is mine else named[role]
        rows[label] = ["✓" if action in RIGHTS[role] else "" for action in action_names()]
    st.table(rows, border="horizontal", width="content", alt=_("What each role may do"))


def draw_roster(roster: Roster) -> None:
    """Draw who has which role, as the settings say."""
    for role, listed in (
        (Role.ADMINISTRATOR, roster.administrators),
        (Role.CONTRIBUTOR, roster.contributors),
        (Role.VIEWER, roster.viewers),
    ):
        st.markdown(
            f"**{role_names()[role]}** · " + (literal(", ".join(listed)) or _("nobody by name"))
        )
    others = role_names()[roster.others] if roster.others else _("see nothing")
    st.caption(
        _("Everybody else who can sign in: {others}. The settings of the installation say so.")
        .format(others=others.lower())
    )  # fmt: skip


def _draw_stranger() -> None:
    st.title(_("Sign in to Muster"))
    st.markdown(_("Your organisation's account opens it. Muster keeps no password."))
    for provider, label in _providers().items():
        st.button(
            _("Sign in with {provider}").format(provider=label) if label else _("Sign in"),
            key=f"frame.sign_in.{provider}" if provider else "frame.sign_in",
            type="primary",
            icon=":material/login:",
            on_click=_begin,
            args=(provider,),
        )


def _draw_nobody() -> None:
    st.title(_("You have no role here"))
    st.markdown(
        _(
            "You are signed in as **{who}**, but this installation gives that account no role. "
            "Ask whoever runs it to add you, or sign in with another account."
        ).format(who=literal(person.name()))
    )
    st.button(
        _("Sign out"), key="frame.sign_out", icon=":material/logout:", on_click=attendance.sign_out
    )


def _draw_exposed() -> None:
    st.title(_("Set up sign-in first"))
    st.markdown(
        _(
            "Muster was opened from outside this machine, or can be, and has no sign-in: anybody "
            "would be its administrator. So it shows nothing.\n\n"
            "Either add an `[auth]` section to `.streamlit/secrets.toml` "
            "(`secrets.example.toml` shows how), or let it answer this machine only: "
            '`server.address = "localhost"` in `.streamlit/config.toml`, opened at localhost '
            "without a proxy in between."
        )
    )


def _providers() -> dict[str, str]:
    """Return the identity providers by name, each with its label; "" is the only one."""
    auth = st.secrets["auth"]
    named = {name: name.title() for name, value in auth.items() if isinstance(value, Mapping)}
    return {"": ""} | named if "client_id" in auth or not named else named


def _begin(provider: str) -> None:
    errors.admit(_log_in, provider)


def _log_in(provider: str) -> None:
    try:
        st.login(provider or None)
    except StreamlitAuthError:
        raise SettingsError(
            _(
                "The [auth] section of .streamlit/secrets.toml is not complete: compare it with "
                "secrets.example.toml."
            )
        ) from None
