from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from lib.access import Person
from lib.store import Store, audit, history

Visit = Callable[..., AppTest]


def test_a_person_is_purged_on_the_system_page_and_the_receipt_is_shown(
    visit: Visit, store: Store, administrator: Person
) -> None:
    history.record(store, administrator, "select 'ada@muster.test'", ms=1.0)
    at = visit("admin/system")
    at.button(key="purge.new").click().run()
    at.text_input(key="purge.address").input("Ada@muster.test")
    at.button(key="purge.save").click().run()
    assert "1 queries" in at.success[0].value and not at.error
    assert history.all(store, administrator) == ()
    assert all("ada" not in entry.new for entry in audit.entries(store, administrator))


def test_half_an_address_purges_nothing(visit: Visit) -> None:
    at = visit("admin/system")
    at.button(key="purge.new").click().run()
    at.text_input(key="purge.address").input("ada")
    at.button(key="purge.save").click().run()
    assert "whole address" in at.error[0].value and not at.success
