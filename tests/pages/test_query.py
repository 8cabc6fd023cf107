from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from streamlit.testing.v1 import AppTest

from lib.access import Person
from lib.errors import TimeLimitError
from lib.store import Store, history, segments
from lib.ui.downloads import HEARD_S, PATIENCE_S, SETTLED_S, Making, NotMadeError, made

Visit = Callable[..., AppTest]
SLOW = "select count(*) from range(1000000) a, range(10000000) b where a.range % 7 = b.range % 11"


@pytest.fixture
def ask(visit: Visit) -> Callable[[str], AppTest]:
    """Return a function that writes a query into the editor and runs it."""

    def run(sql: str) -> AppTest:
        at = visit("explore/query")
        at.session_state["draft.text"] = sql
        at.button(key="query.run").click().run()
        assert not at.exception, at.exception
        return at

    return run


def is_waiting(at: AppTest) -> bool:
    return any("Writing the file" in one.value for one in at.caption)


def test_the_page_opens_with_a_question_to_start_from(visit: Visit) -> None:
    at = visit("explore/query")
    assert "from profiles" in at.session_state["draft.text"]
    assert "only ever reads" in at.info[0].value


def test_a_result_says_how_many_rows_there_are_and_how_many_are_shown(
    ask: Callable[[str], AppTest],
) -> None:
    at = ask("select * from profiles")
    assert any("1,000 of 3,0" in said.value for said in at.markdown)
    assert len(at.dataframe[0].value) == 1000


def test_a_result_without_rows_says_so(ask: Callable[[str], AppTest]) -> None:
    assert "No rows" in ask("select * from profiles where country = 'nowhere'").info[0].value


@pytest.mark.parametrize(
    "sql",
    ["selec * frm profiles", "select 1; select 2", "drop table profiles", "select nothing_here"],
)
def test_a_query_that_cannot_run_is_one_sentence(sql: str, ask: Callable[[str], AppTest]) -> None:
    at = ask(sql)
    assert len(at.error) == 1
    assert "Traceback" not in at.error[0].value


def test_a_file_that_cannot_be_made_is_a_sentence_on_the_page(
    ask: Callable[[str], AppTest],
) -> None:
    at = ask("select email from profiles")
    making = Making("tag", asked=1)
    at.session_state["query.download.csv.making"] = making

    def make(tag: str) -> bytes:
        raise TimeLimitError("The query was stopped after 60 seconds.")

    with pytest.raises(NotMadeError) as raised:
        made(making, make)
    assert raised.value.__context__ is None
    at.run()
    assert [one.value for one in at.error] == ["The query was stopped after 60 seconds."]
    assert not at.run().error


def test_a_file_that_nobody_began_to_make_is_not_waited_for(ask: Callable[[str], AppTest]) -> None:
    at = ask("select email from profiles")
    # AppTest does not fetch the file, as a browser whose page changed in that moment does not.
    at.download_button(key="query.download.csv").click().run()
    assert is_waiting(at)
    at.session_state["query.download.csv.making"].asked_at -= PATIENCE_S
    at.run()
    assert ["Ask for it again" in one.value for one in at.error] == [True]
    assert not at.run().error
    at.download_button(key="query.download.csv").click().run()
    assert is_waiting(at)


def test_a_file_that_began_is_waited_for_however_long_it_takes(
    ask: Callable[[str], AppTest],
) -> None:
    at = ask("select email from profiles")
    at.download_button(key="query.download.csv").click().run()
    making: Making = at.session_state["query.download.csv.making"]

    def make(tag: str) -> bytes:
        making.asked_at -= 10 * PATIENCE_S
        at.run()
        assert is_waiting(at)
        return b""

    made(making, make)
    assert not at.run().error
    assert not is_waiting(at)


def test_a_file_goes_out_only_after_the_page_heard_of_the_click() -> None:
    making = Making("tag")
    with ThreadPoolExecutor(1) as beside:
        file = beside.submit(made, making, lambda tag: tag.encode())
        with pytest.raises(TimeoutError):
            file.result(timeout=0.2)
        making.ask()
        assert file.result(timeout=HEARD_S / 2) == b"tag"
    assert not making.under_way
    assert not making.is_settled
    making.answered_at -= SETTLED_S
    assert making.is_settled


def test_a_query_can_be_cancelled(ask: Callable[[str], AppTest]) -> None:
    at = ask(SLOW)
    at.button(key="query.cancel").click().run()
    for _ in range(40):
        at.run()
        if at.info:
            break
    assert "cancelled" in at.info[0].value


def test_every_query_that_ran_is_in_the_history(
    ask: Callable[[str], AppTest], store: Store, administrator: Person
) -> None:
    ask("select 1 as one").run()
    (kept,) = history.all(store, administrator, search="as one")
    assert (kept.rows, kept.error) == (1, "")


def test_a_query_of_the_past_can_be_found_and_opened(
    visit: Visit, store: Store, administrator: Person
) -> None:
    history.record(store, administrator, "select 42 as answer", ms=3, rows=1)
    history.record(store, administrator, "select 7 as luck", ms=3, rows=1)
    at = visit("explore/query")
    at.button(key="query.history").click().run()
    # AppTest has no fragment reruns: a dialog is open for one run, so it is opened again.
    at.text_input(key="query.history.search").set_value("answer")
    at.button(key="query.history").click().run()
    assert list(at.dataframe[0].value["query"]) == ["select 42 as answer"]


def test_an_example_replaces_what_is_in_the_editor(visit: Visit) -> None:
    at = visit("explore/query")
    at.button(key="query.example.1").click().run()
    assert "month" in at.session_state["draft.text"]


def test_a_query_is_saved_as_a_segment(
    ask: Callable[[str], AppTest], store: Store, administrator: Person
) -> None:
    at = ask("select profile_id, email from profiles")
    at.button(key="query.save").click().run()
    at.text_input(key="query.segment.name").set_value("Everybody")
    at.button(key="query.segment.save").click().run()
    assert [one.name for one in segments.all(store, administrator)] == ["Everybody"]


def test_the_size_counts_a_profile_once_however_many_rows_it_has(
    ask: Callable[[str], AppTest],
) -> None:
    at = ask("select profile_id from profiles, range(3)")
    at.button(key="query.save").click().run()
    (meter,) = at.get("progress")
    assert meter.proto.text.startswith("**3,0")


def test_a_query_that_ends_in_a_semicolon_has_a_size_where_it_is_saved(
    ask: Callable[[str], AppTest],
) -> None:
    at = ask("select profile_id from profiles;")
    at.button(key="query.save").click().run()
    assert not at.error
    (meter,) = at.get("progress")
    assert meter.proto.text.startswith("**3,0")


def test_saving_without_a_name_says_what_is_missing(ask: Callable[[str], AppTest]) -> None:
    at = ask("select profile_id from profiles")
    at.button(key="query.save").click().run()
    at.button(key="query.segment.save").click().run()
    assert "name" in at.error[0].value


def test_the_draft_survives_a_change_of_page(visit: Visit) -> None:
    at = visit("explore/query")
    at.session_state["draft.text"] = "select 5 as kept"
    at.switch_page("pages/explore/profiles.py").run()
    at.switch_page("pages/explore/query.py").run()
    assert at.session_state["draft.text"] == "select 5 as kept"
