"""How quick the product feels at full size: start, pages, counts.

``python -m tests.bench.app`` makes the sample company of 1.2 million profiles when it is missing,
starts the app as ``make run`` does, and measures in a real Chromium. Seconds, best and worst of the
repeats; the bars are those of the product.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from playwright.sync_api import Page, expect, sync_playwright

from lib import settings
from lib.settings import ROOT
from lib.sql import Sql
from lib.warehouse import sample
from lib.warehouse.duckdb import open_duckdb
from tests.browser.install import QUIET, find_chromium

REPEATS = 5
SEGMENTS = {
    "country and tier": "select * from profiles where country = 'NO' and loyalty_tier = 'Gold'",
    "spent over 500 in a year": "select profile_id from orders where ordered_at >= date "
    "'2026-01-01' group by 1 having sum(amount) > 500",
    "no visit since summer": "select * from profiles p where not exists (from events e "
    "where e.profile_id = p.profile_id and e.happened_at >= date '2026-06-01')",
    "consent and language": "select * from profiles where consent_email and language = 'nb'",
}


def _clock(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _line(what: str, seconds: list[float], bar: float) -> None:
    verdict = "ok" if sorted(seconds)[len(seconds) // 2] <= bar else "OVER"
    middle = sorted(seconds)[len(seconds) // 2]
    print(f"{what:<42}{min(seconds):>8.3f}{middle:>9.3f}{max(seconds):>8.3f}{bar:>8.2f}  {verdict}")


def measure_counts() -> None:
    """Count segments on the warm warehouse."""
    chosen = settings.load()
    sources = sample.make(chosen.sample, chosen.sample_profiles)
    with (
        tempfile.TemporaryDirectory() as folder,
        open_duckdb(sources, directory=Path(folder)) as warehouse,
    ):
        for name, query in SEGMENTS.items():
            warehouse.count(Sql(query))
            took = [_clock(lambda: warehouse.count(Sql(query))) for _ in range(REPEATS)]  # noqa: B023
            _line(f"count: {name}", took, 0.150)


@contextmanager
def _app(state: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "MUSTER_STATE": str(state)}
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
    process = subprocess.Popen(
        [*command, "--server.port", str(port)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)
        for one in psutil.process_iter(["environ"]):
            if (one.info["environ"] or {}).get("MUSTER_STATE") == str(state):
                one.send_signal(signal.SIGTERM)


def _open(page: Page, url: str) -> None:
    while True:
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=1):
                break
        except OSError:
            time.sleep(0.02)
    page.goto(url)
    expect(page.get_by_text("1,200,000").first).to_be_visible(timeout=60_000)


def _settled(page: Page) -> None:
    page.wait_for_function(
        "() => document.querySelector('[data-testid=\"stApp\"]')"
        "?.getAttribute('data-test-script-state') === 'notRunning'",
        timeout=60_000,
    )


def measure_app(state: Path) -> None:
    """Start the app, then click through pages."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find_chromium(), args=QUIET)
        starts = []
        for _ in range(3):
            page = chromium.new_page()
            started = time.perf_counter()
            with _app(state) as url:
                _open(page, url)
                starts.append(time.perf_counter() - started)
                if len(starts) == 3:
                    _measure_pages(page)
            page.close()
        # The first start makes the state directory; the later ones are what people see daily.
        _line("start to usable first page, warm", starts[1:], 5.0)
        chromium.close()


def _measure_pages(page: Page) -> None:
    for title in ("Profiles", "Query", "All segments", "Home"):
        took = []
        for _ in range(REPEATS + 1):
            page.get_by_role("link", name=re.compile(f"^{title}|{title}$")).first.click()
            started = time.perf_counter()
            page.wait_for_timeout(10)
            _settled(page)
            took.append(time.perf_counter() - started)
            page.get_by_role("link", name=re.compile("Connections")).first.click()
            page.wait_for_timeout(400)
            _settled(page)
        _line(f"interaction: open {title}", took[1:], 0.300)


def main() -> None:
    """Print the table."""
    print(f"{'':<42}{'best s':>8}{'median':>9}{'worst':>8}{'bar':>8}")
    measure_counts()
    with tempfile.TemporaryDirectory() as folder:
        measure_app(Path(folder) / "state")


if __name__ == "__main__":
    main()
