"""The five-minute story, as a stranger lives it: from a query to contacts in an audience."""

import json
import re
import urllib.request
from typing import TYPE_CHECKING, Any

from playwright.sync_api import Page, expect

if TYPE_CHECKING:
    from tests.browser.conftest import App

QUERY = (
    "select profile_id, email, first_name, last_name from profiles "
    "where country = 'NO' and consent_email"
)
LONG_MS = 30_000
TWICE = """
window.twice = [];
new MutationObserver(() => {
  const shown = [...document.querySelectorAll("[class*=st-key-]")].map(drawn =>
    [...drawn.classList].find(name => name.startsWith("st-key-")));
  const again = shown.filter((name, place) => shown.indexOf(name) !== place);
  window.twice = [...new Set([...window.twice, ...again])];
}).observe(document, { subtree: true, childList: true });
"""
"""Notes every widget that is on a page in two places at once, be it for a moment."""


def visit(page: Page, title: str) -> None:
    """Go to a page by the menu and wait until it stands."""
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=title, exact=True).click()
    settled(page)


def settled(page: Page) -> None:
    """Wait until no script runs any more."""
    expect(page.locator(".stApp[data-test-script-state=notRunning]")).to_be_visible(timeout=LONG_MS)


def keyed(page: Page, key: str) -> Any:  # noqa: ANN401 - a Locator
    """Find what a page drew under a key."""
    return page.locator(f".st-key-{re.sub(r'[^a-zA-Z0-9_-]', '-', key)}")


def practice(app: "App") -> tuple[str, str, str]:
    """Return address, key and audience of the practice Mailchimp of this app."""
    told = json.loads((app.state / "practice" / "ready.json").read_text())
    return told["url"], told["api_key"], told["audience_id"]


def members(app: "App", status: str) -> dict[str, dict[str, Any]]:
    """Ask the practice Mailchimp, over HTTP, for its members of a status by address."""
    url, key, audience = practice(app)
    found: dict[str, dict[str, Any]] = {}
    while True:
        asked = f"{url}/3.0/lists/{audience}/members?count=1000&status={status}&offset={len(found)}"
        request = urllib.request.Request(asked, headers={"Authorization": f"Bearer {key}"})
        with urllib.request.urlopen(request, timeout=10) as reply:
            page = json.load(reply)["members"]
        if not page:
            return found
        found |= {member["email_address"]: member for member in page}


def number_in(text: str) -> int:
    """Read the first number of a text."""
    found = re.search(r"[\d,]+", text)
    assert found, text
    return int(found.group().replace(",", ""))


def ask_and_save(page: Page) -> int:
    """Ask the warehouse, and save the question as a segment; return how many it holds."""
    visit(page, "Query")
    page.frame_locator("iframe").first.locator(".ace_content").first.click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(QUERY)
    editor = page.frame_locator("iframe").first.locator(".ace_content").first
    expect(editor).to_contain_text(QUERY.rpartition(" ")[2])
    page.keyboard.press("Control+Enter")
    headline = page.get_by_text(re.compile(r"^[\d,]+ rows · "))
    expect(headline).to_be_visible()
    keyed(page, "query.save").get_by_role("button").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Norwegians with consent")
    expect(dialog.get_by_text("of 1,000,000")).to_be_visible()
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved as segment")).to_be_visible()
    return number_in(headline.inner_text())


def set_up(page: Page, profiles: int) -> None:
    """Set an export up: audience, segment with the meter, data matching, preview."""
    visit(page, "Set up an export")
    expect(page.get_by_label("Connection").first).to_be_visible(timeout=LONG_MS)
    page.get_by_role("combobox", name=re.compile("Audience")).click()
    page.get_by_role("option", name=re.compile("Nordlys newsletter")).click()
    page.get_by_role("combobox", name=re.compile("Segments")).click()
    page.get_by_role("option", name=re.compile("Norwegians with consent")).click()
    page.keyboard.press("Escape")
    expect(page.get_by_text(re.compile(f"{profiles:,} of 1,000,000"))).to_be_visible()
    expect(page.get_by_text("Suggested:").first).to_be_visible()
    expect(page.get_by_text("Contacts as Mailchimp will get them")).to_be_visible()
    settled(page)
    page.get_by_label("Name of the export").fill("Newsletter")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("“Newsletter” is saved. Nothing was sent.")).to_be_visible()


def plan_and_push(page: Page) -> int:
    """Read the forecast, say yes, and land where the run can be watched; return who is new."""
    page.get_by_role("link", name="Review what it would do").click()
    page.get_by_role("button", name="Make the plan").click()
    forecast = page.get_by_text(re.compile("contacts will be sent out of"))
    expect(forecast).to_be_visible(timeout=LONG_MS)
    sending = number_in(forecast.inner_text())
    added = number_in(page.get_by_role("radio", name=re.compile("Added")).inner_text())
    page.get_by_role("button", name="Approve and push …").click()
    question = page.get_by_role("dialog", name=re.compile(f"Push {sending:,} contacts to Nordlys"))
    question.get_by_role("button", name="Approve and push").click()
    expect(page.get_by_role("heading", name="Runs", level=1)).to_be_visible()
    return added


def test_a_stranger_gets_from_a_query_to_contacts_in_an_audience(app: "App", page: Page) -> None:
    page.add_init_script(TWICE)
    page.goto(app.url)
    expect(page.get_by_role("heading", level=1).first).to_be_visible(timeout=LONG_MS)
    settled(page)
    profiles = ask_and_save(page)
    before = members(app, "subscribed")
    set_up(page, profiles)
    assert page.evaluate("window.twice") == []
    assert members(app, "subscribed") == before

    added = plan_and_push(page)
    page.reload()
    card = keyed(page, "runs.card")
    expect(card.get_by_text("done", exact=True)).to_be_visible(timeout=LONG_MS)

    after = members(app, "subscribed")
    assert len(after) == len(before) + added
    tags = {tag["name"] for member in after.values() for tag in member["tags"]}
    assert "Norwegians with consent" in tags
