"""The frame of Muster in the browser: page config, menu, and the one error frame around a page."""

import streamlit as st

from lib.ui import errors, frame, pages

st.set_page_config(page_title="Muster", page_icon=frame.MARK.read_text("utf-8"), layout="wide")

# On every path, also before signing in: until st.navigation has run, Streamlit would run a page
# by its address without this frame.
page = st.navigation(pages.menu(frame.role()))

with errors.frame():
    if frame.begin():
        page.run()
