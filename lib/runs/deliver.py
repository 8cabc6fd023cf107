"""Delivering one batch of a run to Mailchimp: an upsert, tags taken off, or members archived."""

from contextlib import suppress
from dataclasses import replace
from threading import Lock

import polars as pl

from lib.errors import InDoubtError, MissingError, RequestError
from lib.mailchimp import batches
from lib.mailchimp.client import Mailchimp
from lib.mailchimp.upsert import BatchReply, Rejection, gather
from lib.runs import answers
from lib.runs.answers import Answer
from lib.runs.layout import Parcel

WHOLE_TRIES = 3
"""A batch whose reply is lost so often is halved: it may be too slow, or one member breaks it."""
HOPELESS = 20
"""Refusals in a row, however small the part, after which it is not about single members."""


class Deliver:
    """Delivers batches to one audience, from any thread."""

    def __init__(self, client: Mailchimp, audience_id: str) -> None:
        self._client = client
        self._audience = audience_id
        self._tags: dict[str, int] | None = None
        self._turn = Lock()

    def parcel(self, parcel: Parcel, rows: pl.DataFrame, *, resent: bool, tries: int) -> Answer:
        """Deliver the batch.

        Args:
            parcel: which one.
            rows: its rows.
            resent: it may have been applied before.
            tries: how often this run has tried in vain.

        Raises:
            MailchimpError: no answer that could be used.
        """
        if parcel.kind == "upsert":
            reply = self._upsert(rows, halving=tries >= WHOLE_TRIES)
            return answers.judge(rows, reply, resent=resent or tries > 0)
        if parcel.kind == "untag":
            self._untag(parcel.tag, rows["email"].to_list())
        else:
            for member_id in rows["member_id"]:
                # Who was deleted for good meanwhile, or archived before, is out of the audience.
                with suppress(MissingError):
                    self._client.archive(self._audience, member_id)
        return answers.as_planned(rows)

    def _upsert(self, rows: pl.DataFrame, *, halving: bool) -> BatchReply:
        """Upsert all of them; parts that fail as a whole are halved until the culprits are found.

        Raises:
            MailchimpError: when asking for smaller parts would not help.
        """
        replies: list[BatchReply] = []
        offers = batches.halves(rows["body"].to_list())
        failures, words, part = 0, {}, next(offers, None)
        while part is not None:
            failed = True
            try:
                replies.append(self._client.upsert(self._audience, batches.body(part)))
                failed = False
            except RequestError as error:
                failures += 1
                words[part[0]] = error.detail or str(error)
                if not replies and failures > HOPELESS:
                    raise
            except InDoubtError:
                if not halving:
                    raise
            try:
                part = offers.send(failed)
            except StopIteration as end:
                return _with_culprits(gather(replies), rows, end.value, words)
        return gather(replies)

    def _untag(self, name: str, addresses: list[str]) -> None:
        """Take the tag off; a tag that is gone is off already."""
        with self._turn:
            if self._tags is None:
                self._tags = {tag.name.lower(): tag.id for tag in self._client.tags(self._audience)}
        if name.lower() in self._tags:
            tag_id = self._tags[name.lower()]
            self._client.tag_members(self._audience, tag_id, remove=addresses)


def _with_culprits(
    reply: BatchReply, rows: pl.DataFrame, culprits: list[str], words: dict[str, str]
) -> BatchReply:
    """Add the members that failed alone: refused with Mailchimp's words, or in doubt."""
    if not culprits:
        return reply
    alone = rows.filter(pl.col("body").is_in(culprits)).select("body", "email", "member_id")
    refused = tuple(
        Rejection(email, member_id, "ERROR_CALL", words[body])
        for body, email, member_id in alone.iter_rows()
        if body in words
    )
    lost = tuple(member_id for body, _, member_id in alone.iter_rows() if body not in words)
    return replace(reply, rejections=reply.rejections + refused, in_doubt=reply.in_doubt + lost)
