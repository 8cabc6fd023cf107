"""The sample company in the making, on first use; shared by all sessions and outliving any click.

The thread knows no Streamlit: it writes how far it is, a fragment reads it.
"""

import threading

import streamlit as st

from lib.settings import Settings
from lib.ui import errors, resources, words
from lib.ui.text import _, said
from lib.warehouse import sample

_PATIENCE_S = 0.3
"""A sample that is there already answers within this time, and nobody sees a progress bar."""


class Preparation:
    """One making of the sample company, in a thread of its own."""

    def __init__(self, settings: Settings) -> None:
        self.done = 0.0
        self.step = ""
        self.error: Exception | None = None
        self.finished = threading.Event()
        self._settings = settings
        threading.Thread(target=self._make, name="sample", daemon=True).start()

    def _make(self) -> None:
        try:
            sample.make(self._settings.sample, self._settings.sample_profiles, self._tell)
        except Exception as error:
            self.error = error
        finally:
            self.finished.set()

    def _tell(self, done: float, step: str) -> None:
        self.done, self.step = done, step


@st.cache_resource(show_spinner=False)
def _preparation() -> Preparation:
    return Preparation(resources.settings())


def ready() -> bool:
    """Say whether the warehouse can be used; if not yet, draw how far its making is.

    Raises:
        MusterError: the sample company could not be made; the next look tries again.
    """
    if not resources.uses_sample():
        return True
    making = _preparation()
    making.finished.wait(_PATIENCE_S)
    if making.error is not None:
        _preparation.clear()
        raise making.error
    if not making.finished.is_set():
        _draw_progress()
    return making.finished.is_set()


@st.fragment(run_every="400ms")
@errors.framed
def _draw_progress() -> None:
    making = _preparation()
    if making.finished.is_set():
        st.rerun()
    st.title(_("One moment, your sample company is being made"))
    st.markdown(
        _(
            "Customers, orders, products and events of an invented company, {count} profiles in "
            "all, so that you can try everything before your own data are connected. This happens "
            "once."
        ).format(count=words.number(resources.settings().sample_profiles))
    )
    st.progress(min(1.0, making.done), text=said(making.step) or _("Starting"))
