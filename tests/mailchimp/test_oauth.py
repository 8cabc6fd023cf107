from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from lib.errors import CredentialsError, UnavailableError
from lib.mailchimp import oauth
from lib.mailchimp.client import connect
from tests.mailchimp.conftest import Said, Script, Stand

BACK = "http://127.0.0.1:1/back"


def app(url: str) -> oauth.App:
    return oauth.App("muster", "a-secret", BACK, login=url, api_url=url)


def answer(sign_in: oauth.SignIn, what: str) -> dict[str, str]:
    """Do what the person does: press a button, and follow the redirect."""
    page, _, asked = sign_in.url.partition("?")
    form = dict(parse_qsl(asked)) | {"answer": what}
    reply = requests.post(page, data=form, allow_redirects=False, timeout=10)
    assert reply.status_code == 302
    return dict(parse_qsl(urlsplit(reply.headers["Location"]).query))


def test_a_sign_in_ends_in_credentials_that_work(stand: Stand) -> None:
    sign_in = oauth.begin(app(stand.url))
    credentials = oauth.finish(app(stand.url), sign_in, answer(sign_in, "allow"))
    with connect(credentials) as client:
        assert client.account().name
    assert credentials.token not in repr(credentials)


def test_a_code_works_once_and_only_with_the_verifier_of_its_sign_in(stand: Stand) -> None:
    sign_in, other = oauth.begin(app(stand.url)), oauth.begin(app(stand.url))
    back = answer(sign_in, "allow")
    with pytest.raises(CredentialsError, match="not begun here"):
        oauth.finish(app(stand.url), other, back)
    stolen = oauth.SignIn(sign_in.url, sign_in.state, other.verifier)
    with pytest.raises(CredentialsError, match="refuses"):
        oauth.finish(app(stand.url), stolen, back)


def test_declining_is_told_as_such(stand: Stand) -> None:
    sign_in = oauth.begin(app(stand.url))
    with pytest.raises(CredentialsError, match="did not grant"):
        oauth.finish(app(stand.url), sign_in, answer(sign_in, "deny"))


@pytest.mark.parametrize("said", [Said(502, b"<html>", "text/html"), Said(200, b"")])
def test_a_login_that_is_down_is_unavailable(script: Script, said: Said) -> None:
    script.answer = lambda told: said
    sign_in = oauth.begin(app(script.url))
    with pytest.raises(UnavailableError):
        oauth.finish(app(script.url), sign_in, {"state": sign_in.state, "code": "x"})


def test_the_data_centre_cannot_smuggle_another_host_in(script: Script) -> None:
    script.answer = lambda told: Said(body=b'{"access_token":"t","dc":"evil.org/"}')
    away = oauth.App("muster", "s", BACK, login=script.url)
    sign_in = oauth.begin(away)
    with pytest.raises(CredentialsError, match="data centre"):
        oauth.finish(away, sign_in, {"state": sign_in.state, "code": "x"})
