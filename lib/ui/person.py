"""Who is this? The one answer, for pages and for what they do.

Every way to anything asks ``who``, which lets nobody through who has no role here; a page that was
opened before the sign-in ran out, or by a fragment that runs without app.py, is refused as well.
"""

import time
from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path

import streamlit as st

from lib import loopback
from lib.access import LOCAL_ADMINISTRATOR, Person, Role, Roster
from lib.config import roster as config_roster
from lib.errors import ForbiddenError, SettingsError
from lib.settings import Settings
from lib.ui import resources
from lib.ui.text import _


class Standing(StrEnum):
    """How the visitor of this session stands to the installation."""

    LOCAL = "local"
    """Nobody signs in here, and it answers this machine only."""
    EXPOSED = "exposed"
    """Nobody signs in here, but other machines reach it: nothing is shown."""
    STRANGER = "stranger"
    """Somebody has to sign in, again if it was long ago."""
    NOBODY = "nobody"
    """Signed in, without a role."""
    KNOWN = "known"
    """Signed in, with a role."""


WELCOME = (Standing.LOCAL, Standing.KNOWN)
"""Who may see anything at all."""


def standing() -> Standing:
    """Say how the visitor stands; pages show nothing but to WELCOME.

    Raises:
        SettingsError: the settings or the secrets cannot be read, so nobody is let in.
    """
    if not sign_in_configured():
        return Standing.LOCAL if _serves_this_machine_only() else Standing.EXPOSED
    if not st.user.get("is_logged_in", False) or _too_long_ago(resources.settings()):
        return Standing.STRANGER
    return Standing.NOBODY if _role() is None else Standing.KNOWN


def who() -> Person:
    """Return the person of this session.

    Without an ``[auth]`` section in the secrets everybody is the one local administrator.

    Raises:
        ForbiddenError: nobody is signed in, the person has no role here, or the installation
            has no sign-in and is reachable from other machines.
    """
    stands = standing()
    if stands is Standing.LOCAL:
        return LOCAL_ADMINISTRATOR
    role = _role() if stands is Standing.KNOWN else None
    if role is None:
        raise ForbiddenError(_("Sign in first, as somebody with a role in this installation."))
    return Person(name(), str(st.user.get("name") or name()), role)


def name() -> str:
    """Return by what the signed-in person is known: the address, else the provider's own id."""
    return _address() or str(st.user.get("sub", ""))


def role() -> Role | None:
    """Return the role of whoever looks at this page; None when they may see nothing."""
    stands = standing()
    if stands is Standing.LOCAL:
        return LOCAL_ADMINISTRATOR.role
    return _role() if stands is Standing.KNOWN else None


def roster() -> Roster:
    """Return who has which role, as the settings say."""
    return config_roster.roster(resources.settings())


def sign_in_configured() -> bool:
    """Say whether this installation has an identity provider.

    Raises:
        SettingsError: there are secrets that cannot be read; they may hold one.
    """
    try:
        return "auth" in st.secrets
    except FileNotFoundError:
        # Streamlit says this of a file with a slip in it as well.
        if any(Path(file).exists() for file in st.get_option("secrets.files")):
            raise SettingsError(
                _("The file .streamlit/secrets.toml cannot be read: correct its TOML.")
            ) from None
        return False


def _role() -> Role | None:
    groups = st.user.get(resources.settings().groups_claim)
    return roster().role(_address(), _names(groups))


def _names(claim: object) -> Iterable[str]:
    if isinstance(claim, str):
        return (claim,)
    return tuple(map(str, claim)) if isinstance(claim, list | tuple) else ()


def _address() -> str:
    """The address, unless the identity provider says that it did not check it."""
    claims: Mapping[str, object] = st.user.to_dict()
    if claims.get("email_verified", True) in {False, "false"}:
        return ""
    return str(claims.get("email") or "").strip()


def _too_long_ago(settings: Settings) -> bool:
    begun = st.user.get("iat")
    if not isinstance(begun, int | float):
        return False
    return time.time() - begun > settings.sign_in_hours * 3600


def _serves_this_machine_only() -> bool:
    """Whether the server listens here only, and the browser came by a name of this machine.

    A proxy in front would let everybody in as administrator, and so would a web page that has its
    own name point here; both show in the headers.
    """
    if not loopback.is_here(str(st.get_option("server.address") or "")):
        return False
    # Another program than `streamlit run` may serve app.py, and listen elsewhere than the option
    # says. A browser of this machine has no address here.
    if isinstance(st.context.ip_address, str):
        return False
    headers = st.context.headers
    if any(headers.get(one) for one in ("X-Forwarded-For", "X-Forwarded-Host", "Forwarded")):
        return False
    host = headers.get("Host")
    return host is None or loopback.is_here(_without_port(host))


def _without_port(host: str) -> str:
    return host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
