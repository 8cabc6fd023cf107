"""The options of an export: what it does beyond data matching, with what each choice means."""

import streamlit as st

from lib.contacts.options import OnLeave, Options, StatusIfNew
from lib.mailchimp.account import Audience
from lib.ui.text import _


def draw(prefix: str, held: Options | None, audience: Audience) -> Options:
    """Draw the options as they are held, and return them as the person wants them."""
    options = held or Options()
    status = st.segmented_control(
        _("Status of contacts that are new to the audience"),
        list(StatusIfNew),
        default=options.status_if_new,
        format_func=_status_label,
        key=f"{prefix}.status",
        required=True,
        persist_state="session",
    )
    _explain_status(status or options.status_if_new, audience)
    tag_segments = st.toggle(
        _("Tag contacts with the names of their segments"),
        value=options.tag_segments,
        key=f"{prefix}.tagging",
        persist_state="session",
        help=_("In Mailchimp you can then send to everybody with that tag."),
    )
    left, right = st.columns(2, vertical_alignment="bottom")
    on_leave = left.selectbox(
        _("Contacts this export added that are in none of its segments any more"),
        list(OnLeave),
        index=list(OnLeave).index(options.on_leave),
        format_func=_leave_label,
        key=f"{prefix}.leave",
        persist_state="session",
        help=_(
            "Whom another export to the same audience has in its segments is never archived and "
            "keeps that export's tags."
        ),
    )
    revive = right.toggle(
        _("Bring archived contacts back"),
        value=options.revive_archived,
        key=f"{prefix}.revive",
        persist_state="session",
        help=_(
            "Somebody archived them. They come back only as subscribed, so only when new contacts "
            "become subscribed. Off: they are suppressed and named in the forecast."
        ),
    )
    return Options(
        status or options.status_if_new, tag_segments, on_leave or options.on_leave, revive
    )


def _status_label(status: StatusIfNew) -> str:
    return {
        StatusIfNew.SUBSCRIBED: _("Subscribed"),
        StatusIfNew.PENDING: _("Pending: ask them first"),
        StatusIfNew.TRANSACTIONAL: _("Transactional: no marketing"),
    }[status]


def _explain_status(status: StatusIfNew, audience: Audience) -> None:
    if status is StatusIfNew.SUBSCRIBED:
        st.caption(
            _(
                ":orange[:material/warning: They receive your campaigns, and welcome automations "
                "may write to them at once. Choose this only when each of them agreed to mail.]"
            )
        )
    elif status is StatusIfNew.PENDING:
        st.caption(
            _(
                ":orange[:material/outgoing_mail: Mailchimp sends each of them a mail that asks "
                "to confirm; they count as members once they did.]"
            )
        )
    else:
        st.caption(_("They get transactional mail only, such as receipts, and no campaigns."))
    if audience.double_optin and status is StatusIfNew.SUBSCRIBED:
        st.caption(
            _("The audience asks for double opt-in on forms; an export adds them without asking.")
        )


def _leave_label(on_leave: OnLeave) -> str:
    return {
        OnLeave.NOTHING: _("Leave them as they are"),
        OnLeave.UNTAG: _("Take away the segment's tag"),
        OnLeave.ARCHIVE: _("Archive them"),
    }[on_leave]


def lines(options: Options) -> list[str]:
    """Say the options in sentences."""
    return [
        _("New contacts become: {status}.").format(status=_status_label(options.status_if_new)),
        _("Contacts are tagged with the names of their segments.")
        if options.tag_segments
        else _("Contacts are not tagged."),
        _("Who is in none of the segments any more: {what}.").format(
            what=_leave_label(options.on_leave)
        ),
        _("Archived contacts are brought back.")
        if options.revive_archived
        else _("Archived contacts stay archived."),
    ]
