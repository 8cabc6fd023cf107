"""Home: where things stand, and what to do next."""

import streamlit as st

from lib.ui.text import _

st.title(_("Home"))
