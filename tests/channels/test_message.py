from datetime import UTC, datetime

import pytest

from lib.channels import message

AT = datetime(2026, 11, 24, 6, 2, tzinfo=UTC)
OUTCOMES = {"added": 1204, "updated": 310, "rejected": 12, "not_sent": 0}


def said(event: str, **facts: object) -> str:
    known = {"export": "News", "export_id": "exp_1", "run": "run_1", **facts}
    told = message.compose(event, known, AT, "https://m.test/")
    return "\n".join((told.subject, *told.lines, told.link))


def test_a_message_says_what_happened_when_in_numbers_and_what_to_do() -> None:
    told = said("rejections", outcomes=OUTCOMES, reason="7 contacts moved.")
    assert "“News” finished, and Mailchimp rejected contacts (2026-11-24 06:02 UTC)" in told
    assert "1,204 added, 310 updated, 12 rejected." in told
    assert "Reason: 7 contacts moved." in told
    assert "What to do: see on the page Runs" in told
    assert told.endswith("https://m.test/runs?run=run_1")


def test_what_a_guard_rail_stopped_leads_to_where_a_person_decides() -> None:
    asked = said("stopped", reason="Too many.")
    assert "approve it" in asked and asked.endswith("https://m.test/review?export=exp_1")
    begun = said("stopped", reason="Too many.", begun=True)
    assert "what was sent" in begun and begun.endswith("https://m.test/runs?run=run_1")


def test_what_may_not_run_by_itself_any_more_leads_to_the_list_of_exports() -> None:
    told = said("held", reason="Nobody has approved its rules as they are now.")
    assert "“News” came due and did not run" in told and "Nobody has approved" in told
    assert "No contact was touched." in told and told.endswith("https://m.test/overview")


def test_recovery_repeats_no_reason() -> None:
    assert "Reason" not in said("recovered", outcomes=OUTCOMES, reason="7 contacts moved.")


@pytest.mark.parametrize("place", ["export", "reason"])
@pytest.mark.parametrize(
    "secret", ["ada@post.no", "0123456789abcdef0123456789abcdef-us6", "0123456789abcdef" * 2]
)
def test_no_address_and_no_key_leaves(place: str, secret: str) -> None:
    told = said("failed", **{place: f"Refused “{secret}”: no."})
    assert secret not in told
    assert "•••" in told


def test_without_a_public_address_there_is_no_link() -> None:
    assert message.compose("failed", {"export": "News"}, AT, "").link == ""
