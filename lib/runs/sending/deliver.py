"""Delivering one batch of a run to Mailchimp: an upsert, tags taken off, or members archived."""

from threading import Lock

import polars as pl

from lib.errors import MissingError, RequestError
from lib.mailchimp import batches
from lib.mailchimp.client import Mailchimp
from lib.mailchimp.faults import without_addresses
from lib.runs.sending import answers
from lib.runs.sending.answers import Answer
from lib.runs.sending.layout import Parcel


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
        return self._untag(parcel.tag, rows) if parcel.kind == "untag" else self._archive(rows)

    def _archive(self, rows: pl.DataFrame) -> Answer:
        said = {member_id: self._put_away(member_id) for member_id in rows["member_id"]}
        return answers.but_for(rows, {who: why for who, why in said.items() if why})

    def _put_away(self, member_id: str) -> str:
        """Archive a member; return why not, or '' when the audience is without them."""
        try:
            if self._client.archive(self._audience, member_id):
                return ""
            (row,) = self._client.member(self._audience, member_id).rows.to_pylist()
        except MissingError:
            return ""  # deleted for good meanwhile
        except RequestError as error:
            return words(error)
        status = str(row["status"])
        return "" if status == "archived" else _STAYS.format(status=status)

    def _untag(self, name: str, rows: pl.DataFrame) -> Answer:
        """Take the tag off; a tag that is gone is off already."""
        for anew in (False, True):
            tag_id = self._tag_id(name, anew=anew)
            if tag_id is None:
                break
            try:
                return self._take_off(name, tag_id, rows)
            except MissingError:
                if anew:
                    raise
        return answers.gone(rows, f"The tag “{name}” is not there any more.")

    def _tag_id(self, name: str, *, anew: bool) -> int | None:
        with self._turn:
            if anew or self._tags is None:
                self._tags = {tag.name.lower(): tag.id for tag in self._client.tags(self._audience)}
            return self._tags.get(name.lower())

    def _take_off(self, name: str, tag_id: int, rows: pl.DataFrame) -> Answer:
        emails = dict(zip(rows["member_id"], rows["email"], strict=True))
        try:
            told = self._client.tag_members(self._audience, tag_id, remove=list(emails.values()))
        except RequestError as error:
            return answers.but_for(rows, dict.fromkeys(emails, _on(name, words(error))))
        if told.removed >= len(emails):
            return answers.as_planned(rows)
        refused = {
            member_id: _on(name, told.refused[email.lower()])
            for member_id, email in emails.items()
            if email.lower() in told.refused
        }
        # Some may have had it no more; reading back tells.
        return answers.but_for(rows, refused, unsure=emails.keys() - told.taken - refused.keys())


def words(error: RequestError) -> str:
    """Return Mailchimp's own words about a refusal, or ours; they are told of many contacts."""
    return without_addresses(error.detail) or str(error)


_STAYS = "Mailchimp does not archive this member, who is {status} now."


def _on(tag: str, words: str) -> str:
    words = words.rstrip(".")
    return f"The tag “{tag}” was not taken off: {words}."
