"""The SQL editor is JavaScript of others: what we rely on is tried in a real browser."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import FrameLocator, Page, Route, expect

from tests.browser.conftest import App

SLOW = "select count(*) from range(10000000) a, range(1000000) b where a.range % 7 = b.range % 11"


@pytest.fixture
def asked_elsewhere(page: Page) -> list[str]:
    """Refuse every request that leaves this machine, and list the hosts."""
    hosts: list[str] = []

    def judge(route: Route) -> None:
        host = urlsplit(route.request.url).hostname
        if host in {"127.0.0.1", "localhost", None}:
            route.continue_()
        else:
            hosts.append(host)
            route.abort()

    page.route("**/*", judge)
    return hosts


@pytest.fixture
def write(page: Page, app: App, asked_elsewhere: list[str]) -> Callable[[str], FrameLocator]:
    """Open the query page, and return a function that writes into its editor."""
    page.goto(app.url)
    page.get_by_text("Five steps").wait_for(timeout=90_000)
    page.get_by_role("link", name="Query").click()
    editor = page.frame_locator("iframe").first

    def typed(sql: str) -> FrameLocator:
        editor.locator(".ace_content").click()
        page.keyboard.press("ControlOrMeta+A")
        page.keyboard.press("Delete")
        page.keyboard.type(sql)
        return editor

    return typed


def test_the_editor_needs_no_other_machine_and_completes_our_columns(
    page: Page, write: Callable[[str], FrameLocator], asked_elsewhere: list[str]
) -> None:
    editor = write("select ")
    # The list follows the keys of a person, not a burst of them.
    page.keyboard.type("loyal", delay=100)
    expect(editor.locator(".ace_autocomplete .ace_line").first).to_contain_text("loyalty_tier")
    expect(editor.locator(".ace_keyword").first).to_have_text("select")
    assert asked_elsewhere == []


def test_control_enter_runs_what_was_typed_a_moment_ago(
    page: Page, write: Callable[[str], FrameLocator]
) -> None:
    write("select 4711 as number_asked_for")
    page.keyboard.press("Escape")
    page.keyboard.press("ControlOrMeta+Enter")
    expect(page.get_by_text("1 row")).to_be_visible()


def test_the_run_button_takes_what_was_typed_a_moment_ago(
    page: Page, write: Callable[[str], FrameLocator]
) -> None:
    write("select * from range(12) ")
    page.locator(".st-key-query-run button:visible").first.click()
    expect(page.get_by_text("12 rows")).to_be_visible()


def test_a_query_that_takes_too_long_is_cancelled_by_a_click(
    page: Page, write: Callable[[str], FrameLocator]
) -> None:
    write(SLOW + " ")
    page.locator(".st-key-query-run button:visible").first.click()
    page.locator(".st-key-query-cancel button").click()
    expect(page.get_by_text("The query was cancelled")).to_be_visible()


def test_all_rows_are_downloaded_not_only_those_shown(
    page: Page, write: Callable[[str], FrameLocator]
) -> None:
    write("select profile_id from profiles ")
    page.locator(".st-key-query-run button:visible").first.click()
    page.locator(".st-key-query-download-menu button").click()
    with page.expect_download() as download:
        page.locator(".st-key-query-download-csv button").click()
    rows = download.value.path().read_text("utf-8-sig").splitlines()
    assert len(rows) > 3000


def test_a_file_that_fails_in_its_midst_says_why_on_the_page(
    page: Page, write: Callable[[str], FrameLocator]
) -> None:
    write("select cast(if(range > 5000, 'x', '1') as int) as n from range(10000) ")
    page.keyboard.press("Escape")
    page.locator(".st-key-query-run button:visible").first.click()
    page.locator(".st-key-query-download-menu button").click()
    said = page.get_by_text("Could not convert string").or_(page.get_by_text("Ask for it again"))
    page.locator(".st-key-query-download-csv button").click()
    expect(said).to_be_visible(timeout=20_000)
    if page.get_by_text("Ask for it again").is_visible():
        page.locator(".st-key-query-download-csv button").click()
        expect(page.get_by_text("Could not convert string")).to_be_visible(timeout=20_000)
