"""Which language a person chose: decided once a session, changed in the menu, remembered."""

import streamlit as st

from lib.errors import MusterError
from lib.store import choices
from lib.ui import errors, language, person, resources
from lib.ui.text import _

_KEY = "language"
_WIDGET = "frame.language"


def settle() -> None:
    """Decide the language when a session begins: the person's choice, the setting, the browser's.

    Callbacks and fragments run later and find it decided. While something stands in the way, such
    as a sign-in, the browser's language holds and it is decided at a later look.
    """
    if language.is_settled():
        return
    try:
        if person.standing() in person.WELCOME:
            language.speak(_chosen() or _usual().code)
    except MusterError:
        return


def draw() -> None:
    """Draw the switch."""
    st.session_state[_WIDGET] = language.spoken().code
    st.selectbox(
        _("Language"),
        list(language.LANGUAGES),
        format_func=lambda code: language.LANGUAGES[code].name,
        key=_WIDGET,
        icon=":material/translate:",
        label_visibility="collapsed",
        on_change=_switch,
    )


def _switch() -> None:
    code = str(st.session_state[_WIDGET])
    language.speak(code)
    errors.attempt(choices.put_own, resources.store(), person.who(), _KEY, code)


def _chosen() -> str:
    kept = str(choices.own(resources.store(), person.who(), _KEY, ""))
    return kept if kept in language.LANGUAGES else ""


def _usual() -> language.Language:
    wanted = resources.settings().language
    return language.LANGUAGES.get(wanted) or language.of_locale(st.context.locale)
