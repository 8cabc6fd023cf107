"""Where the sources on Mailchimp disagree or are silent: every reading can be chosen.

Nothing here was confirmed against a live account. A product that is right under every reading
needs to know none of them; one that is not can be caught by trying both. Start with
``--disputed NAME=READING``, or post ``{"NAME": "READING"}`` to ``/practice/disputes``.
The first reading of each is the default.
"""

from dataclasses import dataclass, fields, replace
from typing import Literal, get_args, get_type_hints


@dataclass(frozen=True, slots=True)
class Disputes:
    """One switch per disputed behaviour, with both readings and their evidence."""

    resubscribe: Literal["silent", "refused"] = "silent"
    """Batch, ``status: subscribed`` for somebody who unsubscribed or bounced. *silent*: listed as
    updated, nothing changes (pmpro-mailchimp#151 and #152, 2026). *refused*: ERROR_GENERIC with the
    compliance text that single-member calls answer with (recordings of 2021)."""

    unchanged: Literal["updated", "left_out"] = "updated"
    """Batch, an existing member to whom nothing changes: counted as updated, or in no list at all.
    No source."""

    duplicates: Literal["member_error", "call_refused"] = "member_error"
    """Batch, the same address twice without ``skip_duplicate_check``. *member_error*: later ones
    fail one by one (reference prose). *call_refused*: 400 for the whole call
    (embulk-output-mailchimp, fix of October 2017)."""

    revived: Literal["created", "updated"] = "created"
    """Batch, an archived member subscribed again: reported among new members (one integration's
    author), or among updated ones (the record existed; its id stays)."""

    archived_if_new: Literal["stays", "revives"] = "stays"
    """``status_if_new`` for an archived member. *stays* archived, as the record exists; *revives*,
    as the contact is no longer on the list. No source."""

    empty_batch: Literal["zeros", "refused"] = "zeros"
    """Batch with no members: 200 with zeros, or 400. No source."""

    throttled: Literal["problem", "bare"] = "problem"
    """The 11th simultaneous connection: a 429 problem document (error glossary), or 429 with an
    empty body and no content type (fundamentals page: "without a JSON body")."""

    tags_on_put: Literal["ignored", "added"] = "ignored"
    """``tags`` in a PUT for an existing member: not applied (MailChimp.Net#368, 2019), or added
    (newer specification lists them)."""

    tags_in_batch: Literal["added", "ignored"] = "added"
    """``tags`` of a batch member: added (newer specification), or not known at all
    (mailchimp-client-lib-codegen#273, open since 2021)."""

    sync_without_tags: Literal["left", "wiped"] = "left"
    """``sync_tags`` for a member without ``tags``: tags left alone, or all removed ("replaces").
    No source."""

    since: Literal["exclusive", "inclusive"] = "exclusive"
    """``since_last_changed``: later than (a reviewer of a Databricks connector, #249), or from that
    second on."""

    long_text: Literal["refused", "cut"] = "refused"
    """Text longer than 255 bytes: a field fault, or cut silently. No source for either."""

    member_schema: Literal["member_error", "call_refused"] = "member_error"
    """Batch, one member of a wrong shape: that member fails (MailChimp.Net#384, 2019), or 400 for
    the whole call."""

    tag_case: Literal["folded", "exact"] = "folded"
    """Names of tags: Gold and gold are one tag (two integrations say so), or two."""

    merge_case: Literal["folded", "exact"] = "folded"
    """``fname`` as a merge tag: taken as FNAME, or dropped as unknown. No source."""

    quoted_address: Literal["plain", "quoted"] = "plain"
    """``errors[].email_address`` of a batch: the address, or the address within escaped quotation
    marks (a Haskell client works around it)."""

    unlisted_choice: Literal["refused", "accepted"] = "refused"
    """A radio or dropdown value outside the choices: a field fault, or stored as it is.
    No source."""

    blank_state: Literal["incomplete", "accepted"] = "incomplete"
    """An address with an empty ``state``: incomplete (specification: required), or accepted as
    long as the key is there."""

    required_on_update: Literal["sent", "all"] = "sent"
    """A required field that is not among the ``merge_fields`` of an update. *sent*: only what is
    sent is checked (recordings of single calls). *all*: it has to be sent every time, whatever the
    member holds ("Please enter a complete address" although none was sent, formie#2387, 2025)."""

    batch_fields: Literal["ignored", "honoured"] = "ignored"
    """``fields`` and ``exclude_fields`` on the batch call: not documented, therefore ignored; or
    honoured as everywhere else."""

    capital_booleans: Literal["true", "false"] = "true"
    """``True`` in a query, as Python's SDK sends it: taken as true, or as anything but true."""

    forced_opt_in: Literal["subscribed", "pending"] = "subscribed"
    """``status: subscribed`` for somebody new on a double opt-in audience: taken as it is, or
    turned into pending."""

    pending_subscribed: Literal["confirmed", "stays"] = "confirmed"
    """Batch, ``status: subscribed`` for somebody who has not confirmed yet: subscribed without the
    confirmation, or still pending. No source."""

    most_fields: Literal["30", "80"] = "30"
    """Merge fields of an audience: 30 (mc-magento#957, 2019), or 80 as some plans are said to
    have."""

    result_order: Literal["request", "shuffled"] = "request"
    """Order of ``new_members``, ``updated_members`` and ``errors``: that of the request, or any."""


def readings() -> dict[str, tuple[str, ...]]:
    """Every switch with its possible readings, the default first."""
    hints = get_type_hints(Disputes)
    return {field.name: get_args(hints[field.name]) for field in fields(Disputes)}


def choose(disputes: Disputes, chosen: dict[str, str]) -> Disputes:
    """The switches with some of them set.

    Raises:
        ValueError: For a switch or a reading that there is not; the message lists what there is.
    """
    known = readings()
    for name, reading in chosen.items():
        if name not in known:
            raise ValueError(f"no disputed behaviour {name!r}; there are: {', '.join(known)}")
        if reading not in known[name]:
            raise ValueError(f"{name} can be read as {' or '.join(known[name])}, not {reading!r}")
    return replace(disputes, **chosen)  # type: ignore[arg-type]
