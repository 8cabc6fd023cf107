"""The languages of the interface, and which of them a session speaks.

The language belongs to the session, not to the process: two people who look at the same moment
each read their own, in callbacks and fragments as well.
"""

from dataclasses import dataclass

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

_SPOKEN = "language.spoken"


@dataclass(frozen=True, slots=True)
class Language:
    """One language, with what it does to numbers and dates."""

    code: str
    """As in the tags of BCP 47, and as its catalogue's folder is called."""
    name: str
    """In its own words."""
    thousands: str
    """What stands between groups of three digits (Unicode CLDR, symbols of numbers)."""
    decimal: str
    day: str
    """A date of numbers only, in the form of strftime."""
    picked_day: str
    """The same in the form that ``st.date_input`` takes."""

    def written(self, number: str) -> str:
        """Write a number that is written as in English, ``1,234.5``, as this language does."""
        return number.translate({ord(","): self.thousands, ord("."): self.decimal})


ENGLISH = Language("en", "English", ",", ".", "%Y-%m-%d", "YYYY-MM-DD")
BOKMAL = Language("nb", "Norsk bokmål", "\N{NO-BREAK SPACE}", ",", "%d.%m.%Y", "DD.MM.YYYY")
LANGUAGES = {one.code: one for one in (ENGLISH, BOKMAL)}
_NEAR = {"no": "nb", "nn": "nb"}
"""Who reads Norwegian of any kind reads bokmål more easily than English."""


def of_locale(tag: str | None) -> Language:
    """Return the language nearest to a browser's, such as ``nb-NO``; English for all others."""
    first = (tag or "").replace("_", "-").partition("-")[0].lower()
    return LANGUAGES.get(_NEAR.get(first, first), ENGLISH)


def spoken() -> Language:
    """Return the language of this session; English where no session is, as in a thread."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return ENGLISH
    chosen = st.session_state.get(_SPOKEN)
    return LANGUAGES[chosen] if chosen in LANGUAGES else of_locale(st.context.locale)


def is_settled() -> bool:
    """Say whether the language of this session was decided."""
    return _SPOKEN in st.session_state


def speak(code: str) -> None:
    """Let this session speak a language from now on."""
    st.session_state[_SPOKEN] = code
