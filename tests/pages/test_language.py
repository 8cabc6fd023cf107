import ast
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lib.access import Person, Role
from lib.settings import ROOT
from lib.store import Store, choices
from lib.ui import language, text

FILES = sorted((ROOT / "pages").rglob("*.py"))
SWITCH = "frame.language"


def speaking(locale: str) -> AppTest:
    """Open the app in a browser of this language."""
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=20)
    at.context["locale"] = locale
    return at.run()


def spoken(draw: Callable[[], None], locale: str = "nb-NO") -> list[str]:
    """Return what a script writes in a session of this language."""
    at = AppTest.from_function(draw)
    at.context["locale"] = locale
    return [one.value for one in at.run().text]


def titles(path: Path) -> set[str]:
    """Return the titles that a page asks for, in English."""
    tree = ast.parse(path.read_text("utf-8"))
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    drawn = (one for one in calls if getattr(one.func, "attr", "") == "title")
    return {str(ast.literal_eval(one.args[0].args[0])) for one in drawn}  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT / "pages")))
def test_every_page_has_its_norwegian_title_for_a_norwegian_browser(path: Path) -> None:
    at = speaking("nb-NO").switch_page(str(path.relative_to(ROOT))).run()
    assert not at.exception
    shown = {title.value for title in at.title}
    bokmal = text.texts("nb").messages
    assert shown and shown <= {bokmal.gettext(title) for title in titles(path)}
    assert not shown & (titles(path) - {"System"})


def test_the_language_of_the_browser_holds_until_somebody_chooses() -> None:
    assert "Fra kunder til en målgruppe" in speaking("nb-NO").title[0].value
    assert "From customers to an audience" in speaking("de-DE").title[0].value


@pytest.mark.parametrize(
    ("tag", "code"),
    [("nb-NO", "nb"), ("no", "nb"), ("nn-NO", "nb"), ("en-GB", "en"), ("de", "en"), (None, "en")],
)
def test_a_browser_gets_the_nearest_language(tag: str | None, code: str) -> None:
    assert language.of_locale(tag).code == code


def test_a_choice_in_the_menu_holds_at_once_on_every_page_and_in_the_next_session() -> None:
    at = speaking("en-US")
    at.sidebar.selectbox(key=SWITCH).select("nb").run()
    assert "Fra kunder til en målgruppe" in at.title[0].value
    assert at.switch_page("pages/explore/query.py").run().title[0].value == "Spørring"
    assert "Fra kunder til en målgruppe" in speaking("en-US").title[0].value


def test_each_person_has_a_language_of_their_own(store: Store, administrator: Person) -> None:
    viewer = Person("vera@example.org", "Vera", Role.VIEWER)
    choices.put_own(store, viewer, "language", "nb")
    assert choices.own(store, viewer, "language") == "nb"
    assert choices.own(store, administrator, "language", "") == ""


def test_a_setting_decides_for_who_has_not_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUSTER_LANGUAGE", "nb")
    assert "Fra kunder til en målgruppe" in speaking("en-US").title[0].value


def test_two_sessions_speak_two_languages_at_a_time() -> None:
    norwegian, english = speaking("nb-NO"), speaking("en-US")
    assert norwegian.run().title[0].value.startswith("Fra kunder")
    assert english.run().title[0].value.startswith("From customers")


def test_numbers_days_and_times_are_written_as_the_language_does() -> None:
    def draw() -> None:
        from datetime import date

        import streamlit as st

        from lib.ui import words
        from lib.ui.text import plural

        st.text(words.number(1234567))
        st.text(words.number(1234.5))
        st.text(words.share(1, 40))
        st.text(words.duration(7500))
        st.text(words.size(3_400_000))
        st.text(words.day(date(2026, 5, 17)))
        st.text(plural("{count} call", "{count} calls", 1200))

    assert spoken(draw) == [
        "1\N{NO-BREAK SPACE}234\N{NO-BREAK SPACE}567",
        "1\N{NO-BREAK SPACE}234,50",
        "2,5 %",
        "2 t 5 min",
        "3,4 MB",
        "17.05.2026",
        "1\N{NO-BREAK SPACE}200 kall",
    ]
    assert spoken(draw, "en-US") == [
        *("1,234,567", "1,234.50", "2.5 %", "2 h 5 min", "3.4 MB", "2026-05-17", "1,200 calls")
    ]


