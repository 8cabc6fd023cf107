"""Connecting an account by signing in, through Chromium, against the practice Mailchimp."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ROOT, _end, _free_port, _wait

if TYPE_CHECKING:
    from tests.conftest import Practice

pytestmark = pytest.mark.slow


def test_an_administrator_signs_in_to_mailchimp_and_the_way_back_counts_once(
    page: Page, practice: "Practice", tmp_path: Path, sample_dir: Path
) -> None:
    url = f"http://127.0.0.1:{(port := _free_port())}"
    environment = {
        **os.environ,
        "MUSTER_STATE": str(tmp_path / "state"),
        "MUSTER_SAMPLE": str(sample_dir),
        "MUSTER_SAMPLE_PROFILES": "3000",
        "MUSTER_WORKER": "false",
        "MUSTER_PRACTICE": "false",
        "MUSTER_MAILCHIMP_CLIENT_ID": "muster",
        "MUSTER_MAILCHIMP_CLIENT_SECRET": "hush",
        "MUSTER_MAILCHIMP_LOGIN": practice.url,
    }
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--server.port", str(port)],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait(url, process, tmp_path / "log")
        page.goto(f"{url}/connections")
        page.get_by_role("button", name="Connect a Mailchimp account").click(timeout=30_000)
        dialog = page.get_by_role("dialog")
        dialog.get_by_text("Sign in to Mailchimp").click()
        expect(dialog.get_by_label("API key")).to_have_count(0)
        dialog.get_by_label("Display name").fill("Nordlys")
        dialog.get_by_text("I agree").click()
        dialog.get_by_role("button", name="Authenticate with Mailchimp").click()
        with page.expect_popup() as opened:
            dialog.get_by_role("link", name=re.compile("Go to Mailchimp")).click()
        mailchimp = opened.value
        with mailchimp.expect_response(re.compile("/connections\\?")) as back:
            mailchimp.get_by_role("button", name="Allow").click()
        expect(mailchimp.get_by_role("heading", name="Nordlys")).to_be_visible(timeout=30_000)
        expect(mailchimp).to_have_url(re.compile("/connections$"))
        page.goto(back.value.url)
        expect(page.get_by_text("This sign-in was not begun here")).to_be_visible(timeout=30_000)
        expect(page.get_by_role("heading", name="Nordlys")).to_have_count(1)
    finally:
        _end(tmp_path / "state")
