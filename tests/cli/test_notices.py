import pytest

from tests.channels.receivers import Hook
from tests.cli.conftest import Muster


def test_a_webhook_is_added_tried_switched_and_removed(
    muster: Muster, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Hook().listening() as hook:
        monkeypatch.setenv("CHAT_HOOK", hook.url)
        made = muster("notices", "add", "Chat", "--webhook-env", "CHAT_HOOK", "--json")
        assert made.data["address"] == "http://127.0.0.1/…"
        assert "s3cret" not in made.out + made.err
        assert muster("notices", "test", "Chat", "--json").data == {"ok": True, "answer": "200 ok"}
        hook.status = 500
        refused = muster("notices", "test", "Chat")
        assert (refused.status, "500" in refused.err) == (1, True)
    assert not muster("notices", "switch", "Chat", "--off", "--json").data["active"]
    assert [one["name"] for one in muster("notices", "list", "--json").data] == ["Chat"]
    assert muster("notices", "remove", "Chat").status == 0
    assert muster("notices", "list", "--json").data == []
    assert muster("notices", "log", "--json").data == []


def test_mail_without_a_server_is_kept_and_said(muster: Muster) -> None:
    made = muster("notices", "add", "Ops", "--mail", "ops@muster.test")
    assert (made.status, "MUSTER_SMTP_URL" in made.err) == (0, True)


@pytest.mark.parametrize(
    "options",
    [(), ("--mail", "a@b.no", "--webhook-env", "X"), ("--webhook-env", "EMPTY"), ("--mail", "no")],
)
def test_what_leads_nowhere_is_refused(muster: Muster, options: tuple[str, ...]) -> None:
    assert muster("notices", "add", "Ops", *options).status == 2
