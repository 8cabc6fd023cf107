"""What surrounds every page: the mark, who is there, and whether this is practice."""

import streamlit as st

from lib.access import LOCAL_ADMINISTRATOR, Role
from lib.errors import MusterError
from lib.settings import ROOT
from lib.store import connections
from lib.ui import errors, person, resources
from lib.ui.frame import attendance, language_choice, preparation, sign_in, startup
from lib.ui.markdown import literal
from lib.ui.text import _, said

MARK = ROOT / "lib" / "ui" / "assets" / "mark.svg"
_LOGO = ROOT / "lib" / "ui" / "assets" / "logo.svg"


def role() -> Role | None:
    """Return the role that the menu is made for; None also when something stands in the way."""
    # The menu is the first to speak.
    language_choice.settle()
    try:
        return person.role()
    except MusterError:
        return None


def begin() -> bool:
    """Draw the frame, start what runs beside the app, and say whether the page may run."""
    st.logo(_LOGO, icon_image=MARK, size="large")
    stands = person.standing()
    attendance.note(stands)
    if stands not in person.WELCOME:
        sign_in.draw(stands)
        return False
    _draw_person()
    if not preparation.ready():
        return False
    startup.ensure(resources.settings())
    _draw_practice()
    errors.show_notice()
    return True


def _draw_person() -> None:
    who = person.who()
    local = not person.sign_in_configured()
    with st.sidebar:
        st.space("small")
        st.caption(
            f":material/account_circle: {literal(said(who.name))}",
            help=_(
                "Nobody signs in to this installation, so it answers this machine only and "
                "everything you do is done as its administrator."
            )
            if local
            else sign_in.role_names()[who.role],
        )
        if not local:
            st.button(
                _("Sign out"), key="frame.sign_out", type="tertiary", on_click=attendance.sign_out
            )
        language_choice.draw()


def _draw_practice() -> None:
    if any(
        connection.practice
        for connection in connections.all(resources.store(), LOCAL_ADMINISTRATOR)
    ):
        st.markdown(
            _(
                ":orange-badge[:material/science: Practice] :small[A practice Mailchimp on this "
                "machine is connected: pushing to it reaches nobody.]"
            )
        )
