"""What can be asked about members, and the batch upsert."""

from typing import Any

from mailchimp_marketing import ListsApi

from lib.errors import RequestError
from lib.mailchimp import parse
from lib.mailchimp.asking import Asking
from lib.mailchimp.member import FIELDS, PAGE, MemberPage, Order
from lib.mailchimp.upsert import BatchReply


class MemberCalls:
    """What can be asked about members."""

    _asking: Asking

    def members(
        self,
        audience_id: str,
        *,
        offset: int = 0,
        count: int = PAGE,
        status: str = "",
        since_last_changed: str = "",
        order: Order = "",
    ) -> MemberPage:
        """One page of the members; the archived show only with ``status="archived"``.

        Args:
            audience_id: the audience.
            offset: how many members to leave out first.
            count: most members to return, at most 1000.
            status: only these.
            since_last_changed: only members changed after this moment, ISO 8601.
            order: ``newest`` puts the last changed first; empty keeps Mailchimp's order.
        """
        api = ListsApi(self._asking.transport)
        asked: dict[str, Any] = {"status": status, "since_last_changed": since_last_changed}
        if order == "newest":
            asked |= {"sort_field": "last_changed", "sort_dir": "DESC"}
        asked = {key: value for key, value in asked.items() if value}
        return self._asking.ask(
            lambda: api.get_list_members_info(
                audience_id, fields=FIELDS, count=count, offset=offset, **asked
            ),
            parse.members,
        )

    def member(self, audience_id: str, member_id: str) -> MemberPage:
        """One member as a page of one row.

        Raises:
            MissingError: when the audience never saw it, or it was deleted for good.
        """
        api = ListsApi(self._asking.transport)
        fields = [name.removeprefix("members.") for name in FIELDS if name.startswith("members.")]
        return self._asking.ask(
            lambda: api.get_list_member(audience_id, member_id, fields=fields), parse.member
        )

    def upsert(self, audience_id: str, body: bytes, *, attempts: int = 0) -> BatchReply:
        """Add or update up to 500 members; sending the same body again is safe.

        Args:
            audience_id: the audience.
            body: ``batches.body`` of the members' JSON; it goes over the wire as it is.
            attempts: how often to try; 0 leaves it to the client.

        Raises:
            InDoubtError: no usable answer came, so it may have been applied, wholly or partly.
        """
        api = ListsApi(self._asking.transport)
        return self._asking.ask(
            lambda: api.batch_list_members(audience_id, body),
            lambda reply: parse.upsert(reply, body),
            attempts=attempts,
        )

    def archive(self, audience_id: str, member_id: str) -> bool:
        """Archive a member; False when Mailchimp refuses as it is archived already.

        A bounced or pending member gets the same refusal (405) and stays as it is.
        """
        api = ListsApi(self._asking.transport)
        try:
            self._asking.ask(lambda: api.delete_list_member(audience_id, member_id), bool)
        except RequestError as error:
            if error.status == 405:
                return False
            raise
        return True
