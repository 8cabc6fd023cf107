"""Builder: a segment from rules, counted while it is built."""

import streamlit as st

from lib.access import Action, may
from lib.errors import RuleError
from lib.segments.compile import to_sql
from lib.ui import errors, meter, place, resources, words
from lib.ui.markdown import literal
from lib.ui.segments import rule_draft, rule_form, rule_words, sizes, subjects
from lib.ui.text import _, said

office, warehouse = place.office(), resources.warehouse()
profiles = warehouse.profile_table()
tables = warehouse.tables()

st.title(_("Segment builder"))
if profiles is None:
    st.warning(
        _(
            "No table of profiles is declared, so there is nothing to build rules on. Give a "
            "source its key on the system page, or write the segment in SQL."
        ),
        icon=":material/key_off:",
    )
    st.stop()

known = subjects.of_profiles(tables, profiles)
segment = rule_draft.opened(office, known, tables, profiles)
if segment:
    st.caption(_("You are editing “{name}”.").format(name=literal(segment.name)))
else:
    st.caption(_("Conditions on profiles and on what is related to them, without SQL."))

left, right = st.columns([5, 3], gap="medium")
with left:
    group = rule_form.draw(known, tables, profiles.name)
with right, st.container(border=True, key="builder.result"):
    if not group.rules:
        st.markdown(_("**Everybody.** Choose a column to begin."))
    else:
        st.markdown(
            _("Profiles whose **{words}**").format(words=literal(rule_words.describe(group)))
        )
    sql = ""
    try:
        sql = to_sql(group, tables, profiles).text
    except RuleError as error:
        errors.show(error)
    if sql:
        with st.spinner(_("Counting …")):
            size = sizes.of_sql(sql)
        if size.profiles is None:
            st.error(literal(said(size.trouble)), icon=":material/error:")
        elif not group.rules:
            # Nobody has asked for all of them yet, so that they are too many is no news.
            st.caption(_("{count} profiles in all.").format(count=words.number(size.profiles)))
        else:
            meter.size_meter(size.profiles, limit=office.settings.export_limit)
        with st.expander(_("SQL"), icon=":material/code:"):
            st.code(sql, language="sql", wrap_lines=True)
            st.button(
                _("Open in the query page"),
                key="builder.query",
                type="tertiary",
                icon=":material/open_in_new:",
                on_click=rule_draft.open_query,
                args=(sql,),
            )
    complete = rule_draft.shown_whole(segment, group) and bool(sql and group.rules)
    rule_draft.draw_save(
        office, group, segment, allowed=complete and may(office.who, Action.EDIT_SEGMENTS)
    )
