"""Data matching on the page: which column feeds the address and which merge field."""

from collections.abc import Mapping, Sequence, Set

import streamlit as st

from lib.config.columns import Offer
from lib.contacts.fields import MergeField
from lib.contacts.matching import FieldMatch, Matching
from lib.contacts.suggest import Suggestion, Suggestions
from lib.ui.exports import address_parts
from lib.ui.markdown import literal
from lib.ui.text import _, said
from lib.warehouse import Column

_ALWAYS = ("FNAME", "LNAME")
"""Fields that are offered without being asked for, when the audience has them."""


def draw(
    prefix: str,
    columns: Sequence[Column],
    fields: Sequence[MergeField],
    suggestions: Suggestions,
    held: Matching | None,
) -> Matching | None:
    """Draw data matching; None while no column feeds the address.

    Args:
        prefix: of the widgets' keys; one for each export and audience.
        columns: what there is to match.
        fields: merge fields of the audience.
        suggestions: what is likely, with reasons.
        held: what was saved; None for a new export, which starts from the suggestions.
    """
    labels = {column.name: f"{column.name} · {column.type.lower()}" for column in columns}
    why = {one.tag: one for one in suggestions.found}
    known = {field.tag: field for field in fields}
    given = {match.tag: match for match in (held or suggestions.matching).fields}
    tags = _tags(prefix, fields, set(given) if held else set())
    _warn(prefix, fields, tags)
    email = _draw_email(prefix, labels, held.email if held else suggestions.email, why)
    likely = {one.tag: one for one in suggestions.matching.fields}
    if held:
        # What was left unmatched on purpose stays so; what is added now starts as suggested.
        likely = {tag: one for tag, one in likely.items() if not _shown_anyway(known[tag])}
    rows = [
        _draw_field(prefix, known[tag], labels, given.get(tag) or likely.get(tag), why.get(tag))
        for tag in tags
        if tag in known
    ]
    _draw_add(prefix, [field for field in fields if field.tag not in tags], why)
    if not email:
        return None
    return Matching(email, tuple(row for row in rows if row is not None))


def draw_missing(offer: Offer) -> None:
    """Say which columns are not offered, and why."""
    lacking = [
        _("{column} (not in {segment})").format(column=literal(column), segment=literal(segment))
        for column, segment in offer.lacking
    ]
    if lacking:
        st.caption(
            _(
                "Not every segment can give these columns, so they cannot be matched: {columns}."
            ).format(columns=", ".join(lacking))
        )
    if offer.clashing:
        clashing = [
            f"{literal(column)} ({literal(' / '.join(types).lower())})"
            for column, types in offer.clashing
        ]
        st.caption(
            _(
                "The segments give these columns in types that do not go together, so they cannot "
                "be matched: {columns}. Cast them in a query, as to VARCHAR."
            ).format(columns=", ".join(clashing))
        )


def _called(field: MergeField) -> str:
    """Return the name of a field; those that Mailchimp gives every audience are said in words."""
    usual = {"first name": _("First name"), "last name": _("Last name")}
    return usual.get(field.name.lower(), field.name) or field.tag


def _shown_anyway(field: MergeField) -> bool:
    return field.tag in _ALWAYS or field.required


def _tags(prefix: str, fields: Sequence[MergeField], given: Set[str]) -> list[str]:
    """Return the fields that are on the page, in the audience's order, kept in the session.

    A new export starts with the names and what is required: nobody should hand over more about
    people than somebody asked for.
    """
    key = f"{prefix}.tags"
    if key not in st.session_state:
        st.session_state[key] = [
            field.tag for field in fields if field.tag in given or _shown_anyway(field)
        ]
    tags: list[str] = st.session_state[key]
    return tags


def _warn(prefix: str, fields: Sequence[MergeField], tags: Sequence[str]) -> None:
    """Say before anything else which required fields nothing feeds."""
    unfed = [
        _called(field)
        for field in fields
        if field.must_be_fed
        and (field.tag not in tags or not st.session_state.get(f"{prefix}.{field.tag}", "?"))
    ]
    if unfed:
        st.warning(
            _(
                "The audience requires {fields}. While nothing feeds it, contacts that are new to "
                "the audience are invalid and not sent."
            ).format(fields=literal(", ".join(unfed))),
            icon=":material/priority_high:",
        )


