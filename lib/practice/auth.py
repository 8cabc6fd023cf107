"""Who calls: Basic with any user name, Bearer, or OAuth; and what is said to strangers."""

import base64
import binascii

from lib.practice.problem import ProblemError
from lib.practice.world import DATA_CENTRE, World


def identify(world: World, header: str) -> str:
    """The credential of an ``Authorization`` header, when it is good.

    Raises:
        ProblemError: 401 without or with an unknown key, 403 with a key of another data centre.
    """
    scheme, _, rest = header.strip().partition(" ")
    credential = _credential(scheme.lower(), rest.strip())
    if not credential:
        raise ProblemError(401, "API Key Missing", "Your request did not include an API key.")
    if credential == world.key or credential in world.account.get("tokens", ()):
        return credential
    centre = credential.rpartition("-")[2]
    if scheme.lower() != "oauth" and "-" in credential and centre != DATA_CENTRE:
        text = f"The API key provided is linked to datacenter '{centre}'"
        raise ProblemError(403, "Forbidden", text)
    raise ProblemError(
        401,
        "API Key Invalid",
        "Your API key may be invalid, or you've attempted to access the wrong datacenter.",
    )


def _credential(scheme: str, rest: str) -> str:
    if scheme in ("bearer", "oauth"):
        return rest
    if scheme != "basic":
        return ""
    try:
        return base64.b64decode(rest, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""
