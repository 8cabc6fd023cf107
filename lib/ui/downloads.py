"""Files that are made when somebody asks for them, and what the page says meanwhile.

Streamlit has such a file made in a thread of its own, outside the frame of errors, and logs what
fails there with its traceback, which can hold an address. So the reason is kept for the page, and
what is raised holds nothing.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal
from uuid import uuid4

import streamlit as st

from lib.errors import MusterError, RefusedError
from lib.runs.files import Form
from lib.ui import errors
from lib.ui.text import _

Make = Callable[[str], bytes]
"""Makes a file; is given the tag by which that can be cancelled."""
Cancel = Callable[[str], None]


PATIENCE_S = 5.0
"""How long a file that was asked for may take to be begun. Streamlit forgets what a click meant
when the page is drawn anew in that moment (``MediaFileManager.execute_deferred``, 1.67)."""
HEARD_S = 2.0
"""How long a file that is made waits for the page to hear of the click."""
SETTLED_S = 0.5
"""How long the page is not drawn anew after a file was made, so that it is on its way by then."""


class NotMadeError(Exception):
    """The file could not be made; the page says why."""


@dataclass(slots=True)
class Making:
    """What becomes of the files of one button, in one session."""

    tag: str
    asked: int = 0
    """How often it was clicked; the page may hear of that after the file is made."""
    asked_at: float = 0.0
    """Seconds of the monotonic clock."""
    begun: int = 0
    answered: int = 0
    answered_at: float = 0.0
    failure: MusterError | None = None

    @property
    def under_way(self) -> bool:
        """Say whether a file is still to come."""
        return self.asked > self.answered

    def ask(self) -> None:
        """Note a click."""
        self.asked += 1
        self.asked_at = time.monotonic()

    @property
    def is_lost(self) -> bool:
        """Say whether nobody began to make the file in time."""
        return self.begun < self.asked and time.monotonic() - self.asked_at > PATIENCE_S

    @property
    def is_settled(self) -> bool:
        """Say whether no file is to come, and the last one is on its way."""
        return not self.under_way and time.monotonic() - self.answered_at > SETTLED_S

    def answer(self) -> None:
        """Note that a file was made, once the page was drawn anew for the click.

        Whatever Streamlit has to say to the browser in the moment in which a page begins to be
        drawn is thrown away (``ForwardMsgQueue.clear``, 1.67), even where the file is.
        """
        until = time.monotonic() + HEARD_S
        while self.asked < self.begun and time.monotonic() < until:
            time.sleep(0.01)
        self.answered += 1
        self.answered_at = time.monotonic()

    def give_up(self) -> None:
        """Wait no more for what was asked."""
        self.asked = self.begun = self.answered
        self.failure = RefusedError(
            _("The file was not made, as the page changed in that moment. Ask for it again.")
        )


def menu(
    text: str, make: Callable[[Form, str], bytes], *, name: str, key: str, cancel: Cancel | None
) -> None:
    """Offer a table as CSV and as Parquet.

    Args:
        text: says what is in it.
        make: as for ``button``, with the form before the tag.
        name: of the file, without its ending.
        key: of the widgets.
        cancel: as for ``button``.
    """
    with st.popover(_("Download"), icon=":material/download:", key=f"{key}.menu"):
        st.markdown(text)
        forms: tuple[Form, ...] = ("csv", "parquet")
        for form in forms:
            button(
                _("CSV") if form == "csv" else _("Parquet"),
                partial(make, form),
                file_name=f"{name}.{form}",
                key=f"{key}.{form}",
                icon=":material/table_view:" if form == "csv" else ":material/view_column:",
                width="stretch",
                cancel=cancel,
            )


def button(
    label: str,
    make: Make,
    *,
    file_name: str,
    key: str,
    icon: str = ":material/download:",
    width: Literal["content", "stretch"] = "content",
    cancel: Cancel | None = None,
) -> None:
    """Offer a file that is made when asked for, and never passes the page.

    Args:
        label: of the button.
        make: makes the file; what it raises is said, once, under the button.
        file_name: what the browser calls it.
        key: of the widgets.
        icon: of the button.
        width: of the button.
        cancel: ends the making of a tag; None when that cannot be ended.
    """
    making = _making(key)
    st.download_button(
        label,
        data=partial(made, making, make),
        file_name=file_name,
        key=key,
        icon=icon,
        on_click=making.ask,
        width=width,
    )
    if making.is_lost:
        making.give_up()
    if making.under_way:
        _wait(making, key, cancel)
    elif making.failure is not None:
        errors.show(making.failure)
        making.failure = None


def made(making: Making, make: Make) -> bytes:
    """Make a file, in Streamlit's thread for it.

    Raises:
        NotMadeError: it could not be made; why is kept for the page.
    """
    making.failure = None
    making.begun += 1
    try:
        return make(making.tag)
    except Exception as error:
        failure = error if isinstance(error, MusterError) else MusterError(errors.sentence(error))
        failure.__context__ = None
        making.failure = failure.with_traceback(None)
    finally:
        making.answer()
    raise NotMadeError


def _making(key: str) -> Making:
    place = f"{key}.making"
    if place not in st.session_state:
        st.session_state[place] = Making(uuid4().hex)
    found: Making = st.session_state[place]
    return found


@st.fragment(run_every="1s")
@errors.framed
def _wait(making: Making, key: str, _cancel: Cancel | None) -> None:
    if making.is_settled or making.is_lost:
        st.rerun()
    st.caption(_("Writing the file …"))
    if _cancel is not None:
        st.button(
            _("Cancel"),
            key=f"{key}.cancel",
            icon=":material/stop:",
            on_click=_cancel,
            args=(making.tag,),
        )
