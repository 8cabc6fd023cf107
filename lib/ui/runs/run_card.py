"""One run in full: what became of its contacts, in whose words, and the proof of it."""

import json
from datetime import datetime
from pathlib import Path
from typing import Literal

import streamlit as st

from lib.access import Action, may
from lib.config import Office
from lib.errors import NotFoundError
from lib.runs import desk as work
from lib.runs.after import receipt
from lib.store.acts import MACHINE
from lib.store.runs import Run, RunState
from lib.ui import downloads, errors, moments, session, words
from lib.ui.markdown import literal
from lib.ui.runs import fates, forecast, outcomes, run_words, undo_card
from lib.ui.runs.people import PAGE
from lib.ui.text import _, said

_MARKS: dict[RunState, Literal["green", "red", "orange"]] = {
    RunState.DONE: "green",
    RunState.FAILED: "red",
    RunState.STOPPED: "orange",
}


def draw(office: Office, run: Run) -> None:
    """Draw a run with what can be done to it."""
    with st.container(border=True, key="runs.card"):
        _draw_head(office, run)
        if run.message:
            tell = st.error if run.state is RunState.FAILED else st.info
            tell(literal(said(run.message)), icon=":material/info:")
        names = fates.all_outcomes(undo=run.kind == "undo")
        forecast.draw_bar(run.outcomes, names=names)
        chosen = forecast.choose(run.outcomes, names=names, key=f"runs.out.{run.id}")
        if run.live:
            st.caption(_("Who they are is listed when the run is over."))
        elif chosen:
            _draw_contacts(office, run, chosen)
        _draw_receipt(office, run)


def _draw_head(office: Office, run: Run) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(literal(run.export_name), width="content")
        st.badge(run_words.state(run.state), color=_MARKS.get(run.state, "gray"))
        st.space("stretch")
        if run_words.never_began(run):
            _draw_way_to_plan(run)
        elif run.state in {RunState.FAILED, RunState.CANCELLED, RunState.STOPPED}:
            st.button(
                _("Resume"),
                key="runs.resume",
                type="primary",
                icon=":material/play_arrow:",
                disabled=not may(office.who, Action.RUN_EXPORTS),
                help=_("Goes on where it stopped; what was sent is not sent again."),
                on_click=_resume,
                args=(office, run.id),
            )
        undo_card.draw_button(office, run)
    asked = (
        _("Begun {trigger}, {when}, by its approved rules.")
        if run.requested_by == MACHINE
        else _("Asked for by {who}, {when}.")
    ).format(
        who=literal(said(run.requested_by)),
        when=moments.said(run.requested_at, office.settings.time_zone),
        trigger=run_words.trigger(run),
    )
    st.caption(f"{asked} {run.id}")


def _draw_way_to_plan(run: Run) -> None:
    if st.button(
        _("Look at its plan"), key="runs.plan", type="primary", icon=":material/fact_check:"
    ):
        session.choose(export_id=run.export_id)
        st.switch_page("pages/exports/review.py")


def _draw_contacts(office: Office, run: Run, outcome: str) -> None:
    fate = fates.called(outcome)
    st.caption(fate.meaning)
    try:
        path = work.outcomes_file(office.settings, run.id)
    except NotFoundError as error:
        st.caption(said(str(error)))
        return
    if why := outcomes.reasons(path, outcome):
        lines = (f"- **{words.number(count)}** {literal(reason)}" for reason, count in why.items())
        st.markdown("\n".join(lines))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            _("Find"),
            key=f"runs.find.{run.id}",
            type="search",
            live="400ms",
            placeholder=_("an address, a word of Mailchimp's, a profile's key"),
            label_visibility="collapsed",
        )
        _draw_download(path, run, outcome)
    place = f"runs.page.{run.id}.{outcome}.{text}"
    found = outcomes.read(path, outcome, text or "", int(st.session_state.get(place, 1)))
    if not found.total:
        st.caption(_("Nobody fits."))
        return
    st.dataframe(found.rows, hide_index=True, placeholder="", alt=fate.label)
    with st.container(horizontal=True, vertical_alignment="center"):
        if found.total > PAGE:
            st.pagination(-(-found.total // PAGE), key=place)
        st.caption(
            _("{shown} of {total}").format(
                shown=words.number(found.rows.height), total=words.number(found.total)
            )
        )


def _draw_download(path: Path, run: Run, outcome: str) -> None:
    downloads.button(
        _("CSV"),
        lambda tag: outcomes.as_csv(path, outcome),
        file_name=f"{run.export_name}-{outcome}.csv",
        key=f"runs.csv.{outcome}",
    )


def _draw_receipt(office: Office, run: Run) -> None:
    document = receipt.read(office.settings.runs_dir / run.id)
    if document is None:
        return
    with st.expander(_("Receipt"), icon=":material/receipt_long:"):
        back = document.get("read_back") or {}
        equal, different = int(back.get("equal", 0)), int(back.get("different", 0))
        st.markdown(
            _("Read back from Mailchimp: **{equal} of {all} verified equal**.").format(
                equal=words.number(equal), all=words.number(equal + different)
            )
        )
        if told := (document.get("mailchimp") or {}).get("words"):
            st.markdown(_("Mailchimp itself says: {words}").format(words=literal(said(told))))
        facts = {
            _("Approved by"): said(str(document.get("approved_by") or "")),
            _("Approved at"): _moment(document.get("approved_at"), office),
            _("Audience"): str(document.get("audience") or ""),
            _("Fingerprint of the plan"): f"`{str(document.get('fingerprint') or '')[:32]}`",
        }
        st.table(facts, border="horizontal", width="content", alt=_("Facts of the receipt"))
        if examples := back.get("examples"):
            st.dataframe(examples, hide_index=True, alt=_("Differences found"))
        st.download_button(
            _("Whole receipt"),
            data=json.dumps(document, indent=1, ensure_ascii=False),
            file_name=f"receipt-{run.id}.json",
            mime="application/json",
            key="runs.receipt",
            icon=":material/download:",
            on_click="ignore",
        )


def _moment(written: str | None, office: Office) -> str:
    if not written:
        return ""
    return moments.exact(datetime.fromisoformat(written), office.settings.time_zone)


def _resume(office: Office, run_id: str) -> None:
    errors.attempt(work.resume, office.store, office.settings, office.who, run_id)
