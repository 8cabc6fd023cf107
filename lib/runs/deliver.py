"""Delivering one batch of a run to Mailchimp: an upsert, tags taken off, or members archived."""

from contextlib import suppress
from threading import Lock

import polars as pl

from lib.errors import MissingError
from lib.mailchimp import batches
from lib.mailchimp.client import Mailchimp
from lib.runs import answers
from lib.runs.answers import Answer
from lib.runs.layout import Parcel


class Deliver:
    """Delivers batches to one audience, from any thread.

    Args:
        client: the client.
        audience_id: the audience.
    """

    def __init__(self, client: Mailchimp, audience_id: str) -> None:
        self._client = client
        self._audience = audience_id
        self._tags: dict[str, int] | None = None
        self._turn = Lock()

    def parcel(self, parcel: Parcel, rows: pl.DataFrame) -> Answer:
        """Deliver the batch; doing so twice does no harm.

        Raises:
            MailchimpError: no answer that could be used.
        """
        if rows.is_empty():
            return answers.as_planned(rows)
        if parcel.kind == "upsert":
            bodies = rows["body"].to_list()
            return answers.judge(rows, batches.send(self._client, self._audience, bodies))
        if parcel.kind == "untag":
            self._untag(parcel.tag, rows["email"].to_list())
        else:
            self._archive(rows["member_id"].to_list())
        return answers.as_planned(rows)

    def _archive(self, member_ids: list[str]) -> None:
        for member_id in member_ids:
            # Who was deleted for good meanwhile, or archived before, is out of the audience.
            with suppress(MissingError):
                self._client.archive(self._audience, member_id)

    def _untag(self, name: str, addresses: list[str]) -> None:
        """Take the tag off; a tag that is gone is off already."""
        with self._turn:
            if self._tags is None:
                self._tags = {tag.name.lower(): tag.id for tag in self._client.tags(self._audience)}
        if name.lower() in self._tags:
            tag_id = self._tags[name.lower()]
            self._client.tag_members(self._audience, tag_id, remove=addresses)
