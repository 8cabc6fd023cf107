"""The only code under lib that knows Streamlit, a folder for each section of the menu.

Beside the folders stands what all of them use: who is here and with what (``person``, ``session``,
``resources``, ``place``), texts and numbers in the reader's language (``text``, ``words``,
``moments``, ``language``), and the frames for errors and dialogs.
"""
