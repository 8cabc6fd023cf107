"""Home: where things stand, and what to do next."""

import streamlit as st

from lib.store import connections, exports, history, runs, segments
from lib.ui import person, resources, words
from lib.ui.explore.steps import Progress, Step, next_step, steps
from lib.ui.markdown import literal
from lib.ui.text import _

store, who, warehouse = resources.store(), person.who(), resources.warehouse()
tables = {table.name: table for table in warehouse.tables()}
profiles = warehouse.profile_table()
progress = Progress(
    queries=len(history.all(store, who, limit=1)),
    segments=segments.count(store, who),
    connections=len(connections.all(store, who)),
    exports=exports.count(store, who),
    finished_runs=runs.count(store, who, state=runs.RunState.DONE),
)


def draw_step(place: int, step: Step, now: int) -> None:
    if step.done:
        mark = ":green[:material/check_circle:]"
    else:
        mark = ":orange[:material/arrow_circle_right:]" if place == now else ":material/circle:"
    with st.container(
        border=True, horizontal=True, vertical_alignment="center", key=f"home.step.{place}"
    ):
        with st.container(gap="xxsmall"):
            st.markdown(f"{mark} **{place + 1}. {step.title}**")
            st.caption(step.why)
        st.page_link(step.page, label=_("Open"), icon=":material/arrow_forward:")


st.title(_("From customers to an audience, with nothing left to chance"))
st.markdown(
    _(
        "Explore your customers, name the ones you mean, see what Mailchimp would be told about "
        "each of them, and only then send it."
    ),
    width=720,
)

way, standing = st.columns([3, 2], gap="large")
with way:
    ahead = steps(progress)
    now = next_step(ahead)
    done = sum(step.done for step in ahead)
    st.subheader(_("Five steps · {done} of 5 done").format(done=done), anchor=False)
    for place, step in enumerate(ahead):
        draw_step(place, step, now)

with standing:
    st.subheader(_("Where things stand"), anchor=False)
    with st.container(border=True):
        if profiles is None:
            st.info(_("No table of profiles yet. Add a source on the System page."))
        else:
            st.metric(_("Profiles"), words.number(tables[profiles.name].rows))
        others = [table for table in tables.values() if not profiles or table.name != profiles.name]
        for table in others:
            st.markdown(f"{literal(table.name)} :gray[· {words.number(table.rows)}]")
        if resources.uses_sample():
            st.caption(
                _(
                    "This is the sample company, invented and made on this machine. It gives way "
                    "as soon as a source of your own is added."
                )
            )
    with st.container(border=True, horizontal=True):
        st.metric(_("Segments"), words.number(progress.segments))
        st.metric(_("Exports"), words.number(progress.exports))
        st.metric(_("Runs done"), words.number(progress.finished_runs))
