"""What is done to several exports: each by itself, so that one that fails stops no other."""

from collections.abc import Callable, Sequence

import streamlit as st

from lib.config import Office
from lib.config.schedule import Standing
from lib.errors import MusterError, RefusedError
from lib.store import rules
from lib.store.exports import Export
from lib.ui import errors
from lib.ui.exports import standings
from lib.ui.markdown import literal
from lib.ui.text import _

_TOLD = "exports.told"


def each(chosen: Sequence[Standing], action: Callable[[Export], object], done: str) -> None:
    """Do something to each export, and keep what there is to tell of it.

    Args:
        chosen: the exports.
        action: raises MusterError for one it is not done to.
        done: what to say of those it was done to; ``{names}`` are theirs.

    Raises:
        RefusedError: it was done to none of them.
    """
    well, failed = [], []
    for one in chosen:
        try:
            action(one.export)
            well.append(one)
        except MusterError as error:
            failed.append(standings.refused(one.export.name, errors.sentence(error)))
    if not well:
        raise RefusedError("\n\n".join(failed))
    tell(done.format(names=standings.named(well)), failed)


def tell(done: str, failed: Sequence[str] = ()) -> None:
    """Keep what was done, as Markdown, and what failed, as text, for the next run of the page."""
    st.session_state[_TOLD] = (done, list(failed))


def draw_told() -> None:
    """Draw once what happened; what failed stays on the page until something else is done."""
    done, failed = st.session_state.pop(_TOLD, ("", []))
    place = st.container()
    if failed:
        place.warning("\n\n".join([done, *map(literal, failed)]), icon=":material/rule:")
    elif done:
        st.toast(done, icon=":material/check_circle:")


def switch(office: Office, chosen: Sequence[Standing], *, on: bool) -> None:
    """Switch exports on or off; for callbacks."""

    def one(export: Export) -> None:
        rules.switch(office.store, office.who, [export.id], active=on)

    done = _("Switched on: {names}.") if on else _("Switched off, by hand only: {names}.")
    errors.attempt(each, chosen, one, done)


def refusal(chosen: Sequence[Standing], *, allowed: bool) -> str:
    """Say why the person may not change these exports; empty when they may.

    Args:
        chosen: the exports.
        allowed: the person's role may change exports at all.
    """
    if not allowed:
        return _(
            "You may look at exports. Contributors and administrators change and run them: ask an "
            "administrator for that role, or to do it."
        )
    kept = [one for one in chosen if one.permission == "view"]
    if not kept:
        return ""
    return _(
        "You may not change {names}: the connection is not shared with contributors. Leave these "
        "out, or ask an administrator to share it."
    ).format(names=standings.named(kept))
