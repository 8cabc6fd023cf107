import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lib.mailchimp.budget import Budget

HOLDER = """
import sys, time
from pathlib import Path
from lib.mailchimp.budget import Budget

budget = Budget.shared(Path(sys.argv[1]), "account")
with budget.connection(), budget.connection(), budget.connection():
    print("holding", flush=True)
    time.sleep(60)
"""
WORKER = """
import sys, time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from lib.mailchimp.budget import Budget

budget = Budget.shared(Path(sys.argv[1]), "account")

def turn(number):
    with budget.connection():
        began = time.time()
        time.sleep(0.02)
        return began, time.time()

with ThreadPoolExecutor(8) as pool:
    for began, ended in pool.map(turn, range(40)):
        print(began, ended)
"""


def start(code: str, state: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", code, str(state)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path.cwd())


def most_at_once(spans: list[tuple[float, float]]) -> int:
    moments = sorted([(began, 1) for began, _ in spans] + [(ended, -1) for _, ended in spans])
    now = most = 0
    for _, step in moments:
        now += step
        most = max(most, now)
    return most


def test_threads_never_hold_more_than_the_limit() -> None:
    budget = Budget(most=3)
    held: list[int] = []

    def turn(number: int) -> None:
        with budget.connection():
            held.append(budget.held)
            time.sleep(0.002)

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(turn, range(60)))
    assert max(held) == 3
    assert budget.held == 0


def test_processes_share_ten_connections(budgets: Path) -> None:
    workers = [start(WORKER, budgets) for _ in range(3)]
    spans: list[tuple[float, float]] = []
    for worker in workers:
        out, _ = worker.communicate(timeout=60)
        lines = [line.split() for line in out.splitlines()]
        spans += [(float(began), float(ended)) for began, ended in lines]
    assert len(spans) == 120
    assert 2 <= most_at_once(spans) <= 10


def test_connections_of_a_killed_process_are_free_again(budgets: Path) -> None:
    holder = start(HOLDER, budgets)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "holding\n"
    budget = Budget.shared(budgets, "account", most=3)
    free = threading.Event()

    def wait() -> None:
        with budget.connection():
            free.set()

    waiting = threading.Thread(target=wait)
    waiting.start()
    assert not free.wait(0.2)
    os.kill(holder.pid, signal.SIGKILL)
    assert free.wait(5)
    waiting.join()
    holder.wait()
    holder.stdout.close()


def test_throttling_halves_the_limit_once_for_all_calls_that_were_open() -> None:
    now = [100.0]
    budget = Budget(clock=lambda: now[0])
    with budget.connection() as first, budget.connection() as second:
        now[0] = 101.0
        budget.narrow(first)
        budget.narrow(second)
        assert budget.limit == 5
    now[0] = 102.0
    with budget.connection() as later:
        now[0] = 103.0
        budget.narrow(later)
    assert budget.limit == 2


def test_each_round_of_answers_adds_one_connection_and_it_stays_between_one_and_ten() -> None:
    now = [100.0]
    budget = Budget(clock=lambda: now[0])
    for _ in range(8):
        now[0] += 1
        budget.narrow(now[0] - 0.5)
    assert budget.limit == 1
    answers = []
    while budget.limit < 10:
        limit, count = budget.limit, 0
        while budget.limit == limit:
            budget.widen(now[0])
            count += 1
        answers.append(count)
    assert all(count <= place + 2 for place, count in enumerate(answers))
    for _ in range(50):
        budget.widen(now[0])
    assert budget.limit == 10


def test_processes_share_the_limit_and_another_account_has_its_own(budgets: Path) -> None:
    one, other = Budget.shared(budgets, "account"), Budget.shared(budgets, "account")
    stranger = Budget.shared(budgets, "another")
    with one.connection() as turn:
        one.narrow(turn)
    assert (one.limit, other.limit, stranger.limit) == (5, 5, 10)
    for budget in (one, other, stranger):
        budget.close()


@pytest.mark.parametrize("left", ["", "5", "abc def", "nan 0", "inf 0", "-3 0"])
def test_a_limit_file_that_a_killed_process_left_broken_does_no_harm(
    budgets: Path, left: str
) -> None:
    Budget.shared(budgets, "account").close()
    (file,) = budgets.rglob("limit")
    file.write_text(left)
    budget = Budget.shared(budgets, "account")
    assert 1 <= budget.limit <= 10
    with budget.connection() as turn:
        budget.widen(turn)
        budget.narrow(turn)
    assert 1 <= budget.limit <= 10
    budget.close()


def test_the_account_does_not_show_in_the_files(budgets: Path) -> None:
    Budget.shared(budgets, "0123456789abcdef-us6").close()
    assert all("0123456789" not in str(path) for path in budgets.rglob("*"))