def test_what_lies_below_the_interface_is_said_in_the_language_of_the_session() -> None:
    def draw() -> None:
        import streamlit as st

        from lib.ui.text import said

        st.text(said("Unsubscribed in Mailchimp; stays so."))
        st.text(said("Same address as profile: 1,234"))
        st.text(said("Reading profiles (1,200,000)"))
        st.text(said("There is no segment “Gold”."))
        st.text(said("98% of the values look like names"))
        st.text(said("“email” means email"))
        st.text(said("The run “r1” is cancelled already."))
        st.text(said("Something that nobody translated."))

    assert spoken(draw) == [
        "Avmeldt i Mailchimp; forblir det.",
        "Samme adresse som profil: 1,234",
        "Leser profiler (1\N{NO-BREAK SPACE}200\N{NO-BREAK SPACE}000)",
        "Det finnes ikke noe segment «Gold».",
        "98% av verdiene ser ut som navn",
        "«email» betyr e-post",
        "Kjøringen «r1» er allerede avbrutt.",
        "Something that nobody translated.",
    ]


def test_several_sentences_from_below_are_said_one_by_one() -> None:
    def draw() -> None:
        import streamlit as st

        from lib.ui.text import said

        missed = "It was due at 2026-11-24 06:00, and no worker was there."
        st.text(
            said(
                f"{missed} Stopped before anything was sent: it would add 1,200 contacts; at most "
                "1,000 may be. Look at the plan; if it is right, approve."
            )
        )
        st.text(said(f"{missed} An earlier run of this export was not over."))
        st.text(said(f"{missed} Something that nobody translated. The query was cancelled."))

    missed = "Den skulle ha gått 24.11.2026 06:00, men ingen arbeidsprosess var der."
    assert spoken(draw) == [
        f"{missed} Stoppet før noe ble sendt: den ville ha lagt til 1\N{NO-BREAK SPACE}200 "
        "kontakter; høyst 1\N{NO-BREAK SPACE}000 er tillatt. Se på planen; godkjenn hvis den er "
        "riktig.",
        f"{missed} En tidligere kjøring av denne eksporten var ikke over.",
        f"{missed} Something that nobody translated. Spørringen ble avbrutt.",
    ]


def test_lists_shares_and_moments_in_a_sentence_are_written_as_the_language_does() -> None:
    def draw() -> None:
        import streamlit as st

        from lib.store import names
        from lib.ui.text import said

        used = "The segment “Gold” is used by {}: take it out of each of them first."
        st.text(said(used.format(names.listed(("One", "Two and a half", "Say “so”"), 3))))
        st.text(said(used.format(names.listed(tuple("abcdefg")))))
        st.text(said(used.format(names.listed(("Alone",)))))
        st.text(
            said(
                "Stopped while sending: Mailchimp rejected 30 of 2,000 contacts, 1.5 %; at most "
                "0.5 % may be. Read why; resuming the run sends the rest."
            )
        )

    several, more, one, stopped = spoken(draw)
    assert "«One», «Two and a half», «Say “so”»:" in several
    assert "«a», «b», «c», «d», «e» og 2 til:" in more
    assert "«Alone»:" in one
    assert "1,5 %" in stopped and "0,5 %" in stopped


def test_an_error_of_a_page_is_said_in_the_language_of_the_session() -> None:
    at = speaking("nb-NO").switch_page("pages/segments/library.py").run()
    at.button(key="library.write").click().run()
    at.text_input(key="segment.name").input("Tomt")
    at.button(key="segment.save").click().run()
    assert at.error[0].value == "Det er ingen spørring ennå; skriv en som begynner med SELECT."


def test_charts_write_numbers_and_days_as_the_language_does() -> None:
    def draw() -> None:
        import altair as alt
        import polars as pl

        from lib.ui import canvas

        rows = pl.DataFrame({"place": ["a"], "count": [1_200_000]})
        canvas.show(alt.Chart(rows).mark_bar().encode(x="place", y="count"), alt="…")

    at = AppTest.from_function(draw)
    at.context["locale"] = "nb-NO"
    (chart,) = at.run().get("vega_lite_chart")
    locale = json.loads(chart.proto.spec)["config"]["locale"]
    assert (locale["number"]["thousands"], locale["number"]["decimal"]) == ("\xa0", ",")
    assert locale["time"]["days"][0] == "søndag" and locale["time"]["months"][4] == "mai"
