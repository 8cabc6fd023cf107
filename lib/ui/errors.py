"""The one frame in which errors become sentences.

Callbacks and fragments run without app.py, on what was drawn when the person was still welcome. So
they come through here, where it is asked anew who they are.

What Muster raises on purpose is shown as it is. Anything else becomes an incident: the page shows
its number, the log holds where it happened. A traceback, which can hold an address, is shown
nowhere, and messages of foreign exceptions are not logged.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec

import streamlit as st

from lib import incidents
from lib.errors import (
    CancelledError,
    MailchimpError,
    MusterError,
    RefusedError,
    SetupError,
    StoppedError,
)
from lib.ui import person
from lib.ui.markdown import literal
from lib.ui.text import _, said

_NOTICE = "frame.notice"
_ICONS: tuple[tuple[type[MusterError], str], ...] = (
    (RefusedError, ":material/block:"),
    (SetupError, ":material/build:"),
    (MailchimpError, ":material/cloud_off:"),
    (StoppedError, ":material/stop_circle:"),
)

P = ParamSpec("P")


def sentence(error: Exception) -> str:
    """Return what a person may read of an error; a foreign one is logged as an incident."""
    if isinstance(error, MusterError):
        return said(str(error))
    incident = incidents.record(error, "on a page")
    return _(
        "Something went wrong that Muster did not expect. Nothing was sent. Try again; if it "
        "stays, give incident {incident} to whoever runs this installation."
    ).format(incident=incident)


def icon(error: Exception) -> str:
    """Return the icon of the one who can act on the error."""
    return next((name for kind, name in _ICONS if isinstance(error, kind)), ":material/error:")


def show(error: Exception) -> None:
    """Draw an error where the page stands."""
    # What a person ended is no failure.
    draw = st.info if isinstance(error, CancelledError) else st.error
    draw(literal(sentence(error)), icon=icon(error))


@contextmanager
def frame() -> Iterator[None]:
    """Show what fails inside as a sentence; what was drawn before it stays."""
    try:
        yield
    except Exception as error:
        show(error)


def framed(draw: Callable[P, None]) -> Callable[P, None]:
    """Give a fragment its own frame: its reruns do not pass through app.py.

    Whoever is not welcome any more sees what app.py has for them.
    """

    @wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> None:
        with frame():
            if person.standing() not in person.WELCOME:
                st.rerun()
            draw(*args, **kwargs)

    return drawn


def attempt(action: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> bool:
    """Do something in a callback, as somebody who is still welcome at this moment.

    A failure is shown on top of the page in the next run.
    """

    def act() -> None:
        person.who()
        action(*args, **kwargs)

    return admit(act)


def admit(action: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> bool:
    """Do something in a callback that anybody may, such as to sign in; fails as ``attempt``."""
    try:
        action(*args, **kwargs)
    except Exception as error:
        st.session_state[_NOTICE] = (sentence(error), icon(error))
        return False
    return True


def show_notice() -> None:
    """Draw, once, what a callback could not do."""
    if notice := st.session_state.pop(_NOTICE, None):
        st.error(literal(notice[0]), icon=notice[1])
