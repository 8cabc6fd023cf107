import base64
import hashlib
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.practice.conftest import Api, Json

BACK = "http://127.0.0.1:8501/back"
ASKED = {"response_type": "code", "client_id": "muster", "redirect_uri": BACK, "state": "s1"}


def decide(api: Api, answer: str = "allow", **further: str) -> dict[str, str]:
    """What the person's browser is sent back with."""
    form = ASKED | {"answer": answer} | further
    url = f"{api.url}/oauth2/authorize"
    reply = requests.post(url, data=form, timeout=5, allow_redirects=False)
    assert reply.status_code == 302
    target = urlsplit(reply.headers["Location"])
    assert target.path == "/back"
    return {name: values[0] for name, values in parse_qs(target.query).items()}


def trade(api: Api, code: str, status: int = 200, **further: str) -> Json:
    form = {
        "grant_type": "authorization_code",
        "client_id": "muster",
        "client_secret": "any",
        "redirect_uri": BACK,
        "code": code,
    }
    reply = requests.post(f"{api.url}/oauth2/token", data=form | further, timeout=5)
    assert reply.status_code == status, reply.text
    return reply.json()


def test_the_dance_leads_to_a_token_that_opens_the_api(api: Api) -> None:
    page = requests.get(f"{api.url}/oauth2/authorize", params=ASKED, timeout=5)
    assert "Allow" in page.text
    answer = decide(api)
    assert answer["state"] == "s1"
    token = trade(api, answer["code"])
    assert (token["expires_in"], token["scope"]) == (0, None)
    for scheme in ("OAuth", "Bearer"):
        headers = {"Authorization": f"{scheme} {token['access_token']}"}
        ping = requests.get(f"{api.url}/3.0/ping", headers=headers, timeout=5)
        assert ping.status_code == 200
    known = requests.get(f"{api.url}/oauth2/metadata", headers=headers, timeout=5).json()
    assert (known["dc"], known["api_endpoint"]) == ("us1", api.url)


def test_a_code_is_good_once_and_for_its_program_only(api: Api) -> None:
    code = decide(api)["code"]
    assert trade(api, code, 400, client_id="another")["error"] == "invalid_grant"
    code = decide(api)["code"]
    trade(api, code)
    assert trade(api, code, 400)["error"] == "invalid_grant"


def test_a_person_can_say_no(api: Api) -> None:
    assert decide(api, "deny") == {"error": "access_denied", "state": "s1"}


def test_a_proof_key_is_checked_when_both_sides_send_it(api: Api) -> None:
    digest = hashlib.sha256(b"verifier").digest()
    challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    proof = {"code_challenge": challenge, "code_challenge_method": "S256"}
    trade(api, decide(api, **proof)["code"], code_verifier="verifier")
    trade(api, decide(api, **proof)["code"])
    trade(api, decide(api, **proof)["code"], 400, code_verifier="other")


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"client_secret": ""}, "invalid_client"),
    ],
)
def test_a_token_is_not_given_for_anything_else(
    api: Api, change: dict[str, str], error: str
) -> None:
    status = 401 if error == "invalid_client" else 400
    assert trade(api, "code", status, **change)["error"] == error


@pytest.mark.parametrize("name", ["client_id", "redirect_uri", "response_type"])
def test_an_incomplete_question_is_refused(api: Api, name: str) -> None:
    asked = ASKED | {name: "" if name != "response_type" else "token"}
    reply = requests.get(f"{api.url}/oauth2/authorize", params=asked, timeout=5)
    assert reply.status_code == 400
    assert reply.json()["error_description"]


def test_metadata_is_for_tokens_only(api: Api) -> None:
    reply = requests.get(f"{api.url}/oauth2/metadata", auth=("x", api.key), timeout=5)
    assert (reply.status_code, reply.json()["error"]) == (401, "invalid_token")
