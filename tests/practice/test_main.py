import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from lib.practice.__main__ import main
from tests.conftest import Practice
from tests.practice.conftest import Api, new


def reach(running: Practice) -> Api:
    return Api(running.url, running.api_key, f"/lists/{running.audience_id}")


def run(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "lib.practice", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)


def test_a_port_that_is_none_is_refused_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--port", "99999"])
    assert ended.value.code == 2
    assert "99999 is no port: give one from 0 to 65535" in capsys.readouterr().err


def test_what_was_acknowledged_survives_kill_9(tmp_path: Path) -> None:
    running = Practice(tmp_path).start()
    api = reach(running)
    api.batch(
        new("x@nordlys.no", merge_fields={"FNAME": "Ada", "LTV": 7}, tags=["Kept"], language="no")
    )
    api.ask("POST", f"{api.audience}/merge-fields", json={"name": "Shoe", "type": "number"})
    api.ask("DELETE", api.path("lars.olsen@nordlys.no"), 204)
    path = f"{api.path('sofie.berg@fjordmail.no')}/actions/delete-permanent"
    api.ask("POST", path, 204)
    before = api.member("x@nordlys.no")
    running.kill(signal.SIGKILL)
    key, url = running.api_key, running.url
    running.start()
    try:
        assert (running.api_key, running.url) == (key, url)
        assert api.member("x@nordlys.no") == before
        assert before["merge_fields"]["LTV"] == 7
        assert api.member("lars.olsen@nordlys.no")["status"] == "archived"
        assert api.get(f"{api.audience}/merge-fields")["total_items"] == 14
        error = api.batch(new("sofie.berg@fjordmail.no"))["errors"][0]
        assert "permanently deleted" in error["error"]
    finally:
        running.kill(signal.SIGTERM)


def test_a_batch_of_operations_goes_on_after_kill_9(tmp_path: Path) -> None:
    running = Practice(tmp_path).start()
    api = reach(running)
    operations = [
        {"method": "PUT", "path": api.path(email), "body": json.dumps(new(email))}
        for email in (f"m{number}@nordlys.no" for number in range(300))
    ]
    job = api.ask("POST", "/batches", json={"operations": operations})
    time.sleep(0.25)
    running.kill(signal.SIGKILL)
    running.start()
    try:
        deadline = time.monotonic() + 15
        while (shown := api.get(f"/batches/{job['id']}"))["status"] != "finished":
            assert time.monotonic() < deadline, shown
            time.sleep(0.05)
        assert (shown["finished_operations"], shown["errored_operations"]) == (300, 0)
    finally:
        running.kill(signal.SIGTERM)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_cleanly_when_told_to(tmp_path: Path, how: int) -> None:
    running = Practice(tmp_path).start()
    assert running.process is not None
    reach(running).get("/ping")
    running.process.send_signal(how)
    assert running.process.wait(timeout=5) == 0


def test_a_second_one_cannot_take_the_same_state(tmp_path: Path) -> None:
    running = Practice(tmp_path).start()
    try:
        second = run("--state", str(tmp_path / "practice"))
        assert second.returncode == 1
        assert second.stderr == ("practice: another practice Mailchimp uses this state directory\n")
    finally:
        running.kill(signal.SIGTERM)


def test_without_state_it_lives_in_memory_and_says_so_in_json(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "lib.practice", "--json", "--members", "1000"]
    command += ["--fault", "problem-429=0", "--disputed", "since=inclusive", "--latency", "0.01"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path.cwd()) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        assert set(told) == {"url", "api_key", "audience_id", "pid"}
        assert told["pid"] == process.pid
        state = requests.get(f"{told['url']}/practice/", timeout=5).json()
        assert sum(state["audiences"][0]["statuses"].values()) == 1017
        assert (state["disputes"]["since"], state["latency"]["usual"]) == ("inclusive", 0.01)
        process.terminate()
        assert process.wait(timeout=5) == 0


@pytest.mark.parametrize(
    "options", [["--fault", "earthquake"], ["--disputed", "since=never"], ["--fault", "500=x"]]
)
def test_a_wrong_option_is_named_and_ends_with_2(options: list[str]) -> None:
    ended = run(*options)
    assert ended.returncode == 2
    assert options[1].partition("=")[0] in ended.stderr


def test_a_taken_port_is_said_and_ends_with_1(tmp_path: Path) -> None:
    running = Practice(tmp_path).start()
    try:
        assert run("--port", str(running.port)).returncode == 1
    finally:
        running.kill(signal.SIGTERM)


def test_it_imports_nothing_else_of_the_product() -> None:
    code = "import sys, lib.practice.app; print([m for m in sys.modules if m.startswith('lib.')])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=20
    )
    imported = done.stdout.strip("[]\n").replace("'", "").split(", ")
    assert "lib.practice.app" in imported
    assert [name for name in imported if not name.startswith("lib.practice")] == []


def test_the_first_audience_can_begin_with_people_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "people.jsonl"
    people = [
        {"email_address": "Ada@nordlys.no", "merge_fields": {"FNAME": "Ada", "SHOE": 41}},
        {"email_address": "bo@nordlys.no", "status": "unsubscribed", "tags": ["Gold", "Knitters"]},
    ]
    file.write_text("".join(f"{json.dumps(one)}\n" for one in people), "utf-8")
    running = Practice(tmp_path, ("--people", str(file))).start()
    try:
        api = reach(running)
        ada, bo = api.member("ada@nordlys.no"), api.member("bo@nordlys.no")
        assert (ada["status"], ada["merge_fields"]["FNAME"]) == ("subscribed", "Ada")
        assert "SHOE" not in ada["merge_fields"]
        assert bo["status"] == "unsubscribed"
        assert [tag["name"] for tag in bo["tags"]] == ["Gold", "Knitters"]
    finally:
        running.kill(signal.SIGTERM)


@pytest.mark.parametrize(
    "line",
    ['{"email": "a@b.no"}', "a@b.no", '["a"]', '{"email_address": "a@c.no", "status": "no"}'],
)
def test_a_file_of_something_else_is_refused_naming_the_line(tmp_path: Path, line: str) -> None:
    (file := tmp_path / "people.jsonl").write_text(f'{{"email_address": "a@b.no"}}\n{line}\n')
    ended = run("--people", str(file))
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "people.jsonl, line 2: not a member" in ended.stderr
