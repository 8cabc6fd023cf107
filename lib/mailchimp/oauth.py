"""OAuth2: signing in to Mailchimp instead of pasting a key.

Code flow without scopes; tokens do not expire and have no refresh token, but can be revoked
(Mailchimp, "How to use OAuth 2").
"""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

import requests

from lib.errors import CredentialsError, UnavailableError
from lib.mailchimp import faults
from lib.mailchimp.credentials import Credentials

LOGIN = "https://login.mailchimp.com"
TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True)
class App:
    """An app registered at Mailchimp.

    ``login`` and ``api_url`` are another server's, such as a practice Mailchimp's; empty
    ``api_url`` means the one Mailchimp's metadata names.
    """

    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str
    login: str = LOGIN
    api_url: str = ""


@dataclass(frozen=True, slots=True)
class SignIn:
    """A sign-in that has begun: send the person to ``url``, keep the rest until they are back."""

    url: str
    state: str = field(repr=False)
    verifier: str = field(repr=False)


def begin(app: App) -> SignIn:
    """Begin a sign-in, with a fresh state and PKCE verifier."""
    state, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
    digest = hashlib.sha256(verifier.encode()).digest()
    asked = {
        "response_type": "code",
        "client_id": app.client_id,
        "redirect_uri": app.redirect_uri,
        "state": state,
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    return SignIn(f"{app.login}/oauth2/authorize?{urlencode(asked)}", state, verifier)


def finish(app: App, sign_in: SignIn, came_back: Mapping[str, str]) -> Credentials:
    """Turn what came back to the redirect URI into credentials.

    Args:
        app: the app.
        sign_in: what ``begin`` returned.
        came_back: the query of the redirect: ``code`` and ``state``, or ``error``.

    Raises:
        CredentialsError: the person declined, the state is not ours, or Mailchimp refuses.
        UnavailableError: Mailchimp does not answer.
    """
    if not secrets.compare_digest(came_back.get("state", ""), sign_in.state):
        raise CredentialsError("This sign-in was not begun here, or is an old one; begin it again.")
    if came_back.get("error") or not came_back.get("code"):
        raise CredentialsError("Mailchimp did not grant access; begin again and press Allow.")
    token = _exchange(app, sign_in, came_back["code"])
    metadata = _ask(
        "GET", f"{app.login}/oauth2/metadata", headers={"Authorization": f"OAuth {token}"}
    )
    return Credentials(api_url=app.api_url or _endpoint(metadata), token=token)


def _exchange(app: App, sign_in: SignIn, code: str) -> str:
    form = {
        "grant_type": "authorization_code",
        "client_id": app.client_id,
        "client_secret": app.client_secret,
        "redirect_uri": app.redirect_uri,
        "code": code,
        "code_verifier": sign_in.verifier,
    }
    token = _ask("POST", f"{app.login}/oauth2/token", data=form).get("access_token")
    if not isinstance(token, str) or not token:
        raise CredentialsError(_REFUSED)
    return token


_REFUSED = "Mailchimp refuses this sign-in; begin it again, and check the app's ID and secret."


def _endpoint(metadata: Mapping[str, object]) -> str:
    centre = str(metadata.get("dc") or "")
    if not centre.isalnum():
        raise CredentialsError("Mailchimp did not say which data centre the account is in.")
    return f"https://{centre}.api.mailchimp.com"


def _ask(
    method: str,
    url: str,
    *,
    data: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> dict[str, object]:
    try:
        reply = requests.request(
            method, url, data=data, headers=headers, timeout=TIMEOUT_S, allow_redirects=False
        )
        document = reply.json()
    except requests.exceptions.JSONDecodeError:
        raise UnavailableError(faults.DOWN) from None
    except requests.exceptions.RequestException:
        raise UnavailableError(faults.UNREACHABLE) from None
    # Errors are documents with "error", also with status 200 in places (read in integrations).
    if not isinstance(document, dict) or not reply.ok or document.get("error"):
        raise CredentialsError(_REFUSED, status=reply.status_code)
    return document
