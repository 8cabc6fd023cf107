"""An export that may run by itself, in a browser: approved, stopped by a rail, decided."""

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from lib.access import LOCAL_ADMINISTRATOR
from lib.contacts.matching import Matching
from lib.settings import load
from lib.store import connections, exports, open_store, runs, segments
from tests.browser.test_story import LONG_MS, keyed, settled, visit

if TYPE_CHECKING:
    from tests.browser.conftest import App

NAME = "Every working day"


@pytest.fixture
def ready(app: "App", page: Page) -> Iterator[None]:
    """Set an export up while the browser opens Muster, and take it away again."""
    page.goto(app.url)
    expect(page.get_by_role("heading", level=1).first).to_be_visible(timeout=LONG_MS)
    visit(page, "Set up an export")
    expect(page.get_by_label("Connection").first).to_be_visible(timeout=LONG_MS)
    audience = json.loads((app.state / "practice" / "ready.json").read_text())["audience_id"]
    with open_store(load(state=app.state), origin="test") as store:
        (practice, *_) = connections.all(store, LOCAL_ADMINISTRATOR)
        sql = "select profile_id from profiles where country = 'SE' limit 40"
        segment = segments.add(store, LOCAL_ADMINISTRATOR, name="Some Swedes", sql=sql)
        exports.add(
            store,
            LOCAL_ADMINISTRATOR,
            name=NAME,
            connection=practice.id,
            audience_id=audience,
            audience_name="Nordlys newsletter",
            matching=Matching("email"),
            segments=[segment.id],
        )
        yield
        exports.remove(store, LOCAL_ADMINISTRATOR, NAME)
        segments.remove(store, LOCAL_ADMINISTRATOR, segment.id)


def tick(page: Page, name: str) -> None:
    """Find one export and tick it; its table is drawn on a canvas, with a table for readers."""
    page.get_by_placeholder("a name, an audience, a connection").fill(name)
    rows = page.get_by_test_id("stDataFrame").locator("tbody tr")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text(name)
    settled(page)
    box = page.get_by_test_id("stDataFrame").locator("canvas").first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 16, box["y"] + 50)
    expect(rows).to_have_attribute("aria-selected", "true")
    settled(page)


@pytest.mark.usefixtures("ready")
def test_a_run_within_approved_rules_is_stopped_by_a_rail_and_sent_after_a_yes(
    app: "App", page: Page
) -> None:
    visit(page, "All exports")
    tick(page, NAME)
    keyed(page, "overview.schedule").get_by_role("button").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("On its own schedule").click()
    expect(dialog.get_by_text(re.compile("Next: "))).to_be_visible()
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_text("does not run by itself")).to_be_visible()

    keyed(page, "overview.setup").get_by_role("button").click()
    expect(page.get_by_text("May it send without asking?")).to_be_visible(timeout=LONG_MS)
    page.get_by_label("Most contacts added").fill("1")
    page.keyboard.press("Enter")
    expect(page.get_by_text("save it, then approve")).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text(f"“{NAME}” is saved.")).to_be_visible(timeout=LONG_MS)
    page.get_by_role("button", name="Approve these rules").click()
    expect(page.get_by_text(re.compile("approved its rules today"))).to_be_visible()

    visit(page, "All exports")
    keyed(page, "overview.run").get_by_role("button").click()
    expect(page.get_by_role("dialog").get_by_text("Sent without asking")).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name="Run now").click()
    wait_for(runs.RunState.STOPPED, app, page)
    visit(page, "Review")
    expect(page.get_by_text("was stopped before it sent anything")).to_be_visible(timeout=LONG_MS)
    page.get_by_role("button", name="Approve and push …").click()
    page.get_by_role("dialog").get_by_role("button", name="Approve and push").click()
    wait_for(runs.RunState.DONE, app, page)
    expect(keyed(page, "runs.card").get_by_text("done", exact=True)).to_be_visible(timeout=LONG_MS)


def wait_for(state: runs.RunState, app: "App", page: Page) -> None:
    """Wait until the run came to this state."""
    with open_store(load(state=app.state), origin="test") as store:
        for _ in range(LONG_MS // 200):
            found = runs.all(store, LOCAL_ADMINISTRATOR)
            if any(run.state is state for run in found if run.export_name == NAME):
                return
            page.wait_for_timeout(200)
    raise AssertionError(f"no run came to be {state}")