def _draw_email(
    prefix: str, labels: Mapping[str, str], held: str, why: Mapping[str, Suggestion]
) -> str:
    name, column, _keep, _away = st.columns(_WIDTHS)
    name.markdown(_("**Email**  \n:small[:gray[EMAIL · required]]"))
    options = list(labels)
    chosen = column.selectbox(
        _("Column of the email address"),
        options,
        index=options.index(held) if held in options else None,
        format_func=labels.__getitem__,
        key=f"{prefix}.EMAIL",
        persist_state="session",
        placeholder=_("Choose a column"),
        label_visibility="collapsed",
    )
    with column:
        _draw_reason(why.get("EMAIL"), chosen)
        if chosen and not labels[chosen].endswith(_TEXT):
            st.caption(
                _(":red[This column holds no text. Choose the one with the email addresses.]")
            )
        if not options or (not chosen and "EMAIL" not in why):
            st.caption(
                _(":orange[No column looks like email addresses. An export cannot do without.]")
            )
    return str(chosen or "")


_TEXT = " · varchar"
_WIDTHS = (1.8, 4.0, 1.9, 0.5)


def _draw_field(
    prefix: str,
    field: MergeField,
    labels: Mapping[str, str],
    held: FieldMatch | None,
    why: Suggestion | None,
) -> FieldMatch | None:
    name, column, keep, away = st.columns(_WIDTHS)
    required = _(" · required") if field.required else ""
    about = f"{field.tag} · {field.type}{required}"
    name.markdown(f"**{literal(_called(field))}**  \n:small[:gray[{about}]]")
    options = list(labels)
    wanted = held.column if held else ""
    with column:
        chosen = st.selectbox(
            _("Column of {field}").format(field=_called(field)),
            options,
            index=options.index(wanted) if wanted in options else None,
            format_func=labels.__getitem__,
            key=f"{prefix}.{field.tag}",
            persist_state="session",
            placeholder=_("Nothing: leave it as it is in Mailchimp"),
            label_visibility="collapsed",
        )
        parts: address_parts.Parts = ()
        if field.type == "address":
            parts = address_parts.draw(prefix, field, labels, held.parts if held else ())
        _draw_reason(why, chosen)
    keep_filled = keep.toggle(
        _("keep what is there"),
        value=bool(held and held.keep_filled),
        key=f"{prefix}.{field.tag}.keep",
        persist_state="session",
        help=_("Never overwrite a value that Mailchimp already holds."),
    )
    if not field.required:
        away.button(
            "",
            key=f"{prefix}.{field.tag}.remove",
            icon=":material/close:",
            type="tertiary",
            help=_("Take this attribute out"),
            on_click=_remove,
            args=(prefix, field.tag),
        )
    if parts:
        return FieldMatch(field.tag, dict(parts).get("addr1", parts[0][1]), keep_filled, parts)
    return FieldMatch(field.tag, str(chosen), keep_filled) if chosen else None


def _draw_reason(why: Suggestion | None, chosen: str | None) -> None:
    if why and chosen == why.match.column:
        st.caption(
            _("Suggested: {reason}").format(
                reason=literal("; ".join(map(said, why.reason.split("; "))))
            )
        )


def _draw_add(prefix: str, rest: Sequence[MergeField], why: Mapping[str, Suggestion]) -> None:
    if not rest:
        return
    labels = {}
    for field in sorted(rest, key=lambda one: one.tag not in why):
        labels[field.tag] = f"{_called(field)} · {field.type}"
        if field.tag in why:
            columns = ", ".join(why[field.tag].match.columns)
            labels[field.tag] += _(" · suggested: {columns}").format(columns=columns)
    with st.container(width=420):
        st.selectbox(
            _("Add attribute"),
            list(labels),
            index=None,
            format_func=labels.__getitem__,
            key=f"{prefix}.add",
            placeholder=_("Add attribute"),
            label_visibility="collapsed",
            on_change=_add,
            args=(prefix,),
        )


def _add(prefix: str) -> None:
    if tag := st.session_state.get(f"{prefix}.add"):
        st.session_state[f"{prefix}.tags"] = [*st.session_state[f"{prefix}.tags"], tag]
        st.session_state[f"{prefix}.add"] = None


def _remove(prefix: str, tag: str) -> None:
    tags = st.session_state[f"{prefix}.tags"]
    st.session_state[f"{prefix}.tags"] = [one for one in tags if one != tag]
    st.session_state[f"{prefix}.{tag}"] = None
