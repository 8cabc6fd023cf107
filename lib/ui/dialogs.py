"""Which dialog is open. Kept in the session, so that it stays open while its own widgets work.

A page asks for a dialog in a callback and draws it when it is asked for. Its last button, from
``draw_finish``, does the work; a failure leaves the dialog open, with the reason on top of it.
"""

from collections.abc import Callable
from typing import Literal, ParamSpec

import streamlit as st

from lib.ui import errors

_KEY = "dialogs.open"

P = ParamSpec("P")


def ask(name: str) -> None:
    """Open a dialog in the run that follows; for callbacks."""
    st.session_state[_KEY] = name


def asked(name: str) -> bool:
    """Say whether this dialog is open."""
    return bool(st.session_state.get(_KEY) == name)


def close() -> None:
    """Close whatever is open; for callbacks."""
    st.session_state.pop(_KEY, None)


def draw(
    title: str,
    form: Callable[..., None],
    *args: object,
    width: Literal["small", "medium", "large"] = "small",
) -> None:
    """Draw an open dialog: what went wrong in it, then its form.

    Args:
        title: in the person's language.
        form: draws the widgets.
        args: for the form.
        width: as ``st.dialog`` has it.
    """

    @errors.framed
    def body() -> None:
        errors.show_notice()
        form(*args)

    st.dialog(title, width=width, on_dismiss=close)(body)()


def draw_finish(
    label: str,
    action: Callable[..., object],
    *args: object,
    key: str,
    icon: str | None = None,
    disabled: bool = False,
) -> None:
    """Draw the last button of a dialog, which does its work.

    Args:
        label: in the person's language.
        action: the work, for ``finish``.
        args: for the work.
        key: of the button.
        icon: of the button.
        disabled: the work cannot be done yet.
    """
    st.button(
        label,
        key=key,
        type="primary",
        icon=icon,
        disabled=disabled,
        on_click=finish,
        args=(action, *args),
    )


def finish(action: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> None:
    """Do the dialog's work in a callback; close it and draw the page anew when that went well."""
    if errors.attempt(action, *args, **kwargs):
        close()
        st.rerun()


def stay(action: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> None:
    """Do something in a callback of a dialog that stays open."""
    errors.attempt(action, *args, **kwargs)
