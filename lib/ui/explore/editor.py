"""The SQL editor: highlighting, completion of our tables, columns and functions, Ctrl+Enter.

The component is streamlit-code-editor (the Ace editor), served from this machine. Its own themes
ask a font server on the network, so Ace's are used and tinted like the rest of the page.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import streamlit as st
from code_editor import code_editor

from lib.ui.text import _
from lib.warehouse import Table

_LINES = (9, 24)
_LIGHT = ("chrome", "#f6f4ed", "#edeae0", "#1e2a2b", "#ffffff")
_DARK = ("nord_dark", "#172121", "#1d2929", "#e3e9e4", "#1f2c2c")


@dataclass(frozen=True, slots=True)
class Edited:
    """What the editor holds."""

    text: str
    run_id: str
    """Changes with every Ctrl+Enter; empty before the first."""


def edit(text: str, tables: Sequence[Table], functions: Sequence[str], *, key: str) -> Edited:
    """Draw the editor.

    Args:
        text: what it starts with; later the person's own text stands in it, until ``key`` changes.
        tables: their names and columns are offered by completion,
        functions: and so are these, besides SQL's own words.
        key: names the editor; a new key opens a fresh one.
    """
    theme, *colours = _DARK if st.context.theme.type == "dark" else _LIGHT
    said = code_editor(
        text,
        lang="sql",
        theme="contrast",
        height=list(_LINES),
        completions=_completions(tables, functions),
        response_mode="blur",
        options={"wrap": True, "showLineNumbers": True, "fontFamily": "monospace"},
        props={
            "theme": theme,
            "enableLiveAutocompletion": True,
            "showGutter": True,
            "scrollMargin": [0, 0, 0, 0],
            "fontSize": 14,
        },
        component_props={"globalCSS": _tint(colours)},
        key=key,
    )
    return _read(said, text)


def current(key: str, otherwise: str) -> str:
    """Return what the editor under this key holds right now; for callbacks."""
    return _read(st.session_state.get(key), otherwise).text


def _read(said: object, otherwise: str) -> Edited:
    if not isinstance(said, dict) or not said.get("id"):
        return Edited(otherwise, "")
    return Edited(str(said["text"]), said["id"] if said["type"] == "submit" else "")


def _completions(tables: Iterable[Table], functions: Iterable[str]) -> list[dict[str, object]]:
    words = [_word(table.name, _("table"), 1000) for table in tables]
    homes: dict[str, list[str]] = {}
    for table in tables:
        for column in table.columns:
            homes.setdefault(column.name, []).append(f"{table.name} · {column.type.lower()}")
    words += [
        _word(name, where[0] + (f" +{len(where) - 1}" if where[1:] else ""), 900)
        for name, where in homes.items()
    ]
    # A name with a digit would be offered for every number typed, and Enter would take it.
    plain = (name for name in functions if not any(letter.isdigit() for letter in name))
    return words + [_word(name, _("function"), 500) for name in plain]


def _word(name: str, about: str, score: int) -> dict[str, object]:
    return {"caption": name, "value": name, "name": name, "meta": about, "score": score}


def _tint(colours: Sequence[str]) -> str:
    paper, line, ink, popup = colours
    return f"""
    .ace_editor {{ background: {paper} !important; color: {ink} !important; }}
    .ace_gutter, .ace_active-line, .ace_gutter-active-line {{ background: {line} !important; }}
    .ace_editor.ace_autocomplete {{
        background: {popup} !important; color: {ink} !important; border-radius: 6px;
        border: 1px solid {line}; width: 380px;
    }}
    .ace_autocomplete .ace_marker-layer .ace_active-line {{ background: {line} !important; }}
    """
