"""The only code under lib that knows Streamlit: resources, session, widgets."""
