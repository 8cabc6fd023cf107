"""The dial of the practice Mailchimp, turned by a person in a browser."""

import re
from typing import TYPE_CHECKING

from playwright.sync_api import Page, expect

if TYPE_CHECKING:
    from tests.browser.conftest import App


def test_an_administrator_makes_the_practice_fail_and_work_again(app: "App", page: Page) -> None:
    page.goto(app.url)
    menu = page.get_by_test_id("stSidebarNav")
    expect(page.get_by_role("heading", level=1).first).to_be_visible(timeout=60_000)
    menu.get_by_role("link", name="System", exact=True).click()
    page.get_by_role("tab", name="Sources").click(timeout=60_000)
    turn = page.get_by_role("button", name="Turn the dial")
    expect(turn).to_be_visible(timeout=60_000)
    turn.click()
    badge = page.get_by_text(re.compile(r"bare-429 · 10\s?%"))
    expect(badge).to_be_visible()
    page.get_by_role("button", name="Everything works again").click()
    expect(badge).to_be_hidden()
