"""Credentials: which Mailchimp to speak to, and with which key or token."""

import base64
import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from lib import loopback
from lib.errors import CredentialsError

_DATA_CENTRE = re.compile(r"[a-z]{2,8}\d{1,4}")


@dataclass(frozen=True, slots=True)
class Credentials:
    """Where and as whom to connect; neither key nor token shows in its repr.

    Args:
        api_url: address of a server that speaks Mailchimp's API, such as a practice Mailchimp;
            empty means Mailchimp's own, found by the data centre at the end of the key.
        api_key: a key as Mailchimp shows it, ``<32 characters>-<data centre>``.
        token: an OAuth2 access token; with a token the key is not used, and ``api_url`` is needed.
    """

    api_url: str = ""
    api_key: str = field(default="", repr=False)
    token: str = field(default="", repr=False)

    @property
    def data_centre(self) -> str:
        """What follows the dash of the key, such as ``us6``; empty when there is none."""
        tail = self.api_key.strip().rpartition("-")[2]
        return tail if _DATA_CENTRE.fullmatch(tail) else ""

    @property
    def base_url(self) -> str:
        """The root of the API, ending in ``/3.0``.

        Raises:
            CredentialsError: when key and address do not lead to one.
        """
        if self.api_url:
            return _base(self.api_url)
        if self.data_centre:
            return f"https://{self.data_centre}.api.mailchimp.com/3.0"
        raise CredentialsError(
            "This API key does not end in a data centre such as -us6; "
            "copy the whole key from Mailchimp's Extras, API keys."
        )

    @property
    def authorization(self) -> str:
        """The Authorization header: Basic with any user name for a key, Bearer for a token.

        Raises:
            CredentialsError: when the key has characters that no key has.
        """
        secret = self.token or self.api_key.strip()
        if not secret or not secret.isascii() or not secret.isprintable() or " " in secret:
            raise CredentialsError(
                "That is no API key; copy the whole key from Mailchimp's Extras, API keys."
            )
        if self.token:
            return f"Bearer {secret}"
        return f"Basic {base64.b64encode(f'muster:{secret}'.encode()).decode()}"


def _base(url: str) -> str:
    parts = urlsplit(url.strip())
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise CredentialsError(
            "The address of the Mailchimp API must look like https://us6.api.mailchimp.com."
        )
    if parts.scheme == "http" and not loopback.is_here(parts.hostname):
        raise CredentialsError(
            "The address of the Mailchimp API must begin with https://: over http:// everybody on"
            " the way could read the key."
        )
    if parts.username or parts.password:
        raise CredentialsError("Leave the key out of the address, and give it as the API key.")
    path = parts.path.rstrip("/")
    return f"{parts.scheme}://{parts.netloc}{path if path.endswith('/3.0') else path + '/3.0'}"
