"""The frame of Muster in the browser: page config, menu, and the one error frame around a page.

Streamlit runs this file twice over: the server imports it once, when it starts, and each session
runs it as ``__main__``. What only sessions need is left out of the first, so that the server
answers the sooner; lib.ui.server imports it while the browser still loads the page.
"""

import streamlit as st

if __name__ == "__main__":
    from lib.ui import errors
    from lib.ui.frame import frame, pages

    st.set_page_config(page_title="Muster", page_icon=frame.MARK.read_text("utf-8"), layout="wide")

    # On every path, also before signing in: until st.navigation has run, Streamlit would run a page
    # by its address without this frame.
    page = st.navigation(pages.menu(frame.role()), expanded=True)

    with errors.frame():
        if frame.begin():
            page.run()
else:
    from lib.ui.frame import server

    app = st.App(__file__, lifespan=server.lifespan, middleware=server.middleware())
