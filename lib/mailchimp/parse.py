"""Big answers to Arrow, without a Python object per member."""

from lib.mailchimp.member import MemberPage
from lib.mailchimp.reply import Reply
from lib.mailchimp.upsert import BatchReply


def members(reply: Reply) -> MemberPage:
    """Read a page of GET /lists/{id}/members."""
    raise NotImplementedError


def member(reply: Reply) -> MemberPage:
    """Read GET /lists/{id}/members/{hash}."""
    raise NotImplementedError


def upsert(reply: Reply, body: bytes) -> BatchReply:
    """Read the reply of POST /lists/{id} against what was sent."""
    raise NotImplementedError


def sent(body: bytes) -> tuple[str, str]:
    """Address and member id of the only member in a body."""
    raise NotImplementedError
