"""Signing in to Mailchimp from a terminal: the command in a process, and a browser that allows."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests

from lib.cli.landing import landing
from lib.errors import InputError, TimeLimitError

if TYPE_CHECKING:
    from tests.cli.conftest import Muster
    from tests.conftest import Practice

BROWSER = f"""#!{sys.executable}
import os, sys, requests
from urllib.parse import parse_qsl
page, _, asked = sys.argv[1].partition("?")
form = dict(parse_qsl(asked)) | {{"answer": os.environ["ANSWER"]}}
requests.get(form["redirect_uri"] + "favicon.ico", timeout=5)
reply = requests.post(page, data=form, timeout=10)
open(os.environ["SHOWN"], "w").write(reply.text)
"""
Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def command(
    muster: "Muster", practice: "Practice", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Command:
    """Return what runs a command in a process whose browser answers Mailchimp's question."""
    (browser := tmp_path / "browser").write_text(BROWSER)
    browser.chmod(0o700)
    monkeypatch.setenv("MUSTER_MAILCHIMP_CLIENT_ID", "muster")
    monkeypatch.setenv("MUSTER_MAILCHIMP_CLIENT_SECRET", "hush")
    monkeypatch.setenv("MUSTER_MAILCHIMP_LOGIN", practice.url)

    def run(*words: str, answer: str = "allow") -> subprocess.CompletedProcess[str]:
        own = {"BROWSER": str(browser), "ANSWER": answer, "SHOWN": str(tmp_path / "shown")}
        code = "from lib.cli.main import main; main()"
        return subprocess.run(
            [sys.executable, "-c", code, "connections", *words, "--port", "0", "--json"],
            env=os.environ | own, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    return run


def test_an_account_is_connected_by_signing_in_and_renewed_once_revoked(
    command: Command, muster: "Muster", practice: "Practice", tmp_path: Path
) -> None:
    done = command("add", "Nordlys", "--oauth", "--i-agree", "--share", "contributors")
    assert done.returncode == 0, done.stderr
    made = json.loads(done.stdout)
    assert (made["key"], made["shared_with"]) == ("signed in", "contributors")
    assert f"{practice.url}/oauth2/authorize?" in done.stderr
    assert "code_challenge=" in done.stderr and "state=" in done.stderr
    assert "Close this page" in (tmp_path / "shown").read_text()
    assert muster("connections", "test", "Nordlys").status == 0

    requests.post(f"{practice.url}/practice/reset", timeout=10)  # revokes every token
    said = muster("connections", "test", "Nordlys")
    assert said.status == 1 and "renew its sign-in" in said.err
    done = command("renew", "Nordlys")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["id"] == made["id"]
    assert muster("connections", "test", "Nordlys").status == 0


def test_whoever_declines_connects_nothing(command: Command, muster: "Muster") -> None:
    done = command("add", "Nordlys", "--oauth", "--i-agree", answer="deny")
    assert done.returncode == 1 and "did not grant access" in done.stderr
    assert muster("connections", "list", "--json").data == []


def test_one_way_in_is_said_and_an_app_is_registered_first(
    muster: "Muster", monkeypatch: pytest.MonkeyPatch
) -> None:
    both = muster("connections", "add", "N", "--oauth", "--api-key-env", "THE_KEY", "--i-agree")
    assert both.status == 2 and muster("connections", "add", "N", "--i-agree").status == 2
    said = muster("connections", "add", "N", "--oauth", "--i-agree", "--port", "0")
    assert said.status == 1 and "mailchimp_client_id" in said.err


def test_nobody_waits_for_ever_and_a_taken_port_is_told() -> None:
    with landing(0) as there, pytest.raises(TimeLimitError):
        there.wait(0.05)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(InputError, match="taken"), landing(taken.getsockname()[1]):
            pass
