import ast
from pathlib import Path

import pytest

from lib.settings import ROOT
from tests.language import messages, texts

FILES = [pytest.param(file, id=str(file.relative_to(ROOT))) for file in messages.pages()]
EXAMPLES = {
    *("profiles", "select profile_id from profiles where country = 'NO'"),
}
"""What a person would type: the same in every language."""
NAMES = {"Muster", "Practice Mailchimp", "Norsk bokmål"}
"""Names, of the product, of a connection, and of a language in its own words."""
LOGGED = {"A query could not be kept in the history: %s"}
"""For whoever runs the installation."""


def read(file: Path) -> ast.Module:
    return ast.parse(file.read_text("utf-8"))


@pytest.mark.parametrize("file", FILES)
def test_no_text_of_a_page_bypasses_gettext(file: Path) -> None:
    found = {words: line for line, words in texts.bypassing(read(file))}
    assert not found.keys() - EXAMPLES - NAMES, found


@pytest.mark.parametrize("file", FILES)
def test_no_sentence_stands_in_a_page_by_itself(file: Path) -> None:
    found = {words: line for line, words in texts.lonely(read(file))}
    assert not found.keys() - EXAMPLES - NAMES - LOGGED, found


@pytest.mark.parametrize("file", FILES)
def test_a_page_asks_only_for_messages_that_a_catalogue_can_hold(file: Path) -> None:
    assert not list(texts.unknown(read(file)))


@pytest.mark.parametrize("file", [one for one in FILES if "lib" in str(one.id).split("/")])
def test_no_text_is_asked_for_before_it_is_known_who_reads_it(file: Path) -> None:
    assert not list(texts.frozen(read(file)))


@pytest.mark.parametrize(
    "code",
    [
        'st.button("Save")',
        'st.caption(f"{count} members")',
        'left.metric(_("Rows"), "many")',
        'st.text_input(_("Name"), help="What people call it.")',
        'st.tabs([_("Rows"), "Chart"])',
        'st.info(_("Saved.") if done else "Not saved.")',
        'st.markdown(":orange[:material/warning: Take care]")',
        'config.TextColumn("Segment")',
        'dialogs.draw("Remove export", form)',
        'alt.Tooltip("n:Q", title="Contacts")',
    ],
)
def test_a_text_that_bypasses_gettext_is_found(code: str) -> None:
    tree = ast.parse(code)
    assert [*texts.bypassing(tree), *texts.lonely(tree)]


@pytest.mark.parametrize(
    "code",
    [
        'st.button(_("Save"), key="setup.save", icon=":material/save:")',
        'st.caption(_("{count} members").format(count=words.number(found.get("members"))))',
        'st.markdown(f"**{name}** :gray[· {rows}]")',
        'st.info(said(error), icon=":material/block:")',
        'st.dataframe(rows, alt=_("Rows"), placeholder="–")',
    ],
)
def test_what_is_in_order_is_not_found(code: str) -> None:
    assert not list(texts.bypassing(ast.parse(code)))


@pytest.mark.parametrize(
    "code",
    [
        'TITLE = _("Rows")',
        '@st.dialog(_("Save"))\ndef ask() -> None: ...',
        'class Step:\n    title: str = _("Look")',
        'def draw(label: str = _("Rows")) -> None: ...',
    ],
)
def test_a_text_that_one_language_would_fix_for_all_is_found(code: str) -> None:
    assert list(texts.frozen(ast.parse(code)))
