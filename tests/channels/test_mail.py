import datetime as dt
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from lib.channels import mail
from lib.channels.message import Message
from lib.errors import ChannelError, SettingsError
from tests.channels.receivers import MailBox, free_port

TOLD = Message("Failed: Ærlig talt", ("It failed.", "Reason: none."), "https://m.test/runs")


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a certificate of localhost that this process trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "localhost.pem"
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    pem = serialization.Encoding.PEM
    path.write_bytes(made.public_bytes(pem) + key.private_bytes(pem, form, plain))
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    return path


def send(smtp_url: str, to: str = "ops@muster.test", sender: str = "muster@muster.test") -> str:
    return mail.send(mail.server(smtp_url), sender, to, TOLD, ident="muster-1-2", timeout_s=5)


def test_a_letter_arrives_with_subject_words_and_link() -> None:
    box = MailBox()
    with box.listening() as smtp_url:
        send(smtp_url)
    (letter,) = box.letters
    assert box.recipients == ["ops@muster.test"]
    assert letter["Subject"] == "Muster: Failed: Ærlig talt"
    assert letter["Message-ID"] == "<muster-1-2@muster.test>"
    assert letter["Auto-Submitted"] == "auto-generated"
    paragraphs = letter.get_content().replace("\r\n", "\n").split("\n\n")
    assert paragraphs == ["It failed.", "Reason: none.", "https://m.test/runs\n"]


@pytest.mark.parametrize("wrapped", [False, True], ids=["starttls", "tls"])
def test_user_and_password_go_encrypted(certificate: Path, wrapped: bool) -> None:
    box = MailBox(user="muster", password="pa55w0rd")
    with box.listening(certificate, wrapped=wrapped) as smtp_url:
        send(smtp_url)
    assert len(box.letters) == 1


def test_a_wrong_password_is_a_sentence_that_does_not_hold_it(certificate: Path) -> None:
    box = MailBox(user="muster", password="pa55w0rd")
    with (
        box.listening(certificate) as smtp_url,
        pytest.raises(ChannelError, match="user or password") as refused,
    ):
        send(smtp_url.replace("pa55w0rd", "wr0ng"))
    assert "wr0ng" not in str(refused.value)
    assert not box.letters


def test_a_server_that_nobody_vouches_for_gets_nothing(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    box = MailBox(user="muster", password="pa55w0rd")
    with box.listening(certificate) as smtp_url, pytest.raises(ChannelError, match="certificate"):
        send(smtp_url)
    assert not box.letters


def test_a_server_without_starttls_gets_nothing() -> None:
    box = MailBox()
    with box.listening() as smtp_url, pytest.raises(ChannelError, match="STARTTLS"):
        send(smtp_url.replace("smtp://", "smtp+starttls://"))
    assert not box.letters


def test_a_refused_recipient_is_a_sentence_without_the_address() -> None:
    box = MailBox(refuse="550 no such user ops@muster.test")
    with box.listening() as smtp_url, pytest.raises(ChannelError, match="recipient") as refused:
        send(smtp_url)
    assert "@" not in str(refused.value)


def test_nobody_there_is_a_sentence() -> None:
    with pytest.raises(ChannelError, match="cannot be reached"):
        send(f"smtp://127.0.0.1:{free_port()}")


def test_a_password_is_read_as_it_was_percent_encoded() -> None:
    read = mail.server("smtp+starttls://ada%40muster.test:p%3A%2Fss@mail.test")
    assert (read.user, read.password) == ("ada@muster.test", "p:/ss")
    assert (read.host, read.port, read.safety) == ("mail.test", 587, "starttls")
    assert "p:/ss" not in repr(read)


@pytest.mark.parametrize(
    "smtp_url",
    ["", "mail.test", "http://mail.test", "smtps://", "smtp://h:99999", "smtp://ada:x@mail.test"],
)
def test_a_setting_that_cannot_be_used_says_how_to_write_it(smtp_url: str) -> None:
    with pytest.raises(SettingsError, match="MUSTER_SMTP_URL"):
        mail.server(smtp_url)


def test_without_a_sender_the_setting_is_named() -> None:
    with pytest.raises(SettingsError, match="MUSTER_MAIL_FROM"):
        send("smtp://127.0.0.1:1", sender="")
