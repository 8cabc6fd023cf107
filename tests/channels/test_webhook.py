import pytest

from lib.channels import webhook
from lib.channels.message import Message
from lib.errors import ChannelError
from tests.channels.receivers import Hook, free_port

TOLD = Message(
    "Failed: News", ("The export “News” failed.", "Reason: none."), "https://m.test/runs"
)


def test_a_message_arrives_as_one_text() -> None:
    with Hook().listening() as hook:
        assert webhook.send(hook.url, TOLD) == "200 ok"
    assert hook.posted == [
        {
            "text": "*Failed: News*\nThe export “News” failed.\nReason: none.\n"
            "<https://m.test/runs|Open Muster>"
        }
    ]


def test_a_name_cannot_call_everybody_in_a_chat() -> None:
    text = webhook.text(Message("Failed: <!channel> & co", ("<@U1>",)))
    assert "<" not in text
    assert "&lt;!channel&gt; &amp; co" in text


@pytest.mark.parametrize(
    ("status", "answer", "words"),
    [
        (404, b"no_service", "no_service"),
        (500, b"<html>ada@post.no</html>", "500"),
        (429, b"rate_limited", "rate_limited"),
    ],
)
def test_a_refusal_says_the_status_and_no_more_than_one_word(
    status: int, answer: bytes, words: str
) -> None:
    with (
        Hook(status=status, answer=answer).listening() as hook,
        pytest.raises(ChannelError, match=words) as refused,
    ):
        webhook.send(hook.url, TOLD)
    assert "@" not in str(refused.value)
    assert "s3cret" not in str(refused.value)


def test_a_redirect_is_not_followed() -> None:
    with Hook().listening() as other:
        away = Hook(status=307, headers={"Location": other.url})
        with away.listening(), pytest.raises(ChannelError, match="leads elsewhere"):
            webhook.send(away.url, TOLD)
    assert other.asked == 0


def test_nobody_there_and_nobody_answering_are_sentences_without_the_url() -> None:
    with pytest.raises(ChannelError, match="cannot be reached") as refused:
        webhook.send(f"http://127.0.0.1:{free_port()}/s3cret", TOLD)
    assert "s3cret" not in str(refused.value)
    with (
        Hook(delay_s=1).listening() as hook,
        pytest.raises(ChannelError, match=r"within 0\.2 s"),
    ):
        webhook.send(hook.url, TOLD, timeout_s=0.2)
