import pytest

from lib.errors import CredentialsError
from lib.mailchimp.credentials import Credentials

KEY = "0123456789abcdef0123456789abcdef-us6"


def test_neither_key_nor_token_shows_in_the_repr() -> None:
    shown = repr(Credentials("http://127.0.0.1:1", KEY, "a-token-of-mine"))
    assert KEY not in shown
    assert "a-token-of-mine" not in shown


def test_the_key_says_which_data_centre_to_ask() -> None:
    assert Credentials(api_key=KEY).base_url == "https://us6.api.mailchimp.com/3.0"


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000/3.0"),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8000/3.0"),
        ("http://127.0.0.1:8000/3.0/", "http://127.0.0.1:8000/3.0"),
        ("https://server.example.org/mailchimp", "https://server.example.org/mailchimp/3.0"),
    ],
)
def test_another_address_is_taken_as_it_is_with_the_word_server_in_it(
    given: str, used: str
) -> None:
    assert Credentials(given, KEY).base_url == used


@pytest.mark.parametrize(
    "key", ["", "no-dash-centre", "0123", "0123-us6.evil.org/", "0123-evil.org", "abc-us6/../x"]
)
def test_a_key_without_a_data_centre_is_refused_in_one_sentence(key: str) -> None:
    with pytest.raises(CredentialsError) as caught:
        _ = Credentials(api_key=key).base_url
    assert "data centre" in str(caught.value)
    assert not key or key not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["ftp://x.org", "x.org", "http://", "https://a:b@x.org", "https://x?y=1", "http://x.org"]
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(CredentialsError):
        _ = Credentials(url, KEY).base_url


@pytest.mark.parametrize("key", ["", "abc\ndef-us1", "nøkkel-us1", "two words-us1"])
def test_a_key_that_cannot_go_into_a_header_is_refused(key: str) -> None:
    with pytest.raises(CredentialsError):
        _ = Credentials("http://127.0.0.1:1", key).authorization
